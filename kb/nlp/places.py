"""Which places a text names. The gate in front of the gazetteer is `kb.nlp.gate`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.model import Place
from kb.nlp.addresses import addresses
from kb.nlp.gate import Name, names, speaks
from kb.nlp.gazetteer import Gazetteer, gazetteer
from kb.nlp.passage import cut
from kb.nlp.pipeline import MAX_LENGTH, sentences
from kb.text import words

__all__ = ["Gazetteer", "Mention", "gazetteer", "home", "mentions"]

ADDRESS_WEIGHT = 3
"""A city that signs with its address is more often the home of a case than one that is named."""

NATIVE_WEIGHT = 2
"""For a place where the language of the text is spoken."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that a text names, how often, and one passage that does."""

    place: Place
    count: int
    passage: str


@dataclass(frozen=True, slots=True)
class _Sighting:
    place: Place
    passage: str
    address: bool
    opens: bool = False
    """It opens a sentence, where every word has a capital."""


def mentions(text: str, language: str) -> tuple[Mention, ...]:
    """Return the places that ``text`` names in prose or in addresses, the most frequent first."""
    found = (_mention(sightings) for sightings in _by_place(text, language))
    return tuple(sorted(found, key=lambda m: (-m.count, -m.place.population)))


def home(text: str, language: str) -> Mention | None:
    """Return the place where what ``text`` tells most likely happens, or None if it names none."""
    found = list(_by_place(text, language))
    return _mention(max(found, key=lambda s: _weight(s, language))) if found else None


def _mention(sightings: Sequence[_Sighting]) -> Mention:
    best = next((one for one in sightings if not one.address), sightings[0])
    return Mention(best.place, len(sightings), best.passage)


def _weight(sightings: Sequence[_Sighting], language: str) -> tuple[int, int]:
    place = sightings[0].place
    times = sum(ADDRESS_WEIGHT if one.address else 1 for one in sightings)
    return times * (NATIVE_WEIGHT if speaks(place, language) else 1), place.population


def _by_place(text: str, language: str) -> Iterator[list[_Sighting]]:
    found = defaultdict(list)
    for sighting in _sightings(text[:MAX_LENGTH], language):
        found[sighting.place.id].append(sighting)
    for sightings in found.values():
        if not all(one.opens for one in sightings):
            yield sightings


def _sightings(text: str, language: str) -> Iterator[_Sighting]:
    named = list(addresses(text))
    yield from (_Sighting(one.place, one.text, address=True) for one in named if one.place)
    prose = _without([(one.start, one.end) for one in named], text)
    for sentence in sentences(prose, language):
        tokens = list(words(sentence.text))
        for name in names(tokens, language):
            passage = text[sentence.start : sentence.start + len(sentence.text)]
            yield _sighting(name, passage)


def _sighting(name: Name, sentence: str) -> _Sighting:
    passage = cut(sentence, name.start, name.end)
    opens = name.number == 0 and not name.certain
    return _Sighting(name.place, passage, address=False, opens=opens)


def _without(spans: Sequence[tuple[int, int]], text: str) -> str:
    """Blank out the spans; everything else stays where it is."""
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], " " * (end - start)]
        done = end
    return "".join([*pieces, text[done:]])
