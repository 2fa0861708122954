"""Facets as arrays: which documents have which values, to be counted all at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""One truth for each document."""
Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The values of one facet: a row for each value of each document, in the documents' order."""

    values: tuple[str, ...]
    """Each once, sorted."""
    documents: Integers
    codes: Integers
    """Which of the values each row has."""

    @classmethod
    def of(cls, rows: Sequence[tuple[int, str]]) -> "Column":
        """Return the column of rows (document, value), in the documents' order."""
        values = tuple(sorted({value for _, value in rows}))
        order = {value: code for code, value in enumerate(values)}
        return cls(
            values,
            np.array([number for number, _ in rows], np.int32),
            np.array([order[value] for _, value in rows], np.int32),
        )

    @classmethod
    def joined(cls, parts: Iterable[tuple[int, "Column"]]) -> "Column":
        """Return one column of those of several segments, each with its first document."""
        columns = list(parts)
        values = tuple(sorted({value for _, column in columns for value in column.values}))
        order = {value: code for code, value in enumerate(values)}
        return cls(
            values,
            _concatenated([first + column.documents for first, column in columns]),
            _concatenated([_recoded(column, order) for _, column in columns]),
        )

    def having(self, values: Iterable[str], size: int) -> Mask:
        """Return which of ``size`` documents have one of the values."""
        wanted = np.isin(self.values, list(values)) if self.values else np.empty(0, np.bool_)
        mask = np.zeros(size, np.bool_)
        mask[self.documents[wanted[self.codes]]] = True
        return mask

    def counts(self, mask: Mask) -> dict[str, int]:
        """Return how many documents of a mask have each value; values of none are left out."""
        counts = np.bincount(self.codes[mask[self.documents]], minlength=len(self.values))
        return {self.values[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}

    def of_document(self, document: int) -> list[int]:
        """Return the codes of the values of a document, ascending."""
        start, end = np.searchsorted(self.documents, [document, document + 1])
        return sorted(self.codes[start:end].tolist())


NOTHING = Column.of(())
"""The column of a facet that no document has."""


def crossed(one: Column, other: Column, mask: Mask) -> dict[tuple[str, str], int]:
    """Count the documents of a mask by the values of two columns; an empty value: those with none.

    Both are read as tables and joined on the document.
    """
    rows, columns = _with_none(one, mask), _with_none(other, mask)
    starts = np.searchsorted(columns.documents, rows.documents)
    times = np.searchsorted(columns.documents, rows.documents, side="right") - starts
    first = np.repeat(rows.codes, times)
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    second = columns.codes[np.repeat(starts, times) + within]
    width = len(columns.values)
    counts = np.bincount(first.astype(np.int64) * width + second)
    return {
        (rows.values[pair // width], columns.values[pair % width]): int(counts[pair])
        for pair in np.flatnonzero(counts).tolist()
    }


def _with_none(column: Column, mask: Mask) -> Column:
    """Keep the rows of a mask, and give an empty value to those of its documents without one."""
    kept = mask[column.documents]
    none = mask.copy()
    none[column.documents] = False
    without = np.flatnonzero(none).astype(np.int32)
    documents = np.concatenate([column.documents[kept], without])
    codes = np.concatenate([column.codes[kept], np.full(len(without), len(column.values))])
    order = np.argsort(documents, kind="stable")
    return Column((*column.values, ""), documents[order], codes[order].astype(np.int32))


def _recoded(column: Column, order: dict[str, int]) -> Integers:
    codes = np.array([order[value] for value in column.values], np.int32)
    return codes[column.codes]


def _concatenated(parts: list[Integers]) -> Integers:
    return np.concatenate(parts).astype(np.int32) if parts else np.empty(0, np.int32)
