"""What those who harvest are told: the records that changed, also those that are gone, in order.

A record is the case as its author tells it, and stands in the sets that this names; tags of the
machine play no part, so that a record changes only when somebody changes the case. Its datestamp is
that of the last change and never goes back (see ``m007_datestamps``).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.database import Connections
from kb.evidence import Evidence, level
from kb.licences import USUAL
from kb.model import Case, Revision
from kb.vocabulary import scheme

KINDS = ("theme", "country", "language", "evidence")
"""What sets are about; ``theme`` has narrower ones, the others have values."""


@dataclass(frozen=True, slots=True)
class Record:
    """A case as it stands, or that it is gone."""

    case_id: str
    seq: int
    """Orders all records by their last change."""
    at: int
    """Unix time of that change."""
    sets: tuple[str, ...]
    """The narrowest sets that it is in; none of a case that was taken down."""
    revision: Revision | None
    """None if it is no longer among the others."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which records are asked for; bounds are Unix times and belong to the span."""

    first: int | None = None
    last: int | None = None
    group: str = ""
    """A set, with all that is in narrower ones."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the records of a span."""

    records: tuple[Record, ...]
    total: int
    """How many the whole span has."""
    more: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A case that can be read, with what a list of addresses says of it."""

    case_id: str
    accepted: str
    language: str
    has_english: bool
    """Whether its full text can be read in English too."""
    country: str
    """ISO 3166-1, or nothing."""
    licence: str


class Harvest:
    """The records in the database; reads only."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._known: dict[str, tuple[int, tuple[str, ...]]] = {}

    def newest(self) -> int:
        """Return the datestamp of the last change of all, 0 if there was none.

        Every later change has this datestamp or a greater one, whatever the clock says: whoever
        goes on from here misses nothing. Ask before, not after, asking for records.
        """
        return self._one("SELECT coalesce(max(at), 0) FROM datestamps")

    def earliest(self) -> int:
        """Return a time before which no record has changed, 0 if there are none."""
        return self._one("SELECT coalesce(min(at), 0) FROM datestamps")

    def record(self, case_id: str) -> Record | None:
        """Return the record of a case; None if there never was one."""
        return next(iter(self._records([case_id])), None)

    def since(self, span: Span, after: int, limit: int) -> Slice:
        """Return the first records of a span whose last change comes after number ``after``.

        A record that changes meanwhile moves to the end, and so is met again, never passed over.
        One that was taken down is in every set: nothing is kept of those that it was in, and who
        has its text must learn that it is gone.
        """
        found = self._rows(
            "SELECT case_id, seq FROM datestamps WHERE at BETWEEN ? AND ? ORDER BY seq",
            [_or(span.first, _FIRST), _or(span.last, _LAST)],
        )
        asked = [(row["case_id"], row["seq"]) for row in found]
        if span.group:
            sets = self._sets_of(asked)
            asked = [row for row in asked if _is_in(sets[row[0]], span.group)]
        left = [case_id for case_id, seq in asked if seq > after]
        return Slice(tuple(self._records(left[:limit])), len(asked), len(left) > limit)

    def latest(self, case_ids: Sequence[str], limit: int) -> tuple[Revision, ...]:
        """Return the current revisions of those of the cases that changed last, the last first."""
        rows = self._rows(_LATEST, [json.dumps(case_ids), limit])
        found = tuple(self._records([row["case_id"] for row in rows]))
        return tuple(each.revision for each in reversed(found) if each.revision)

    def mark(self) -> int:
        """Return the number of the last change of all, 0 if there was none: it never goes back."""
        return self._one("SELECT coalesce(max(seq), 0) FROM datestamps")

    def changed(self, case_ids: Sequence[str], after: int, until: int) -> tuple[str, ...]:
        """Return those of the cases that are here and changed last between two numbers.

        The last comes first. What changed at ``after`` does not belong to them, at ``until`` does.
        """
        rows = self._rows(_CHANGED, [json.dumps(case_ids), after, until])
        return tuple(row["case_id"] for row in rows)

    def sets(self) -> tuple[str, ...]:
        """Return the sets in which there is a record, each after the wider one."""
        rows = self._rows("SELECT case_id, seq FROM datestamps", [])
        sets = self._sets_of([(row["case_id"], row["seq"]) for row in rows])
        narrowest = {each for found in sets.values() for each in found}
        return tuple(sorted({wider for each in narrowest for wider in _wider(each)}))

    def ever(self) -> tuple[str, ...]:
        """Return every case that there ever was, the first one first: its place never changes."""
        sql = "SELECT case_id FROM changes GROUP BY case_id ORDER BY min(seq)"
        return tuple(row["case_id"] for row in self._rows(sql, []))

    def listed(self) -> Iterator[Listed]:
        """Yield the cases that are there, by id."""
        for row in self._rows(_LISTED, []):
            licence = row["licence"] or USUAL
            english = bool(row["has_english"])
            yield Listed(
                row["id"], row["accepted"], row["language"], english, row["country"], licence
            )

    def _records(self, case_ids: Sequence[str]) -> Iterator[Record]:
        for row in self._rows(_RECORDS, [json.dumps(case_ids)]):
            yield Record(
                row["case_id"], row["seq"], row["at"], _sets(row), _revision(row, row["listed"])
            )

    def _sets_of(self, asked: Sequence[tuple[str, int]]) -> Mapping[str, tuple[str, ...]]:
        """Return the sets of records; they are read once for each change and then remembered."""
        new = [case_id for case_id, seq in asked if self._known.get(case_id, (0,))[0] != seq]
        for row in self._rows(_MEMBERSHIPS, [json.dumps(new)]):
            self._known[row["case_id"]] = (row["seq"], _sets(row))
        return {case_id: self._known[case_id][1] for case_id, _ in asked}

    def _rows(self, sql: str, values: Sequence[Any]) -> Iterator[dict[str, Any]]:
        yield from self._connections.reading.query(sql, values)

    def _one(self, sql: str) -> int:
        return int(self._connections.reading.execute(sql).fetchone()[0])


def set_name(name: str) -> tuple[str, str]:
    """Split a set into what it is about and its value; the value of a whole kind is empty."""
    kind, _, rest = name.partition(":")
    return kind, rest.rpartition(":")[2]


_FIRST, _LAST = -(2**62), 2**62
# The newest revision of a retired case says in which sets it was.
_NEWEST = (
    "FROM datestamps d LEFT JOIN cases c ON c.id = d.case_id LEFT JOIN revisions r "
    "ON r.case_id = d.case_id AND r.number = coalesce(c.revision, "
    "(SELECT max(number) FROM revisions WHERE case_id = d.case_id)) "
)
_FACETS = (
    "json_extract(r.content, '$.themes') AS themes, json_extract(r.content, '$.country') AS "
    "country, json_extract(r.content, '$.original_language') AS language, "
    "json_extract(r.content, '$.evidence') AS evidence"
)
_SOME = "WHERE d.case_id IN (SELECT value FROM json_each(?)) ORDER BY d.seq"
_RECORDS = f"SELECT d.*, c.id AS listed, r.*, d.case_id AS case_id, {_FACETS} {_NEWEST}{_SOME}"
_MEMBERSHIPS = f"SELECT d.case_id, d.seq, {_FACETS} {_NEWEST}{_SOME}"
_CHANGED = (
    "SELECT d.case_id FROM datestamps d JOIN cases c ON c.id = d.case_id "
    "WHERE d.case_id IN (SELECT value FROM json_each(?)) AND d.seq > ? AND d.seq <= ? "
    "ORDER BY d.seq DESC"
)
_LATEST = (
    "SELECT d.case_id FROM datestamps d JOIN cases c ON c.id = d.case_id "
    "WHERE d.case_id IN (SELECT value FROM json_each(?)) ORDER BY d.seq DESC LIMIT ?"
)
_LISTED = (
    "SELECT c.id, r.accepted, c.language, c.language != 'en' AND "
    "coalesce(json_extract(r.content, '$.body_en'), '') != '' AS has_english, "
    "c.country, json_extract(r.content, '$.licence') AS licence "
    "FROM cases c JOIN revisions r ON r.case_id = c.id AND r.number = c.revision ORDER BY c.id"
)


def _sets(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the sets of a record; none where nothing is left of the case."""
    if row["language"] is None:
        return ()
    themes = (scheme("themes").lineage(each) for each in json.loads(row["themes"] or "[]"))
    evidence = row["evidence"] and Evidence.model_validate_json(row["evidence"])
    return (
        *(":".join(("theme", *reversed(line))) for line in themes if line),
        *([f"country:{row['country']}"] if row["country"] else []),
        f"language:{row['language']}",
        f"evidence:{level(evidence)}",
    )


def _is_in(sets: tuple[str, ...], group: str) -> bool:
    return not sets or any(each == group or each.startswith(f"{group}:") for each in sets)


def _wider(name: str) -> Iterator[str]:
    parts = name.split(":")
    return (":".join(parts[:end]) for end in range(1, len(parts) + 1))


def _revision(row: Mapping[str, Any], listed: str | None) -> Revision | None:
    if listed is None:
        return None
    return Revision(
        case=Case.model_validate_json(row["content"]),
        number=row["number"],
        accepted=row["accepted"],
        contributor=row["contributor"],
        file=row["file"],
        original=row["original"],
    )


def _or(bound: int | None, usual: int) -> int:
    return usual if bound is None else bound
