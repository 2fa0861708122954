"""What someone who is typing may be about to ask: themes, cities, titles of cases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from kb.text import folded
from kb.vocabulary import scheme

Kind = Literal["theme", "city", "case"]
_ORDER: tuple[Kind, ...] = ("theme", "city", "case")
_BELOW_THREE = 2
"""With fewer letters only what begins so is offered, not what has a later word that does."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that can be asked for."""

    text: str
    kind: Kind
    id: str
    """Of the theme or the case; the city by its name."""
    language: str = ""


class Completions:
    """All that can be asked for, but for the themes, whose names depend on the reader."""

    def __init__(self, titles: Iterable[tuple[str, str, str]], cities: Iterable[str]) -> None:
        """Take in what there is.

        Args:
            titles: case, language, title.
            cities: names.
        """
        named = [Completion(city, "city", city) for city in sorted(set(cities)) if city]
        named += [Completion(text, "case", key, code) for key, code, text in titles if text]
        self._named = [(folded(each.text), each) for each in named]

    def beginning(self, typed: str, reader: str, limit: int) -> tuple[Completion, ...]:
        """Return what has all the words typed, the last one perhaps unfinished.

        What begins with them comes first; then themes, cities, titles, the shorter ones first.
        """
        asked = folded(typed)
        if not asked:
            return ()
        found = [
            (begins, each)
            for said, each in (*_themes(reader), *self._named)
            for begins in _begins(asked, said)
        ]
        found.sort(
            key=lambda row: (not row[0], _ORDER.index(row[1].kind), len(row[1].text), row[1].text)
        )
        return tuple(each for _, each in found[:limit])


def themes(reader: str) -> tuple[Completion, ...]:
    """Return the themes by their names for a reader."""
    return tuple(each for _, each in _themes(reader))


def _themes(reader: str) -> Iterator[tuple[tuple[str, ...], Completion]]:
    for concept in scheme("themes"):
        text = concept.label(reader)
        yield folded(text), Completion(text, "theme", concept.id, reader)


def _begins(asked: tuple[str, ...], said: tuple[str, ...]) -> Iterator[bool]:
    """Yield whether the text begins with what was asked, or nothing if it has not all of it."""
    *whole, last = asked
    if not set(whole) <= set(said):
        return
    if said[: len(whole)] == tuple(whole) and _at(said, len(whole)).startswith(last):
        yield True
    elif len(last) > _BELOW_THREE and any(
        word.startswith(last) for word in said if word not in whole
    ):
        yield False


def _at(said: tuple[str, ...], place: int) -> str:
    return said[place] if place < len(said) else ""
