"""What people write into one cell, in the form of the model where it can mean one thing only.

What is not understood stays as it is: the model refuses it with the value and the remedy.
"""

import re
from collections.abc import Callable
from typing import Any

from kb.formats import terms
from kb.values import UNKNOWN

_ADDRESS = re.compile(r"(?:https?://|doi:10\.|www\.)\S+", re.IGNORECASE)
_VALUE = re.compile(
    r"[<>~≈±+\-−]?\s?\d+(?:[.,\u00a0\u202f' ]\d+)*(?:\s?[-–—/]\s?\d+(?:[.,\u00a0\u202f ]\d+)*)?"
)
_SIGNS = {
    "€": "EUR",
    "EURO": "EUR",
    "EUROS": "EUR",
    "£": "GBP",
    "ZŁ": "PLN",
    "KČ": "CZK",
    "FT": "HUF",
}


def pieces(text: str) -> list[str]:
    """Part a cell that holds several values: at semicolons and at line breaks."""
    return [piece.strip() for piece in re.split(r"[;\n]", text) if piece.strip()]


def addresses(text: str) -> list[str]:
    """Part a cell of sources; a semicolon inside an address parts nothing."""
    parts = re.split(r";(?=\s|$|https?://|doi:|www\.)|\n", text)
    return [piece.strip() for part in parts for piece in _apart(part) if piece.strip()]


def _apart(part: str) -> list[str]:
    return [part] if _ADDRESS.search(part) else part.split(";")


def line(text: str) -> str:
    """Make one line of what a cell breaks into several; a space that parts nothing stays."""
    return re.sub(r"[ \t]*[\n\t][ \t\n]*", " ", text.strip())


def date(text: str) -> str:
    """Write a date as EDTF where it can mean one day only: 30.4.2019, 2019. 04. 30."""
    if terms.is_unknown(text):
        return UNKNOWN
    if found := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?", text):
        day, month, year = found.groups()
    elif found := re.fullmatch(r"(\d{4})\.\s?(\d{1,2})\.\s?(\d{1,2})\.?", text):
        year, month, day = found.groups()
    elif found := re.fullmatch(r"(\d{1,2})[./](\d{4})", text):
        return f"{found.group(2)}-{int(found.group(1)):02}"
    else:
        return text
    return f"{year}-{int(month):02}-{int(day):02}"


def amount(text: str) -> str:
    """Write a sum with digits and a point.

    Behind a mark, three digits are thousands and one or two are cents, in whichever language.
    """
    bare = re.sub(r"^(?:€|£|[A-Z]{3})\s?|\s?(?:€|£|[A-Z]{3}|euros?)$", "", text.strip())
    bare = re.sub(r"(?<=\d)[\u00a0\u202f' ](?=\d{3}(?!\d))", "", bare)
    found = re.fullmatch(r"(\d+(?:[.,]\d{3})*)(?:[.,](\d{1,2}))?", bare)
    if found is None or not _one_mark(found.group(1)):
        return text
    whole, cents = re.sub(r"[.,]", "", found.group(1)), found.group(2)
    return f"{whole}.{cents}" if cents else whole


def _one_mark(thousands: str) -> bool:
    """Tell whether thousands are parted by points or by commas, not by both, and all of them."""
    first, *rest = re.split(r"[.,]", thousands)
    return not rest or (len(first) <= 3 and len(set(re.findall(r"[.,]", thousands))) == 1)  # noqa: PLR2004 - digits of a thousand


def currency(text: str) -> str:
    """Return the three letters of a currency."""
    return _SIGNS.get(text.strip().upper(), text.strip().upper())


def licence(text: str) -> str:
    """Write a licence as SPDX does: CC-BY-4.0."""
    return re.sub(r"\s+", "-", text.strip())


def country(text: str) -> str:
    """Return the code of a country."""
    return terms.country(text) or text


def language(text: str) -> str:
    """Return the code of a language."""
    return terms.language(text) or text


def organisation(text: str) -> str:
    """Return a name, or the word by which the model says that nobody knows."""
    return UNKNOWN if terms.is_unknown(text) else line(text)


def concept(scheme: str) -> Callable[[str], str]:
    """Return a reader of one concept of a scheme."""
    return lambda text: terms.term(scheme, text) or text


def concepts(scheme: str) -> Callable[[str], list[str]]:
    """Return how a cell of concepts is parted: at commas too, if that gives concepts only."""

    def part(text: str) -> list[str]:
        return [one for piece in pieces(text) for one in _at_commas(scheme, piece)]

    return part


def _at_commas(scheme: str, piece: str) -> list[str]:
    parts = [part.strip() for part in piece.split(",") if part.strip()]
    if terms.term(scheme, piece) or not all(terms.term(scheme, part) for part in parts):
        return [piece]
    return parts


def noted(scheme: str, name: str, note: str) -> Callable[[str], dict[str, str]]:
    """Return a reader of a concept and what is said of it behind a colon."""

    def read(text: str) -> dict[str, str]:
        first, colon, rest = text.partition(":")
        if colon and rest.strip() and (code := terms.term(scheme, first)):
            return {name: code, note: rest.strip()}
        return {name: terms.term(scheme, text) or text}

    return read


def partner(text: str) -> dict[str, str]:
    """Return a partner of whom the name is known."""
    return {"name": line(text)}


def outcome(text: str) -> dict[str, str]:
    """Return ``indicator = value unit``; without a value it is for the model to refuse."""
    indicator, _, result = (part.strip() for part in text.partition("="))
    number = _VALUE.match(result)
    value = number.group() if number else result
    said = {"indicator": indicator, "value": value, "unit": result[len(value) :].strip()}
    return {name: part for name, part in said.items() if part}


def source(text: str) -> dict[str, Any]:
    """Return address and title of a source; what is not online has a title only."""
    found = _ADDRESS.search(text)
    if found is None:
        return {"title": text}
    address = found.group().rstrip(".,")
    if address.endswith(")") and "(" not in address:
        address = address[:-1]
    end = found.start() + len(address)
    around = f"{text[: found.start()]} {text[end:]}".replace("( )", "")
    title = " ".join(around.split()).strip(" .,:-–—")
    return {"url": address, **({"title": title} if title else {})}
