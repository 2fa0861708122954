"""The empty table to download, in any of our languages: names of columns, and what belongs there.

The second row explains; it begins with ``#`` and is left out when the table is read again. Nobody's
case stands in it as an example.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from kb.formats import headers
from kb.formats.columns import COLUMNS, Column
from kb.formats.xlsx import CASES, CODEBOOK
from kb.languages import LANGUAGES
from kb.model import REQUIRED
from kb.names import language as language_name
from kb.vocabulary import scheme

_ENGLISH_LISTS = frozenset({"en", "ga", "mt"})
"""Where a comma parts lists because a point parts decimals; elsewhere Excel expects a semicolon."""
_SHORT = 40
"""Values up to which a list is offered in the cell."""
_WIDTH = 28
_TEXT = "@"
"""The number format of a text: a spreadsheet would make a number of 06.1, or a day in June."""


def as_csv(language: str) -> bytes:
    """Return the template as CSV, in UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter="," if language in _ENGLISH_LISTS else ";")
    rows.writerows(_head(language))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(language: str) -> bytes:
    """Return the template as a workbook: a sheet for the cases, and a codebook."""
    from openpyxl import Workbook

    book = Workbook()
    cases = book.active
    cases.title = CASES
    _write_cases(cases, language)
    lists = _write_codebook(book.create_sheet(CODEBOOK), language)
    for number, name in enumerate(headers.columns(), 1):
        if name in lists:
            _offer(cases, number, lists[name])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(language: str) -> Iterator[list[str]]:
    names = headers.columns()
    yield [headers.label(name, language) for name in names]
    yield [f"# {headers.hint(name, language)}" for name in names]


def _write_cases(sheet: Any, language: str) -> None:  # Any: openpyxl has no types
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for row in _head(language):
        sheet.append(row)
    for number in range(1, len(headers.columns()) + 1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = _WIDTH, _TEXT
        name, explanation = sheet.cell(1, number), sheet.cell(2, number)
        name.font = Font(bold=True)
        explanation.font = Font(italic=True, color="595959")
        for cell in (name, explanation):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = _TEXT
    sheet.freeze_panes = "A2"


def _write_codebook(sheet: Any, language: str) -> dict[str, tuple[int, int]]:
    """Write the codebook; return the rows in which a column's values stand, if it takes one."""
    from openpyxl.styles import Font

    sheet.append(["column", "field", "required", "what a good answer looks like", "id", "label"])
    lists = {}
    for name in headers.columns():
        first = sheet.max_row + 1
        allowed = tuple(_allowed(COLUMNS[name], language)) or (("", ""),)
        said = _about(COLUMNS[name], language)
        for number, (code, label) in enumerate(allowed):
            sheet.append([*(said if number == 0 else [""] * len(said)), code, label])
        if 1 < len(allowed) <= _SHORT and COLUMNS[name].parts is None:
            lists[name] = (first, first + len(allowed) - 1)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", (_WIDTH, _WIDTH, 10, 70, 20, 60), strict=True):
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].number_format = _TEXT
    sheet.freeze_panes = "A2"
    return lists


def _about(column: Column, language: str) -> list[str]:
    required = "yes" if column.name == "title" or column.path[0] in REQUIRED else "no"
    if column.name in {"lead_organisation_type", "contact_email", "original_language"}:
        required = "no"
    said = headers.hint(column.name, language)
    return [headers.label(column.name, language), column.name, required, said]


def _allowed(column: Column, language: str) -> Iterator[tuple[str, str]]:
    if column.name == "original_language":
        yield from ((code, language_name(code, language)) for code in LANGUAGES)
    if column.scheme:
        yield from ((one.id, one.label(language)) for one in scheme(column.scheme))


def _offer(sheet: Any, number: int, rows: tuple[int, int]) -> None:
    """Offer a list in the cells of a column; what is not in it may be written too."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(number)
    listed = f"{CODEBOOK}!$F${rows[0]}:$F${rows[1]}"
    offer = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=False)
    offer.add(f"{letter}3:{letter}1000")
    sheet.add_data_validation(offer)
