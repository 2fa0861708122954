"""Sums of money as people write them: 1,2 Mio. €, EUR 3.4 million, 120 000 zł, 1.2 milj. eiroja."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

from kb.drafting.cues import table
from kb.text import fold

LARGEST = Decimal(10) ** 12
SMALLEST = Decimal(100)
"""Fees and fares are no cost of a practice."""

_NUMBER = re.compile(r"(?<![\w.,])\d{1,15}(?:[.,'’ \u00a0\u202f]\d{3}){0,4}(?:[.,]\d{1,3})?(?!\d)")
_SIGN = re.compile(r"\s?(€|£|\$|₺|₴|[^\W\d_]{1,14}\.?)")
_BEFORE = re.compile(r"(€|£|\$|₺|₴|[A-Z]{3}|[Kk][Rr]\.?|Fr\.|zł|lei)\s?$")
_COMMA_GROUPS = frozenset({"en", "ga", "mt"})
"""Languages that write 1,200.50 for what the others write 1.200,50."""


@dataclass(frozen=True, slots=True)
class Money:
    """A sum and where it stands."""

    amount: str
    """Digits, with a point for cents."""
    currency: str
    """ISO 4217."""
    start: int
    end: int


def sums(text: str, language: str, currency: str = "") -> Iterator[Money]:
    """Yield the sums of a text in order; a bare number is one only where ``currency`` is given."""
    for found in _NUMBER.finditer(text):
        money = _money(text, found, language, currency)
        if money:
            yield money


def currency_in(text: str, language: str) -> str:
    """Return the currency that a text names, or nothing: "Budget (EUR)"."""
    names = re.findall(r"[€£$₺₴]|[^\W\d_]{2,14}", text)
    return next((code for code in (_currency(name, language) for name in names) if code), "")


def _money(text: str, found: re.Match[str], language: str, given: str) -> Money | None:
    start, end = found.span()
    scale, end = _scale(text, end, language)
    before = _BEFORE.search(text[max(0, start - 5) : start])
    code = _currency(before.group(1), language) if before else ""
    if code and before:
        start -= len(before.group())
    else:
        code, end = _after(text, end, language)
    amount = _amount(found.group(), scale, language)
    if not (code or given) or amount is None or not SMALLEST <= amount <= LARGEST:
        return None
    return Money(f"{amount.normalize():f}", code or given, start, end)


def _scale(text: str, end: int, language: str) -> tuple[int, int]:
    found = _SIGN.match(text, end)
    factor = _scales(language).get(_bare(found.group(1))) if found else None
    if found is None or factor is None:
        return 1, end
    further = _SIGN.match(text, found.end())
    more = _scales(language).get(_bare(further.group(1))) if further else None
    if further and more and factor == 1000:  # noqa: PLR2004 - "mil millones"
        return factor * more, further.end()
    return factor, found.end()


def _after(text: str, end: int, language: str) -> tuple[str, int]:
    """Find the currency after a number, also after "of" or "de": 3 millions d'euros."""
    joint = re.match(r"\s?(?:de|d['’]|di|of|od|da|sa)\s?", text[end : end + 5])
    for start in (end, end + joint.end() if joint else end):
        found = _SIGN.match(text, start)
        code = _currency(found.group(1), language) if found else ""
        if found and code:
            return code, found.end()
    return "", end


def _amount(written: str, scale: int, language: str) -> Decimal | None:
    try:
        number = Decimal(_plain(written, scale, language)) * scale
        return number.quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


def _plain(written: str, scale: int, language: str) -> str:
    """Return the number with a point before its decimals and nothing between its groups."""
    digits = re.sub(r"['’\s]", "", written)
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        group = "," if point > comma else "."
        return digits.replace(group, "").replace(",", ".")
    mark = "." if point >= 0 else ","
    parts = digits.split(mark)
    if len(parts) == 1:
        return digits
    grouped = all(len(part) == 3 for part in parts[1:])  # noqa: PLR2004 - thousands
    decimal = len(parts) == 2 and (not grouped or (scale > 1 and _is_decimal(mark, language)))  # noqa: PLR2004
    if decimal:
        return digits.replace(mark, ".")
    return "".join(parts) if grouped else ""


def _is_decimal(mark: str, language: str) -> bool:
    return (mark == ".") == (language in _COMMA_GROUPS)


def _bare(word: str) -> str:
    return fold(word.rstrip("."))


def _currency(name: str, language: str) -> str:
    signs = table("money")["sign"]
    if name in signs:
        return str(signs[name])
    if len(name) == 3 and name in table("money")["codes"]["known"]:  # noqa: PLR2004 - ISO 4217
        return name
    folded = _bare(name)
    own = table("money")["own"].get(language, {})
    for beginning, code in (*own.items(), *_names()):
        if folded == beginning or (beginning.endswith("*") and folded.startswith(beginning[:-1])):
            return str(code)
    return ""


@cache
def _names() -> tuple[tuple[str, str], ...]:
    return tuple((_folded(name), code) for name, code in table("money")["name"].items())


def _folded(name: str) -> str:
    return fold(name.rstrip("*")) + ("*" if name.endswith("*") else "")


@cache
def _scales(language: str) -> Mapping[str, int]:
    scales = table("money")["scale"]
    found: dict[str, int] = {}
    for code in ("mul", language):
        for exponent, names in scales.get(code, {}).items():
            found |= {fold(name): 10 ** int(exponent) for name in names}
    return found
