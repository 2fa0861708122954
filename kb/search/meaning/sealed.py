"""Arrays in one file that processes map into their memory: written once, named by its checksum.

The pages of a mapped file are shared by all who map it, and the system may drop them: a process
holds none of its own. What the name does not fit has been damaged and is not read.
"""

import errno
import hashlib
import json
import mmap
import os
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import DamagedFileError

SUFFIX = ".arrays"

_ALIGNED = 64
_LOST = (errno.ENOENT, errno.EIO)
_LENGTH = 8


@contextmanager
def writing(folder: Path) -> Iterator[BufferedRandom]:
    """Open a file beside those of a folder; where the block fails nothing of it is left."""
    beside = folder / f"{os.getpid()}.new"
    try:
        with beside.open("w+b") as file:
            yield file
    finally:
        beside.unlink(missing_ok=True)


def put(file: BufferedRandom, array: NDArray[Any]) -> tuple[str, list[int], int]:
    """Append an array; return its kind, its shape and where it begins."""
    file.seek(0, os.SEEK_END)
    file.write(bytes(-file.tell() % _ALIGNED))
    start = file.tell()
    file.write(np.ascontiguousarray(array).data)
    return array.dtype.str, list(array.shape), start


def seal(
    file: BufferedRandom, folder: Path, places: Mapping[str, tuple[str, list[int], int]], told: Any
) -> str:
    """End a file with what is in it, make it durable, and give it its name, which is returned."""
    file.seek(0, os.SEEK_END)
    index = json.dumps({"places": places, "told": told}).encode()
    file.write(index + len(index).to_bytes(_LENGTH, "little"))
    file.flush()
    os.fsync(file.fileno())
    file.seek(0)
    name = f"{_digest(file)}{SUFFIX}"
    Path(file.name).replace(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return name


class Sealed:
    """A file of arrays, mapped."""

    def __init__(self, path: Path) -> None:
        """Read all of it once to see that it is as it was written, then map it.

        Raises:
            DamagedFileError: it is not, or is no more.
            OSError: it cannot be opened now.
        """
        self.name = path.name
        try:
            with path.open("rb") as file:
                self._state = _state(file.fileno())
                if f"{_digest(file)}{SUFFIX}" != path.name:
                    raise DamagedFileError(str(path))
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                self._handle = os.dup(file.fileno())
        except OSError as err:
            if err.errno in _LOST:
                raise DamagedFileError(str(path)) from err
            raise
        weakref.finalize(self, os.close, self._handle)
        end = len(self._map) - _LENGTH
        start = end - int.from_bytes(self._map[end:], "little")
        index = json.loads(self._map[start:end])
        self.told: Any = index["told"]
        self._places = index["places"]

    def array(self, name: str) -> NDArray[Any]:
        """Return an array, which is read from the file where and when it is used."""
        kind, shape, start = self._places[name]
        array: NDArray[Any] = np.ndarray(shape, kind, self._map, start)
        return array

    @property
    def untouched(self) -> bool:
        """Whether nobody has written to the file or cut it since; reading what was cut kills."""
        return _state(self._handle) == self._state


def _state(handle: int) -> tuple[int, int]:
    stat = os.fstat(handle)
    return stat.st_size, stat.st_mtime_ns


def _digest(file: BufferedReader | BufferedRandom) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()
