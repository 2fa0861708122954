"""Asking and answering: what a reader wants to find, and what was found and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from kb import edtf
from kb.fitting import Fit, Town

Sort = Literal["relevance", "newest", "city", "fit"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "city", "fit")

Leg = Literal["words", "concepts", "meaning"]
ALL_LEGS: frozenset[Leg] = frozenset({"words", "concepts", "meaning"})
WORDS: frozenset[Leg] = frozenset({"words"})
"""As typed, without what the words mean."""

MAX_SIZE = 100
MAX_DEPTH = 1000
"""Results beyond this rank are reached by narrowing the search, not by paging."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the knowledge base; it puts itself in order on construction."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a facet -> the values of which a case must have one."""
    sort: Sort = "relevance"
    page: int = 1
    size: int = 20
    reader: str = "en"
    """Language in which the reader wants labels; it never hides a case."""
    legs: frozenset[Leg] = ALL_LEGS
    """By what a case may be found; the words themselves always count."""
    town: Town = field(default_factory=Town)
    """The reader's city, by which found cases can be ordered; it never hides a case."""

    def __post_init__(self) -> None:
        """Bring text, filters and page into the one form that equal questions share."""
        filters = {name: tuple(dict.fromkeys(v)) for name, v in sorted(self.filters.items()) if v}
        size = min(max(self.size, 1), MAX_SIZE)
        object.__setattr__(self, "text", " ".join(self.text.split()))
        object.__setattr__(self, "filters", MappingProxyType(filters))
        object.__setattr__(self, "size", size)
        if self.sort == "fit" and not self.town.is_known:
            object.__setattr__(self, "sort", "relevance")
        object.__setattr__(self, "page", min(max(self.page, 1), MAX_DEPTH // size))

    def without(self, name: str, value: str) -> "Query":
        """Return the question with one filter value less, from its first page."""
        kept = tuple(each for each in self.filters.get(name, ()) if each != value)
        return replace(self, filters={**self.filters, name: kept}, page=1)

    def for_anyone(self) -> "Query":
        """Return the question without the reader's city, and without the order that it makes."""
        sort: Sort = "relevance" if self.sort == "fit" else self.sort
        return replace(self, town=Town(), sort=sort)

    def unpaged(self) -> "Query":
        """Return the question for all that it finds, in its order, as it is the same for anyone."""
        return replace(self.for_anyone(), page=1, size=Query().size)

    def unordered(self) -> "Query":
        """Return the question without all that only a list of results has: order, fit and pages."""
        return replace(self.unpaged(), sort=Query().sort)

    def pairs(self) -> list[tuple[str, str]]:
        """Write the question as names and values, as addresses do, without the usual ones."""
        usual = Query()
        said = [
            ("sort", self.sort, usual.sort),
            ("page", str(self.page), str(usual.page)),
            ("size", str(self.size), str(usual.size)),
            ("lang", self.reader, usual.reader),
            ("expand", "no" if self.legs == WORDS else "yes", "yes"),
        ]
        text = [("q", self.text)] if self.text else []
        filters = [(name, value) for name, values in self.filters.items() for value in values]
        filters += self.town.pairs()
        return text + filters + [(name, value) for name, value, plain in said if value != plain]


@dataclass(frozen=True, slots=True)
class Match:
    """Why a case was found: one leg, what was typed, and what that met."""

    leg: Leg
    asked: str
    """The part of the question."""
    found: str
    """The words in the case, or the label of the concept; nothing for the leg of meaning."""
    concept: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that was probably meant to be another."""

    typed: str
    meant: str
    applied: bool
    """Whether the other was searched in its place: only where the typed one finds nothing."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a case in plain text, with the spans of the words that matched."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One found case, with what a list of results shows of it."""

    id: str
    title: str
    title_en: str
    language: str
    city: str
    country: str
    start: str
    """EDTF, as the case says it."""
    stage: str
    score: float
    passage: Passage
    matches: tuple[Match, ...] = ()
    fit: Fit | None = None
    """How well it fits the reader's city, if she has said which."""

    @property
    def year(self) -> int | None:
        """The year in which it began, if known."""
        return edtf.year(self.start)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet and how many of the found cases have it."""

    value: str
    label: str
    count: int
    selected: bool = False
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow the result; its counts ignore its own filter, so that values add up."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A looser question that would find something."""

    label: str
    """What it leaves out, as a `kb.saying` can say it in other languages."""
    query: Query
    total: int


@dataclass(frozen=True, slots=True)
class Result:
    """The answer: it holds the question, so that a page can build its links from it."""

    query: Query
    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left out of the question, in words of `kb.saying`."""
    corrections: tuple[Correction, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    passed: tuple[str, ...] = ()
    """The ids up to the end of this page, but for those that the reader has seen before."""
    more: bool = False
    """Whether others come after them."""

    @property
    def pages(self) -> int:
        """How many pages can be reached."""
        size = self.query.size
        return max(1, min(-(-self.total // size), MAX_DEPTH // size))

    @property
    def active(self) -> tuple[tuple[Facet, FacetValue], ...]:
        """The filters in force, with the label of facet and value."""
        return tuple((f, v) for f in self.facets for v in f.values if v.selected)
