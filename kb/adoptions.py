"""Adoptions in the database: their records, which are never edited, and the decisions on them."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kb.adoption import Adoption, Decision, Record, Report
from kb.database import Connections
from kb.errors import AdoptionNotFoundError


class Adoptions:
    """The adoptions in the database."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._now = now

    def add(
        self, report: Report, *, person: str, case_id: str, adoption: str, language: str
    ) -> Record:
        """Keep a report as a record of an adoption, of a new one where that is empty."""
        record_id = secrets.token_urlsafe(9)
        row: dict[str, Any] = {
            "id": record_id,
            "adoption": adoption or record_id,
            "case_id": case_id,
            "person": person,
            **{name: value or "" for name, value in report.model_dump(exclude={"agreed"}).items()},
            "language": language,
            "at": int(self._now()),
        }
        with self._connections.writing() as db:
            db.table("adoptions").insert(row)
        return Record(**row)

    def get(self, record_id: str) -> Record:
        """Return a record.

        Raises:
            AdoptionNotFoundError: there is none with this id.
        """
        for found in self._query("a.id = ?", record_id):
            return found
        raise AdoptionNotFoundError(record_id)

    def records(self, adoption: str) -> tuple[Record, ...]:
        """Return all records of an adoption, the oldest first; nothing if there is none."""
        return tuple(self._query("a.adoption = ?", adoption))

    def of(self, person: str) -> tuple[Record, ...]:
        """Return what a person has recorded, the oldest first."""
        return tuple(self._query("a.person = ?", person))

    def waiting(self) -> tuple[Record, ...]:
        """Return the records that wait for a decision, the one that waits longest first."""
        return tuple(self._query("coalesce(d.decision, 'waiting') = ?", "waiting"))

    def accepted(self) -> tuple[Adoption, ...]:
        """Return all adoptions that everyone may see, in the order in which they began."""
        return _grouped(self._query("d.decision = ?", "accepted"))

    def newest_decision(self) -> int:
        """Return the number of the last decision, 0 if there is none yet."""
        sql = "SELECT coalesce(max(seq), 0) FROM adoption_decisions"
        return int(self._connections.reading.execute(sql).fetchone()[0])

    def of_case(self, case_id: str) -> tuple[Adoption, ...]:
        """Return the adoptions of a case that everyone may see, in the order they began."""
        return _grouped(self._query("d.decision = 'accepted' AND a.case_id = ?", case_id))

    def decide(self, record_id: str, decision: Decision, reason: str, person: str) -> None:
        """Add a decision on a record; the last one counts."""
        row = {
            "record": record_id,
            "decision": decision,
            "reason": reason,
            "person": person,
            "at": int(self._now()),
        }
        with self._connections.writing() as db:
            db.table("adoption_decisions").insert(row)

    def withdraw(self, adoption: str, person: str) -> None:
        """Take an adoption back; whom to ask is forgotten, because it may be shown no longer."""
        with self._connections.writing() as db:
            for each in self.records(adoption):
                self.decide(each.id, "withdrawn", "", person)
            db.execute("UPDATE adoptions SET contact = '' WHERE adoption = ?", [adoption])

    def forget(self, person: str) -> None:
        """Keep of a person who leaves what was accepted, without them and without whom to ask."""
        with self._connections.writing() as db:
            for each in self.of(person):
                if each.decision != "accepted":
                    db.execute("DELETE FROM adoptions WHERE id = ?", [each.id])
            db.execute(
                "UPDATE adoptions SET person = '', organisation = '', contact = '' "
                "WHERE person = ?",
                [person],
            )

    def _query(self, condition: str, value: str) -> Iterator[Record]:
        sql = f"{_RECORDS} WHERE {condition} ORDER BY a.rowid"
        rows: Iterable[dict[str, Any]] = self._connections.reading.query(sql, [value])
        yield from (Record(**row) for row in rows)


_RECORDS = """
    SELECT a.*, coalesce(d.decision, 'waiting') AS decision, coalesce(d.reason, '') AS reason,
        d.at AS decided
    FROM adoptions a LEFT JOIN adoption_decisions d
        ON d.seq = (SELECT max(seq) FROM adoption_decisions WHERE record = a.id)
"""


def _grouped(records: Iterable[Record]) -> tuple[Adoption, ...]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.adoption, []).append(record)
    return tuple(Adoption(tuple(each)) for each in found.values())
