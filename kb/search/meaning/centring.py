"""The mean of each language, which is taken from its vectors so that they tell what they mean."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kb.search.meaning.levels import Levels, Matrix, Rows, Vector, packed, unit, unpacked

_ASSUMED = 30
"""With so many passages a language has half a say in its mean; the other half are all passages."""


class Means:
    """The mean of each language over passages, which are added some at a time."""

    def __init__(
        self, languages: Sequence[str], counts: NDArray[np.int64], sums: NDArray[np.float64]
    ) -> None:
        """Begin with the passages of so many languages.

        Args:
            languages: their codes.
            counts: passages of each.
            sums: of their vectors, one row a language.
        """
        self.languages, self.counts, self.sums = tuple(languages), counts, sums

    @classmethod
    def of_nothing(cls) -> Self:
        """Return the means before there is a passage."""
        return cls((), np.zeros(0, np.int64), np.zeros((0, 0)))

    def with_rows(self, rows: Rows) -> "Means":
        """Return the means with some more passages."""
        if not len(rows):
            return self
        found, numbers = np.unique(np.array(rows.languages), return_inverse=True)
        shares = np.zeros((len(found), len(rows)), np.float32)
        shares[numbers, np.arange(len(rows))] = 1
        new = [each for each in found.tolist() if each not in self.languages]
        languages = (*self.languages, *new)
        counts = np.zeros(len(languages), np.int64)
        sums = np.zeros((len(languages), rows.levels.shape[1]))
        counts[: len(self.counts)] = self.counts
        sums[: len(self.counts)] = self.sums.reshape(len(self.counts), sums.shape[1])
        places = [languages.index(each) for each in found.tolist()]
        counts[places] += np.bincount(numbers)
        sums[places] += shares @ rows.matrix
        return Means(languages, counts, sums)

    def numbers(self, languages: Sequence[str]) -> NDArray[np.uint16]:
        """Return the place of each of some languages among those that are known."""
        places = {language: place for place, language in enumerate(self.languages)}
        return np.fromiter((places[each] for each in languages), np.uint16, len(languages))

    def table(self) -> Matrix:
        """Return the mean of each language, drawn towards that of all where it has few passages."""
        counts = self.counts[:, None]
        overall = self.sums.sum(axis=0) / max(1, int(counts.sum()))
        share = counts / (counts + _ASSUMED)
        means = share * self.sums / np.maximum(counts, 1) + (1 - share) * overall
        return np.asarray(means, np.float32)


def centred(
    levels: Levels, scales: Vector, numbers: NDArray[Any], table: Matrix
) -> tuple[Levels, Vector]:
    """Return packed directions: vectors without the mean of their language, of length 1.

    Args:
        levels: of the vectors.
        scales: of the vectors.
        numbers: of their languages.
        table: the mean of each language.
    """
    return packed(unit(unpacked(levels, scales) - table[numbers]))
