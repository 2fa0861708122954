"""Is it still running? A signed link for the contact of a case, and what they answered.

The link needs no account (`kb.signing`).
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, get_args

from kb.database import Connections
from kb.model import Case
from kb.signing import Signed

Answered = Literal["running", "changed", "ended"]
ANSWERS: tuple[Answered, ...] = get_args(Answered)

GOOD_FOR_DAYS = 365
"""A case that was confirmed longer ago is to be asked about again."""
LINK_DAYS = 60
_LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the contact of a case has said of it."""

    answer: Answered
    note: str
    at: int
    """Unix time."""

    @property
    def day(self) -> date:
        """The day of the answer, in UTC."""
        return datetime.fromtimestamp(self.at, UTC).date()


class Verifying:
    """The links and the answers."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._now = now
        self._links = Signed(connections, "verify", LINK_DAYS, now)

    def link(self, case_id: str) -> str:
        """Return the secret part of a link with which one can answer for a case."""
        return self._links.link(case_id)

    def check(self, case_id: str, secret: str) -> None:
        """Let pass who has a link to this case.

        Raises:
            LinkError: the link is not ours, or too old.
        """
        self._links.check(case_id, secret)

    def answer(self, case_id: str, secret: str, answer: Answered, note: str) -> None:
        """Keep an answer.

        Raises:
            LinkError: the link is not ours, or too old.
        """
        self.check(case_id, secret)
        row = {
            "case_id": case_id,
            "answer": answer,
            "note": note.strip()[:_LONGEST_NOTE],
            "at": int(self._now()),
        }
        with self._connections.writing() as db:
            db.table("answers").insert(row)

    def last(self, case_id: str) -> Answer | None:
        """Return the last answer about a case."""
        rows = self._connections.reading.query(
            "SELECT answer, note, at FROM answers WHERE case_id = ? "
            "ORDER BY rowid DESC LIMIT 1",  # by no clock, which may be set back
            [case_id],
        )
        return next((Answer(**row) for row in rows), None)

    def verified(self, case: Case) -> date | None:
        """Return the last day on which somebody has confirmed a case: its author or its contact."""
        said = self.last(case.id)
        days = [case.last_verified, said.day if said else None]
        return max((day for day in days if day is not None), default=None)

    def is_overdue(self, case: Case) -> bool:
        """Tell whether a case is to be asked about: it goes on, and nobody has confirmed it."""
        if case.stage in {"ended", "stopped"}:
            return False
        day = self.verified(case)
        today = datetime.fromtimestamp(self._now(), UTC).date()
        return day is None or (today - day).days > GOOD_FOR_DAYS

    def open_answers(self) -> Iterator[tuple[str, Answer]]:
        """Yield case and answer where something has changed, the newest first."""
        rows = self._connections.reading.query(
            "SELECT case_id, answer, note, at FROM answers WHERE answer != 'running' "
            "ORDER BY at DESC, rowid DESC"
        )
        for row in rows:
            yield row["case_id"], Answer(row["answer"], row["note"], row["at"])
