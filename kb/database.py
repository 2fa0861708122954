"""The one SQLite database: a connection for each thread, and transactions that wait their turn.

Several processes may use it: it is in WAL mode, and every transaction that writes begins with
``BEGIN IMMEDIATE``. A plain ``BEGIN`` reads first and then fails at once when another process has
written in between (600 of 900 transactions did).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from kb.errors import DamagedStoreError, StoreUnavailableError, UnsupportedSystemError
from kb.migrations import migrate
from kb.trouble import Connection
from kb.upgrading import copied_before

_BUSY_S = 10
_DURABLE = "synchronous = FULL"
_OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables


class Connections:
    """What leads to the database; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the database, and create or migrate it if need be.

        Raises:
            DatabaseTooNewError: a newer version of this program has written it.
            NoRoomError: there is no room for a copy of it before it is migrated.
            StoreUnavailableError: the file is no database, or cannot be read.
            UnsupportedSystemError: the SQLite library is too old.
        """
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise UnsupportedSystemError(
                f"SQLite is {sqlite3.sqlite_version}; install Python with SQLite 3.37 or newer"
            )
        # Names, addresses and a key that signs links lie there: for whoever runs the site alone.
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self._local = threading.local()
        self._open: list[Database] = []
        self._lock = threading.Lock()
        try:
            with copied_before(self.reading, path), self.writing() as db:
                migrate(db)
        except BaseException:
            self.close()
            raise

    @property
    def reading(self) -> Database:
        """The connection of this thread, for what only reads."""
        db = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = self._connect()
        return db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Run a block as one transaction, durable when it has ended and undone where it fails.

        Within another such block of this thread it becomes part of that one.
        """
        if self.reading.conn.in_transaction:
            yield self.reading
        else:
            with transaction(self.reading) as db:
                yield db

    @contextmanager
    def at_once(self) -> Iterator[Database]:
        """Run a block as one transaction that waits for nobody, for what may also be left undone.

        It waits neither for others who write nor for the disk: what it wrote outlives the program,
        but perhaps not a loss of power.

        Raises:
            StoreUnavailableError: others are writing, or nobody can.
        """
        db = self.reading
        try:
            _set(db.conn, "busy_timeout = 0", "synchronous = NORMAL")
            with transaction(db):
                yield db
        finally:
            _set(db.conn, f"busy_timeout = {_BUSY_S * 1000}", _DURABLE)

    def check(self) -> None:
        """Read the whole database, some 0.2 s for each 100 MB.

        Raises:
            DamagedStoreError: it is damaged somewhere.
        """
        (found,) = self.reading.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise DamagedStoreError(str(self.path), " ".join(found.split()))

    def release(self) -> None:
        """Close the connection of this thread, which is about to end."""
        db = self._local.__dict__.pop("db", None)
        if db is not None:
            with self._lock:
                self._open.remove(db)
            db.conn.close()

    def close(self) -> None:
        """Close the connections of all threads; whoever asks again gets new ones."""
        with self._lock:
            for db in self._open:
                db.conn.close()
            self._open.clear()
            self._local = threading.local()

    def _connect(self) -> Database:
        # isolation_level None: transactions begin where we say so. check_same_thread off: close()
        # is called by the thread that stops the program.
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False,
            factory=Connection,
        )  # fmt: skip
        try:
            _set(
                connection,
                "journal_mode = WAL",
                _DURABLE,
                "foreign_keys = ON",
                "secure_delete = ON",
            )
        except StoreUnavailableError:
            connection.close()
            raise
        db = Database(connection)
        with self._lock:
            self._open.append(db)
        return db


@contextmanager
def transaction(db: Database) -> Iterator[Database]:
    """Run a block as one transaction, undone where it fails; waits its turn at the beginning."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:  # SQLite has undone some that failed, as on a full disk
            db.execute("ROLLBACK")
        raise


def _set(connection: sqlite3.Connection, *settings: str) -> None:
    for setting in settings:
        connection.execute(f"PRAGMA {setting}")
