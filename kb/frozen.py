"""Results that were frozen, in the database: what was asked, which revisions it found, what file.

The files themselves are kept elsewhere, by their hash. A row is changed by nothing but a take-down.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.database import Connections
from kb.errors import SnapshotNotFoundError
from kb.query import ALL_LEGS, WORDS, Query


@dataclass(frozen=True, slots=True)
class Question:
    """Which cases: those that a search finds, or those of a collection."""

    query: Query
    collection: str = ""

    def __post_init__(self) -> None:
        """Leave the reader's city out: which cases are found does not depend on it."""
        object.__setattr__(self, "query", self.query.for_anyone())

    def written(self) -> str:
        """Return it as JSON, in the one form that equal questions share."""
        told: dict[str, Any] = {"collection": self.collection}
        if not self.collection:
            told |= {
                "q": self.query.text,
                "filters": dict(self.query.filters),
                "sort": self.query.sort,
                "words_only": self.query.legs == WORDS,
            }
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


Taken = tuple[str, int, str]
"""A case, its revision, and when that was accepted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A case as it was frozen."""

    case_id: str
    revision: int
    digest: str
    """SHA-256 of the content of the revision; empty once it was taken down."""
    gone: int | None = None
    """Unix time at which the case was taken down."""


@dataclass(frozen=True, slots=True)
class Former:
    """A package that is no more, because a case in it was taken down."""

    sha256: str
    until: int
    """Unix time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen result without its cases."""

    id: str
    question: Question
    words: str
    """What was asked, in words."""
    address: str
    """Where the cases of the same question were shown, with the name of the site."""
    site: str
    """Name of the site at that time."""
    taken: int
    """Unix time."""
    sha256: str
    """Of the package as it is now."""
    size_bytes: int
    held: int
    """How many cases the package has."""
    count: int
    """How many cases were frozen."""
    licences: Mapping[str, int]
    """How many of those in the package have which licence, the most frequent first."""
    former: tuple[Former, ...] = ()
    """The oldest first."""


class Frozen:
    """The frozen results in the database."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, snapshot: Snapshot, cases: Sequence[Kept]) -> None:
        """Keep a result with its cases in their order."""
        row = {
            "id": snapshot.id,
            "question": snapshot.question.written(),
            "words": snapshot.words,
            "address": snapshot.address,
            "site": snapshot.site,
            "language": snapshot.question.query.reader,
            "taken": snapshot.taken,
            "sha256": snapshot.sha256,
            "bytes": snapshot.size_bytes,
            "cases": snapshot.count,
            "held": snapshot.held,
            "licences": json.dumps(snapshot.licences),
            "former": "[]",
        }
        with self._connections.writing() as db:
            db.table("snapshots").insert(row)
            db.conn.executemany(
                "INSERT INTO snapshot_cases (snapshot, number, case_id, revision, digest) "
                "VALUES (?, ?, ?, ?, ?)",
                (
                    (snapshot.id, number, each.case_id, each.revision, each.digest)
                    for number, each in enumerate(cases, 1)
                ),
            )

    def find(self, snapshot_id: str) -> Snapshot | None:
        """Return a result; None if nothing was frozen under this id."""
        return next(self._some("WHERE id = ?", [snapshot_id]), None)

    def get(self, snapshot_id: str) -> Snapshot:
        """Return a result.

        Raises:
            SnapshotNotFoundError: nothing was frozen under this id.
        """
        found = self.find(snapshot_id)
        if found is None:
            raise SnapshotNotFoundError(snapshot_id)
        return found

    def newest(self, limit: int = -1, after: str = "") -> tuple[Snapshot, ...]:
        """Return so many of those that lists name, or all, the newest first; or those after one."""
        return tuple(self._some(_NEWEST, {"after": after, "limit": limit}))

    def count(self) -> int:
        """Return how many results lists name."""
        return self._number("SELECT count(*) FROM snapshots WHERE listed")

    def unlist(self, snapshot_id: str) -> None:
        """Have no list name a result any more; it stays at its address."""
        self.get(snapshot_id)
        with self._connections.writing() as db:
            db.execute("UPDATE snapshots SET listed = 0 WHERE id = ?", [snapshot_id])

    def size(self) -> int:
        """Return how many bytes all packages have together."""
        return self._number("SELECT coalesce(sum(bytes), 0) FROM snapshots")

    def cases(self, snapshot_id: str, limit: int = -1, after: int = 0) -> tuple[Kept, ...]:
        """Return the cases of a result in their order: all, or so many after so many."""
        rows = self._connections.reading.query(
            "SELECT case_id, revision, digest, gone FROM snapshot_cases "
            "WHERE snapshot = ? ORDER BY number LIMIT ? OFFSET ?",
            [snapshot_id, limit, after],
        )
        return tuple(Kept(**row) for row in rows)

    def kept(self, taken: Sequence[Taken]) -> tuple[Kept, ...]:
        """Return those of the revisions that are still here, in their order: none taken down."""
        rows = self._connections.reading.query(_KEPT, [json.dumps(taken)])
        return tuple(Kept(**row) for row in rows)

    def overdue(self, snapshot_id: str = "") -> tuple[Snapshot, ...]:
        """Return those, of one or of all, whose package has cases that were taken down."""
        return tuple(self._some(_OVERDUE, {"snapshot": snapshot_id}))

    def replace(self, snapshot: Snapshot, before: str) -> bool:
        """Note another package in the place of ``before``; tell whether that was still there."""
        former = [[each.sha256, each.until] for each in snapshot.former]
        with self._connections.writing() as db:
            done = db.execute(
                "UPDATE snapshots SET sha256 = ?, bytes = ?, held = ?, licences = ?, former = ? "
                "WHERE id = ? AND sha256 = ?",
                [
                    snapshot.sha256,
                    snapshot.size_bytes,
                    snapshot.held,
                    json.dumps(snapshot.licences),
                    json.dumps(former),
                    snapshot.id,
                    before,
                ],
            )
        return bool(done.rowcount)

    def is_former(self, sha256: str) -> bool:
        """Tell whether a package of this hash is no more."""
        return self._number(_FORMER, sha256) > 0

    def with_package(self, sha256: str) -> bool:
        """Tell whether a package of this hash is that of a result."""
        return self._number("SELECT count(*) FROM snapshots WHERE sha256 = ?", sha256) > 0

    def _some(self, end: str, values: Sequence[Any] | dict[str, Any]) -> Iterator[Snapshot]:
        yield from map(_snapshot, self._connections.reading.query(f"{_ALL} {end}", values))

    def _number(self, sql: str, *values: Any) -> int:
        return int(self._connections.reading.execute(sql, list(values)).fetchone()[0])


_ALL = "SELECT * FROM snapshots"
_NEWEST = (
    "WHERE listed AND "
    "(:after = '' OR (taken, id) < (SELECT taken, id FROM snapshots WHERE id = :after)) "
    "ORDER BY taken DESC, id DESC LIMIT :limit"
)
_KEPT = (
    "SELECT r.case_id, r.number AS revision, r.digest FROM json_each(?) asked JOIN revisions r "
    "ON r.case_id = json_extract(asked.value, '$[0]') "
    "AND r.number = json_extract(asked.value, '$[1]') "
    "AND r.accepted = json_extract(asked.value, '$[2]') ORDER BY asked.key"
)
_OVERDUE = (
    "WHERE :snapshot IN ('', id) "
    "AND id IN (SELECT snapshot FROM snapshot_cases WHERE gone IS NOT NULL) "
    "AND held > (SELECT count(*) FROM snapshot_cases WHERE snapshot = id AND gone IS NULL)"
)
_FORMER = (
    "SELECT count(*) FROM snapshots, json_each(former) f WHERE json_extract(f.value, '$[0]') = ?"
)


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        id=row["id"],
        question=asked(row["question"], row["language"]),
        words=row["words"],
        address=row["address"],
        site=row["site"],
        taken=row["taken"],
        sha256=row["sha256"],
        size_bytes=row["bytes"],
        held=row["held"],
        licences=json.loads(row["licences"]),
        former=tuple(Former(*each) for each in json.loads(row["former"])),
        count=row["cases"],
    )


def asked(written: str, language: str) -> Question:
    """Read a question as `Question.written` writes it, for a reader of this language."""
    told = json.loads(written)
    if told["collection"]:
        return Question(Query(reader=language), told["collection"])
    filters = {name: tuple(values) for name, values in told["filters"].items()}
    legs = WORDS if told["words_only"] else ALL_LEGS
    return Question(Query(told["q"], filters, told["sort"], reader=language, legs=legs))
