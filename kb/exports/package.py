"""A data package: linked tables with their descriptions, for Frictionless and for Croissant.

Sizes and checksums stand in the descriptions, so that the tables are written to the disk first;
they are read once, case by case. The same records in the same context give the same bytes.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

from kb import archive
from kb.exports import Context, Record, codebook, croissant, frictionless
from kb.exports.csv import cell, line
from kb.exports.described import Described, Written
from kb.exports.flat import Value
from kb.exports.spooled import pieces
from kb.exports.tables import tables


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield an archive of the tables and of what describes them."""
    with ExitStack() as open_files:
        files = {table.name: _File(open_files.enter_context(TemporaryFile())) for table in tables()}
        described = _fill(files, records, context)
        yield from archive.stream(_members(files, described))


class _File:
    """A file that counts and hashes what is written into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._hash = hashlib.sha256()
        self._bytes = 0

    def add(self, row: Sequence[Value], *, raw: bool) -> None:
        piece = line([cell(value, raw=raw) for value in row])
        self.file.write(piece)
        self._hash.update(piece)
        self._bytes += len(piece)

    @property
    def written(self) -> Written:
        return Written(self._bytes, self._hash.hexdigest())


def _fill(files: Mapping[str, _File], records: Iterable[Record], context: Context) -> Described:
    licences: Counter[str] = Counter()
    for table in tables():
        files[table.name].add([column.name for column in table.columns], raw=True)
    for record in records:
        licences[record.case.licence] += 1
        for table in tables():
            for row in table.rows(record, context) if table.rows else ():
                files[table.name].add(row, raw=context.raw)
    for name, told in _without_cases(context):
        for texts in told:
            files[name].add(texts, raw=context.raw)
    written = {name: file.written for name, file in files.items()}
    return Described(context, tables(), written, licences)


def _without_cases(context: Context) -> Iterator[tuple[str, Iterable[Sequence[Value]]]]:
    yield "concepts", codebook.concepts(context.language)
    yield "codebook", codebook.rows(column for table in tables() for column in table.columns)


def _members(
    files: Mapping[str, _File], described: Described
) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "datapackage.json", [frictionless.descriptor(described)]
    yield "croissant.json", [croissant.descriptor(described)]
    for table in tables():
        yield table.file, pieces(files[table.name].file)
