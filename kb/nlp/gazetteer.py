"""The gazetteer: populated places of Europe and its neighbours by all their names.

Data: GeoNames, CC BY 4.0; places of 15,000 inhabitants or more and those of which
the corpus tells, written by `bench/extract_places.py`.
"""

import gzip
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from kb.model import Place
from kb.text import folded

FILE = Path(__file__).parent / "places.tsv.gz"

LARGE = 100_000
"""Inhabitants from which a place is known abroad, under names in other languages."""


class Gazetteer:
    """Places, found by any name in any spelling that folds alike."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places: Mapping[str, Place] = {place.id: place for place in places}
        self._named = _by_name(self._places.values())

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())

    def get(self, place_id: str) -> Place | None:
        """Return the place with this GeoNames id."""
        return self._places.get(place_id)

    def find(self, name: str, country: str | None = None) -> Place | None:
        """Return the largest place that has this name, in ``country`` (ISO 3166-1) if given."""
        named = self.named(name)
        return next((place for place in named if country in (None, place.country)), None)

    def named(self, name: str) -> tuple[Place, ...]:
        """Return the places that have this name, largest first."""
        return self._named.get(name_key(name), ())

    def countries(self, name: str) -> frozenset[str]:
        """Return the countries with a place of this official name, or a large one so called."""
        return frozenset(
            place.country
            for place in self.named(name)
            if place.population >= LARGE or is_official(name, place)
        )


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Return the gazetteer; the first call reads it, which takes about half a second."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return Gazetteer(_place(line) for line in lines if not line.startswith("#"))


def is_official(name: str, place: Place) -> bool:
    """Tell whether ``name`` is the name under which GeoNames lists the place."""
    return name_key(name) == name_key(place.name)


def is_latin(name: str) -> bool:
    """Tell whether ``name`` begins in Latin script, as every official name in GeoNames does.

    In a text in Greek or Cyrillic, no name is the official one.
    """
    return unicodedata.name(name[0], "").startswith("LATIN")


def name_key(name: str) -> str:
    """Return what all spellings of a name share: its folded words."""
    return " ".join(folded(name))


def _by_name(places: Iterable[Place]) -> Mapping[str, tuple[Place, ...]]:
    named: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(places, key=lambda place: -place.population):
        for key in {name_key(name) for name in _names(place)}:
            named[key].append(place)
    return {key: tuple(found) for key, found in named.items()}


def _names(place: Place) -> Iterator[str]:
    yield place.name
    yield from place.names


def _place(line: str) -> Place:
    place_id, name, country, region, latitude, longitude, population, names = line.rstrip(
        "\n"
    ).split("\t")
    return Place(
        id=place_id,
        name=name,
        country=country,
        region=region,
        latitude=float(latitude),
        longitude=float(longitude),
        population=int(population),
        names=tuple(names.split("|")) if names else (),
    )
