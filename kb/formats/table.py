"""A table of text, as CSV, XLSX and JSONL files give it: one row a case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kb.errors import Problem, RefusedFileError, refused
from kb.formats import headers
from kb.saying import Said, said

MAX_ROWS = 5_000
MAX_COLUMNS = 100
MAX_CHARACTERS = 32_767
"""In a cell; what a cell of a spreadsheet can hold."""
MAX_PROBLEMS = 50
_SEARCHED = 20
"""Rows among which the names of the columns are sought: what stands above is a title."""

Line = tuple[int, Sequence[str]]
"""A row as it stands in a file: its line, counted from 1, and its cells."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file with the names of their columns."""

    header: tuple[str, ...]
    """As written in the file, in any of our languages."""
    rows: tuple[tuple[Any, ...], ...]
    """Each as long as the header. Text; of a JSON file also lists and mappings of text."""
    lines: tuple[int, ...]
    """Where each row stands in the file, counted from 1."""
    notes: tuple[Said, ...] = ()
    """What was left out or is uncertain, in words for the contributor."""

    def named(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield line and cells by the name of their column, without the blank ones."""
        for line, row in zip(self.lines, self.rows, strict=True):
            yield line, {name: cell for name, cell in zip(self.header, row, strict=True) if cell}


def make(lines: Sequence[Line], file: str, notes: Sequence[Said] = ()) -> Table:
    """Make a table of the rows of a file: find its header, leave out what is blank.

    Blank rows, repeated headers, columns without name and value, and rows of explanation (their id
    begins with ``#``, as in our template) are left out.

    Raises:
        RefusedFileError: it has no rows, or too many; a row is longer or shorter than the header; a
            cell is too long; two columns mean the same.
    """
    stripped = ((line, [cell.strip() for cell in cells]) for line, cells in lines)
    filled: list[Line] = [(line, cells) for line, cells in stripped if any(cells)]
    if not filled:
        raise refused(
            file,
            said("has no rows"),
            said("write the names of the columns, and a row for each case"),
        )
    at = header_at([cells for _, cells in filled])
    line, header = filled[at]
    below = [row for row in filled[at + 1 :] if _trimmed(row[1]) != _trimmed(header)]
    _check(header, below, file, line)
    header, below = _named(header, below)
    rows = [(line, cells) for line, cells in below if not _explains(header, cells)]
    check_size(len(rows), file)
    above = said("left out what stands above the names of the columns: {count} rows", count=at)
    return Table(
        tuple(header),
        tuple(tuple(cells) for _, cells in rows),
        tuple(line for line, _ in rows),
        (*notes, above) if at else tuple(notes),
    )


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """Return which row names the columns: the first, or the first that names two that we know."""
    known = [len({headers.field(cell) for cell in row} - {""}) for row in rows[:_SEARCHED]]
    if known[0] and sum(map(bool, rows[0])) > 1:
        return 0
    return next((number for number, count in enumerate(known) if count > 1), 0)


def check_size(rows: int, file: str) -> None:
    """Refuse a table without rows or with too many.

    Raises:
        RefusedFileError: says which.
    """
    if not rows:
        raise refused(
            file, said("has no rows below its header"), said("write one row for each case")
        )
    if rows > MAX_ROWS:
        raise too_many_rows(file)


def too_many_rows(file: str) -> RefusedFileError:
    """Make the error of a table that has more rows than we take."""
    return refused(file, said("has more than {most:,} rows", most=MAX_ROWS), said("split it"))


def overlong(file: str, line: int, column: str) -> Problem:
    """Say that a cell is too long."""
    message = said("a cell has more than {most:,} characters", most=MAX_CHARACTERS)
    return Problem(file, message, said("shorten it, or upload this case as .md"), line, column)


def _check(header: Sequence[str], rows: Sequence[Line], file: str, line: int) -> None:
    problems = [problem for row in rows for problem in _faults(header, row, file)]
    if problems:
        raise RefusedFileError(problems[:MAX_PROBLEMS])
    if max(len(_trimmed(cells)) for cells in (header, *(cells for _, cells in rows))) > MAX_COLUMNS:
        message = said("has more than {most} columns", most=MAX_COLUMNS)
        raise refused(file, message, said("delete some"), line)
    if same := headers.clash(name for name in header if name):
        first, second = same
        message = said(
            "the columns {first!r} and {second!r} mean the same", first=first, second=second
        )
        raise refused(file, message, said("rename or delete one"), line)


def _faults(header: Sequence[str], row: Line, file: str) -> Iterator[Problem]:
    line, cells = row
    for name, cell in zip(header, cells, strict=False):
        if len(cell) > MAX_CHARACTERS:
            yield overlong(file, line, name)
    if len(_trimmed(cells)) > len(header) or len(cells) < len(_trimmed(header)):
        message = said(
            "has {count} cells, but the header has {wanted}", count=len(cells), wanted=len(header)
        )
        remedy = said("put cells that hold the delimiter in quotation marks")
        yield Problem(file, message, remedy, line)


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Return the cells up to the last that is not blank."""
    last = max((number for number, cell in enumerate(cells, 1) if cell), default=0)
    return list(cells[:last])


def _named(header: Sequence[str], rows: Sequence[Line]) -> tuple[list[str], list[Line]]:
    """Leave out columns with neither name nor value; call the others without name by number."""
    used = {number for row in (header, *(cells for _, cells in rows)) for number in _used(row)}
    kept = sorted(used)
    names = [_cell(header, number) or f"column {number + 1}" for number in kept]
    return names, [(line, [_cell(cells, number) for number in kept]) for line, cells in rows]


def _used(cells: Sequence[str]) -> Iterator[int]:
    return (number for number, cell in enumerate(cells) if cell)


def _cell(cells: Sequence[str], number: int) -> str:
    return cells[number] if number < len(cells) else ""


def _explains(header: Sequence[str], cells: Sequence[str]) -> bool:
    return any(
        cell.startswith("#") and headers.field(name) == "id"
        for name, cell in zip(header, cells, strict=True)
    )
