"""From a backup to a site: into an empty folder, each file held against its hash on the way.

Nothing that is derived is taken over. An index is made of pickles, which are code, so that a backup
that holds one is refused as not ours; index and tags are made again from the cases. The restored
database is another one than that which was backed up: an index of that one, which knows of changes
that never happened here, does not fit it.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from kb import bundles, copying, inventory, manifest
from kb.bundles import Bundle
from kb.checking import Report
from kb.errors import BackupError
from kb.library import open_library
from kb.manifest import DATABASE, Manifest
from kb.originals import flush_folder
from kb.progress import Watch, unwatched
from kb.settings import Settings
from kb.store import become_another

_MARK = ".restoring"
"""Lies in a folder until the database does, so that what was broken off can be begun again."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A site that was restored."""

    manifest: Manifest
    report: Report


def restore(
    source: Path,
    into: Path,
    settings: Settings,
    files: Path | None = None,
    watch: Watch = unwatched,
) -> Restored:
    """Restore a backup, build what is derived, and check all of it.

    Args:
        source: a backup, as a folder or a file; a folder of backups, of which the newest is taken;
            or a database alone, as other programs keep it, if ``files`` is given.
        into: an empty folder, or one that is not there yet.
        settings: of the site; their folder plays no part.
        files: folder in which ``originals`` and ``snapshots`` of a database alone lie.
        watch: told how far it has come.

    Raises:
        BackupError: the backup is not as it was written, or not ours; or the folder is not empty.
        DatabaseTooNewError: a newer version of this program has written the database.
        NoRoomError: there is no room for it.
    """
    _prepare(into)
    try:
        if files is None:
            with bundles.opened(source) as bundle:
                told = bundles.described(bundle)
                _refuse_others(bundle, told)
                _take_over(bundle, told, into, watch)
        else:
            told = _loose(source, files)
            _take_over(_Loose(source, files), told, into, watch)
    except OSError as err:
        raise BackupError(str(into), f"cannot be written: {err}", "look at the disk") from err
    return Restored(told, _revived(replace(settings, data=into), told, watch))


def _prepare(into: Path) -> None:
    """Make sure that nothing is lost by writing into a folder, and mark it as being written."""
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    begun = (into / _MARK).exists() and not (into / DATABASE).exists()
    if not begun and next(into.iterdir(), None) is not None:
        raise BackupError(str(into), "is not empty", "name an empty folder, or a new one")
    into.chmod(0o700)
    (into / _MARK).touch()
    for folder in inventory.FOLDERS:
        shutil.rmtree(into / folder, ignore_errors=True)


def _refuse_others(bundle: Bundle, told: Manifest) -> None:
    """Refuse a backup in which there is what no backup of ours holds, first of all an index."""
    for name in bundle.names():
        if name != manifest.FILE and name not in told.files:
            raise BackupError(
                f"{bundle.where}/{name}",
                "is in no backup of ours; an index above all is code, and is never restored",
                "delete it there if you know how it came in; it is built anew",
            )


def _take_over(bundle: Bundle, told: Manifest, into: Path, watch: Watch) -> None:
    """Write each file, the database last and under its name only once all is well."""
    copying.require_room(into, sum(size for _, size in told.files.values()))
    names = sorted(told.files, key=lambda name: (name == DATABASE, name))
    for name in watch("Restoring", names, len(names)):
        to = into / (_MARK + DATABASE if name == DATABASE else name)
        to.parent.mkdir(parents=True, exist_ok=True)
        with bundle.open(name) as file:
            _write(file, to)
        if inventory.digest_of_file(to) != told.files[name][0]:
            raise bundles.altered(bundle.where, name)
    database = into / (_MARK + DATABASE)
    _examine(database, bundle.where, told)
    for folder in (path for path in into.rglob("*") if path.is_dir()):
        flush_folder(folder)
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        become_another(db)  # before it has its name: a kill must not leave one that an index fits
    copying.flush(database)
    database.replace(into / DATABASE)
    (into / _MARK).unlink()
    flush_folder(into)


def _write(file: BinaryIO, to: Path) -> None:
    with to.open("wb") as written:
        while piece := file.read(1 << 20):
            written.write(piece)
    to.chmod(0o600)
    copying.flush(to)


def _examine(database: Path, where: str, told: Manifest) -> None:
    """Have SQLite look through the database, and hold its rows against the files."""
    name = f"{where}/{DATABASE}"
    try:
        with closing(copying.reading(database)) as db:
            faults = [*copying.integrity(db), *copying.references(db)]
            named = inventory.named(db)
    except sqlite3.DatabaseError as err:
        raise BackupError(name, f"is no database: {err}", "take another backup") from err
    if faults:
        raise BackupError(name, f"is damaged: {faults[0]}", "take another backup")
    for absent in sorted(named - set(told.files) - set(told.missing)):
        raise bundles.lacks(where, absent)


def _revived(settings: Settings, told: Manifest, watch: Watch) -> Report:
    with closing(open_library(settings)) as library:
        library.audit.note("operator", "restore", "database", told.made)
        library.snapshots.mend()
        library.sync(watch)
        return library.checking.run(watch)


class _Loose:
    """A database and the folder in which its files lie, as Litestream restores the one."""

    def __init__(self, database: Path, files: Path) -> None:
        self.where = str(database)
        self._database = database
        self._files = files

    def names(self) -> Iterator[str]:
        """Yield nothing: whatever else lies there stays there."""
        yield from ()

    def open(self, name: str) -> BinaryIO:
        """Return the database, or a file of its rows."""
        return (self._database if name == DATABASE else self._files / name).open("rb")


def _loose(database: Path, files: Path) -> Manifest:
    """Say what there is of a site whose files were never put together; what is not, is missing."""
    log = database.with_name(f"{database.name}-wal")
    if not database.is_file() or (log.exists() and log.stat().st_size):
        raise BackupError(
            str(database), "is no database that has been closed", "name a copy, made by a program"
        )
    try:
        named = inventory.named_in(database)
    except sqlite3.DatabaseError as err:
        raise BackupError(str(database), f"is no database: {err}", "name another") from err
    there = {name: files / name for name in named if _is_whole(files / name)}
    sums: Mapping[str, tuple[str, int]] = {
        name: (inventory.promised(name), path.stat().st_size) for name, path in there.items()
    }
    itself = {DATABASE: (inventory.digest_of_file(database), database.stat().st_size)}
    lost = tuple(sorted(named - there.keys()))
    return Manifest("", "", "", 0, {**sums, **itself}, lost)


def _is_whole(path: Path) -> bool:
    return path.is_file() and inventory.digest_of_file(path) == path.name
