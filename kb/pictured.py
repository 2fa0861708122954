"""A whole result in numbers: where its cases are, when they began, which themes in which country.

Every number is that of a facet, or of two together: whoever narrows the search by what a number
stands for finds so many cases. Where a facet is narrowed already, what was chosen of it counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kb import edtf, nlp
from kb.europe import Point, point
from kb.query import Query
from kb.search.engine import Tally
from kb.search.fields import label, parent, period
from kb.text import fold
from kb.vocabulary import scheme

PAIRS = (("city", "country"), ("theme", "country"))
"""What is counted together."""

MOST_CITIES = 150
"""Cities that are named one by one, those with the most cases; more would hide each other."""


@dataclass(frozen=True, slots=True)
class City:
    """A city of the result; without a name where cases name none."""

    name: str
    country: str
    count: int
    at: Point | None
    """On the map, if the gazetteer knows the city."""
    chosen: Mapping[str, str]
    """The values of facets by which it is found alone."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the result; without a code where cases name none."""

    code: str
    count: int
    cities: tuple[City, ...]
    """Those that are named, the most cases first."""
    more: int
    """How many others there are."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period, and its years in which cases began."""

    id: str
    count: int
    years: tuple[tuple[int, int], ...]
    """(year, cases)."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of themes, or a theme that was chosen, by country."""

    id: str
    count: int
    countries: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pictured:
    """A result in numbers."""

    total: int
    countries: tuple[Country, ...]
    """The most cases first."""
    unplaced: int
    """Cases in places that the gazetteer does not know."""
    outside: int
    """Cases in places that the map does not show."""
    periods: tuple[Period, ...]
    """The earliest first, the unknown last."""
    themes: tuple[Theme, ...]
    """In the order of the vocabulary."""
    unthemed: int
    """Cases without theme or without country."""

    @property
    def cities(self) -> tuple[City, ...]:
        """The cities that the map shows, the most cases first."""
        named = (city for country in self.countries for city in country.cities)
        shown = (city for city in named if city.name and city.at and city.at.inside)
        return tuple(sorted(shown, key=lambda city: -city.count))

    @property
    def unnamed(self) -> int:
        """How many cities are not named."""
        return sum(country.more for country in self.countries)


def pictured(tally: Tally, query: Query) -> Pictured:
    """Put what was counted of a question's result into the order in which it is read."""
    cities = list(_cities(tally.pairs["city", "country"]))
    return Pictured(
        total=tally.total,
        countries=tuple(_countries(cities, query.reader)),
        unplaced=sum(city.count for city in cities if city.at is None),
        outside=sum(city.count for city in cities if city.at and not city.at.inside),
        periods=tuple(_periods(tally.starts)),
        themes=tuple(_themes(tally.pairs["theme", "country"], query.filters.get("theme", ()))),
        unthemed=_unthemed(tally),
    )


def _cities(counts: Mapping[tuple[str, str], int]) -> Iterator[City]:
    """Yield the cities, the most cases first; of those with one name each by its country too."""
    called = Counter(name for name, _ in counts)
    for (name, country), count in sorted(
        counts.items(), key=lambda row: (-row[1], fold(row[0][0]))
    ):
        place = nlp.place_called(name, country or None)
        at = point(place.longitude, place.latitude) if place else None
        chosen = {"city": name} | ({"country": country} if called[name] > 1 else {})
        yield City(name, country, count, at, chosen)


def _countries(cities: list[City], reader: str) -> Iterator[Country]:
    within: dict[str, list[City]] = defaultdict(list)
    for city in cities:
        within[city.country].append(city)
    counts = {code: sum(city.count for city in each) for code, each in within.items()}
    named = [city for city in cities if city.name][:MOST_CITIES]
    for code in sorted(
        counts, key=lambda code: (-counts[code], fold(label("country", code, reader)))
    ):
        shown = tuple(city for city in named if city.country == code)
        all_named = sum(1 for city in within[code] if city.name)
        yield Country(code, counts[code], shown, all_named - len(shown))


def _periods(starts: Mapping[str, int]) -> Iterator[Period]:
    years: Counter[int | None] = Counter()
    for start, count in starts.items():
        years[edtf.year(start)] += count
    for concept in scheme("periods"):
        within = {year: count for year, count in years.items() if period(year) == concept.id}
        if within:
            known = sorted((year, count) for year, count in within.items() if year is not None)
            yield Period(concept.id, sum(within.values()), tuple(known))


def _themes(counts: Mapping[tuple[str, str], int], chosen: tuple[str, ...]) -> Iterator[Theme]:
    """Yield the themes that were chosen, else the groups of all that occur."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for (theme, country), count in counts.items():
        found[theme][country] = count
    for concept in scheme("themes"):
        wanted = concept.id in chosen if chosen else not parent("theme", concept.id)
        if wanted and concept.id in found:
            within = found[concept.id]
            yield Theme(concept.id, sum(within.values()), within)


def _unthemed(tally: Tally) -> int:
    """Count the cases that lack a theme, a country, or both: these are in both counts."""
    themes, places = tally.pairs["theme", "country"], tally.pairs["city", "country"]
    without_theme = sum(count for (theme, _), count in themes.items() if not theme)
    without_country = sum(count for (_, country), count in places.items() if not country)
    return without_theme + without_country - themes.get(("", ""), 0)
