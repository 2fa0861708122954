"""Which words of a sentence are the name of a place.

Without a gate the gazetteer is unusable: on 14,000 words of German its most frequent "places" are
Pest, Namen, Center, Mitte, allen. So a name has a capital and four letters, and

- a word that no dictionary of the language knows is taken, if it is an official name, or a large
  place, or one of a country that speaks the language;
- a word that may be something else is taken for a large place with that official name, or for a
  very large one with any name (Wien, Roma);
- everything else that may be something else, and the traps, need the word "city" beside them or
  their country in the same sentence ("the city of Bath", "Split, Croatia").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from babel.languages import get_official_languages

from kb import names as country_names
from kb import stems
from kb.model import Place
from kb.nlp.gazetteer import LARGE, gazetteer, is_latin, is_official
from kb.nlp.inflection import base_name, is_word
from kb.text import Word, fold, folded

VERY_LARGE = 500_000
MIN_LETTERS = 4
_MOST_WORDS = 4
_LONGEST_JOINT = 2  # of, de, du, di, da, av

TRAPS = frozenset(
    {"bath", "batman", "bender", "bergen", "derby", "essen", "hagen", "halle", "mitte", "nice"}
    | {"pest", "reading", "siegen", "split"}
)
"""Official names of large places that are met as words of every day; read from the intersection of
gazetteer and dictionaries."""

CITY = {
    "bg": "град", "ca": "ciutat", "cs": "město", "da": "by", "de": "Stadt", "el": "πόλη",
    "en": "city", "es": "ciudad", "et": "linn", "fi": "kaupunki", "fr": "ville", "ga": "cathair",
    "hr": "grad", "hu": "város", "is": "borg", "it": "città", "lt": "miestas", "lv": "pilsēta",
    "mt": "belt", "nl": "stad", "no": "by", "pl": "miasto", "pt": "cidade", "ro": "oraș",
    "sk": "mesto", "sl": "mesto", "sq": "qytet", "sr": "grad", "sv": "stad", "tr": "şehir",
    "uk": "місто",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A place as a sentence names it."""

    place: Place
    number: int
    """The number of its first word in the sentence."""
    start: int
    end: int
    certain: bool
    """A large place, by a word that the dictionary does not know in lower case."""


def names(tokens: Sequence[Word], language: str) -> Iterator[Name]:
    """Yield the places that a sentence of these words names, the longest names first."""
    number = 0
    while number < len(tokens):
        name = _longest(tokens, number, language)
        if name:
            yield name
        number += len([t for t in tokens[number:] if t.end <= name.end]) if name else 1


def speaks(place: Place, language: str) -> bool:
    """Tell whether ``language`` is official in the country of the place or in a part of it."""
    return language in _languages(place.country)


@cache
def _languages(country: str) -> frozenset[str]:
    official = get_official_languages(country, regional=True, de_facto=True)
    return frozenset(code.split("_")[0] for code in official)


def _longest(tokens: Sequence[Word], number: int, language: str) -> Name | None:
    for size in range(min(_MOST_WORDS, len(tokens) - number), 1, -1):
        part = tokens[number : number + size]
        place = _several([word.text for word in part], language)
        if place:
            return Name(place, number, part[0].start, part[-1].end, certain=True)
    one = _one(tokens, number, language)
    return Name(one[0], number, tokens[number].start, tokens[number].end, one[1]) if one else None


def _several(part: Sequence[str], language: str) -> Place | None:
    long = [word for word in part if len(word) >= MIN_LETTERS]
    if not long or not all(word[0].isupper() for word in long):
        return None
    return _best(gazetteer().named(" ".join(part)), language)


def _one(tokens: Sequence[Word], number: int, language: str) -> tuple[Place, bool] | None:
    word = tokens[number].text
    if len(word) < MIN_LETTERS or not word[0].isupper() or word.isupper():
        return None
    name = base_name(word, language)
    place = _best(gazetteer().named(name), language)
    doubtful = is_word(word, language)
    if place and _passes(name, place, language, doubtful=doubtful):
        return place, not doubtful and place.population >= LARGE
    return (place, True) if place and _confirmed(tokens, number, place, language) else None


def _best(places: Sequence[Place], language: str) -> Place | None:
    return max(
        places, key=lambda p: p.population * (10 if speaks(p, language) else 1), default=None
    )


def _passes(name: str, place: Place, language: str, *, doubtful: bool) -> bool:
    large, native = place.population >= LARGE, speaks(place, language)
    if fold(name) in TRAPS and (doubtful or not native):
        return False
    if doubtful:
        proper = is_official(name, place) or (native and not is_latin(name))
        return place.population >= VERY_LARGE or (large and proper)
    return large or native or is_official(name, place)


def _confirmed(tokens: Sequence[Word], number: int, place: Place, language: str) -> bool:
    city = stems.readings(CITY[language], language)
    beside = [tokens[n].text for n in _beside(tokens, number)]
    if any(city & stems.readings(word, language) for word in beside):
        return True
    country = folded(country_names.country(place.country, language))
    following = tokens[number + 1 : number + 1 + len(country)]
    return tuple(fold(word.text) for word in following) == country


def _beside(tokens: Sequence[Word], number: int) -> Iterator[int]:
    """Yield the word before, or before a joint ("city of Bath"), and the word after."""
    before = number - 1
    if before > 0 and len(tokens[before].text) <= _LONGEST_JOINT:
        before -= 1
    if before >= 0:
        yield before
    if number + 1 < len(tokens):
        yield number + 1
