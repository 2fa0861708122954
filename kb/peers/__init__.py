"""Other sites from which cases are taken over: what they send, as records of one kind.

Nothing here knows our database. `calling` is the only part of the program that calls out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kb.document import Document, Receipt

LONGEST_IDENTIFIER = 1_000
"""Characters; of real ones some 50."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """One record of another site, as it was read."""

    identifier: str
    """By which the other site knows it."""
    datestamp: str = ""
    """When it last changed there, as it says."""
    deleted: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    """Fields as `Case.as_dict` has them; they may be incomplete and wrong."""
    url: str = ""
    """Address of its page there."""
    file: str = ""
    """What the kept bytes are called."""
    original: bytes = b""
    """The record as it came."""
    receipts: tuple[Receipt, ...] = ()
    document: Document | None = None
    refusal: str = ""
    """Why it cannot be read; empty where it can."""


class Peer(Protocol):
    """A site, or a file, from which cases are taken over."""

    source: str
    """What is harvested; with the identifier it tells a record from all others."""
    site: str
    """What it is called."""
    format: str
    asked: str
    """The date to ask from next time, known when records have been read; empty where none is."""

    def records(self, since: str) -> Iterator[Foreign]:
        """Yield all records, or those that have changed since.

        Raises:
            PeerError: the other site does not answer, or not as it should.
        """
        ...
