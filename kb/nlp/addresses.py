"""Places that a web or e-mail address names: www.berlin.de, office@wien.gv.at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.model import Place
from kb.nlp.gazetteer import LARGE, gazetteer, is_official

_CHUNK = re.compile(r"\S{4,500}")
_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,6}(?![\w-])")
_MARKS = re.compile(r"[@/]|^www\.")
_COUNTRIES = {"UK": "GB"}
_MIN_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Address:
    """An address in a text, with the place in its host, if any."""

    text: str
    start: int
    end: int
    place: Place | None


def addresses(text: str) -> Iterator[Address]:
    """Yield the addresses of ``text``: those of a place, and those that are plainly no prose."""
    for chunk in _CHUNK.finditer(text):
        host = _HOST.search(chunk.group())
        place = _place(host.group()) if host else None
        if host and (place or _MARKS.search(chunk.group())):
            yield Address(chunk.group().strip(".,;:()<>\"'"), chunk.start(), chunk.end(), place)


def _place(host: str) -> Place | None:
    """Return the place that a label of the host names, in the country of the last label."""
    *labels, top = host.split(".")
    country = _COUNTRIES.get(top.upper(), top.upper())
    for label in labels:
        place = gazetteer().find(label, country) if len(label) >= _MIN_LETTERS else None
        if place and (place.population >= LARGE or is_official(label, place)):
            return place
    return None
