"""Where circles and bars stand in a picture, in the units of that picture. It knows no address."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from kb.pictured import City

RADIUS = 6.0
"""Of a circle that stands for one case, in units of the map; smaller where one has many cases."""
LARGEST = 36.0
SHADES = 4
LEAST_BARS, MOST_BARS = 15, 40
LOWEST_TOP = 4
"""Cases to which the bars reach up at least, that one alone does not fill the picture."""
_EVERY = 5
"""Years between two that are written beneath the bars."""
_TOP, _FLOOR = 12, 84
"""Percent of the height of the picture between which bars stand."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A city on the map."""

    city: City
    x: float
    y: float
    r: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The cases that began in a year, in percent of the picture's width and height."""

    year: int
    written: str
    """What stands beneath; most bars have nothing."""
    count: int
    x: float
    width: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        """Where its number and its year are centred."""
        return round(self.x + self.width / 2, 2)


def circles(cities: Sequence[City]) -> Iterator[Circle]:
    """Yield a circle a city, its area by its number of cases; the small ones last, on top."""
    largest = max((city.count for city in cities), default=1)
    unit = min(RADIUS, LARGEST / sqrt(largest))
    for city in cities:
        if city.at is not None:
            r = round(unit * sqrt(city.count), 1)
            yield Circle(city, round(city.at.x, 1), round(city.at.y, 1), r)


def bars(years: Iterable[tuple[int, int]], latest: int) -> tuple[Bar, ...]:
    """Return a bar a year, without a gap between the first and the last.

    There are `LEAST_BARS` to `MOST_BARS`, none of a year after ``latest``: what lies before or
    after is in the first or in the last of them, which then says so.
    """
    counts = dict(years)
    if not counts:
        return ()
    last = min(max(counts), latest)
    first = min(max(min(counts), last - MOST_BARS + 1), last - LEAST_BARS + 1)
    shown = _folded(counts, first, last)
    width, most = 100 / len(shown), max(LOWEST_TOP, *shown.values())
    return tuple(
        _bar(year, _written(year, first, last, counts), shown[year], (n * width, width), most)
        for n, year in enumerate(shown)
    )


def shades(counts: Iterable[int]) -> Mapping[int, int]:
    """Return how dark each number is to be, from 1 to `SHADES`."""
    present = set(counts)
    return {count: ceil(SHADES * count / max(present)) for count in present}


def _folded(counts: Mapping[int, int], first: int, last: int) -> dict[int, int]:
    shown = dict.fromkeys(range(first, last + 1), 0)
    for year, count in counts.items():
        shown[min(max(year, first), last)] += count
    return shown


def _written(year: int, first: int, last: int, counts: Mapping[int, int]) -> str:
    if year == first and min(counts) < first:
        return f"≤ {year}"
    if year == last and max(counts) > last:
        return f"≥ {year}"
    return str(year) if year % _EVERY == 0 else ""


def _bar(year: int, written: str, count: int, place: tuple[float, float], most: int) -> Bar:
    height = round((_FLOOR - _TOP) * count / most, 2)
    x, width = round(place[0] + place[1] * 0.15, 2), round(place[1] * 0.7, 2)
    return Bar(year, written, count, x, width, round(_FLOOR - height, 2), height)
