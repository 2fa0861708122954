"""What errors of the system mean for what we keep: no room, read-only, damaged, busy. One table.

A connection of this module says so by itself, with the name of its file, whoever uses it.
"""

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike, fspath
from types import MappingProxyType
from typing import Any

from kb.errors import (
    DamagedStoreError,
    FullDiskError,
    ReadOnlyStoreError,
    StoreBusyError,
    StoreUnavailableError,
)

Kind = type[StoreUnavailableError]

_OF_SQLITE: Mapping[int, Kind] = MappingProxyType(
    {
        sqlite3.SQLITE_BUSY: StoreBusyError,
        sqlite3.SQLITE_LOCKED: StoreBusyError,
        sqlite3.SQLITE_FULL: FullDiskError,
        sqlite3.SQLITE_READONLY: ReadOnlyStoreError,
        sqlite3.SQLITE_CANTOPEN: ReadOnlyStoreError,
        sqlite3.SQLITE_PERM: ReadOnlyStoreError,
        sqlite3.SQLITE_CORRUPT: DamagedStoreError,
        sqlite3.SQLITE_NOTADB: DamagedStoreError,
        sqlite3.SQLITE_IOERR: StoreUnavailableError,
    }
)
_OF_SYSTEM: Mapping[int, Kind] = MappingProxyType(
    {
        errno.ENOSPC: FullDiskError,
        errno.EDQUOT: FullDiskError,
        errno.EFBIG: FullDiskError,
        errno.EROFS: ReadOnlyStoreError,
        errno.EACCES: ReadOnlyStoreError,
        errno.EPERM: ReadOnlyStoreError,
    }
)
_PRIMARY = 0xFF  # the lower byte of an extended result code


def meaning(err: OSError | sqlite3.Error, path: str | PathLike[str]) -> Exception:
    """Return what an error at a file means, with the remedy; the error itself where it is ours."""
    if isinstance(err, OSError):
        kind = _OF_SYSTEM.get(err.errno or 0)
    else:
        kind = _OF_SQLITE.get(getattr(err, "sqlite_errorcode", 0) & _PRIMARY)
    return err if kind is None else kind(fspath(path), str(err))


@contextmanager
def told(path: str | PathLike[str]) -> Iterator[None]:
    """Have an error of the system in a block say what it means, if that is known.

    Raises:
        FullDiskError: there is no room.
        StoreUnavailableError: or another of its kinds.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as err:
        known = meaning(err, path)
        if known is err:
            raise
        raise known from err


class Connection(sqlite3.Connection):
    """A connection whose errors say which file, and what to do about it."""

    def __init__(self, database: str | PathLike[str], **more: Any) -> None:  # as sqlite3.connect
        self.path = fspath(database)
        with told(self.path):
            super().__init__(database, **more)

    # The library makes these two cursors by itself, past `cursor`.

    def execute(self, *statement: Any) -> Any:
        """Execute a statement by a cursor whose errors say so too."""
        return self.cursor().execute(*statement)

    def executemany(self, *statement: Any) -> Any:
        """Execute a statement again and again by such a cursor."""
        return self.cursor().executemany(*statement)

    def cursor(self, factory: Any = None) -> Any:  # Any: the types of the library are so
        """Return such a cursor."""
        return super().cursor(factory or _Cursor)


class _Cursor(sqlite3.Cursor):
    def execute(self, *statement: Any) -> "_Cursor":
        return self._told(super().execute, *statement)  # type: ignore[no-any-return]  # it is this

    def executemany(self, *statement: Any) -> "_Cursor":
        return self._told(super().executemany, *statement)  # type: ignore[no-any-return]  # see above

    def fetchone(self) -> Any:
        return self._told(super().fetchone)

    def fetchall(self) -> list[Any]:
        return self._told(super().fetchall)  # type: ignore[no-any-return]  # a list

    def __next__(self) -> Any:
        return self._told(super().__next__)

    def _told(self, step: Any, *arguments: Any) -> Any:
        # No block of `told`: this is done for every row.
        try:
            return step(*arguments)
        except sqlite3.DatabaseError as err:
            known = meaning(err, self.connection.path)  # type: ignore[attr-defined]  # a Connection
            if known is err:
                raise
            raise known from err
