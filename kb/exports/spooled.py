"""Files that can only be read once they are whole: written to the disk, then passed on."""

from collections.abc import Iterator
from typing import IO

_PIECE_BYTES = 64 * 1024


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands in a file, from its beginning."""
    file.seek(0)
    while piece := file.read(_PIECE_BYTES):
        yield piece
