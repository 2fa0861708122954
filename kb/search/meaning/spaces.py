"""The geometry of the leg of meaning: passages and names of concepts as directions.

Vectors of one language lie together, whatever they speak of, and hide what other languages say. So
the mean of its language is taken from each: from passages, from names, and from a question the mean
of the names in the languages that it may be in. It knows arrays, no files and no model.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kb.search.engine import Nearest
from kb.search.meaning.centring import Means, centred
from kb.search.meaning.levels import Levels, Matrix, Rows, Vector, slices, unit

_BLOCK = 512
"""Rows that are compared at once: as numbers of 4 bytes they stay in the processor's cache. Of a
million rows 512 at a time take 80 ms, 8,192 take 170."""

# Set on 48 needs in thirty languages: 3 or 5 names give half a point less.
_MOST_CONCEPTS = 8
_NEAR_NAME = 0.2
_UNLIKELY = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Directions of the passages of cases; those of one case stand together."""

    cases: Sequence[str]
    starts: NDArray[np.int64]
    """The row with which each case begins."""
    positions: NDArray[np.int32]
    """Which chunk of its case each row is."""
    levels: Levels
    scales: Vector

    @classmethod
    def none(cls) -> Self:
        """Return no passages."""
        return cls([], np.empty(0, np.int64), np.empty(0, np.int32), Rows().levels, Rows().scales)

    @classmethod
    def of(cls, rows: Rows, means: Means) -> Self:
        """Return passages with these means taken from them."""
        if not len(rows):
            return cls.none()
        numbers = means.numbers(rows.languages)
        levels, scales = centred(rows.levels, rows.scales, numbers, means.table())
        cases = list(dict.fromkeys(rows.owners))
        places = {case_id: place for place, case_id in enumerate(cases)}
        of = np.array([places[case_id] for case_id in rows.owners], np.int64)
        starts = np.flatnonzero(np.diff(of, prepend=-1))
        return cls(cases, starts, np.array(rows.positions, np.int32), levels, scales)

    def nearest(self, question: Vector) -> tuple[Vector, NDArray[np.int32]]:
        """Return for each case the cosine of its best passage, and which that is."""
        if not self.cases:
            return np.empty(0, np.float32), np.empty(0, np.int32)
        cosines = self._cosines(question)
        best = np.maximum.reduceat(cosines, self.starts)
        lengths = np.diff(self.starts, append=len(cosines))
        # Each case has a row that is as good as its best; the first of them is meant.
        good = np.flatnonzero(cosines == np.repeat(best, lengths))
        return best, self.positions[good[np.searchsorted(good, self.starts)]]

    def _cosines(self, question: Vector) -> Vector:
        number, wide = self.levels.shape
        cosines, block = np.empty(number, np.float32), np.empty((_BLOCK, wide), np.float32)
        for rows in slices(number, _BLOCK):
            part = block[: rows.stop - rows.start]
            np.copyto(part, self.levels[rows])
            np.dot(part, question, out=cosines[rows])
        cosines *= self.scales
        return cosines


class PassageSpace:
    """The passages of all cases: those of a file, and beside them what it does not hold."""

    def __init__(
        self,
        rows: Rows,
        made: Passages | None = None,
        means: Means | None = None,
        gone: Iterable[str] = (),
    ) -> None:
        """Put both together.

        Args:
            rows: passages that no file holds.
            made: those of the file, its cases in order.
            means: of the passages in the file; those of ``rows`` are added to them.
            gone: cases that are not any more as the file holds them.
        """
        made = made or Passages.none()
        means = (means or Means.of_nothing()).with_rows(rows)
        self._parts = made, Passages.of(rows, means)
        self._kept = _places_but(made.cases, gone)
        old = made.cases if self._kept is None else [made.cases[n] for n in self._kept]
        self._cases = [*old, *self._parts[1].cases]

    def nearest(self, question: Vector) -> Nearest:
        """Return the best cosine of each case, and which of its passages has it."""
        if not self._cases:
            return Nearest()
        (cosines, passages), (more, others) = (part.nearest(question) for part in self._parts)
        if self._kept is not None:
            cosines, passages = cosines[self._kept], passages[self._kept]
        return Nearest(
            self._cases, np.concatenate([cosines, more]), np.concatenate([passages, others])
        )


class NameSpace:
    """The names of concepts, by language."""

    def __init__(self, rows: Rows, concepts: list[str]) -> None:
        """Take the names apart by language.

        Args:
            rows: their vectors; the position of a name counts through languages and concepts.
            concepts: the concepts in order.
        """
        self._concepts = concepts
        languages = np.array(rows.languages)
        self._means: dict[str, Vector] = {}
        self._names: dict[str, tuple[list[int], Matrix]] = {}
        for language in dict.fromkeys(rows.languages):
            own = np.flatnonzero(languages == language)
            mean = rows.matrix[own].mean(axis=0)
            numbers = [rows.positions[int(n)] % len(concepts) for n in own]
            self._means[language] = mean
            self._names[language] = numbers, unit(rows.matrix[own] - mean)

    def place(self, question: Vector, likely: Mapping[str, float]) -> Vector:
        """Return the direction of a question, without the means of the languages it may be in."""
        shares = self._shares(likely)
        parts = [share * self._means[language] for language, share in shares.items()]
        direction = question - np.sum(parts, axis=0, dtype=np.float32) if parts else question
        return np.asarray(direction / max(float(np.linalg.norm(direction)), 1e-9), np.float32)

    def concepts(self, direction: Vector, likely: Mapping[str, float]) -> dict[str, float]:
        """Return the concepts with the nearest names, and by how much they are near."""
        near = np.zeros(len(self._concepts), np.float32)
        for language, share in self._shares(likely).items():
            numbers, names = self._names[language]
            near[numbers] += share * (names @ direction)
        best = np.argsort(-near, kind="stable")[:_MOST_CONCEPTS]
        return {
            self._concepts[n]: float(near[n] - _NEAR_NAME) for n in best if near[n] > _NEAR_NAME
        }

    def _shares(self, likely: Mapping[str, float]) -> dict[str, float]:
        known = {code: share for code, share in likely.items() if code in self._means}
        kept = {code: share for code, share in known.items() if share > _UNLIKELY} or known
        total = sum(kept.values())
        return {code: share / total for code, share in kept.items()} if total else {}


def _places_but(cases: Sequence[str], gone: Iterable[str]) -> NDArray[np.int64] | None:
    """Return the places of all cases but some, or None where none of these is among them."""
    kept = np.ones(len(cases), bool)
    for case_id in gone:
        place = bisect_left(cases, case_id)
        if cases[place : place + 1] == [case_id]:
            kept[place] = False
    return None if kept.all() else np.flatnonzero(kept)
