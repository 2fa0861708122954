"""Dates as authors know them: Extended Date/Time Format (ISO 8601-2:2019), level 0, 1 in part."""

import re
from datetime import date

UNKNOWN = "unknown"

_POINT = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?[~?%]?"
_EDTF = re.compile(rf"(?:{_POINT}|\d{{3}}X)(?:/(?:{_POINT}|\.\.)?)?", re.ASCII)


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
    found = re.match(r"\d{4}", text)
    return int(found.group()) if found else None


def _exists(point: str) -> bool:
    day = re.match(r"(\d{4})-(\d\d)-(\d\d)", point)
    try:
        return day is None or bool(date(*map(int, day.groups())))
    except ValueError:
        return False
