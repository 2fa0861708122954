"""How backups lie on a disk: folders by the time they were made, or each packed into one file."""

import re
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from kb import copying, inventory, manifest
from kb.errors import BackupError
from kb.manifest import Manifest

TAR = ".tar"
PART = ".part"
_FORMAT = "%Y%m%dT%H%M%S.%fZ"
_STAMP = re.compile(r"\d{8}T\d{6}\.\d{6}Z")


class Bundle(Protocol):
    """A backup that is open for reading."""

    where: str

    def names(self) -> Iterable[str]:
        """Return the names of all files in it."""

    def open(self, name: str) -> BinaryIO:
        """Return a file, which the caller closes.

        Raises:
            BackupError: there is none of this name.
        """


class Folder:
    """A backup as a folder."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._path = path

    def names(self) -> Iterator[str]:
        """Yield the names of all that is no folder, links too."""
        for path in sorted(self._path.rglob("*")):
            if path.is_symlink() or not path.is_dir():
                yield str(path.relative_to(self._path))

    def open(self, name: str) -> BinaryIO:
        """Return a file; a link to one, which may lead anywhere, is none."""
        path = self._path / name
        if path.is_symlink() or not path.is_file():
            raise lacks(self.where, name)
        return path.open("rb")


class Tar:
    """A backup as one file; nothing is unpacked but what is asked for, under a name of ours."""

    def __init__(self, path: Path, archive: tarfile.TarFile) -> None:
        self.where = str(path)
        self._archive = archive
        self._members = {each.name: each for each in archive.getmembers() if not each.isdir()}

    def names(self) -> Iterable[str]:
        """Return the names of all that is no folder."""
        return self._members

    def open(self, name: str) -> BinaryIO:
        """Return a file; a link or a device is none."""
        member = self._members.get(name)
        file = self._archive.extractfile(member) if member and member.isreg() else None
        if file is None:
            raise lacks(self.where, name)
        return file  # type: ignore[return-value]  # IO[bytes], which reads as BinaryIO does


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Open a backup, or of a folder of backups the newest.

    Raises:
        BackupError: there is none.
    """
    if path.is_dir():
        yield Folder(path if (path / manifest.FILE).exists() else newest(path) or path)
        return
    try:
        with tarfile.open(path, "r:") as archive:
            yield Tar(path, archive)
    except (OSError, tarfile.TarError) as err:
        raise BackupError(str(path), f"is no backup: {err}", "name a backup of ours") from err


def described(bundle: Bundle) -> Manifest:
    """Return what a backup says of itself.

    Raises:
        BackupError: it says nothing, or what cannot be so.
    """
    with bundle.open(manifest.FILE) as file:
        return manifest.read(file.read(manifest.MOST_BYTES), f"{bundle.where}/{manifest.FILE}")


def pack(folder: Path, to: Path) -> None:
    """Write a folder into one file, and read it again.

    Raises:
        NoRoomError: the disk has no room for it.
        BackupError: what is read is not what was written.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    copying.require_room(to.parent, sum(path.stat().st_size for path in paths))
    with tarfile.open(to, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in paths:
            archive.add(path, str(path.relative_to(folder)))
    to.chmod(0o600)
    copying.flush(to)
    with opened(to) as bundle:
        for name, (sha256, _size) in described(bundle).files.items():
            with bundle.open(name) as file:
                if inventory.digest_of(file) != sha256:
                    raise altered(bundle.where, name)


def stamp(folder: Path, now: float) -> str:
    """Return the name of the next backup: its time, or a little after that of the one before."""
    at = datetime.fromtimestamp(now, UTC)
    before = newest(folder)
    if before is not None:  # a clock that was set back must not make the newest the oldest
        last = datetime.strptime(before.name, _FORMAT).replace(tzinfo=UTC)
        at = max(at, last + timedelta(milliseconds=1))
    return at.strftime(_FORMAT)


def newest(folder: Path) -> Path | None:
    """Return the newest of the backups in a folder, None if there is none."""
    return max(_stamped(folder), default=None)


def thin_out(folder: Path, keep: int) -> None:
    """Delete all backups of a folder but the newest."""
    for path in sorted(_stamped(folder))[:-keep]:
        gone = path.with_name(f".{path.name}{PART}")
        path.rename(gone)  # half of a backup must not be taken for one
        shutil.rmtree(gone)


def beside(folder: Path, name: str) -> Path:
    """Return where a backup is put together, once what was broken off there has been deleted.

    Nothing else is: others may have files in this folder whose names end as ours do.
    """
    for path in folder.glob(f".*{PART}"):
        whose = path.name[1 : -len(PART)]
        if whose == name or _STAMP.fullmatch(whose):
            shutil.rmtree(path)
    made = folder / f".{name}{PART}"
    made.mkdir(mode=0o700)
    return made


def lacks(where: str, name: str) -> BackupError:
    """Make the error of a backup in which a file is not there."""
    return BackupError(f"{where}/{name}", "is missing", "take another backup")


def altered(where: str, name: str) -> BackupError:
    """Make the error of a backup in which a file is not as it was."""
    return BackupError(f"{where}/{name}", "is not as it was written", "take another backup")


def _stamped(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if _STAMP.fullmatch(path.name)]
