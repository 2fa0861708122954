"""Backups: one state of the database and the files that it names, checked, and whole or not there.

The database comes first, then the files. A file is written before the row that names it, so each
that the copied rows name is there already, and new ones need not be. It may be deleted while we
are at it, where a case is taken down: then our copy is of before, must not keep that case, and
is made again. The other way round a file that comes in after the files were copied, and its row
before the database is, would be missing.

Each backup is a folder of its own that needs no other. What the one before it holds is linked, not
copied: files never change. The index is never in it, for it is made of pickles, which are code.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kb import bundles, copying, heartbeat, inventory, lock, manifest
from kb.database import Connections
from kb.errors import BackupError, IndexBusyError, NoRoomError
from kb.heartbeat import Beat
from kb.inventory import digest_of_file, promised
from kb.manifest import DATABASE, Manifest
from kb.moments import utc
from kb.originals import flush_folder
from kb.progress import Watch, unwatched

_ATTEMPTS = 10
_REMEDY = "look at the disk and at indexer.py check, and try again"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    path: Path
    manifest: Manifest


class Backups:
    """The making of backups of one site."""

    def __init__(
        self, connections: Connections, data: Path, now: Callable[[], float] = time.time
    ) -> None:
        self._connections = connections
        self._data = data
        self._now = now

    def make(self, target: Path, keep: int = 0, watch: Watch = unwatched) -> Backup:
        """Back up into a folder of backups, or into one file whose name ends in ``.tar``.

        What is there under its name when this returns, and not before, is whole and on the disk.
        Files that rows name and that are lost already are told of, and prevent nothing.

        Args:
            target: created if it is not there, for us alone.
            keep: how many backups the folder may hold afterwards, the newest; 0 keeps all.
            watch: told of the files.

        Raises:
            BackupError: the database is damaged, or the target cannot be written.
            NoRoomError: there is no room for it.
        """
        try:
            with lock.held(self._data / "backup.lock", 0):
                made = self._made(target, watch)
                if keep:
                    bundles.thin_out(target, keep)
        except IndexBusyError as err:
            raise BackupError(str(target), "is being written", "let the other finish") from err
        except (BackupError, NoRoomError):
            heartbeat.beat(self._data, "backup", Beat(self._now(), fine=False, told="broken off"))
            raise
        lost = len(made.manifest.missing)
        told = f"{lost} files were lost before" if lost else ""
        heartbeat.beat(self._data, "backup", Beat(self._now(), not lost, told))
        return made

    def _made(self, target: Path, watch: Watch) -> Backup:
        packed = target.suffix == bundles.TAR
        folder = target.parent if packed else target
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = target.name if packed else bundles.stamp(folder, self._now())
            beside = bundles.beside(folder, name)
            try:
                told = self._filled(beside, bundles.newest(folder), watch)
                if packed:
                    bundles.pack(beside, beside / target.name)
                    (beside / target.name).replace(target)
                else:
                    beside.replace(folder / name)
                flush_folder(folder)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
        except (OSError, sqlite3.Error) as err:
            raise BackupError(str(target), f"cannot be written: {err}", _REMEDY) from err
        return Backup(folder / name, told)

    def _filled(self, folder: Path, before: Path | None, watch: Watch) -> Manifest:
        """Fill a folder with one state; if files of it are deleted meanwhile, with a later one."""
        live = self._connections.reading.conn
        for _ in range(_ATTEMPTS):
            copying.copy(live, folder / DATABASE)
            named = sorted(inventory.named_in(folder / DATABASE))
            self._require_room(folder, named, before)
            lost = [
                name
                for name in watch("Backing up", named, len(named))
                if not self._taken_along(name, folder, before)
            ]
            with closing(copying.reading(folder / DATABASE)) as copied:
                # A take-down makes another database of it, also where no file goes with the case.
                same = _identity(copied) == _identity(live)
            if same and set(named) <= inventory.named(live):
                return _described(folder, named, lost, int(self._now()))
        raise BackupError(str(folder), "could not be filled: files go all the time", _REMEDY)

    def _require_room(self, folder: Path, named: list[str], before: Path | None) -> None:
        if folder.stat().st_dev == self._data.stat().st_dev:
            return  # links take none
        fresh = (name for name in named if before is None or not (before / name).exists())
        paths = (self._data / name for name in fresh)
        copying.require_room(folder, sum(path.stat().st_size for path in paths if path.exists()))

    def _taken_along(self, name: str, folder: Path, before: Path | None) -> bool:
        """Link or copy a file that is as it should be; tell whether there was one."""
        to = folder / name
        if to.exists():
            return True
        to.parent.mkdir(parents=True, exist_ok=True)
        for source in (before, self._data):
            if source is not None and _linked(source / name, to):
                if digest_of_file(to) == promised(name):
                    return True
                to.unlink()
        return False


def _linked(source: Path, to: Path) -> bool:
    """Have a file in two places, as a copy where the disk is another; tell whether it is there."""
    try:
        os.link(source, to)
    except FileNotFoundError:
        return False
    except OSError:  # another disk, or one without links, or with too many of them
        shutil.copyfile(source, to)
        copying.flush(to)
    return True


def _described(folder: Path, named: list[str], lost: list[str], now: int) -> Manifest:
    """Write what is in a folder, once nothing else is, and have all of it survive a power cut."""
    there = {name: folder / name for name in (DATABASE, *named) if name not in lost}
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path not in there.values():
            path.unlink()  # of a state that we have begun with, and that has passed
    with closing(copying.reading(folder / DATABASE)) as db:
        (cases,) = db.execute("SELECT count(*) FROM cases").fetchone()
        (schema,) = db.execute(_SCHEMA).fetchone()
    # The files were held against their names when they were taken along.
    sums = {name: promised(name) for name in there} | {DATABASE: digest_of_file(folder / DATABASE)}
    files = {name: (sums[name], path.stat().st_size) for name, path in there.items()}
    told = Manifest(utc(now), manifest.program(), schema, cases, files, tuple(lost))
    (folder / manifest.FILE).write_bytes(told.written())
    copying.flush(folder / manifest.FILE)
    for path in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
        flush_folder(path)
    return told


def _identity(db: sqlite3.Connection) -> str:
    (identity,) = db.execute("SELECT value FROM meta WHERE name = 'database'").fetchone()
    return str(identity)


_SCHEMA = "SELECT max(name) FROM _sqlite_migrations WHERE migration_set = 'kb'"
