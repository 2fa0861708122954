"""CSV in UTF-8: one row a case, parted by commas, with the columns of `flat`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from kb.exports import Context, Record
from kb.exports.flat import Flat, Value, flat, joined
from kb.formats.formula import guarded
from kb.moments import utc

_SPECIAL = re.compile(r'[",\r\n]')
_BOM = b"\xef\xbb\xbf"


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield a line of names, then one for each case."""
    if context.bom:
        yield _BOM
    columns = flat()
    yield line([column.name for column in columns])
    for record in records:
        yield line(cells(record, context, columns))


def cells(record: Record, context: Context, columns: Sequence[Flat]) -> list[str]:
    """Return what a case says in some columns; texts do not become formulas unless asked for."""
    return [cell(column.read(record, context), raw=context.raw) for column in columns]


def cell(value: Value, *, raw: bool = False) -> str:
    """Write one value: numbers as they are, days and times in ISO 8601, texts guarded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        value = joined(value)
    if isinstance(value, str):
        text = value.replace("\0", "")
        return text if raw else guarded(text)
    if isinstance(value, datetime):
        return utc(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def line(row: Sequence[str]) -> bytes:
    """Write one row as RFC 4180 says; `csv.writer` takes half as long again for long texts."""
    return (",".join(map(_quoted, row)) + "\r\n").encode()


def _quoted(text: str) -> str:
    if _SPECIAL.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'
