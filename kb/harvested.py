"""What has been taken over from other sites: which record became what, and when we asked last.

No word of a record is kept here, only digests.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from kb.database import Connections


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a record."""

    source: str
    identifier: str
    datestamp: str
    digest: str
    """Of what it said when it was taken."""
    fate: Literal["case", "draft"]
    object: str
    """Id of the case or of the draft."""
    revision: int
    """Number of the revision that was made of it; 0 of a draft."""
    gone: bool = False
    """Whether the other site has deleted it."""


class Harvested:
    """The records in the database."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._now = now

    def get(self, source: str, identifier: str) -> Taken | None:
        """Return what became of a record; None if it was never taken."""
        sql = f"SELECT {_COLUMNS} FROM harvested WHERE source = ? AND identifier = ?"  # noqa: S608 - ours
        row = next(self._connections.reading.query(sql, [source, identifier]), None)
        return Taken(**row | {"gone": bool(row["gone"])}) if row else None

    def put(self, taken: Taken) -> None:
        """Say what became of a record."""
        row = asdict(taken) | {"gone": int(taken.gone), "at": int(self._now())}
        with self._connections.writing() as db:
            db.table("harvested").upsert(row, pk=("source", "identifier"))

    def gone(self, source: str) -> list[tuple[str, str]]:
        """Return record and case where the other site has deleted what is public here."""
        sql = (
            "SELECT h.identifier, c.id FROM harvested h LEFT JOIN drafts d ON d.id = h.object "
            "JOIN cases c ON c.id = CASE h.fate WHEN 'case' THEN h.object ELSE d.case_id END "
            "WHERE h.source = ? AND h.gone = 1 ORDER BY c.id"
        )
        rows = self._connections.reading.execute(sql, [source]).fetchall()
        return [(identifier, case_id) for identifier, case_id in rows]

    def since(self, source: str, format_name: str, set_name: str) -> str:
        """Return the date to ask from; empty where all is still to be asked for."""
        sql = "SELECT since FROM harvests WHERE source = ? AND format = ? AND part = ?"
        row = self._connections.reading.execute(sql, [source, format_name, set_name]).fetchone()
        return str(row[0]) if row else ""

    def remember(self, source: str, format_name: str, set_name: str, since: str) -> None:
        """Keep the date to ask from next time."""
        row = {"source": source, "format": format_name, "part": set_name, "since": since}
        with self._connections.writing() as db:
            db.table("harvests").upsert(row, pk=("source", "format", "part"))


_COLUMNS = "source, identifier, datestamp, digest, fate, object, revision, gone"
