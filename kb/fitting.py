"""How well a case fits the reader's city: points for what they share, each with its reason.

The score is the sum of `POINTS` over the reasons, and nothing else: two points for what is the
same, one for what is near, two less for what stands in the way. What a case does not say counts
neither way and is said to be unknown. Which cases are found, and in which order cases of one score
stand, is none of its business.

Sizes are classes of the OECD and the European Commission (Dijkstra and Poelman, Cities in Europe,
2012).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from kb.families import family
from kb.model import Case, Place
from kb.saying import term
from kb.values import UNKNOWN

Kind = Literal[
    "same-size", "next-size", "size-unknown",
    "same-country", "same-family", "country-unknown",
    "cost-within", "cost-above", "cost-unknown",
    "lacking", "works-small", "needs-unknown",
]  # fmt: skip

POINTS: Mapping[Kind, int] = MappingProxyType(
    {
        "same-size": 2,
        "next-size": 1,
        "same-country": 2,
        "same-family": 1,
        "cost-within": 2,
        "cost-above": -2,
        "lacking": -2,
        "works-small": 1,
    }
)
"""What a reason counts; one that is not here counts nothing."""

SIZES = (
    (0, "under-50k"),
    (50_000, "50k-100k"),
    (100_000, "100k-250k"),
    (250_000, "250k-500k"),
    (500_000, "500k-1m"),
    (1_000_000, "over-1m"),
)
"""From how many inhabitants on a city is of which class of the vocabulary ``city_sizes``."""

COSTS = ("under-10k", "10k-50k", "50k-250k", "250k-1m", "1m-5m", "over-5m")
"""The bands of ``cost_bands`` in which a sum is known, the cheapest first."""

NEEDS = (
    "data-sharing",
    "digital-infrastructure",
    "housing-stock",
    "law-change",
    "national-competence",
    "political-mandate",
    "strong-ngos",
    "trained-staff",
)
"""The ``conditions`` that a city can lack; the others say what is *not* needed."""

_WORKS_SMALL = "small-cities"
_SMALL = frozenset({"under-50k", "50k-100k"})

WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        "same-size": term("same size"),
        "next-size": term("nearly the same size"),
        "size-unknown": term("size not known"),
        "same-country": term("same country"),
        "same-family": term("same family of law and administration"),
        "country-unknown": term("country not known"),
        "cost-within": term("costs no more than you can spend"),
        "cost-above": term("costs more than you can spend"),
        "cost-unknown": term("cost not known"),
        "lacking": term("needs something that you lack"),
        "works-small": term("works in small cities such as yours"),
        "needs-unknown": term("what it needs is not known"),
    }
)
"""What each kind of reason says, as a part of a list."""


@dataclass(frozen=True, slots=True)
class Town:
    """What a reader says of her city; every part may be missing."""

    place: str = ""
    """GeoNames id, from which the name and the next two come; empty where she describes it."""
    inhabitants: int | None = None
    country: str = ""
    affords: str = ""
    """The dearest band of ``COSTS`` that she can pay."""
    lacks: tuple[str, ...] = ()
    """Those of ``NEEDS`` that she cannot meet."""
    name: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything is said by which cases can be compared."""
        return self != Town()

    @property
    def size(self) -> str:
        """The class in ``city_sizes``; empty where the inhabitants are not known."""
        return "" if self.inhabitants is None else size_of(self.inhabitants)

    def pairs(self) -> list[tuple[str, str]]:
        """Write it as names and values, as addresses do."""
        described = [("inhabitants", str(self.inhabitants or "")), ("in", self.country)]
        where = [("town", self.place)] if self.place else described
        means = [("afford", self.affords), *(("lacks", each) for each in self.lacks)]
        return [pair for pair in (*where, *means) if pair[1]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case says by which it can be compared with a city."""

    size: str = UNKNOWN
    country: str = ""
    cost: str = UNKNOWN
    needs: tuple[str, ...] = ()
    """Ids of ``conditions``; none where they are not known."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a case, or against it, or that nobody knows."""

    kind: Kind
    condition: str = ""
    """Id of the condition that is meant, if one is."""

    @property
    def points(self) -> int:
        """What it counts."""
        return POINTS.get(self.kind, 0)

    @property
    def words(self) -> str:
        """Say it; which condition is meant is not part of it."""
        return WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a case fits a city, and why."""

    reasons: tuple[Reason, ...] = ()

    @property
    def score(self) -> int:
        """The sum of what the reasons count."""
        return sum(reason.points for reason in self.reasons)


def fit(town: Town, facts: Facts) -> Fit:
    """Compare a case with a city, in all that is said of the city."""
    told = (*_by_size(town, facts), *_by_country(town, facts), *_by_cost(town, facts))
    return Fit((*told, *_by_needs(town, facts)))


def facts(case: Case, place: Place | None) -> Facts:
    """Return that of a case by which it can be compared; ``place`` is where its city lies."""
    adapting = case.transferability.conditions if case.transferability else ()
    needs = {row.code for row in case.conditions}.union(adapting) - {UNKNOWN}
    return Facts(
        size=UNKNOWN if place is None else size_of(place.population),
        country=case.country or "",
        cost=case.cost_band or UNKNOWN,
        needs=tuple(sorted(needs)),
    )


def town_of(place: Place, affords: str = "", lacks: tuple[str, ...] = ()) -> Town:
    """Return a place of the gazetteer as the city of a reader."""
    return Town(place.id, place.population, place.country, affords, lacks, place.name)


def size_of(inhabitants: int) -> str:
    """Return the class of ``city_sizes`` in which a city of so many inhabitants is."""
    return next(name for least, name in reversed(SIZES) if inhabitants >= least)


def _by_size(town: Town, facts: Facts) -> Iterator[Reason]:
    if not town.size:
        return
    if facts.size == UNKNOWN:
        yield Reason("size-unknown")
    elif facts.size == town.size:
        yield Reason("same-size")
    elif abs(_RANKS[facts.size] - _RANKS[town.size]) == 1:
        yield Reason("next-size")


def _by_country(town: Town, facts: Facts) -> Iterator[Reason]:
    if not town.country:
        return
    if not facts.country:
        yield Reason("country-unknown")
    elif facts.country == town.country:
        yield Reason("same-country")
    elif family(town.country) and family(facts.country) == family(town.country):
        yield Reason("same-family")


def _by_cost(town: Town, facts: Facts) -> Iterator[Reason]:
    if not town.affords:
        return
    if facts.cost == UNKNOWN:
        yield Reason("cost-unknown")
    elif COSTS.index(facts.cost) <= COSTS.index(town.affords):
        yield Reason("cost-within")
    else:
        yield Reason("cost-above")


def _by_needs(town: Town, facts: Facts) -> Iterator[Reason]:
    if town.size in _SMALL and _WORKS_SMALL in facts.needs:
        yield Reason("works-small")
    if town.lacks and not facts.needs:
        yield Reason("needs-unknown")
    yield from (Reason("lacking", need) for need in facts.needs if need in town.lacks)


_RANKS = {name: rank for rank, (_, name) in enumerate(SIZES)}
