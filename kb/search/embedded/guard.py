"""Noticing that an index is damaged while it is open, and leaving a note for whoever rebuilds it.

Whoosh maps its files into memory and never changes one: to read what was cut off ends the process,
and zeroes are read as text. So a file that was touched is not read; that costs microseconds.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from kb.errors import IndexUnavailableError, KbError
from kb.search.embedded import seal

_NOTE = "damaged"


class Guard:
    """Watches over the files of the generation that is open."""

    def __init__(self) -> None:
        self._seen: Mapping[Path, tuple[int, int]] = {}

    def begin(self, generation: Path) -> None:
        """Note how the files are, before they are opened."""
        self._seen = {path: _state(path) for path in seal.sealed(generation)}

    @contextmanager
    def watching(self, generation: Path) -> Iterator[None]:
        """Let a block read from a generation.

        Raises:
            IndexUnavailableError: its files are damaged; a note of that is left.
        """
        if any(path.exists() and _state(path) != then for path, then in self._seen.items()):
            raise _damaged(generation)
        try:
            yield
        except KbError:
            raise
        except Exception as err:  # damaged files raise nine kinds of exception
            if not is_damaged(generation) and seal.is_whole(generation):
                raise
            raise _damaged(generation) from err


def is_damaged(generation: Path) -> bool:
    """Tell whether somebody has met damage in a generation; nothing of it can be caught up with."""
    return (generation / _NOTE).exists()


def _damaged(generation: Path) -> IndexUnavailableError:
    with suppress(OSError):  # where nothing can be written, nothing can be built anew either
        (generation / _NOTE).touch()
    return IndexUnavailableError(
        f"the index in {generation} is damaged; the worker builds it anew, or run: "
        "indexer.py rebuild"
    )


def _state(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:  # merged into another, and removed
        return 0, 0
    return stat.st_size, stat.st_mtime_ns
