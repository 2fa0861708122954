"""The geometry of the leg of meaning: passages and names of concepts as directions.

Vectors of one language lie together, whatever they speak of, and hide what other languages say. So
the mean of its language is taken from each: from passages, from names, and from a question the mean
of the names in the languages that it may be in. It knows arrays, no files and no model.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from kb.search.engine import Nearest
from kb.search.vectors import LEVELS, Matrix, Rows, Vector

_BLOCK = 8192
_ASSUMED = 30
"""With so many passages a language has half a say in its mean; the other half are all passages."""

# Set on 48 needs in thirty languages: 3 or 5 names give half a point less.
_MOST_CONCEPTS = 8
_NEAR_NAME = 0.2
_UNLIKELY = 0.02


class PassageSpace:
    """The passages of all cases."""

    def __init__(self, rows: Rows) -> None:
        directions = _without_means(rows)
        peaks = np.abs(directions).max(axis=1, keepdims=True, initial=1e-9) / LEVELS
        # One byte a dimension: 20,000 cases take 54 MB instead of 215.
        self._levels = np.round(directions / peaks).astype(np.int8)
        self._peaks = peaks[:, 0].astype(np.float32)
        self._positions = np.array(rows.positions, np.int32)
        self._cases = list(dict.fromkeys(rows.owners))
        order = {case_id: number for number, case_id in enumerate(self._cases)}
        numbers = np.array([order[case_id] for case_id in rows.owners], np.int32)
        self._starts = np.flatnonzero(np.diff(numbers, prepend=-1))

    def nearest(self, question: Vector) -> Nearest:
        """Return the best cosine of each case, and which of its passages has it."""
        if not self._cases:
            return Nearest()
        scores = np.concatenate([block @ question for block in self._blocks()]) * self._peaks
        best = np.maximum.reduceat(scores, self._starts)
        ends = np.append(self._starts[1:], len(scores))
        passages = [
            self._positions[start + int(scores[start:end].argmax())]
            for start, end in zip(self._starts, ends, strict=True)
        ]
        return Nearest(self._cases, best, np.array(passages, np.int32))

    def _blocks(self) -> Iterator[Matrix]:
        for start in range(0, len(self._levels), _BLOCK):
            yield self._levels[start : start + _BLOCK].astype(np.float32)


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
            self._names[language] = numbers, _unit_rows(rows.matrix[own] - mean)

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


def _without_means(rows: Rows) -> Matrix:
    """Take from each row the mean of its language, drawn towards that of all."""
    if not len(rows.matrix):
        return rows.matrix
    overall = rows.matrix.mean(axis=0)
    languages = np.array(rows.languages)
    centred = np.empty_like(rows.matrix)
    for language in set(rows.languages):
        own = languages == language
        share = own.sum() / (own.sum() + _ASSUMED)
        mean = share * rows.matrix[own].mean(axis=0) + (1 - share) * overall
        centred[own] = rows.matrix[own] - mean
    return _unit_rows(centred)


def _unit_rows(matrix: Matrix) -> Matrix:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(lengths, 1e-9), np.float32)
