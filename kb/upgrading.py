"""What comes before a database that holds something gets a newer schema: a copy of it as it was."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from kb import lock, migrations
from kb.copying import copy, require_room, size_of

LOG = logging.getLogger(__name__)

_WAIT_S = 600
_GROWTH = 2
"""A step may write a table anew, and the log of it, before the old one is given up."""


@contextmanager
def copied_before(db: Database, path: Path) -> Iterator[None]:
    """Keep a copy of a database that is about to be migrated, and others from doing the same.

    The block migrates. Of several processes that open an old database at once, one comes in here
    at a time, and the second finds nothing left to do. A new database is not copied.

    Raises:
        DatabaseTooNewError: a newer version of this program has written it.
        IndexBusyError: another process has been at it for ten minutes.
        NoRoomError: there is no room for the copy; the database is as it was.
    """
    if not (migrations.pending(db) and _holds_something(db)):
        yield
        return
    with lock.held(path.with_name("upgrade.lock"), _WAIT_S):
        for first in migrations.pending(db)[:1]:
            _keep(db, path.with_name(f"{path.name}.before-{first}"))
        yield


def _keep(db: Database, beside: Path) -> None:
    require_room(beside.parent, _GROWTH * size_of(db.conn))
    copy(db.conn, beside)
    LOG.warning("the database is upgraded; as it was it is kept in %s", beside)


def _holds_something(db: Database) -> bool:
    tables = set(db.table_names()) - {"meta", "_sqlite_migrations", "sqlite_sequence"}
    return any(next(db[name].rows_where(limit=1), None) for name in sorted(tables))
