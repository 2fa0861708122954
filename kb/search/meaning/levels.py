"""Vectors as one byte a dimension, with a scale each: a quarter of the memory, the same answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Matrix = NDArray[np.float32]
Levels = NDArray[np.int8]
"""One row a vector."""

_LEVELS = 127
_LEAST = 1e-9
"""Lengths and peaks are divided by; those of nothing are not zero."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Vectors of wanted texts; those of one owner stand together, in the order of its texts."""

    owners: Sequence[str] = ()
    positions: Sequence[int] = ()
    """Which text of its owner each is, from 0."""
    languages: Sequence[str] = ()
    levels: Levels = field(default_factory=lambda: np.empty((0, 0), np.int8))
    scales: Vector = field(default_factory=lambda: np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self.owners)

    @cached_property
    def matrix(self) -> Matrix:
        """The vectors, one row each."""
        return unpacked(self.levels, self.scales)


def packed(matrix: Matrix) -> tuple[Levels, Vector]:
    """Return levels and scales of vectors, one row each."""
    peaks = np.maximum(matrix.max(axis=1, initial=0), -matrix.min(axis=1, initial=0))
    scales = np.maximum(peaks, _LEAST) / _LEVELS
    levels = matrix / scales[:, None]
    return np.rint(levels, out=levels).astype(np.int8), scales.astype(np.float32)


def unpacked(levels: Levels, scales: Vector) -> Matrix:
    """Return the vectors that were packed, each dimension within half a level."""
    return np.multiply(levels, scales[:, None], dtype=np.float32)


def unit(matrix: Matrix) -> Matrix:
    """Return the rows drawn out or in to length 1; a row of zeros stays one."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    return np.asarray(matrix / np.maximum(lengths, _LEAST)[:, None], np.float32)


def slices(number: int, size: int) -> Iterator[slice]:
    """Cut so many rows into runs of ``size``."""
    return (slice(start, min(start + size, number)) for start in range(0, number, size))
