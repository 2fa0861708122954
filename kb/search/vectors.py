"""Vectors on disk: of which texts they are wanted, and the vector of each text, by its content.

All of it is derived. A text is known by a hash, so an unchanged one is never computed again, and
vectors can be taken along in a file; those of another model lie beside them under its name. A
vector is kept as one byte a dimension with a scale: 0.4 kB each.
"""

import json
import sqlite3
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from kb.database import transaction
from kb.errors import refused
from kb.saying import verbatim
from kb.search.engine import Checkpoint

Vector = NDArray[np.float32]
Matrix = NDArray[np.float32]

Wanted = tuple[str, bytes]
"""Language and key of a text."""

LEVELS = 127
_BUSY_S = 10


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors of wanted texts, in the order of owners and of their texts."""

    owners: Sequence[str]
    positions: Sequence[int]
    """Which text of its owner each is, from 0."""
    languages: Sequence[str]
    matrix: Matrix
    """One row each."""


class Vectors:
    """The file of vectors; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open the file; one that cannot be read is begun anew, for nothing in it is unique."""
        self._path = path
        self._lock = threading.RLock()
        self._own_writes = 0
        self._opened: Database | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._opened = _opened(path)
        except sqlite3.DatabaseError:
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            self._opened = _opened(path)

    @property
    def version(self) -> tuple[int, int]:
        """What changes with every write, by this process or by another."""
        with self._lock:
            row = self._db.execute("PRAGMA data_version").fetchone()
            return row[0], self._own_writes

    def checkpoint(self) -> Checkpoint | None:
        """Return up to where the change log has been followed here."""
        rows = self._rows("SELECT database, version, seq FROM followed")
        return Checkpoint(*rows[0]) if rows else None

    def note(
        self,
        wanted: Iterable[tuple[str, Sequence[Wanted]]],
        dropped: Iterable[str],
        checkpoint: Checkpoint,
        *,
        anew: bool,
    ) -> None:
        """Note what is wanted of owners in place of what was, and move the checkpoint.

        Args:
            wanted: owner, and its texts in order.
            dropped: owners that are no more.
            checkpoint: up to where this brings the notes.
            anew: forget all other owners.
        """
        with self._writing() as db:
            if anew:
                db.execute("DELETE FROM wanted")
            db.conn.executemany("DELETE FROM wanted WHERE owner = ?", [(o,) for o in dropped])
            for owner, texts in wanted:
                db.execute("DELETE FROM wanted WHERE owner = ?", [owner])
                rows = [(owner, position, *text) for position, text in enumerate(texts)]
                db.conn.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?)", rows)
            db.execute("DELETE FROM followed")
            row = [checkpoint.database, checkpoint.version, checkpoint.seq]
            db.execute("INSERT INTO followed VALUES (?, ?, ?)", row)

    def incomplete(self, model: str) -> list[str]:
        """Return the owners of texts that have no vector yet."""
        rows = self._rows(f"SELECT DISTINCT owner {_MISSING} ORDER BY owner", [model])
        return [row[0] for row in rows]

    def missing(self, model: str, owner: str) -> set[bytes]:
        """Return the keys of its texts that have no vector yet."""
        rows = self._rows(f"SELECT key {_MISSING} AND owner = ?", [model, owner])
        return {row[0] for row in rows}

    def progress(self, model: str) -> tuple[int, int]:
        """Return how many texts have a vector, and how many are wanted."""
        ((of,),) = self._rows("SELECT count(*) FROM wanted")
        ((missing,),) = self._rows(f"SELECT count(*) {_MISSING}", [model])
        return of - missing, of

    def keep(self, model: str, vectors: Mapping[bytes, Vector]) -> None:
        """Keep vectors by key."""
        self._insert((model, key, *_packed(vector)) for key, vector in vectors.items())

    def rows(self, model: str) -> Rows:
        """Return the wanted vectors that are there."""
        found = self._rows(
            "SELECT owner, position, language, scale, vector FROM wanted JOIN vectors USING (key) "
            "WHERE model = ? ORDER BY owner, position",
            [model],
        )
        if not found:
            return Rows((), (), (), np.empty((0, 0), np.float32))
        owners, positions, languages, scales, blobs = zip(*found, strict=True)
        levels = np.frombuffer(b"".join(blobs), np.int8).reshape(len(found), -1)
        matrix = levels * np.array(scales, np.float32)[:, None]
        return Rows(owners, positions, languages, matrix)

    def write(self, path: Path, model: str, owners: Iterable[str]) -> None:
        """Write the vectors of owners to a file that `adopt` reads; the same give the same."""
        found = self._rows(
            "SELECT DISTINCT key, scale, vector FROM wanted JOIN vectors USING (key) "
            "WHERE model = ? AND owner IN (SELECT value FROM json_each(?)) ORDER BY key",
            [model, json.dumps(list(owners))],
        )
        np.savez(
            path,
            model=np.array(model),
            keys=np.array([list(key) for key, _, _ in found], np.uint8),
            scales=np.array([scale for _, scale, _ in found], "<f4"),
            vectors=np.array([np.frombuffer(blob, np.int8) for _, _, blob in found]),
        )

    def adopt(self, path: Path) -> None:
        """Take in the vectors of a file that `write` has written.

        Raises:
            RefusedFileError: it is no such file.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                model = str(file["model"])
                keys, scales, levels = file["keys"], file["scales"], file["vectors"]
            _check(keys, levels)
            rows = [
                (model, key.tobytes(), float(scale), vector.tobytes())
                for key, scale, vector in zip(keys, scales, levels, strict=True)
            ]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as err:
            message = verbatim(f"holds no vectors: {err}")
            raise refused(str(path), message, verbatim("delete it, or make it anew")) from err
        self._insert(rows)

    def owners(self) -> list[str]:
        """Return the owners of all texts."""
        return [row[0] for row in self._rows("SELECT DISTINCT owner FROM wanted")]

    def close(self) -> None:
        """Close the file; it opens again if it is used again."""
        with self._lock:
            if self._opened is not None:
                self._opened.conn.close()
            self._opened = None

    @property
    def _db(self) -> Database:
        if self._opened is None:
            self._opened = _opened(self._path)
        return self._opened

    def _insert(self, rows: Iterable[tuple[str, bytes, float, bytes]]) -> None:
        with self._writing() as db:
            db.conn.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)", rows)

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            return list(self._db.execute(sql, list(values)).fetchall())

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with self._lock:
            with transaction(self._db) as db:
                yield db
            self._own_writes += 1


_MISSING = (
    "FROM wanted WHERE NOT EXISTS "
    "(SELECT 1 FROM vectors WHERE vectors.key = wanted.key AND model = ?)"
)

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS followed (database TEXT, version TEXT, seq INTEGER)",
    """CREATE TABLE IF NOT EXISTS wanted (
        owner TEXT, position INTEGER, language TEXT, key BLOB, PRIMARY KEY (owner, position)
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS vectors (
        model TEXT, key BLOB, scale REAL, vector BLOB, PRIMARY KEY (key, model)
    ) WITHOUT ROWID""",
)


def _opened(path: Path) -> Database:
    connection = sqlite3.connect(
        path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        for statement in _SCHEMA:
            connection.execute(statement)
    except sqlite3.Error:
        connection.close()
        raise
    return Database(connection)


def _check(keys: NDArray[Any], levels: NDArray[Any]) -> None:
    if keys.shape != (len(levels), 16) or levels.ndim != 2 or levels.dtype != np.int8:  # noqa: PLR2004
        raise ValueError(f"keys of shape {keys.shape}, vectors of {levels.dtype}")


def _packed(vector: Vector) -> tuple[float, bytes]:
    scale = float(np.abs(vector).max()) / LEVELS or 1.0
    return scale, np.round(vector / scale).astype(np.int8).tobytes()
