"""CSV: rows parted by semicolon, comma, tab or bar, as any program writes them."""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from kb.errors import RefusedFileError, refused
from kb.formats import headers
from kb.formats.columns import added
from kb.formats.decoding import decode
from kb.formats.formula import bare
from kb.formats.table import MAX_CHARACTERS, Line, Table, make
from kb.saying import Said, said

DELIMITERS = (";", ",", "\t", "|")
_TRIED = 20
_DECLARED = re.compile(r"sep=([;,\t|])\n", re.IGNORECASE)
"""The first line by which Excel is told the delimiter."""


def rows(data: bytes, file: str, language: Callable[[str], str] = headers.language_of) -> Table:
    """Read a table.

    Args:
        data: the whole file.
        file: its name, for messages.
        language: names the language of a text, by which an older encoding is guessed.

    Raises:
        RefusedFileError: it is no table, or one that we do not take; names line and remedy.
    """
    text = decode(data, file, language)
    declared = _DECLARED.match(text)
    start = declared.end() if declared else 0
    delimiter = declared.group(1) if declared else _delimiter(text)
    lines = _lines(text[start:], delimiter, file, 2 if declared else 1)
    table = make(list(lines), file, _notes(data))
    return _unguarded(table) if added(table.header) else table


def _unguarded(table: Table) -> Table:
    """Take off the apostrophes that texts were given when the table was taken away from here."""
    return replace(table, rows=tuple(tuple(map(bare, row)) for row in table.rows))


def _delimiter(text: str) -> str:
    """Return the delimiter by which most names of columns are found, then most rows agree.

    Not csv.Sniffer: it counts characters and takes a letter or what stands in quotation marks.
    """
    return max(DELIMITERS, key=lambda delimiter: _score(text, delimiter))


def _score(text: str, delimiter: str) -> tuple[int, int, int]:
    rows = [row for row in _tried(text, delimiter) if row]
    known = max((len({headers.field(name) for name in row} - {""}) for row in rows), default=0)
    widths = [len(row) for row in rows]
    width = max(widths, key=widths.count, default=0)
    return known, widths.count(width) if width > 1 else 0, width


def _tried(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    try:
        yield from itertools.islice(_reader(text, delimiter, strict=False), _TRIED)
    except csv.Error:
        return


def _lines(text: str, delimiter: str, file: str, first: int) -> Iterator[Line]:
    reader = _reader(text, delimiter, strict=True)
    while True:
        line = reader.line_num + first
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            raise _broken(str(err), file, line, reader.line_num + first - 1) from err
        yield line, cells


def _reader(text: str, delimiter: str, *, strict: bool) -> Any:
    # Any: its type has no public name. A space before a quotation mark would make it text.
    source = io.StringIO(text, newline="\n")
    return csv.reader(source, delimiter=delimiter, strict=strict, skipinitialspace=True)


def _broken(fault: str, file: str, first: int, last: int) -> RefusedFileError:
    if "expected after" in fault:
        remedy = said('write "" for a quotation mark inside a cell')
        return refused(file, said("a quotation mark stands within a cell"), remedy, last)
    if "field limit" in fault:
        message = said("a cell has more than {most:,} characters", most=MAX_CHARACTERS)
        return refused(file, message, said("close its quotation mark, or shorten it"), first)
    return refused(file, said("a quotation mark is never closed"), said("close it"), first)


def _notes(data: bytes) -> tuple[Said, ...]:
    try:
        data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError:
        return (said("is not UTF-8: its encoding was guessed; look whether all letters are right"),)
    return ()
