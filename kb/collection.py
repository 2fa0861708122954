"""Collections: cases that someone has put together in an order, with a note on each.

A collection owns none of its cases and may name some that are not here. Its texts are mappings from
a language to what is said in it, because its readers speak several.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from kb.licences import USUAL
from kb.rows import Organisation
from kb.saying import said
from kb.values import (
    ONE_DIRECTION,
    SOME,
    Country,
    Language,
    Line,
    Row,
    Slug,
    WebAddress,
    digest,
    dotted,
    refusal,
    stated,
    unknown,
)

Heading = Annotated[
    Mapping[Language, Annotated[str, Field(min_length=1, max_length=300), ONE_DIRECTION]], SOME
]
"""One line in one or more languages."""
Passage = Annotated[Mapping[Language, Annotated[str, Field(min_length=1, max_length=8000)]], SOME]
"""Plain paragraphs in one or more languages, with blank lines between them."""


class Entry(Row):
    """A case and why it is here."""

    case: Slug
    note: Passage | None = None


class Part(Row):
    """Some cases under a heading of their own; a small collection has one part without."""

    title: Heading | None = None
    intro: Passage | None = None
    cases: Annotated[tuple[Entry, ...], SOME]


class Phase(Row):
    """One of the steps in which an event worked."""

    title: Heading
    text: Passage | None = None


class Event(Row):
    """The meeting that a collection comes from or was made for."""

    name: Heading
    start: date
    end: date | None = None
    host: Line | None = None
    city: Line | None = None
    country: Country | None = None
    format: Literal["on-site", "online", "hybrid"] | None = None
    question: Heading | None = None
    phases: tuple[Phase, ...] = ()

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise refusal(
                "ends_before_start",
                said("is before its start, {start}", start=str(self.start)),
                said("swap the two"),
                at=("end",),
                value=str(self.end),
            )
        return self


class Link(Row):
    """Where to read on."""

    url: WebAddress
    title: Line
    language: Language | None = None
    note: Passage | None = None


class Collection(Row):
    """Cases put together for a purpose."""

    id: Slug
    title: Heading
    intro: Passage
    original_language: Language
    """The language in which it was written; other texts are translations."""
    translation_status: Literal["draft", "confirmed"] | None = None
    made_by: Organisation
    event: Event | None = None
    parts: Annotated[tuple[Part, ...], SOME]
    links: tuple[Link, ...] = ()
    licence: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]+$", max_length=64)] = USUAL

    @model_validator(mode="after")
    def _names_a_case_once(self) -> Self:
        seen: set[str] = set()
        for number, part in enumerate(self.parts):
            for row, entry in enumerate(part.cases):
                if entry.case in seen:
                    raise refusal(
                        "case_named_twice",
                        said("is in the collection already"),
                        said("name each case once"),
                        at=("parts", number, "cases", row, "case"),
                        value=entry.case,
                    )
                seen.add(entry.case)
        return self

    @property
    def cases(self) -> tuple[str, ...]:
        """The ids of its cases, in its order; some may not be here."""
        return tuple(entry.case for part in self.parts for entry in part.cases)

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        """The paths of fields that the model does not know; their values are kept."""
        return tuple(dotted(path) for path, _ in unknown(self))

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that have a value, as JSON knows values, in the model's order."""
        return stated(self)

    @property
    def digest(self) -> str:
        """The SHA-256 of the content; the order of its fields does not count."""
        return digest(self.as_dict())


@dataclass(frozen=True, slots=True)
class CollectionRevision:
    """A collection as it stood at one time; never changed once stored."""

    collection: Collection
    number: int
    accepted: str
    """UTC, ISO 8601 with seconds."""
    contributor: str
    file: str
    """Name of the file it came from, as it was given."""
    original: str
    """SHA-256 of that file's bytes."""
