"""A data package without some of its cases: what the law demands of one that is kept for ever.

It is read by what it says of itself: another version of this program may have made it. Rows of
other cases stay as they are, byte for byte; where they name a case that is removed, its id stays.
"""

import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from kb import archive
from kb.exports.citing import licence_url
from kb.exports.codebook import CASES
from kb.exports.described import Written, written
from kb.exports.spooled import pieces

Json = dict[str, Any]
_PACKAGE, _CROISSANT = "datapackage.json", "croissant.json"
_CELL = re.compile(r'(?:^|,)("[^"]*(?:""[^"]*)*"|[^,"]*)')


@dataclass(frozen=True, slots=True)
class Texts:
    """What is said of a package of which cases were removed."""

    about: str
    citation: str


Tell = Callable[[Mapping[str, int]], Texts]
"""Says it of the cases that are left, of which so many have which licence."""


def tables(package: BinaryIO) -> dict[str, str]:
    """Return the SHA-256 of each table of a data package, as the package says it, by its file."""
    with zipfile.ZipFile(package) as opened:
        told = json.loads(opened.read(_PACKAGE))
    return {row["path"]: row["hash"].removeprefix("sha256:") for row in told["resources"]}


def without(package: BinaryIO, cases: frozenset[str], tell: Tell) -> Iterator[bytes]:
    """Yield the package without the rows of some cases."""
    with zipfile.ZipFile(package) as opened, ExitStack() as open_files:
        told, croissant = (json.loads(opened.read(name)) for name in (_PACKAGE, _CROISSANT))
        files: dict[str, IO[bytes]] = {}
        licences: Counter[str] = Counter()
        for resource in told["resources"]:
            path = resource["path"]
            files[path] = open_files.enter_context(TemporaryFile())
            with opened.open(path) as table:
                rows = _left(table, _column(resource), cases)
                done = _copy(rows, files[path], licences if resource["name"] == CASES else None)
            _say(resource, next(f for f in croissant["distribution"] if f["@id"] == path), done)
        _say_of_all(told, croissant, tell(dict(licences.most_common())), licences)
        yield from archive.stream(
            [
                (_PACKAGE, [written(told)]),
                (_CROISSANT, [written(croissant)]),
                *((path, pieces(file)) for path, file in files.items()),
            ]
        )


def _column(resource: Json) -> str:
    """Return the column that says to which case a row belongs; nothing where none does."""
    schema = resource["schema"]
    if resource["name"] == CASES:
        return str(schema["primaryKey"][0])
    leads = (k["fields"] for k in schema["foreignKeys"] if k["reference"]["resource"] == CASES)
    return str(next(leads, ""))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as it was written, and its cell in the column of licences, if there is one."""

    line: bytes
    licence: str = ""


def _left(table: IO[bytes], column: str, cases: frozenset[str]) -> Iterator[_Row]:
    lines = _lines(table)
    head = next(lines)
    names = _cells(head)
    yield _Row(head)
    if not column:
        yield from map(_Row, lines)
        return
    case, licence = names.index(column), names.index("licence") if "licence" in names else None
    for line in lines:
        cells = _cells(line)
        if cells[case] not in cases:
            yield _Row(line, "" if licence is None else cells[licence])


def _lines(table: IO[bytes]) -> Iterator[bytes]:
    """Yield the rows of a table; one goes on in the next line while a quotation mark is open."""
    row: list[bytes] = []
    inside = False
    for line in table:
        row.append(line)
        inside ^= bool(line.count(b'"') % 2)
        if not inside:
            yield b"".join(row)
            row.clear()


def _cells(line: bytes) -> list[str]:
    # `csv` refuses cells of more than 131,072 characters, and its limit is that of the program.
    return [cell.strip('"') for cell in _CELL.findall(line.decode().rstrip("\r\n"))]


def _copy(rows: Iterator[_Row], file: IO[bytes], licences: Counter[str] | None) -> Written:
    found, size = hashlib.sha256(), 0
    for row in rows:
        file.write(row.line)
        found.update(row.line)
        size += len(row.line)
        if licences is not None and row.licence:
            licences[row.licence] += 1
    return Written(size, found.hexdigest())


def _say(resource: Json, distributed: Json, done: Written) -> None:
    resource |= {"bytes": done.size_bytes, "hash": f"sha256:{done.sha256}"}
    distributed |= {"contentSize": f"{done.size_bytes} B", "sha256": done.sha256}


def _say_of_all(told: Json, croissant: Json, texts: Texts, licences: Counter[str]) -> None:
    told |= {"description": texts.about, "citation": texts.citation}
    croissant |= {"description": texts.about, "citeAs": texts.citation}
    if licences:
        told["licenses"] = [row for row in told["licenses"] if row["name"] in licences]
        addresses = {licence_url(each) or each for each in licences}
        croissant["license"] = [each for each in croissant["license"] if each in addresses]
