"""The groups of fields of a case: who, with what, with which result, on what grounds, for whom."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from kb.saying import said
from kb.values import (
    Amount,
    Country,
    Edtf,
    Language,
    Line,
    Row,
    Slug,
    Term,
    Text,
    WebAddress,
    refusal,
)


class Organisation(Row):
    """Who leads a case."""

    name: Line
    type: Annotated[str, Term("organisation_types")] | None = None


class Partner(Organisation):
    """Who takes part, and with what."""

    role: Annotated[str, Term("partner_roles")] | None = None


class Participation(Row):
    """How far residents decide, on the spectrum of the IAP2."""

    level: Annotated[str, Term("participation_levels")]
    who: Line | None = None


class Outcome(Row):
    """One result, with the source that says so."""

    indicator: Line
    value: Line
    unit: Line | None = None
    baseline: Line | None = None
    period: Line | None = None
    group: Line | None = None
    source: Line | None = None
    method: Line | None = None


class Cost(Row):
    """What it costs, as far as a sum is known."""

    total: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    year: Edtf | None = None
    staff_fte: Amount | None = None
    per_beneficiary: Amount | None = None
    note: Text | None = None


class Funding(Row):
    """Where the money comes from."""

    programme: Annotated[str, Term("funding")]
    reference: Line | None = None
    amount: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    note: Text | None = None


class Condition(Row):
    """What must be in place for it to work."""

    code: Annotated[str, Term("conditions")]
    text: Text | None = None


class Barrier(Row):
    """What stood in the way or failed, and what was changed because of it."""

    code: Annotated[str, Term("barriers")]
    text: Text | None = None
    changed: Text | None = None


class Transferability(Row):
    """How far another city can take it over."""

    level: Annotated[str, Term("transferability")]
    adapt: Text | None = None
    conditions: tuple[Annotated[str, Term("conditions")], ...] = ()


class Relation(Row):
    """How a case stands to another, here or in another database."""

    type: Annotated[str, Term("relation_types")]
    city: Line | None = None
    country: Country | None = None
    year: Edtf | None = None
    result: Text | None = None
    case: Slug | None = None
    url: WebAddress | None = None


class PolicyLinks(Row):
    """Which policies it serves."""

    epsr: tuple[Annotated[int, Field(ge=1, le=20)], ...] = ()
    sdg: tuple[Annotated[int, Field(ge=1, le=17)], ...] = ()
    iso37101: tuple[Line, ...] = ()
    local_strategy: Line | None = None


class Source(Row):
    """Where a statement can be checked."""

    id: Line
    url: WebAddress | None = None
    title: Line | None = None
    type: Annotated[str, Term("source_types")] = "web"
    language: Line | None = None
    licence: Line | None = None
    alt: Text | None = None
    confirms: Text | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.url is None and self.title is None:
            raise refusal(
                "no_source",
                said("has no address"),
                said("give url, or the title of what is not online"),
            )
        return self


class Origin(Row):
    """From where a case was taken over; other sites keep their own record of it."""

    site: Line | None = None
    """Of whom: the name of a site, or of a file."""
    url: WebAddress | None = None
    """Address of the case there."""
    source: Line | None = None
    """What was harvested: the address of an endpoint or of a site, or the name of a file."""
    identifier: Line | None = None
    datestamp: Line | None = None
    """When the record last changed there, as it says."""
    taken: date | None = None
    """The day on which it was taken over as it stands."""
    first: WebAddress | None = None
    """Where it was published first, if the other site had taken it over too."""


class Contact(Row):
    """Whom to ask: a role, not a private person."""

    organisation: Line
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    languages: tuple[Language, ...] = ()
    visits: bool | None = None
    consent: date | None = None
