"""XLSX: the sheet of cases of a workbook, as a person sees it.

openpyxl reads only as many rows as a sheet says it has, and drops rows that are out of order; so
the sheet is surveyed first (`kb.formats.sheet`) and what was read is compared with what is there.
"""

import io
import re
import warnings
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kb.errors import RefusedFileError, refused
from kb.formats import headers
from kb.formats.sheet import REMEDY, Merged, Survey, refuse_definitions, survey
from kb.formats.table import MAX_COLUMNS, MAX_ROWS, Table, header_at, make, too_many_rows
from kb.saying import said
from kb.text import normalise

CASES = "cases"
"""The sheet of the template in which the cases stand."""
CODEBOOK = "codebook"

_OLE = b"\xd0\xcf\x11\xe0"
_PEEKED = 20
_SPARE = 50
"""Rows above and below the cases: title, explanation, repeated headers."""

_Grid = dict[int, list[str]]
"""The rows that are not blank by their number, all of the same length."""


def rows(data: bytes, file: str) -> Table:
    """Read the sheet called *cases*, or the first that names columns we know, or the first.

    Raises:
        RefusedFileError: it is no workbook, is encrypted, or holds what we do not take; names row
            and remedy.
    """
    if data.startswith(_OLE):
        raise _old_or_encrypted(data, file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
            # openpyxl warns of everything it leaves out, and a warning is no answer to an upload.
            warnings.simplefilter("ignore")
            refuse_definitions(archive, file)
            return _table(data, archive, file)
    except RefusedFileError:
        raise
    except MemoryError:
        raise
    except Exception as err:
        # A damaged part raises whatever openpyxl meets in it.
        raise refused(file, said("cannot be read as a workbook"), REMEDY) from err


def _old_or_encrypted(data: bytes, file: str) -> RefusedFileError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return refused(file, said("is encrypted"), said("upload an unlocked copy"))
    return refused(file, said("is an old .xls workbook"), said("save it as .xlsx"))


def _table(data: bytes, archive: zipfile.ZipFile, file: str) -> Table:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        visible = [
            _Sheet(one, archive, file) for one in book.worksheets if one.sheet_state == "visible"
        ]
        chosen = _chosen(visible, file)
        grid = chosen.grid()
    finally:
        book.close()
    others = [one.title for one in visible if one is not chosen and one.title != CODEBOOK]
    note = said(
        "only the sheet {sheet!r} is read, not {others}",
        sheet=chosen.title,
        others=", ".join(others),
    )
    return make(sorted(grid.items()), file, (note,) if others else ())


def _chosen(sheets: list["_Sheet"], file: str) -> "_Sheet":
    if not sheets:
        raise refused(file, said("has no sheet"), said("write the cases into one"))
    ways = (lambda one: headers.key(one.title) == CASES, _Sheet.names_columns, _Sheet.is_filled)
    return next((one for way in ways for one in sheets if way(one)), sheets[0])


class _Sheet:
    def __init__(self, sheet: Any, archive: zipfile.ZipFile, file: str) -> None:
        # Any: openpyxl has no types.
        self.title = str(sheet.title)
        self._sheet = sheet
        self._archive = archive
        self._file = file
        self._surveyed: Survey | None = None

    def names_columns(self) -> bool:
        rows = self._peeked()
        known = {headers.field(cell) for cell in rows[header_at(rows)]} - {""} if rows else set()
        return len(known) > 1

    def is_filled(self) -> bool:
        return bool(self._peeked())

    def grid(self) -> _Grid:
        """Return the rows that are not blank; all that the survey found have been read."""
        survey = self._survey()
        if survey.problems:
            raise RefusedFileError(survey.problems)
        grid: _Grid = {}
        read = 0
        for read, row in enumerate(self._sheet.iter_rows(), 1):
            cells = [_shown(cell) for cell in row[:MAX_COLUMNS]]
            if any(cells):
                grid[read] = [*cells, *[""] * (MAX_COLUMNS - len(cells))]
            if len(grid) > MAX_ROWS + _SPARE:
                raise too_many_rows(self._file)
        if read != survey.last_row:
            message = said(
                "has {count} rows, of which only {read} can be read",
                count=survey.last_row,
                read=read,
            )
            raise refused(self._file, message, REMEDY)
        for merged in survey.merged:
            _fill(grid, merged)
        return grid

    def _peeked(self) -> list[list[str]]:
        self._survey()
        seen = self._sheet.iter_rows(max_row=_PEEKED, max_col=MAX_COLUMNS)
        rows = ([_shown(cell) for cell in row] for row in seen)
        return [row for row in rows if any(row)]

    def _survey(self) -> Survey:
        """Look at the sheet before openpyxl does, and let openpyxl believe no dimension."""
        if self._surveyed is None:
            path = self._sheet._worksheet_path  # noqa: SLF001 - openpyxl says it nowhere else
            self._surveyed = survey(self._archive, path, self._file)
            self._sheet.reset_dimensions()
        return self._surveyed


def _fill(grid: _Grid, merged: Merged) -> None:
    """Say in every row what is written once over several."""
    top = grid.get(merged.top)
    if top is None or merged.column > len(top):
        return
    for number, cells in grid.items():
        if merged.top < number <= merged.bottom and not cells[merged.column - 1]:
            cells[merged.column - 1] = top[merged.column - 1]


def _shown(cell: Any) -> str:
    """Return a cell as a person sees it."""
    value, layout = cell.value, "" if cell.value is None else cell.number_format or ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, layout)
    if isinstance(value, date):
        return _day(value, layout)
    return normalise(_ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), str(value)))


# So OOXML writes characters that XML may not hold (ECMA-376, ST_Xstring).
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _number(value: float, layout: str) -> str:
    """Write 2015 and not 2015.0, 0.3 and not 0.30000000000000004, 01234 and 89% as they look."""
    if re.fullmatch(r"0{2,20}", layout) and value == int(value):
        return str(int(value)).zfill(len(layout))
    exact = Decimal(str(value)) * (100 if "%" in layout else 1)
    # A spreadsheet keeps and shows 15 digits.
    rounded = Decimal(f"{exact:.15g}").normalize()
    return f"{rounded:f}" + ("%" if "%" in layout else "")


def _day(value: date, layout: str) -> str:
    """Write a day in ISO 8601, as exactly as the cell shows it: a year may be all that it shows."""
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", layout).lower()
    if "y" in bare and "d" not in bare and "h" not in bare:
        return f"{value:%Y-%m}" if "m" in bare else f"{value:%Y}"
    timed = isinstance(value, datetime) and (value.hour or value.minute or value.second)
    return value.isoformat(" ", "seconds") if timed else f"{value:%Y-%m-%d}"  # type: ignore[call-arg]
