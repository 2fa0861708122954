"""The city and its country."""

from collections.abc import Iterator
from functools import cache

from kb import names
from kb.drafting.cues import key
from kb.drafting.form import Answer, Form
from kb.drafting.proposal import Found
from kb.drafting.source import Source
from kb.languages import LANGUAGES
from kb.model import Place
from kb.nlp import gate
from kb.nlp.gazetteer import gazetteer, is_latin, name_key
from kb.nlp.inflection import base_name
from kb.nlp.places import Mention, home
from kb.text import words

_LONGEST = 100
_MOST_WORDS = 5
_EVERYWHERE = "en"


def find(source: Source, form: Form) -> Iterator[Found]:
    """Yield city and country: as a form names them, else the place where most of it happens."""
    countries = [answer for answer in form.get("country", ()) if country(answer.text)]
    land = country(countries[0].text) if countries else ""
    cities = [found for found in form.get("city", ()) if _is_city(found, land)]
    if cities:
        yield from _answered(cities[0], land)
    else:
        yield from _told(source, land)
    if countries:
        yield Found("country", land, countries[0].whole, countries[0].end)


def country(text: str) -> str:
    """Return the ISO 3166-1 code of a country, named in any of our languages or by its code."""
    bare = text.strip(" .")
    if len(bare) == 2 and bare.isupper():  # noqa: PLR2004 - alpha-2
        code = names.EU_CODES.get(bare, bare)
        return code if names.is_country(code) else ""
    return _countries().get(key(bare), "")


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", *LANGUAGES):
        for place in {place.country for place in gazetteer()}:
            found.setdefault(key(names.country(place, language)), place)
    return found


def _is_city(answer: Answer, land: str) -> bool:
    text = answer.text.split("\n")[0]
    if len(text) > _LONGEST or any(map(str.isdigit, text)):
        return False
    beside = answer.whole < answer.start  # under a heading stands much that is no place
    return bool(_parts(answer, land)[1]) or (
        beside
        and text[:1].isupper()
        and len(list(words(text))) <= _MOST_WORDS
        and not country(text)
    )


def _parts(answer: Answer, land: str) -> tuple[str, Place | None]:
    """Part "Łódź, Poland" and "City of Ghent (Belgium)" into the city and its place."""
    line = answer.text.split("\n")[0]
    first = line
    for mark in ",(/;–":
        first = first.split(mark)[0].strip()
    rest = country(line[len(first) :].strip(" ,()/;–")) or land or None
    last = first.split()[-1] if first.split() else ""
    for name in (line.strip(), first, last):
        place = gazetteer().find(name, rest)
        if place:
            return name, place
    return first, None


def _answered(answer: Answer, land: str) -> Iterator[Found]:
    name, place = _parts(answer, land)
    start, end = answer.whole, answer.start + len(answer.text.split("\n")[0])
    yield Found("city", name[:_LONGEST], start, end)
    line = answer.text.split("\n")[0]
    told = country(line[line.find(name) + len(name) :].strip(" ,()/;–"))
    code = told or (place.country if place else "")
    if code and not land:
        yield Found("country", code, start, end)


def _told(source: Source, land: str) -> Iterator[Found]:
    found = home(source.text, source.language)
    where = source.text.find(found.passage) if found else -1
    if not found or where < 0 or (land and found.place.country != land):
        return
    if _is_passing(found, source.language):
        return
    span = (where, where + len(found.passage))
    yield Found("city", _written(found, source.language), *span)
    if not land:
        yield Found("country", found.place.country, *span)


def _is_passing(found: Mention, language: str) -> bool:
    """Tell whether a place abroad is named but once; in English, much is told of everywhere."""
    abroad = language != _EVERYWHERE and not gate.speaks(found.place, language)
    return abroad and found.count == 1


def _written(found: Mention, language: str) -> str:
    """Name the place as the passage does, without its ending: Warszawie gives Warszawa."""
    tokens = list(words(found.passage))
    for name in gate.names(tokens, language):
        if name.place.id == found.place.id:
            text = found.passage[name.start : name.end]
            base = base_name(text, language) or text
            same = name_key(base) == name_key(text)
            return text if same else _listed(found.place, base, text)
    return found.place.name


def _listed(place: Place, name: str, written: str) -> str:
    """Return the gazetteer's spelling of a name, in the script of the text."""
    same = [n for n in (place.name, *place.names) if name_key(n) == name_key(name)]
    alike = [n for n in same if is_latin(n) == is_latin(written)]
    exact = [n for n in alike if n in (written, name)]
    return next(iter((*exact, *alike)), written)
