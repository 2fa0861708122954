"""The record of who did what to which thing, in short words; never what was written or read.

It names people by their id, so that nothing has to be changed in it when someone is erased.
"""

import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass

from kb.database import Connections

_LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done."""

    seq: int
    at: int
    """Unix time."""
    person: str
    """Id of a person, or ``operator`` for the command line; empty where nobody was signed in."""
    action: str
    object: str
    detail: str


class Audit:
    """The record, to which one can only add."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._now = now

    def note(self, person_id: str, action: str, object: str, detail: str = "") -> None:  # noqa: A002 - the field's word
        """Add an entry; within a transaction it is kept only if that is."""
        row = {
            "at": int(self._now()),
            "person": person_id,
            "action": action,
            "object": object,
            "detail": textwrap.shorten(detail, _LONGEST_DETAIL, placeholder="..."),
        }
        with self._connections.writing() as db:
            db.table("audit").insert(row)

    def entries(
        self, limit: int = 50, before: int | None = None, person_id: str | None = None
    ) -> tuple[Entry, ...]:
        """Return what was done, the newest first.

        Args:
            limit: at most so many.
            before: only entries with a smaller ``seq``, to read on from there.
            person_id: only what this person did.
        """
        rows = self._connections.reading.query(
            "SELECT * FROM audit WHERE (:before IS NULL OR seq < :before) "
            "AND (:person IS NULL OR person = :person) ORDER BY seq DESC LIMIT :limit",
            {"before": before, "person": person_id, "limit": limit},
        )
        return tuple(Entry(**row) for row in rows)
