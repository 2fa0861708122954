"""Vectors on disk: of which texts they are wanted, and the vector of each text, by its content.

All of it is derived. A text is known by a hash, so an unchanged one is never computed again, and
vectors can be taken along in a file; those of another model lie beside them under its name. A
vector is kept as one byte a dimension with a scale: 0.4 kB each. Questions are not compared with
these: `search/directions` lays them out in a file for that, and here is noted what it lacks.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from kb.database import transaction
from kb.errors import IndexUnavailableError
from kb.search.engine import Checkpoint
from kb.search.meaning import carried
from kb.search.meaning.levels import Vector, packed
from kb.search.meaning.tables import NAMES, Standing, connected
from kb.search.meaning.view import View

Wanted = tuple[str, bytes]
"""Language and key of a text."""

Version = tuple[int, int]

_DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF  # the lower byte of an extended result code


class Vectors:
    """The file of vectors; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open the file; one that cannot be read is begun anew, for nothing in it is unique.

        The same is done with one whose damage is found later, and with one that was deleted.
        """
        self._path = path
        # Two connections: who writes for long keeps nobody from seeing whether something is new.
        self._writer, self._watcher = Standing(path), Standing(path)
        self._writing_lock, self._watching_lock = threading.RLock(), threading.Lock()
        self._progress = lru_cache(maxsize=1)(self._counted)
        self._incomplete = lru_cache(maxsize=1)(self._listed)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connected(path).close()
        except sqlite3.DatabaseError:
            self._delete()

    @property
    def version(self) -> Version:
        """What changes with every write, by this process or by another."""
        with self._watching_lock, self._healing():
            (row,) = self._watcher.connection().execute("PRAGMA data_version").fetchall()
            return self._watcher.openings, row[0]

    @contextmanager
    def view(self) -> Iterator[View]:
        """Read one state, whatever others write meanwhile.

        Raises:
            IndexUnavailableError: the file was damaged and has been begun anew.
        """
        with self._healing(), closing(connected(self._path)) as connection:
            connection.execute("BEGIN")
            yield View(connection)

    def checkpoint(self) -> Checkpoint | None:
        """Return up to where the change log has been followed here, if it has."""
        with suppress(IndexUnavailableError), self.view() as view:
            return view.checkpoint()
        return None

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
            gone = {*dropped, *(View(db.conn).owners() if anew else ())}
            for owner, texts in wanted:
                _put(db, owner, texts)
                gone.discard(owner)
            db.conn.executemany("DELETE FROM wanted WHERE owner = ?", [(o,) for o in gone])
            db.execute("DELETE FROM followed")
            row = [checkpoint.database, checkpoint.version, checkpoint.seq]
            db.execute("INSERT INTO followed VALUES (?, ?, ?)", row)

    def incomplete(self, model: str) -> Sequence[str]:
        """Return the owners of texts that have no vector yet."""
        return self._incomplete(model, self.version)

    def missing(self, model: str, owner: str) -> set[bytes]:
        """Return the keys of its texts that have no vector yet."""
        with self.view() as view:
            return view.missing(model, owner)

    def progress(self, model: str) -> tuple[int, int]:
        """Return how many texts have a vector, and how many are wanted."""
        return self._progress(model, self.version)

    def keep(self, model: str, vectors: Mapping[bytes, Vector]) -> None:
        """Keep vectors by key."""
        levels, scales = packed(np.array(list(vectors.values()), np.float32))
        blobs = (row.tobytes() for row in levels)
        self._insert((model, *row) for row in zip(vectors, map(float, scales), blobs, strict=True))

    def write(self, path: Path, model: str, owners: Iterable[str]) -> None:
        """Write the vectors of owners to a file that `adopt` reads; the same give the same."""
        with self.view() as view:
            carried.write(path, model, view.carried(model, owners))

    def adopt(self, path: Path) -> None:
        """Take in the vectors of a file that `write` has written.

        Raises:
            RefusedFileError: it is no such file.
        """
        self._insert(carried.read(path))

    def lay_out(self, model: str, file: str, turn: int) -> None:
        """Note which file holds all that was there at a turn; other such files are forgotten."""
        with self._writing() as db:
            db.execute("DELETE FROM laid_out")
            db.execute("INSERT INTO laid_out VALUES (?, ?)", [model, file])
            # The turn of the names is kept: by it one sees whether they have changed.
            db.execute("DELETE FROM touched WHERE turn <= ? AND owner <> ?", [turn, NAMES])

    def owners(self) -> list[str]:
        """Return the owners of all texts."""
        with self.view() as view:
            return view.owners()

    def close(self) -> None:
        """Close the file; it opens again if it is used again."""
        with self._watching_lock:
            self._watcher.close()
        with self._writing_lock:
            self._writer.close()

    def _counted(self, model: str, _version: Version) -> tuple[int, int]:
        with self.view() as view:
            return view.progress(model)

    def _listed(self, model: str, _version: Version) -> tuple[str, ...]:
        with self.view() as view:
            return view.incomplete(model)

    def _insert(self, rows: Iterable[carried.Kept]) -> None:
        with self._writing() as db:
            db.conn.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)", rows)

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with (
            self._writing_lock,
            self._healing(),
            transaction(Database(self._writer.connection())) as db,
        ):
            yield db

    @contextmanager
    def _healing(self) -> Iterator[None]:
        """Say what fails in our words, and begin anew where it is the file that is damaged."""
        try:
            yield
        except sqlite3.Error as err:
            damaged = (getattr(err, "sqlite_errorcode", 0) & _PRIMARY) in _DAMAGES
            if damaged:
                self._delete()
            end = "they are begun anew" if damaged else "search goes on without them; try again"
            raise IndexUnavailableError(f"the vectors in {self._path}: {err}; {end}") from err

    def _delete(self) -> None:
        for end in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)


def _put(db: Database, owner: str, texts: Sequence[Wanted]) -> None:
    """Put the texts of an owner in place of others; equal ones are left, so nothing is touched."""
    if View(db.conn).wanted(owner) == list(texts):
        return
    db.execute("DELETE FROM wanted WHERE owner = ?", [owner])
    rows = [(owner, position, *text) for position, text in enumerate(texts)]
    db.conn.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?)", rows)
