"""One state of the file of vectors, read while others may be writing the next."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from kb.search.engine import Checkpoint
from kb.search.meaning.levels import Rows
from kb.search.meaning.tables import NAMES

_BLOCK = 2048
"""Vectors that are read at once: 0.8 MB, and 3 as numbers of 4 bytes."""


class View:
    """What a transaction sees; it holds no more of it than it is asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def checkpoint(self) -> Checkpoint | None:
        """Return up to where the change log has been followed."""
        rows = self._rows("SELECT database, version, seq FROM followed")
        return Checkpoint(*rows[0]) if rows else None

    def owners(self) -> list[str]:
        """Return the owners of all texts."""
        return [owner for (owner,) in self._rows("SELECT DISTINCT owner FROM wanted")]

    def wanted(self, owner: str) -> list[tuple[str, bytes]]:
        """Return language and key of its texts, in order."""
        sql = "SELECT language, key FROM wanted WHERE owner = ? ORDER BY position"
        return self._rows(sql, owner)

    def incomplete(self, model: str) -> tuple[str, ...]:
        """Return the owners of texts that have no vector yet."""
        sql = f"SELECT DISTINCT owner {_MISSING} ORDER BY owner"
        return tuple(owner for (owner,) in self._rows(sql, model))

    def missing(self, model: str, owner: str) -> set[bytes]:
        """Return the keys of its texts that have no vector yet."""
        return {key for (key,) in self._rows(f"SELECT key {_MISSING} AND owner = ?", model, owner)}

    def progress(self, model: str) -> tuple[int, int]:
        """Return how many texts have a vector, and how many are wanted."""
        ((of,),) = self._rows("SELECT count(*) FROM wanted")
        ((missing,),) = self._rows(f"SELECT count(*) {_MISSING}", model)
        return of - missing, of

    def carried(self, model: str, owners: Iterable[str]) -> list[tuple[bytes, float, bytes]]:
        """Return key, scale and levels of the texts of owners, by key."""
        return self._rows(
            "SELECT DISTINCT key, scale, vector FROM wanted JOIN vectors USING (key) "
            "WHERE model = ? AND owner IN (SELECT value FROM json_each(?)) ORDER BY key",
            model,
            json.dumps(list(owners)),
        )

    # What is laid out for answering

    def laid_out(self, model: str) -> str:
        """Return the name of the file that holds most vectors; nothing where there is none."""
        rows = self._rows("SELECT file FROM laid_out WHERE model = ?", model)
        return str(rows[0][0]) if rows else ""

    def turn(self) -> int:
        """Return the turn of the last change."""
        ((turn,),) = self._rows("SELECT coalesce(max(turn), 0) FROM touched")
        return int(turn)

    def turn_of_names(self) -> int:
        """Return the turn at which the names of concepts have last changed."""
        rows = self._rows("SELECT turn FROM touched WHERE owner = ?", NAMES)
        return int(rows[0][0]) if rows else 0

    def touched(self) -> list[str]:
        """Return the cases that are not as they were when the file was made, or are no more."""
        return [o for (o,) in self._rows("SELECT owner FROM touched WHERE owner <> ?", NAMES)]

    def count(self, model: str, *, touched: bool) -> int:
        """Return how many passages of all or of the touched cases have a vector."""
        ((number,),) = self._rows(f"SELECT count(*) {_FROM[touched]}", model, NAMES)
        return int(number)

    def passages(self, model: str, most: int, *, touched: bool) -> Rows:
        """Return at most so many passages of whole cases, the last that were touched first."""
        found: list[Any] = []
        for _, rows in groupby(self._passages(model, touched=touched), itemgetter(0)):
            case = list(rows)
            if len(found) + len(case) > most:
                break
            found += case
        return _packed(found)

    def all_passages(self, model: str) -> Iterator[Rows]:
        """Yield all passages by case, some thousands at a time."""
        cursor = self._passages(model, touched=False)
        while found := cursor.fetchmany(_BLOCK):
            yield _packed(found)

    def names(self, model: str) -> Rows:
        """Return the names of concepts."""
        sql = f"{_COLUMNS} FROM wanted CROSS JOIN vectors USING (key) WHERE model = ? AND owner = ?"
        return _packed(self._rows(f"{sql} ORDER BY position", model, NAMES))

    def _passages(self, model: str, *, touched: bool) -> sqlite3.Cursor:
        sql = f"{_COLUMNS} {_FROM[touched]} ORDER BY {_ORDER[touched]}"
        return self._connection.execute(sql, [model, NAMES])

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return self._connection.execute(sql, values).fetchall()


_MISSING = (
    "FROM wanted WHERE NOT EXISTS "
    "(SELECT 1 FROM vectors WHERE vectors.key = wanted.key AND model = ?)"
)
_COLUMNS = "SELECT owner, position, language, scale, vector"
# Vectors of a model are of one length, but for those that a damage has cut.
_WHERE = (
    "WHERE model = ?1 AND owner <> ?2 AND length(vector) = "
    "(SELECT length(vector) FROM vectors WHERE model = ?1 LIMIT 1)"
)
# CROSS JOIN: cases are gone through in order and nothing is sorted.
_FROM = {
    False: f"FROM wanted CROSS JOIN vectors USING (key) {_WHERE}",
    True: f"FROM touched CROSS JOIN wanted USING (owner) CROSS JOIN vectors USING (key) {_WHERE}",
}
_ORDER = {False: "owner, position", True: "turn DESC, position"}


def _packed(found: Sequence[Any]) -> Rows:
    if not found:
        return Rows()
    owners, positions, languages, scales, blobs = zip(*found, strict=True)
    levels = np.frombuffer(b"".join(blobs), np.int8).reshape(len(found), -1)
    return Rows(owners, positions, languages, levels, np.array(scales, np.float32))
