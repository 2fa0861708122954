"""Dates as authors know them: Extended Date/Time Format (ISO 8601-2:2019), level 0 and 1 in part."""

import re
from datetime import date

UNKNOWN = "unknown"

_POINT = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?[~?%]?"
_EDTF = re.compile(rf"(?:{_POINT}|\d{{3}}X)(?:/(?:{_POINT}|\.\.)?)?")


def is_edtf(text: str) -> bool:
    """Tell whether ``text`` is a year, month, day, decade (``201X``), interval, or ``unknown``.

    ``~`` about, ``?`` uncertain and ``%`` both may follow a date; an interval may be open
    (``2019-04/..``). A day must exist in its month.
    """
    if text == UNKNOWN:
        return True
    return bool(_EDTF.fullmatch(text)) and all(map(_exists, text.split("/")))


def year(text: str) -> int | None:
    """Return the year with which the date begins, or None if it is unknown or a decade."""
    return int(text[:4]) if text[:4].isdigit() and len(text) >= 4 else None


def _exists(point: str) -> bool:
    parts = point.rstrip("~?%").split("-")
    if len(parts) < 3:
        return True
    try:
        date(*map(int, parts))
    except ValueError:
        return False
    return True
