"""What failed and was learned: cases that tell it, in an order that anybody can check.

Every barrier counts but those that only say what nobody knows. First come the cases that were
stopped, then those that say what they changed, then those that changed here last.
"""

import json
import re
import textwrap
from dataclasses import dataclass

from kb.database import Connections
from kb.model import Case
from kb.rows import Barrier

NO_LESSON = ("could-not-measure", "data-lacking", "unknown")
"""Barriers that tell of gaps in what is known, not of what went wrong."""
MOST = 4
_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Lesson:
    """What stood in the way of a case, and what was changed because of it."""

    case: Case
    barrier: Barrier

    @property
    def failed(self) -> str:
        """The first sentence of what stood in the way, in the language of the case."""
        return _first_sentence(self.barrier.text or "")

    @property
    def changed(self) -> str:
        """The first sentence of what was changed; empty where nothing is said of it."""
        return _first_sentence(self.barrier.changed or "")


class Lessons:
    """The lessons of the cases in the database; reads only."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._found: tuple[int, tuple[Lesson, ...]] = (-1, ())

    def first(self) -> tuple[Lesson, ...]:
        """Return the first few, one a case; they are read once for each change of the cases."""
        db = self._connections.reading
        newest = db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0]
        known, found = self._found
        if known != newest:
            rows = db.query(_FIRST, {"without": json.dumps(NO_LESSON), "most": MOST})
            found = tuple(_lesson(Case.model_validate_json(row["content"])) for row in rows)
            self._found = newest, found
        return found


def _lesson(case: Case) -> Lesson:
    told = [row for row in case.barriers_and_failures if row.code not in NO_LESSON and row.text]
    return Lesson(case, max(told, key=lambda row: bool(row.changed)))


def _first_sentence(text: str) -> str:
    """Return the text up to where a sentence surely ends: after ``5.`` or ``St.`` none need to."""
    ends = (
        found.end() for found in _END.finditer(text) if text[found.end() :].lstrip()[:1].isupper()
    )
    return textwrap.shorten(text[: next(ends, None)], _LONGEST, placeholder=" …")


_END = re.compile(r"(?<=\w{3})[.!?…]+[»”\")]*(?=\s)")
_FIRST = """
    WITH told AS (
        SELECT c.id, r.content, json_extract(b.value, '$.code') AS code,
            coalesce(json_extract(b.value, '$.text'), '') AS text,
            coalesce(json_extract(b.value, '$.changed'), '') AS changed
        FROM cases c JOIN revisions r ON r.case_id = c.id AND r.number = c.revision,
        json_each(r.content, '$.barriers_and_failures') b
    )
    SELECT content FROM told JOIN datestamps ON case_id = id
    WHERE text != '' AND code NOT IN (SELECT value FROM json_each(:without))
    GROUP BY id
    ORDER BY json_extract(content, '$.stage') IS 'stopped' DESC, max(changed) != '' DESC,
        datestamps.seq DESC
    LIMIT :most
"""
