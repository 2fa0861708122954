"""Letters that have not safely arrived, in the database: at most one a person, and no text of any.

A text would outlive a case that is taken down; it is written anew from the marks.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kb.database import Connections
from kb.followed import Followed

LetterState = Literal["sending", "doubtful", "refused"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that has not safely arrived."""

    state: LetterState
    """``sending`` now; ``doubtful`` where we were killed meanwhile; ``refused`` by the server."""
    at: int
    """Unix time."""
    attempts: int


class OutgoingLetters:
    """The table of such letters."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def of(self, person_id: str) -> Outgoing | None:
        """Return the letter of a person that has not safely arrived."""
        sql = "SELECT state, at, attempts FROM digests WHERE person = ?"
        rows = self._connections.reading.query(sql, [person_id])
        return next((Outgoing(**row) for row in rows), None)

    def begin(self, person_id: str, at: int, before: Iterable[Followed]) -> None:
        """Note that a letter is being sent, and how its searches were before."""
        marks = {each.id: [each.told, each.lettered] for each in before}
        told = self.of(person_id)
        row = {"person": person_id, "state": "sending", "at": at,
               "attempts": told.attempts if told else 0, "before": json.dumps(marks)}  # fmt: skip
        with self._connections.writing() as db:
            db.table("digests").upsert(row, pk="person")

    def refuse(self, person_id: str) -> dict[str, tuple[int, int]]:
        """Note that the server refused a letter; return mark and time of its searches before."""
        with self._connections.writing() as db:
            db.execute(
                "UPDATE digests SET state = 'refused', attempts = attempts + 1 WHERE person = ?",
                [person_id],
            )
            sql = "SELECT before FROM digests WHERE person = ?"
            row = db.execute(sql, [person_id]).fetchone()
        return {key: (told, at) for key, (told, at) in json.loads(row[0] if row else "{}").items()}

    def arrive(self, person_id: str) -> None:
        """Forget a letter that was taken, and what was wrong with those before."""
        with self._connections.writing() as db:
            db.execute("DELETE FROM digests WHERE person = ?", [person_id])

    def interrupt(self) -> tuple[str, ...]:
        """Note that whoever was sending letters is no more; return the people they were for."""
        with self._connections.writing() as db:
            rows = db.execute("SELECT person FROM digests WHERE state = 'sending'").fetchall()
            db.execute("UPDATE digests SET state = 'doubtful' WHERE state = 'sending'")
        return tuple(row[0] for row in rows)
