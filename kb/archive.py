"""Several files as one: a ZIP archive whose bytes depend on nothing but the files."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that ZIP knows; a real one would make every archive another."""
_READABLE = 0o644 << 16


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of ``files``: content by path in the archive, in their order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(_entry(path), content)
    return packed.getvalue()


def stream(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield an archive piece by piece; no more than one piece of one file is held."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, pieces in files:
            with archive.open(_entry(path), "w") as packed:
                for piece in pieces:
                    packed.write(piece)
                    yield from pipe.taken()
    yield from pipe.taken()


class _Pipe(io.RawIOBase):
    """Holds what was written until it is taken; it cannot be sought in."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:  # Any: whatever has bytes, as the base says it
        self._written += piece
        return len(piece)

    def taken(self) -> Iterator[bytes]:
        if self._written:
            piece, self._written = bytes(self._written), bytearray()
            yield piece


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _READABLE
    return entry
