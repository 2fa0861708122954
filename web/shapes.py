"""The shapes of what the API answers: each field with its type and, where needed, a word on it.

The description of the API (`web.openapi`) is made of them; tests hold real answers to them.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from kb import fitting
from kb.completion import Kind
from kb.query import Leg
from kb.uploads import State

Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Utc = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Span = Annotated[list[int], Field(min_length=2, max_length=2)]

_told = with_config(ConfigDict(use_attribute_docstrings=True))


@_told
class Match(TypedDict):
    """Why a case was found."""

    leg: Leg
    asked: str
    """The part of the question."""
    found: str
    """The words in the case, or the name of the concept; empty for ``meaning``."""
    concept: str
    """Id of the theme or target group; empty for others."""


@_told
class FitReason(TypedDict):
    """What speaks for a case in your city, or against it, or is not known."""

    kind: fitting.Kind
    points: int
    condition: str
    """Id of the condition; empty where none is meant."""
    words: str


@_told
class Fits(TypedDict):
    """How well a case fits your city."""

    score: int
    """The sum of the points; `sort=fit` orders by it, and those of one score as without it."""
    reasons: list[FitReason]


@_told
class Item(TypedDict):
    """A found case."""

    id: str
    title: str
    title_en: str
    """Empty where the case is in English, or not translated."""
    language: str
    city: str
    country: str
    """ISO 3166-1, two letters; empty where it is unknown."""
    start: str
    """EDTF, or ``unknown``."""
    score: float
    matched: list[Match]
    snippet: str
    marks: list[Span]
    """The spans of ``snippet`` that matched, in characters (Unicode code points)."""
    fit: Fits | None
    """Null where nothing is said of your city."""
    url: Url


@_told
class Value(TypedDict):
    """A value of a facet, and how many of the found cases have it."""

    value: str
    """What to give as the parameter."""
    label: str
    count: int
    """As if the facet had no filter yet."""
    selected: bool


@_told
class Corrected(TypedDict):
    """A word that was probably misspelt."""

    typed: str
    meant: str
    applied: bool
    """Whether the other was searched in its place."""


@_told
class Found(TypedDict):
    """One page of the cases that a question finds."""

    total: int
    """Of all pages."""
    items: list[Item]
    facets: dict[str, list[Value]]
    page: int
    """Which page this is; after a cursor, as if all pages had been as large as this one."""
    size: int
    pages: int
    """How many pages ``page`` can reach; ``next`` reaches all."""
    next: Url | None
    """Where the next page is; null on the last one."""
    notes: list[str]
    """What was left out of the question."""
    corrections: list[Corrected]


@_told
class Tagged(TypedDict):
    """A concept or a place that a case is about, or a name in it, and the passage that says so."""

    kind: Literal["concept", "place", "entity"]
    value: str
    label: str
    origin: Literal["author", "machine"]
    strength: float
    """From 0 to 1."""
    matched: str
    passage: str
    tagger: str


@_told
class PlaceFound(TypedDict):
    """The place of a case in the gazetteer of GeoNames."""

    id: str
    name: str
    country: str
    region: str
    latitude: float
    longitude: float
    population: int


@_told
class Added(TypedDict):
    """What the knowledge base adds to the fields of a case."""

    url: Url
    revision: int
    accepted: Utc
    """When this revision came in."""
    evidence_level: str
    completeness: int
    """How much of the model is filled in, in percent."""
    gaps: list[str]
    """Required fields without a value."""
    tags: list[Tagged]
    place: PlaceFound | None


@_told
class Provenance(TypedDict):
    """What the knowledge base knows of a collection beside its own fields."""

    url: Url
    revision: int
    accepted: Utc


@_told
class CollectionListed(Provenance):
    """A collection without its cases."""

    id: str
    title: dict[str, str]
    """By language."""
    cases: int


@_told
class Collections(TypedDict):
    """All collections."""

    total: int
    items: list[CollectionListed]


@_told
class CaseListed(TypedDict):
    """A case of a collection."""

    id: str
    title: str
    title_en: str
    language: str
    city: str
    country: str | None
    url: Url


@_told
class CollectionAdded(Provenance):
    """What the knowledge base adds to the fields of a collection."""

    present: list[CaseListed]
    missing: list[str]
    """Ids of cases that are not here."""


@_told
class Completed(TypedDict):
    """Something that can be asked for."""

    text: str
    kind: Kind
    id: str
    language: str
    """Empty where it plays no part."""


@_told
class Completions(TypedDict):
    """What someone who is typing may be about to ask."""

    items: list[Completed]


@_told
class IndexHealth(TypedDict):
    """How the index stands to the cases."""

    state: Literal["ready", "behind", "missing"]
    engine: str
    cases: int
    behind: int


@_told
class MeaningHealth(TypedDict):
    """How far the search by meaning is."""

    state: Literal["ready", "warming", "off"]
    done: int
    of: int
    reason: NotRequired[str]


@_told
class CheckHealth(TypedDict):
    """How the last check of what is kept went, when it ended, and how many seconds ago."""

    state: Literal["ok", "faults", "stale", "never"]
    at: str | None
    age_s: int | None


@_told
class Health(TypedDict):
    """Whether the site works."""

    status: Literal["ok", "degraded"]
    cases: int
    index: IndexHealth
    meaning: MeaningHealth
    check: CheckHealth


@_told
class Start(TypedDict):
    """Where what can be asked is."""

    name: str
    cases: Url
    case: str
    collections: Url
    collection: str
    schema: Url
    openapi: Url
    about: Url


@_told
class Proposed(TypedDict):
    """A value that was read in a file."""

    value: Any
    passage: str
    """Where it was read; empty where the author wrote it as a field."""


@_told
class Read(TypedDict):
    """Where a value was read."""

    field: str
    value: str
    passage: str
    start: int
    end: int


@_told
class DraftListed(TypedDict):
    """A draft that was made of a file."""

    id: str
    title: str
    state: str
    url: Url


@_told
class Uploaded(TypedDict):
    """A file that was sent in; ``draft`` and what follows is there once it has been read."""

    id: str
    state: State
    url: Url
    file: str
    reason: str
    """Why it was refused, or what is to know of how it was read."""
    draft: NotRequired[dict[str, Proposed]]
    receipts: NotRequired[list[Read]]
    gaps: NotRequired[list[str]]
    """Fields that are required to publish and have no value."""
    drafts: NotRequired[list[DraftListed]]
    """All of them: a table holds several."""


@_told
class Refusal(TypedDict):
    """A parameter that cannot be read."""

    parameter: str
    value: str
    detail: str


@_told
class Problem(TypedDict):
    """Problem details (RFC 9457)."""

    type: Url
    """Which problem it is; the address explains it."""
    title: str
    status: int
    detail: str
    errors: NotRequired[list[Refusal]]
    formats: NotRequired[list[str]]
    """Those that there are."""
