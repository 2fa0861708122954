"""What a sheet of a workbook holds, counted in its XML before a library reads it.

A library may read less than there is and say nothing: rows beyond the dimension that the sheet
declares, rows out of order, formulas whose result was never saved.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from kb.errors import Problem, refused
from kb.formats.table import MAX_COLUMNS, MAX_PROBLEMS
from kb.saying import Said, said

MAX_ROWS_SEEN = 200_000
"""Rows with or without content: whole columns with a border are common."""
MAX_CELLS_SEEN = 1_000_000
"""Twice what the largest table has."""
MAX_AREA = 20_000_000
"""Cells up to the last of each row, which a reader makes even where nothing stands in them."""
LAST_ROW = 1_048_576
"""Of any spreadsheet."""
_MAX_PART = 30_000_000
_MAX_MERGED = 2_000

REMEDY = said("open it in a spreadsheet program and save it again as .xlsx")
"""For a file that a spreadsheet program may read and we do not."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells of one column, from one row to a later one, that are written as one."""

    column: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What is there."""

    last_row: int
    merged: tuple[Merged, ...]
    problems: tuple[Problem, ...]
    """Cells that would be lost; not raised, because nobody may want to read this sheet."""


class _RootReached(Exception):  # noqa: N818 - no error, it ends the parsing
    pass


def refuse_definitions(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse definitions of entities, by which a few bytes fill a memory or read other files.

    They can stand only before the first element. The parser looks for them and not we: it knows
    the encodings in which they may hide.

    Raises:
        RefusedFileError: there is one, or a part is larger than any that we take.
    """
    for name in archive.namelist():
        if name.endswith((".xml", ".rels", ".vml")):
            with archive.open(name) as part:
                data = part.read(_MAX_PART + 1)
            if len(data) > _MAX_PART:
                message = said("too complex: a part has more than 30 MB")
                raise refused(file, message, said("split it"))
            _read_head(data, file)


def _read_head(data: bytes, file: str) -> None:
    def define(*_: object) -> None:
        raise refused(file, said("defines entities, which no workbook needs"), REMEDY)

    def end(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = define
    parser.StartElementHandler = end
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the signature is expat's
    except _RootReached:
        return


def survey(archive: zipfile.ZipFile, path: str, file: str) -> Survey:
    """Count the rows of a sheet and look for what would be lost.

    Raises:
        RefusedFileError: its rows or cells are out of order, or too many.
        ExpatError, ValueError: it is no sheet.
    """
    with archive.open(path) as part:
        data = part.read(_MAX_PART)
    found = _Surveyor(file)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    parser.Parse(data, True)  # noqa: FBT003 - the signature is expat's
    return Survey(found.row, tuple(found.merged), tuple(found.problems[:MAX_PROBLEMS]))


class _Surveyor:
    def __init__(self, file: str) -> None:
        self.file = file
        self.row = self.column = self.rows = self.cells = self.area = 0
        self.merged: list[Merged] = []
        self.problems: list[Problem] = []
        # Of the cell that is open: its type, whether it has a formula, its text.
        self.kind, self.formula, self.parts = "", False, [""]
        self.listens = False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "row":
            self._row(given.get("r"))
        elif name == "c":
            self._cell(given.get("r"))
            self.kind, self.formula, self.parts = given.get("t", "n"), False, []
        elif name == "f":
            self.formula = True
        elif name == "mergeCell":
            self._merge(given.get("ref", ""))
        self.listens = name in {"v", "t"}

    def text(self, text: str) -> None:
        if self.listens:
            self.parts.append(text)

    def end(self, tag: str) -> None:
        self.listens = False
        if tag.endswith(" c") and len(self.problems) < MAX_PROBLEMS:
            self.problems.extend(self._faults("".join(self.parts)))
        elif tag.endswith(" row"):
            self.area += self.column
            self._limit(_CELLS, self.area, MAX_AREA)

    def _row(self, reference: str | None) -> None:
        number = int(reference or self.row + 1)
        if not self.row < number <= LAST_ROW:
            raise refused(self.file, said("its rows are out of order"), REMEDY, number)
        self.row, self.column = number, 0
        self.rows += 1
        self._limit(_ROWS, self.rows, MAX_ROWS_SEEN)

    def _cell(self, reference: str | None) -> None:
        self.cells += 1
        self._limit(_CELLS, self.cells, MAX_CELLS_SEEN)
        column, row = _place(reference) if reference else (self.column + 1, self.row)
        if row != self.row or column <= self.column:
            raise refused(self.file, said("its cells are out of order"), REMEDY, self.row)
        self.column = column

    def _limit(self, message: Said, count: int, most: int) -> None:
        if count > most:
            raise refused(self.file, message, said("split it"))

    def _faults(self, text: str) -> Iterator[Problem]:
        if text and self.column > MAX_COLUMNS:
            message = said("has a value beyond column {column}", column=letters(MAX_COLUMNS))
            yield self._problem(message, said("move or delete it"))
        # A result that is an empty text has the type "str".
        if self.formula and not text and self.kind != "str":
            remedy = said("open it in a spreadsheet program, let it calculate, and save it")
            yield self._problem(said("holds a formula without its result"), remedy)
        if text and self.kind == "e":
            remedy = said("correct the formula, or write the value")
            yield self._problem(said("shows an error"), remedy, text)

    def _problem(self, message: Said, remedy: Said, value: str = "") -> Problem:
        place = f"{letters(self.column)}{self.row}"
        return Problem(self.file, message, remedy, self.row, place, value)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        (column, top), (_, bottom) = _place(first), _place(last or first)
        if bottom > top and len(self.merged) < _MAX_MERGED:
            self.merged.append(Merged(column, top, bottom))


_CELLS = said("too complex: it has too many cells")
_ROWS = said("too complex: it has too many rows")


def letters(column: int) -> str:
    """Return the letters of a column, counted from 1: 28 is AB."""
    text = ""
    while column:
        column, last = divmod(column - 1, 26)
        text = chr(ord("A") + last) + text
    return text


def _place(reference: str) -> tuple[int, int]:
    """Return column and row of a reference such as AB7, both counted from 1."""
    found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference.replace("$", "").upper())
    if found is None:
        raise ValueError(f"{reference!r} is no cell")
    number = 0
    for letter in found.group(1):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number, int(found.group(2))
