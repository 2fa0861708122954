"""The directions of all passages in a file that is mapped, made from the vectors in little memory.

It is made anew where enough has changed; until then what it lacks stands in memory beside it, and
what it should hold no more is left out (`spaces.PassageSpace`). Who makes it holds a lock; who
answers makes none, and answers from what there is.
"""

import logging
import threading
from array import array
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path

import numpy as np

from kb import lock
from kb.errors import DamagedFileError, IndexBusyError
from kb.search.meaning import sealed
from kb.search.meaning.centring import Means, centred
from kb.search.meaning.levels import Rows, slices
from kb.search.meaning.sealed import Sealed
from kb.search.meaning.spaces import Passages
from kb.search.meaning.vectors import Vectors
from kb.search.meaning.view import View

LOG = logging.getLogger(__name__)

MOST_BESIDE = 8192
"""Passages that a process holds beside the file: 3 MB, made in some 50 ms."""

_MOST_LEFT = 2048
_SHARE_LEFT = 64
"""It is made anew when more than 2,048 passages are beside it, or one in 64."""

_BLOCK = 2048
_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Laid:
    """What questions are compared with."""

    passages: Passages
    means: Means
    """Of the passages in the file."""
    beside: Rows
    """Passages that the file does not hold."""
    gone: tuple[str, ...]
    """Cases that are not any more as the file holds them."""
    turn_of_names: int


class Directions:
    """The folder of the file; safe to use from several threads and processes."""

    def __init__(self, vectors: Vectors, folder: Path) -> None:
        self._vectors = vectors
        self._folder = folder
        self._open: Sealed | None = None
        self._lock = threading.Lock()

    @property
    def untouched(self) -> bool:
        """Whether the file that is open, if one is, may go on being read."""
        file = self._open
        return file is None or file.untouched

    def lay(self, model: str, *, last: bool = False) -> Laid:
        """Return what is there to be compared with, at this moment.

        Raises:
            IndexUnavailableError: the vectors cannot be read.
        """
        with self._vectors.view() as view:
            file = self._file(view, model)
            lost = file is None and view.laid_out(model)
            if not lost or last:
                beside = view.passages(model, MOST_BESIDE, touched=file is not None)
                gone = tuple(view.touched()) if file else ()
                return Laid(*_parts(file), beside, gone, view.turn_of_names())
        return self.lay(model, last=True)  # another may have been made while we looked for it

    def late(self, model: str) -> int:
        """Return how many vectors there are that no question is compared with yet.

        Raises:
            IndexUnavailableError: the vectors cannot be read.
        """
        with self._vectors.view() as view:
            return max(0, self._beside(view, model) - MOST_BESIDE)

    def bring_up(self, model: str) -> None:
        """Make the file anew where enough has changed, and delete what nobody needs any more.

        Where another process is at it nothing is done.

        Raises:
            IndexUnavailableError: the vectors cannot be read.
            OSError: the file cannot be written; the former one stays.
        """
        with suppress(IndexBusyError), lock.held(self._folder / _LOCK, 0):
            with self._vectors.view() as view:
                current, name = self._file(view, model), ""
                if self._beside(view, model) + len(view.touched()) > _left(current):
                    name, turn = _made(self._folder, view.all_passages(model)), view.turn()
                kept = name or view.laid_out(model)
            if name:
                self._vectors.lay_out(model, name, turn)
            for path in self._folder.iterdir():
                if path.name not in {kept, _LOCK}:
                    path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        self._open = None

    def _beside(self, view: View, model: str) -> int:
        name = view.laid_out(model)
        return view.count(model, touched=bool(name) and (self._folder / name).exists())

    def _file(self, view: View, model: str) -> Sealed | None:
        """Return the file that holds most vectors; a damaged one is deleted, to be made anew."""
        name = view.laid_out(model)
        with self._lock:
            if not name or (self._open and self._open.name == name and self._open.untouched):
                return self._open if name else None
            self._open = None
            try:
                self._open = Sealed(self._folder / name)
            except DamagedFileError:
                (self._folder / name).unlink(missing_ok=True)
            except OSError as err:  # too many open files are no reason to delete this one
                LOG.warning("search by meaning goes on with few passages: %s", err)
            return self._open


def _left(file: Sealed | None) -> int:
    passages = len(file.array("scales")) if file else 0
    return min(_MOST_LEFT, passages // _SHARE_LEFT)


def _parts(file: Sealed | None) -> tuple[Passages, Means]:
    if file is None:
        return Passages.none(), Means.of_nothing()
    cases = file.array("cases").tobytes().decode().split("\n") if file.told["cases"] else []
    means = Means(file.told["languages"], file.array("counts"), file.array("sums"))
    starts, positions, levels, scales = map(file.array, ("starts", "positions", "levels", "scales"))
    return Passages(cases, starts, positions, levels, scales), means


def _made(folder: Path, blocks: Iterable[Rows]) -> str:
    """Write the file and return its name; only the levels of one block are held at a time."""
    with sealed.writing(folder) as file:
        gathered = _Gathered(file)
        for rows in blocks:
            gathered.add(rows)
        gathered.centre()
        return gathered.seal(folder)


class _Gathered:
    """Passages on their way into the file: first as they are, then without their means."""

    def __init__(self, file: BufferedRandom) -> None:
        self._file = file
        self._means = Means.of_nothing()
        self._scales, self._positions = array("f"), array("i")
        self._numbers, self._starts = array("H"), array("q")
        self._cases: list[bytes] = []
        self._last = ""

    def add(self, rows: Rows) -> None:
        """Append passages, and count them in."""
        self._means = self._means.with_rows(rows)
        for place, owner in enumerate(rows.owners, len(self._positions)):
            if owner != self._last:
                self._cases.append(owner.encode())
                self._starts.append(place)
                self._last = owner
        self._file.write(rows.levels.data)
        self._scales.frombytes(rows.scales.tobytes())
        self._positions.extend(rows.positions)
        self._numbers.frombytes(self._means.numbers(rows.languages).tobytes())

    def centre(self) -> None:
        """Put directions in place of the vectors, now that the means are known."""
        table, wide = self._means.table(), self._means.sums.shape[1]
        scales, numbers = np.asarray(self._scales), np.asarray(self._numbers)
        for rows in slices(len(scales), _BLOCK):
            self._file.seek(rows.start * wide)
            read = self._file.read((rows.stop - rows.start) * wide)
            levels = np.frombuffer(read, np.int8).reshape(-1, wide)
            levels, scales[rows] = centred(levels, scales[rows], numbers[rows], table)
            self._file.seek(rows.start * wide)
            self._file.write(levels.data)

    def seal(self, folder: Path) -> str:
        """Write the rest and give the file its name."""
        levels = np.dtype(np.int8).str, [len(self._scales), self._means.sums.shape[1]], 0
        others = {
            "scales": np.asarray(self._scales),
            "positions": np.asarray(self._positions),
            "starts": np.asarray(self._starts),
            "cases": np.frombuffer(b"\n".join(self._cases), np.uint8),
            "counts": self._means.counts,
            "sums": self._means.sums,
        }
        places = {name: sealed.put(self._file, each) for name, each in others.items()}
        told = {"languages": self._means.languages, "cases": len(self._cases)}
        return sealed.seal(self._file, folder, {"levels": levels, **places}, told)
