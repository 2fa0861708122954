"""The tables of the file of vectors, and connections to it.

Triggers note which owners were touched, and at which turn: no code has to remember to.
"""

import sqlite3
from pathlib import Path

NAMES = ":themes"
"""Owner of the names of concepts; no case can be called so."""

_BUSY_S = 10
_VERSION = 1

_TABLES = (
    "CREATE TABLE IF NOT EXISTS followed (database TEXT, version TEXT, seq INTEGER)",
    """CREATE TABLE IF NOT EXISTS wanted (
        owner TEXT, position INTEGER, language TEXT, key BLOB, PRIMARY KEY (owner, position)
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS wanted_by_key ON wanted (key)",
    """CREATE TABLE IF NOT EXISTS vectors (
        model TEXT, key BLOB, scale REAL, vector BLOB, PRIMARY KEY (key, model)
    ) WITHOUT ROWID""",
    # Which file holds the vectors laid out for answering, and what has changed since it was made.
    "CREATE TABLE IF NOT EXISTS laid_out (model TEXT, file TEXT)",
    """CREATE TABLE IF NOT EXISTS touched (
        turn INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT UNIQUE
    )""",
    # Not INSERT OR REPLACE: the statement that fires a trigger decides on conflicts within it.
    """CREATE TRIGGER IF NOT EXISTS touch_wanted AFTER INSERT ON wanted BEGIN
        DELETE FROM touched WHERE owner = NEW.owner;
        INSERT INTO touched (owner) VALUES (NEW.owner);
    END""",
    """CREATE TRIGGER IF NOT EXISTS touch_dropped AFTER DELETE ON wanted BEGIN
        DELETE FROM touched WHERE owner = OLD.owner;
        INSERT INTO touched (owner) VALUES (OLD.owner);
    END""",
    """CREATE TRIGGER IF NOT EXISTS touch_kept AFTER INSERT ON vectors BEGIN
        DELETE FROM touched WHERE owner IN (SELECT owner FROM wanted WHERE key = NEW.key);
        INSERT INTO touched (owner) SELECT DISTINCT owner FROM wanted WHERE key = NEW.key;
    END""",
)


def connected(path: Path) -> sqlite3.Connection:
    """Open the file, and create it or its tables if need be."""
    connection = sqlite3.connect(
        path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            _create(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class Standing:
    """A connection that stays open, until its file has become another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file = 0
        self.openings = 0
        """How often it has been opened; what SQLite counts, it counts within one connection."""

    def connection(self) -> sqlite3.Connection:
        """Return the connection to the file that has the name now."""
        if self._connection is None or self._file != _number(self._path):
            self.close()
            self._connection = connected(self._path)
            self._file = _number(self._path)
            self.openings += 1
        return self._connection

    def close(self) -> None:
        """Close it; it opens again if it is used again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")


def _number(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0
