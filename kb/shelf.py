"""Collections in the database: every revision is kept, the newest of each is the current one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from kb.collection import Collection, CollectionRevision
from kb.database import Connections
from kb.errors import CollectionNotFoundError
from kb.moments import utc


class Shelf:
    """The collections in the database."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(
        self, collection: Collection, *, file: str, original: str, contributor: str
    ) -> CollectionRevision | None:
        """Add a revision; return None if the collection already says this.

        The revision is durable when this returns.
        """
        with self._connections.writing() as db:
            current = _current(db, collection.id)
            if current is not None and current["digest"] == collection.digest:
                return None
            row = {
                "id": collection.id,
                "number": 1 if current is None else current["number"] + 1,
                "digest": collection.digest,
                "content": json.dumps(collection.as_dict(), ensure_ascii=False),
                "file": file,
                "original": original,
                "contributor": contributor,
                "accepted": utc(datetime.now(UTC)),
            }
            db.table("collections").insert(row)
        return _revision(row)

    def latest(self, collection_id: str) -> CollectionRevision:
        """Return the current revision of a collection.

        Raises:
            CollectionNotFoundError: there is no such collection.
        """
        row = _current(self._connections.reading, collection_id)
        if row is None:
            raise CollectionNotFoundError(collection_id)
        return _revision(row)

    def all(self) -> tuple[CollectionRevision, ...]:
        """Return the current revision of every collection, the newest first."""
        rows = self._rows(f"{_CURRENT} ORDER BY accepted DESC, id")
        return tuple(_revision(row) for row in rows)

    def with_case(self, case_id: str) -> tuple[CollectionRevision, ...]:
        """Return the current revision of every collection that names a case, by id."""
        rows = self._rows(f"{_CURRENT} AND {_NAMES_THE_CASE} ORDER BY id", [case_id])
        return tuple(_revision(row) for row in rows)

    def with_original(self, original: str) -> list[str]:
        """Return the collections with a revision that came from these bytes."""
        sql = "SELECT DISTINCT id FROM collections WHERE original = ? ORDER BY id"
        rows = self._connections.reading.execute(sql, [original]).fetchall()
        return [row[0] for row in rows]

    def _rows(self, sql: str, values: list[str] | None = None) -> Iterator[dict[str, Any]]:
        yield from self._connections.reading.query(sql, values or [])


_CURRENT = (
    "SELECT * FROM collections c "
    "WHERE number = (SELECT max(number) FROM collections WHERE id = c.id)"
)
_NAMES_THE_CASE = (
    "EXISTS (SELECT 1 FROM json_each(content, '$.parts') part, "
    "json_each(part.value, '$.cases') entry WHERE json_extract(entry.value, '$.case') = ?)"
)


def _current(db: Database, collection_id: str) -> dict[str, Any] | None:
    return next(db.query(f"{_CURRENT} AND id = ?", [collection_id]), None)


def _revision(row: dict[str, Any]) -> CollectionRevision:
    return CollectionRevision(
        collection=Collection.model_validate_json(row["content"]),
        number=row["number"],
        accepted=row["accepted"],
        contributor=row["contributor"],
        file=row["file"],
        original=row["original"],
    )
