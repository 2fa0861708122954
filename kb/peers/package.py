"""A data package as we export it: its tables of cases, outcomes and sources put together again.

The tables are narrower than a case: what the funding was for, or the answers about evidence, are
not in them. Nothing is unpacked onto the disk; what is read is counted, and compared with the
checksum that the package gives, before any case is taken from it.
"""

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from kb.errors import PeerError
from kb.formats.formula import bare
from kb.peers import Foreign
from kb.peers.lines import of_cells
from kb.text import normalise

MAX_TABLE_BYTES = 500_000_000
MAX_RATIO = 200
"""Unpacked to packed; our tables reach 10."""
_MAX_PARTS = 50
_MAX_DESCRIPTION = 5_000_000
_MAX_CELL = 2_000_000
_CHUNK = 65_536
_DESCRIPTION = "datapackage.json"
_CASES, _OUTCOMES, _SOURCES = "cases.csv", "outcomes.csv", "sources.csv"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError,
    UnicodeDecodeError, csv.Error,
)  # fmt: skip
Rows = dict[str, list[dict[str, str]]]


class Package:
    """An archive of tables. ``source`` and ``site`` are given by whoever knows them."""

    format = "package"
    asked = ""

    def __init__(self, path: Path, source: str, site: str) -> None:
        self.source = source
        self.site = site
        self._path = path

    def records(self, since: str) -> Generator[Foreign, None, None]:
        """Yield the case of each row; all of them, because a file is whole."""
        del since
        try:
            with zipfile.ZipFile(self._path) as archive, _long_cells():
                self._check(archive)
                outcomes = self._by_case(archive, _OUTCOMES, _outcome)
                sources = self._by_case(archive, _SOURCES, _source)
                for row in self._rows(archive, _CASES):
                    yield _case(row, outcomes, sources)
        except _BROKEN as err:
            raise self._wrong(f"is damaged or cut short: {str(err)[:100]}") from err

    def _check(self, archive: zipfile.ZipFile) -> None:
        names = archive.namelist()
        if len(names) > _MAX_PARTS or not {_DESCRIPTION, _CASES} <= set(names):
            raise self._wrong(f"is no data package of ours: it has no {_DESCRIPTION} or {_CASES}")
        told = self._hashes(archive)
        for name in (_CASES, _OUTCOMES, _SOURCES):
            if name in names and told.get(name) != f"sha256:{self._hash(archive, name)}":
                raise self._wrong(f"does not have the checksum that it gives of {name}")

    def _hashes(self, archive: zipfile.ZipFile) -> dict[str, str]:
        with archive.open(_DESCRIPTION) as file:
            data = file.read(_MAX_DESCRIPTION + 1)
        try:
            if len(data) > _MAX_DESCRIPTION:
                raise self._wrong("has a description of more than 5 MB")
            return {each["path"]: each["hash"] for each in json.loads(data)["resources"]}
        except (ValueError, KeyError, TypeError, RecursionError) as err:
            raise self._wrong(f"has a {_DESCRIPTION} that cannot be read") from err

    def _hash(self, archive: zipfile.ZipFile, name: str) -> str:
        hashed, size = hashlib.sha256(), 0
        most = min(MAX_TABLE_BYTES, MAX_RATIO * max(archive.getinfo(name).compress_size, _CHUNK))
        with archive.open(name) as file:
            while piece := file.read(_CHUNK):
                size += len(piece)
                if size > most:
                    raise self._wrong(f"has a {name} that unpacks to more than a table of ours can")
                hashed.update(piece)
        return hashed.hexdigest()

    def _rows(self, archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, str]]:
        with archive.open(name) as file:
            yield from _read(file)

    def _by_case(self, archive: zipfile.ZipFile, name: str, read: Any) -> Rows:
        found: Rows = defaultdict(list)
        if name in archive.namelist():
            for row in self._rows(archive, name):
                found[row.pop("case", "")].append(read(row))
        return found

    def _wrong(self, message: str) -> PeerError:
        return PeerError(self.source, message, "get the package once more")


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let cells be as long as the texts of a case may be; the limit is one of the process."""
    before = csv.field_size_limit(_MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read(file: IO[bytes]) -> Iterator[dict[str, str]]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    for row in csv.DictReader(text, strict=True):
        cells = ((name, cell) for name, cell in row.items() if name and isinstance(cell, str))
        yield {name: normalise(bare(cell)) for name, cell in cells if cell}


def _case(row: dict[str, str], outcomes: Rows, sources: Rows) -> Foreign:
    told: dict[str, Any] = {**row}
    name = row.get("id", "")
    if outcomes.get(name):
        told["outcomes"] = outcomes[name]
    if sources.get(name):
        told["sources"] = sources[name]
    data = json.dumps(told, ensure_ascii=False).encode()
    return of_cells(told, data, "json")


def _outcome(row: dict[str, str]) -> dict[str, str]:
    said = {name: cell for name, cell in row.items() if name != "number"}
    return said | ({"source": _local(said["source"])} if "source" in said else {})


def _source(row: dict[str, str]) -> dict[str, str]:
    said = {name: cell for name, cell in row.items() if name != "number"}
    return said | {"id": _local(row.get("id", ""))}


def _local(name: str) -> str:
    """Return the id of a source within its case: of ``a-case/s1`` and of its second, ``...#2``."""
    return name.partition("/")[2].partition("#")[0]
