"""The bytes that came in, kept by their hash and written once."""

import hashlib
import os
import re
import threading
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from kb.errors import CaseNotFoundError, FullStoreError
from kb.trouble import told


class Originals:
    """A folder of files named by the SHA-256 of their content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, data: bytes) -> str:
        """Store the bytes durably and return their SHA-256; storing them again changes nothing.

        When this returns the file survives a power cut: written beside, flushed, renamed, and the
        folders flushed.

        Raises:
            FullDiskError: the disk takes no more; nothing of them is kept.
            ReadOnlyStoreError: nothing can be written there.
        """
        digest = digest_of(data)
        path = self._path(digest)
        if path.exists():
            return digest
        beside = path.with_name(f".{digest}.{os.getpid()}.{threading.get_ident()}")
        try:
            with told(path.parent):
                _write_durably(beside, data)
                beside.replace(path)
                flush_folder(path.parent)
        finally:
            beside.unlink(missing_ok=True)
        return digest

    def keep_pieces(self, pieces: Iterable[bytes], most_bytes: int) -> tuple[str, int]:
        """Store bytes durably that come one after the other; return their SHA-256 and number.

        Raises:
            FullStoreError: there are more than ``most_bytes``, or the disk takes no more; nothing
                of them is kept.
        """
        folder = self._folder / "00"
        folder.mkdir(exist_ok=True)
        beside = folder / f".{uuid.uuid4().hex}"
        try:
            digest, size = _written(beside, pieces, most_bytes)
            path = self._path(digest)
            path.parent.mkdir(exist_ok=True)
            flush_folder(self._folder)
            beside.replace(path)
            flush_folder(path.parent)
        except OSError as err:
            raise FullStoreError(err.strerror or str(err)) from err
        finally:
            beside.unlink(missing_ok=True)
        return digest, size

    def open(self, digest: str) -> BinaryIO:
        """Return the bytes as a file, which the caller closes.

        Raises:
            CaseNotFoundError: nothing is kept under this hash.
        """
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise CaseNotFoundError(digest) from None

    def read(self, digest: str) -> bytes:
        """Return the bytes.

        Raises:
            CaseNotFoundError: nothing is kept under this hash.
        """
        if not re.fullmatch(r"[0-9a-f]{64}", digest) or not self._path(digest).exists():
            raise CaseNotFoundError(digest)
        return self._path(digest).read_bytes()

    def has(self, digest: str) -> bool:
        """Tell whether bytes with this hash are kept."""
        return self._path(digest).exists()

    def kept_before(self, at: float) -> Iterator[str]:
        """Yield the hashes of what was kept before a time (Unix seconds), in no order.

        What an attempt that was broken off before has left beside is deleted on the way.
        """
        for path in self._folder.glob("??/*"):
            if path.stat().st_mtime < at:
                if path.name.startswith("."):
                    path.unlink(missing_ok=True)
                else:
                    yield path.name

    def remove(self, digest: str) -> None:
        """Delete the bytes, as the law may demand; nothing happens where there are none."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._folder / place(digest)


def place(digest: str) -> str:
    """Return where the bytes of a hash lie in their folder."""
    return f"{digest[:2]}/{digest}"


def digest_of(data: bytes) -> str:
    """Return the hash by which bytes are kept: SHA-256, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    flush_folder(path.parent.parent)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _written(path: Path, pieces: Iterable[bytes], most_bytes: int) -> tuple[str, int]:
    found, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > most_bytes:
                raise FullStoreError("no more may be kept")
            file.write(piece)
            found.update(piece)
        file.flush()
        os.fsync(file.fileno())
    return found.hexdigest(), size


def flush_folder(folder: Path) -> None:
    """Have what was renamed into a folder, or out of it, survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
