"""A copy of a database as it is at one moment, whole and on the disk; and whether one is whole.

``VACUUM INTO`` reads one state while others go on writing, and leaves out what was deleted. The
file of a database that is in use is never opened but by SQLite: closing it would give up the locks
of the whole process.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from kb.errors import NoRoomError
from kb.originals import flush_folder

_MB = 1_000_000
_SPARE_BYTES = 10 * _MB
_MOST_FAULTS = 100


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Write the database of a connection, which is in no transaction, to a file for us alone.

    It is there under its name once it is whole and on the disk; what was there is replaced.

    Raises:
        NoRoomError: the disk has no room for it.
        sqlite3.DatabaseError: the database is damaged, or the copy cannot be written.
    """
    require_room(path.parent, size_of(connection))
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", [str(beside)])
        beside.chmod(0o600)
        flush(beside)
        with closing(reading(beside)) as copied:
            if found := integrity(copied):
                raise sqlite3.DatabaseError(f"the copy is damaged: {found[0]}")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    flush_folder(path.parent)


def reading(path: Path) -> sqlite3.Connection:
    """Open a database that nobody writes, such as a copy, for reading alone.

    Raises:
        sqlite3.DatabaseError: it cannot be opened.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def size_of(connection: sqlite3.Connection) -> int:
    """Return how many bytes a database has."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (each,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * each)


def integrity(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with a database, at most a hundred things."""
    try:
        rows = connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})").fetchall()
    except sqlite3.OperationalError:
        raise  # broken off, or no disk: that says nothing of the database
    except sqlite3.DatabaseError as err:
        return [str(err)]
    return [str(text) for (text,) in rows if text != "ok"]


def references(connection: sqlite3.Connection) -> list[str]:
    """Return the rows that refer to one that is not there."""
    rows = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [f"row {row} of {table} refers to none of {parent}" for table, row, parent, _ in rows]


def require_room(folder: Path, needed_bytes: int) -> None:
    """Make sure that so much can be written.

    Raises:
        NoRoomError: it cannot.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + _SPARE_BYTES:
        raise NoRoomError(str(folder), needed_bytes + _SPARE_BYTES, free)


def flush(path: Path) -> None:
    """Have the bytes of a file survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
