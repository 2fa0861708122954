"""What a batch would become: for every row its values, what is wrong with it and what is missing.

Nothing is stored here. A batch is taken in whole or not at all, so all problems of all rows are
found in one go.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from kb.errors import Problem, RefusedFileError
from kb.formats import columns, headers, terms
from kb.formats.columns import COLUMNS, Column
from kb.formats.decoding import Guess
from kb.formats.problems import case_from
from kb.formats.table import Table
from kb.formats.txt import slug
from kb.model import PROSE, REQUIRED, Case
from kb.saying import Said, said
from kb.vocabulary import scheme

MAX_PROBLEMS = 500
"""More are not read by anybody; finding what may have been meant takes some 10 ms each."""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row, and the case that it makes."""

    line: int
    values: Mapping[str, Any]
    """Shaped as `Case.as_dict`; as far as read where there are problems."""
    problems: tuple[Problem, ...]
    gaps: tuple[str, ...]
    """Fields that are required to publish and have no value."""
    unknown: tuple[str, ...]
    """Columns with a value that are none of ours; they are kept as they are."""
    assumed: tuple[str, ...]
    """Fields that the row leaves out and that were made for it: id, original_language."""
    case: Case | None
    """None where there are problems."""


@dataclass(frozen=True, slots=True)
class Preview:
    """All rows of a file, in its order."""

    file: str
    rows: tuple[PreviewRow, ...]
    notes: tuple[Said, ...]
    """What was left out or is uncertain, in words for the contributor."""
    count: int
    """How many rows the file has; more than ``rows`` where too many of them had problems."""

    @property
    def ready(self) -> bool:
        """Whether all rows can be taken in."""
        return len(self.cases) == self.count

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, in the order of the rows; nothing is taken in while there is any."""
        return tuple(problem for row in self.rows for problem in row.problems)

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases of the rows that have no problem."""
        return tuple(row.case for row in self.rows if row.case is not None)


def preview(table: Table, file: str, guess: Guess | None = None) -> Preview:
    """Read all rows of a table as cases, which may have gaps.

    Args:
        table: rows of a CSV, XLSX or JSONL file.
        file: its name, for messages.
        guess: names the language of a row that does not say its own.
    """
    reader = _Reader(table, file, guess)
    rows = tuple(_until_too_many(reader.rows()))
    count = len(table.rows)
    notes = (*table.notes, *_taken_away(reader.added), *_remarks(rows, count))
    return Preview(file, rows, notes, count)


def _until_too_many(rows: Iterable[PreviewRow]) -> Iterator[PreviewRow]:
    """Stop where something is wrong with the file and not with a row: it takes too long to say."""
    found = 0
    for row in rows:
        yield row
        found += len(row.problems)
        if found >= MAX_PROBLEMS:
            return


def _taken_away(added: frozenset[str]) -> Iterator[Said]:
    if added:
        names = ", ".join(sorted(added))
        yield said(
            "left out what was added when the table was taken away from here: {names}", names=names
        )


def _remarks(rows: Sequence[PreviewRow], count: int) -> Iterator[Said]:
    if unknown := dict.fromkeys(name for row in rows for name in row.unknown):
        yield said("kept as they are, being no columns of ours: {names}", names=", ".join(unknown))
    if len(rows) < count:
        yield said(
            "only the first {seen} of {count} rows were looked at: they have many problems",
            seen=len(rows),
            count=count,
        )


class _Reader:
    def __init__(self, table: Table, file: str, guess: Guess | None) -> None:
        self.table = table
        self.file = file
        self.guess = guess
        self.language = headers.language(table.header) or "en"
        self.added = columns.added(table.header)
        # A column is called as this file calls it.
        known = ((columns.column_of(name), name) for name in table.header)
        self.called = {column.name: name for column, name in known if column is not None}

    def rows(self) -> Iterator[PreviewRow]:
        rows = [(line, cells, columns.values(cells)) for line, cells in self._own()]
        taken = {str(values["id"]) for _, _, values in rows if values.get("id")}
        first: dict[str, int] = {}
        for line, cells, values in rows:
            assumed = self._assume(values, taken)
            row = self._row(line, cells, values, assumed)
            before = first.setdefault(str(values["id"]), line)
            yield row if before == line else self._second(row, before)

    def _own(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for line, cells in self.table.named():
            yield line, {name: cell for name, cell in cells.items() if name not in self.added}

    def _assume(self, values: dict[str, Any], taken: set[str]) -> tuple[str, ...]:
        assumed = []
        if not values.get("id"):
            values["id"] = self._id(values, taken)
            taken.add(values["id"])
            assumed.append("id")
        if not values.get("original_language") and self.guess is not None:
            text = "\n\n".join(str(values[name]) for name in PROSE if values.get(name))
            if found := self.guess(text)[0]:
                values["original_language"] = found
                assumed.append("original_language")
        return tuple(assumed)

    def _id(self, values: Mapping[str, Any], taken: set[str]) -> str:
        """Make an id of the title; the English one is more likely to have letters a-z."""
        told = values.get("title_en") or values.get("title") or PurePath(self.file).stem
        made = slug(str(told))
        numbered = (f"{made[:95].strip('-')}-{number}" for number in range(2, len(taken) + 3))
        return next(name for name in (made, *numbered) if name not in taken)

    def _row(
        self, line: int, cells: Mapping[str, Any], values: dict[str, Any], assumed: tuple[str, ...]
    ) -> PreviewRow:
        unknown = tuple(name for name in cells if not headers.field(name))
        try:
            case = case_from(values, self.file, lambda _path: line, complete=False)
        except RefusedFileError as err:
            problems = tuple(self._of_cell(problem) for problem in err.problems)
            gaps = tuple(name for name in REQUIRED if not values.get(name))
            return PreviewRow(line, values, problems, gaps, unknown, assumed, None)
        return PreviewRow(line, case.as_dict(), (), case.gaps, unknown, assumed, case)

    def _second(self, row: PreviewRow, before: int) -> PreviewRow:
        problem = Problem(
            self.file,
            said("is the id of line {line} too", line=before),
            said("give each case an id of its own, or leave it empty"),
            row.line,
            self.called.get("id", "id"),
            str(row.values["id"]),
        )
        return replace(row, problems=(*row.problems, problem), case=None)

    def _of_cell(self, problem: Problem) -> Problem:
        """Name the column as the file does, and say the remedy for a cell."""
        path = tuple(part for part in re.findall(r"[^.\[\]]+", problem.field) if not part.isdigit())
        column = _column(path)
        if column is None:
            return problem
        name = self.called.get(column.name) or headers.label(column.name, self.language)
        message = problem.message
        if not problem.value and len(path) > len(column.path):
            message = _of_part(path[-1], message)
        remedy = self._remedy(problem, column, path)
        return replace(problem, field=name, message=message, remedy=remedy)

    def _remedy(self, problem: Problem, column: Column, path: tuple[str, ...]) -> Said:
        concept = (*column.path, column.key) if column.key else column.path
        if column.scheme and path == concept and problem.value not in scheme(column.scheme):
            return terms.proposal(column.scheme, problem.value, self.language)
        missing = not problem.value and len(column.path) == len(path)
        return said(column.remedy) if column.remedy and not missing else problem.remedy


def _of_part(field: str, message: Said) -> Said:
    """Say of which part of a cell a message is; what is missing names no cell."""
    if message == _MISSING:
        return said("its {field} is missing", field=field)
    return said("its {field} {fault}", field=field, fault=message)


_MISSING = "is missing"


def _column(path: tuple[str, ...]) -> Column | None:
    """Return the column at a path of the model, or around it."""
    around = [column for column in COLUMNS.values() if column.path == path[: len(column.path)]]
    return max(around, key=lambda column: len(column.path), default=None)
