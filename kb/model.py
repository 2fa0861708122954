"""What the field talks about: cases, revisions, tags. Frozen values, no reading or writing.

A `Case` is valid by construction: codes are in their vocabulary, dates are dates, texts have their
length. What is *required to publish* is a second question (`Case.gaps`), because a plain text that
someone drops is a case with gaps and not an error. Fields that the model does not know are kept.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from kb import edtf
from kb.evidence import Evidence, level
from kb.licences import USUAL
from kb.rows import (
    Barrier,
    Condition,
    Contact,
    Cost,
    Funding,
    Organisation,
    Origin,
    Outcome,
    Participation,
    Partner,
    PolicyLinks,
    Relation,
    Source,
    Transferability,
)
from kb.saying import said
from kb.values import (
    ONE_DIRECTION,
    Country,
    Edtf,
    Language,
    Licence,
    Line,
    Row,
    Slug,
    Term,
    digest,
    dotted,
    refusal,
    row_or_unknown,
    rows_or_unknown,
    stated,
    unknown,
)

MODEL_VERSION = 1
"""Counts the incompatible changes of the fields; it stands in the address of the JSON Schema."""


ENGLISH = "en"
"""The language into which a case may be translated."""

PROSE = ("title", "summary", "challenge", "solution", "body")
"""The fields that tell the case; the translation of each stands in the field ending in ``_en``."""


class Case(Row):
    """One case of social innovation in a city, as its author tells it."""

    model_config = ConfigDict(
        title="Citypraxis case",
        json_schema_extra=lambda schema: _require(schema),  # noqa: PLW0108 - it is defined below
    )

    id: Slug
    title: Annotated[str, Field(min_length=1, max_length=150), ONE_DIRECTION]
    title_en: Annotated[str, Field(max_length=150), ONE_DIRECTION] = ""
    summary: Annotated[str, Field(max_length=900)] = ""
    summary_en: Annotated[str, Field(max_length=900)] = ""
    translation_status: Literal["draft", "confirmed"] | None = None
    original_language: Language
    city: Annotated[str, Field(max_length=100), ONE_DIRECTION] = ""
    country: Country | None = None
    nuts3: Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{3}$")] | None = None
    lau: Line | None = None
    wikidata: Annotated[str, Field(pattern=r"^Q[1-9][0-9]*$")] | None = None
    scale: Annotated[str, Term("scales")] | None = None
    themes: Annotated[tuple[Annotated[str, Term("themes")], ...], Field(max_length=3)] = ()
    target_groups: tuple[Annotated[str, Term("target_groups")], ...] = ()
    innovation_type: Annotated[
        tuple[Annotated[str, Term("innovation_types")], ...], Field(max_length=2)
    ] = ()
    novelty: Literal["city", "country", "europe"] | None = None
    stage: Annotated[str, Term("stages")] | None = None
    start: Edtf = edtf.UNKNOWN
    end: Edtf | None = None
    challenge: Annotated[str, Field(max_length=1500)] = ""
    challenge_en: Annotated[str, Field(max_length=1500)] = ""
    solution: Annotated[str, Field(max_length=2000)] = ""
    solution_en: Annotated[str, Field(max_length=2000)] = ""
    lead_organisation: Organisation | None = None
    partners: tuple[Partner, ...] = ()
    participation_level: Participation | None = None
    outcomes: tuple[Outcome, ...] = ()
    evidence: Evidence | None = None
    cost_band: Annotated[str, Term("cost_bands")] | None = None
    cost: Cost | None = None
    funding_programmes: Annotated[tuple[Funding, ...], rows_or_unknown("programme")] = ()
    conditions: Annotated[tuple[Condition, ...], rows_or_unknown("code")] = ()
    barriers_and_failures: Annotated[tuple[Barrier, ...], rows_or_unknown("code")] = ()
    transferability: Transferability | None = None
    relations: tuple[Relation, ...] = ()
    policy_links: PolicyLinks | None = None
    sources_and_media: tuple[Source, ...] = ()
    contact: Annotated[Contact | None, row_or_unknown("organisation")] = None
    licence: Licence = USUAL
    imported_from: Origin | None = None
    last_verified: date | None = None
    review_by: date | None = None
    body: Annotated[str, Field(max_length=512_000)] = ""
    body_en: Annotated[str, Field(max_length=512_000)] = ""

    @model_validator(mode="after")
    def _outcomes_name_their_sources(self) -> Self:
        known = {source.id for source in self.sources_and_media}
        for number, outcome in enumerate(self.outcomes):
            if outcome.source is not None and outcome.source not in known:
                raise refusal(
                    "unknown_source",
                    said("is no id in sources_and_media"),
                    said("use one of: {names}", names=", ".join(sorted(known)))
                    if known
                    else said("use one of: none listed yet"),
                    at=("outcomes", number, "source"),
                    value=outcome.source,
                )
        return self

    @property
    def english_title(self) -> str:
        """The title in English; the original one where no translation exists."""
        return self.title_en or self.title

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which there is something to read, the original one first."""
        return tuple(
            language
            for language in dict.fromkeys((self.original_language, ENGLISH))
            if self.told(language)
        )

    def told(self, language: str) -> dict[str, str]:
        """Return the fields of `PROSE` that have a text in ``language``."""
        if language == self.original_language:
            texts = {name: getattr(self, name) for name in PROSE}
        else:
            texts = {name: getattr(self, f"{name}_en") for name in PROSE if language == ENGLISH}
        return {name: text for name, text in texts.items() if text}

    @property
    def year(self) -> int | None:
        """The year in which it began, if known."""
        return edtf.year(self.start)

    @property
    def evidence_level(self) -> str:
        """The id in the vocabulary ``evidence_levels`` that the answers make."""
        return level(self.evidence)

    @property
    def gaps(self) -> tuple[str, ...]:
        """The fields that are required to publish and have no value, in the model's order."""
        given = self.model_fields_set
        return tuple(name for name in REQUIRED if name not in given or not getattr(self, name))

    @property
    def completeness(self) -> int:
        """How much of the model is filled in, 0-100: what is required counts double."""
        optional = [name for name in OPTIONAL if getattr(self, name)]
        filled = 2 * (len(REQUIRED) - len(self.gaps)) + len(optional)
        return round(100 * filled / (2 * len(REQUIRED) + len(OPTIONAL)))

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        """The paths of fields that the model does not know; their values are kept."""
        return tuple(dotted(path) for path, _ in unknown(self))

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that have a value, as JSON knows values, in the model's order."""
        values = stated(self)
        if "start" in self.model_fields_set:
            values["start"] = self.start  # "unknown" is an answer, and also what is assumed
        return {
            name: values[name] for name in (*type(self).model_fields, *values) if name in values
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of the content; the order of its fields does not count."""
        return digest(self.as_dict())


REQUIRED = (
    "title",
    "summary",
    "original_language",
    "city",
    "country",
    "themes",
    "target_groups",
    "innovation_type",
    "stage",
    "start",
    "challenge",
    "solution",
    "lead_organisation",
    "cost_band",
    "funding_programmes",
    "conditions",
    "barriers_and_failures",
    "transferability",
    "sources_and_media",
    "contact",
)
"""What a case must say before it is published; for some ``unknown`` is an answer."""

OPTIONAL = (
    "title_en",
    "summary_en",
    "scale",
    "partners",
    "participation_level",
    "outcomes",
    "evidence",
    "cost",
    "relations",
    "policy_links",
    "last_verified",
    "body",
)


@dataclass(frozen=True, slots=True)
class Revision:
    """A case as it stood at one time; never changed once stored."""

    case: Case
    number: int
    accepted: str
    """UTC, ISO 8601 with seconds."""
    contributor: str
    file: str
    """Name of the file it came from, as it was given."""
    original: str
    """SHA-256 of that file's bytes."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A concept or a place that a case is about, or a name in it, and the passage that says so."""

    kind: Literal["concept", "place", "entity"]
    value: str
    """Id of a concept in ``themes``, or of a place in the gazetteer, or the name as it stands."""
    origin: Literal["author", "machine"]
    strength: float
    """From 0 to 1; an author's tag has 1."""
    matched: str = ""
    """The words that were read as the concept, place or name."""
    passage: str = ""
    """The sentence they stand in; empty for an author's tag."""
    language: str = ""
    """The language of the passage."""
    tagger: str = ""
    """What made it: name and version of pipeline and vocabulary."""


@dataclass(frozen=True, slots=True)
class Place:
    """A populated place of the gazetteer."""

    id: str
    """GeoNames id."""
    name: str
    country: str
    latitude: float
    longitude: float
    population: int
    names: tuple[str, ...] = ()
    """Its other names, in any language."""
    region: str = ""
    """Code of the first-order division in GeoNames, unique within the country."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a case in a file, vocabularies included."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:citypraxis:case:{MODEL_VERSION}",
        **Case.model_json_schema(),
    }


def _require(schema: dict[str, Any]) -> None:
    schema["required"] = ["id", *REQUIRED]
