"""What people may ask for by law: a copy of what is known of them, and to be erased."""

import json
from dataclasses import asdict
from typing import Any

from kb.accounts.tokens import Tokens

FORMER = "former contributor"

_MOST_ENTRIES = 10_000


class Leaving(Tokens):
    """People who want to see what we have of them, or to go."""

    def export(self, person_id: str) -> dict[str, Any]:
        """Return all that we hold of a person, their searches too, but no secret; ready for JSON.

        Raises:
            PersonNotFoundError: there is no such person.
        """
        sessions = self._connections.reading.query(
            "SELECT created, seen FROM sessions WHERE person = ? ORDER BY created", [person_id]
        )
        followed = self._connections.reading.query(
            "SELECT name, question, language, often, created, lettered FROM followed "
            "WHERE person = ? ORDER BY created",
            [person_id],
        )
        done = self._audit.entries(_MOST_ENTRIES, person_id=person_id)
        return {
            "person": asdict(self.person(person_id)),
            "sessions": list(sessions),
            "searches": [{**row, "question": json.loads(row["question"])} for row in followed],
            "tokens": [asdict(each) for each in self.tokens(person_id)],
            "audit": [asdict(each) for each in done],
        }

    def erase(self, person_id: str, *, keep_credit: bool, by: str = "") -> None:
        """Delete who someone is; what they contributed stays, credited as they chose.

        Raises:
            AccountError: nobody would be an administrator any more.
            PersonNotFoundError: there is no such person.
        """
        with self._connections.writing() as db:
            person = self.person(person_id)
            self._keep_an_administrator(person)
            credit = person.credit if keep_credit else FORMER
            db.execute(
                "UPDATE people SET email = ?, name = '', password = '', credit = ?, "
                "role = 'contributor', closed = coalesce(closed, ?) WHERE id = ?",
                [f"{person_id}@erased.invalid", credit, self._now(), person_id],
            )
            self._lock_out(person_id)
            for table in ("followed", "digests"):
                db.execute(f"DELETE FROM {table} WHERE person = ?", [person_id])  # noqa: S608 - ours
            self._audit.note(by or person_id, "person.erase", person_id)
