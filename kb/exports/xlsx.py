"""A workbook: the cases with types and a frozen header, a codebook, the concepts, and where from.

A cell of a spreadsheet holds 32,767 characters. A longer text stands in pieces in a sheet of its
own, and its cell says so. No text is ever a formula.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from kb.exports import Context, Record
from kb.exports.codebook import CODEBOOK_HEADER, CONCEPTS_HEADER, concepts, of_cases, rows
from kb.exports.csv import cell
from kb.exports.flat import Flat, Value, flat
from kb.exports.spooled import pieces
from kb.formats.table import MAX_CHARACTERS
from kb.formats.xlsx import CASES, CODEBOOK
from kb.licences import marked

_TEXTS = "texts"
_PIECE = 30_000
"""Characters of a piece; letters beyond the first 65,536 count twice in a cell."""
_DIGITS = 15
"""So many of a number does a spreadsheet keep."""
_WIDTH = 28
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss"}
_TEXT = "@"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield a workbook with one row for each case."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    licences = _write_cases(book, records, context)
    _write_table(book, CODEBOOK, CODEBOOK_HEADER, rows(of_cases()))
    _write_table(book, "concepts", CONCEPTS_HEADER, concepts(context.language))
    _write_table(book, "about", ("what", "value"), _about(context, licences))
    with TemporaryFile() as file:
        book.save(file)
        yield from pieces(file)


def _write_cases(book: Any, records: Iterable[Record], context: Context) -> Counter[str]:
    # Any: openpyxl has no types.
    columns, licences = flat(), Counter[str]()
    sheet = _sheet(book, CASES, [column.name for column in columns])
    texts = None
    for record in records:
        licences[record.case.licence] += 1
        values = [column.read(record, context) for column in columns]
        for column, value in zip(columns, values, strict=True):
            if isinstance(value, str) and _length(value) > MAX_CHARACTERS:
                texts = texts or _sheet(book, _TEXTS, ["id", "column", "piece", "text"])
                _split(texts, record.case.id, column.name, value)
        row = [_cell(sheet, column, value) for column, value in zip(columns, values, strict=True)]
        sheet.append(row)
    return licences


def _split(sheet: Any, case_id: str, name: str, text: str) -> None:
    for number, start in enumerate(range(0, len(text), _PIECE // 2), 1):
        piece = text[start : start + _PIECE // 2]
        sheet.append([_text(sheet, case_id), _text(sheet, name), number, _text(sheet, piece)])


def _cell(sheet: Any, column: Flat, value: Value) -> Any:
    if value is None:
        return None
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > _DIGITS:
        return _text(sheet, str(value))
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime | date):
        plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        return _styled(sheet, plain, _FORMATS[column.type])
    said = cell(value, raw=True)
    if _length(said) > MAX_CHARACTERS:
        said = f"[{len(said):,} characters, more than a cell can hold: see the sheet “{_TEXTS}”]"
    return _text(sheet, said)


def _length(text: str) -> int:
    """Return how much of a cell a text takes: spreadsheets count in units of UTF-16."""
    return len(_escaped(text).encode("utf-16-le")) // 2


def _text(sheet: Any, text: str) -> Any:
    """Return a cell that is a text whatever it begins with."""
    made = _styled(sheet, "", _TEXT)
    made._value, made.data_type = _escaped(text), "s"  # noqa: SLF001 - else "=1" is a formula
    return made


def _escaped(text: str) -> str:
    """Write what XML may not hold as OOXML says (ECMA-376, ST_Xstring)."""
    return _CONTROLS.sub(lambda found: f"_x{ord(found.group()):04X}_", text)


def _styled(sheet: Any, value: Any, layout: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value=value)
    made.number_format = layout
    return made


def _sheet(book: Any, title: str, header: Sequence[str]) -> Any:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number in range(1, len(header) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
    names = [_text(sheet, name) for name in header]
    for name in names:
        name.font = Font(bold=True)
    sheet.append(names)
    return sheet


def _write_table(book: Any, title: str, header: Sequence[str], body: Iterable[list[str]]) -> None:
    sheet = _sheet(book, title, header)
    for row in body:
        sheet.append([_text(sheet, text) for text in row])


def _about(context: Context, licences: Counter[str]) -> Iterator[list[str]]:
    yield ["site", context.site_name]
    yield ["chosen", context.query]
    yield ["address", context.address]
    yield ["taken", f"{context.taken:%Y-%m-%d %H:%M:%S} UTC"]
    yield ["cases", str(licences.total())]
    for licence, count in licences.most_common():
        yield [f"licence {licence}", str(count)]
    for label, count in marked(licences).items():
        yield [label, str(count)]
    yield ["places", "GeoNames, CC BY 4.0"]
