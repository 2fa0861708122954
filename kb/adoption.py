"""That a city takes a case over: what it says of that, as one record, and what records make.

A record is never edited: a new state is a new record of the same adoption.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from kb.saying import said, term
from kb.values import Country, Line, Row, Slug, Text, WebAddress, refusal

State = Literal["considering", "adapting", "running", "stopped"]
Worked = Literal["yes", "partly", "no", "too-early"]
Decision = Literal["waiting", "accepted", "declined", "withdrawn"]

STATES: tuple[State, ...] = get_args(State)
STATE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "considering": term("Considering it"),
        "adapting": term("Adapting it"),
        "running": term("Running"),
        "stopped": term("Stopped"),
    }
)
"""How far a city is, in words."""
WORKED_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "yes": term("It worked"),
        "partly": term("It worked in part"),
        "no": term("It did not work"),
        "too-early": term("Too early to say"),
    }
)
"""Whether it worked, in words."""
DECISION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "waiting": term("Waiting for a moderator"),
        "accepted": term("Accepted"),
        "declined": term("Declined"),
        "withdrawn": term("Withdrawn"),
    }
)
"""What was decided about a record, in words."""

_REACHABLE = re.compile(
    r"[^\s@<>(),;:?&%\\\"]+@[^\s@<>(),;:?&%\\\"]+\.[^\s@<>(),;:?&%\\\"]+"
    r"|https?://[^\s<>\"]+\.[^\s<>\"]+"
)


def _reachable(text: str) -> str:
    if not _REACHABLE.fullmatch(text):
        raise refusal(
            "unreachable",
            said("is neither an e-mail address nor a web address"),
            said("write office@city.example, or an address that begins with https://"),
        )
    return text


class Report(Row):
    """What a city says of its adoption at one time."""

    city: Line
    country: Country
    year: Annotated[int, Field(ge=1950, le=2100)]
    """In which it began, or is to begin."""
    state: State
    organisation: Line
    """A role or an office, not a private person."""
    contact: Annotated[str, Field(max_length=300), AfterValidator(_reachable)]
    """E-mail or web address of the organisation."""
    agreed: Literal["yes"]
    """That organisation and address are shown."""
    worked: Worked | None = None
    result: Text | None = None
    source: WebAddress | None = None
    became: Slug | None = None
    """Id of the case here that the adoption has become."""

    @model_validator(mode="after")
    def _says_what_came_of_it(self) -> Self:
        if self.worked is not None and self.state == "considering":
            raise refusal(
                "nothing_tried",
                said("cannot be known of what has not begun"),
                said("leave it open, or choose another state"),
                at=("worked",),
            )
        if self.worked in {"yes", "partly", "no"} and self.result is None:
            raise refusal(
                "no_result",
                said("is missing"),
                said("say in words what came of it: others learn from that"),
                at=("result",),
            )
        return self


@dataclass(frozen=True, slots=True)
class Record:
    """A report as it is kept, and what was decided about it."""

    id: str
    adoption: str
    """Id of the first record of the same adoption."""
    case_id: str
    person: str
    """Who recorded it; empty once they have left, as are organisation and contact then."""
    city: str
    country: str
    year: int
    state: State
    organisation: str
    contact: str
    worked: Worked | Literal[""]
    result: str
    language: str
    """Of the result; empty where it cannot be told."""
    source: str
    became: str
    at: int
    """Unix time."""
    decision: Decision = "waiting"
    reason: str = ""
    decided: int | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    """What everyone may know of one adoption: its accepted records, the oldest first."""

    records: tuple[Record, ...]

    @property
    def now(self) -> Record:
        """How it stands, as far as that is known."""
        return self.records[-1]

    @property
    def before(self) -> tuple[Record, ...]:
        """How it stood before, the newest first."""
        return self.records[-2::-1]
