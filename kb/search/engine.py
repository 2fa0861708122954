"""The protocol that every search engine keeps; `tests/search_contract.py` holds each one to it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.fitting import Fit
from kb.progress import Watch, unwatched
from kb.query import Correction, Match, Query
from kb.search.fields import Document

StopWords = Mapping[str, frozenset[str]]
"""The folded stop words by language; they may be read as late as they are asked for."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far an index has come; it is committed together with what it speaks of."""

    database: str
    """Identity of the database the index was made from."""
    version: str
    """Version of what is indexed and of how words are read."""
    seq: int
    """Number in the change log up to which everything is indexed."""


@dataclass(frozen=True, slots=True)
class Found:
    """One case of an answer."""

    case_id: str
    score: float
    matches: tuple[Match, ...] = ()
    nearest: int | None = None
    """The chunk to show of a case that was found by its meaning only."""
    fit: Fit | None = None
    """How well it fits the reader's city, if the question says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine answers: one page of cases, and exact numbers for all of them."""

    total: int
    found: tuple[Found, ...]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Facet -> value -> cases; each facet is counted without its own filter."""
    marks: frozenset[str] = frozenset()
    """Folded words to mark in passages."""
    words: tuple[str, ...] = ()
    """The plain words of the question, in its order."""
    notes: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    passed: tuple[str, ...] = ()
    """The cases up to the end of this page, but for those that the reader has seen before."""
    more: bool = False
    """Whether others come after them."""


@dataclass(frozen=True, slots=True)
class Tally:
    """All cases that a question finds, counted in one reading of the index."""

    total: int
    pairs: Mapping[tuple[str, str], Mapping[tuple[str, str], int]]
    """Two facets -> a value of each -> cases that have both; an empty value: cases with none."""
    starts: Mapping[str, int]
    """When they began (EDTF) -> cases."""


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """How near cases are to what a question means: a row for each case that has passages."""

    cases: Sequence[str] = ()
    """Their ids, each once; the same object until the passages change."""
    cosines: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    """Of the best passage of each, some 0.05 for any case and 0.2 for one that answers."""
    passages: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    """Which of its `chunks` that passage is."""
    concepts: Mapping[str, float] = field(default_factory=dict)
    """The few concepts whose names are nearest -> by how much they are nearer than others."""

    def above(self, least: float) -> dict[str, float]:
        """Return the cosine of each case that is at least so near."""
        found = np.flatnonzero(self.cosines >= least).tolist()
        return {self.cases[n]: float(self.cosines[n]) for n in found}


FindNearest = Callable[[str], Nearest]
"""Gives the cases that are near to a question; none where there is no encoder."""


def nothing_near(_text: str) -> Nearest:
    """Stand in where there is no leg of meaning."""
    return Nearest()


@dataclass(frozen=True, slots=True)
class Shared:
    """A value of a facet that two cases have."""

    facet: str
    value: str


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that is like another."""

    case_id: str
    score: float
    shared: tuple[Shared, ...]
    """What they have in common, the most telling first."""


class SearchEngine(Protocol):
    """An index of documents."""

    name: str

    def checkpoint(self) -> Checkpoint | None:
        """Return how far the index has come, or None if there is none that can be read.

        Raises:
            IndexUnavailableError: nobody knows now whether there is one.
        """

    def size(self) -> int:
        """Return the number of cases in the index, 0 if there is none."""

    def apply(
        self,
        documents: Iterable[Document],
        dropped: Sequence[str],
        checkpoint: Checkpoint,
        watch: Watch = unwatched,
    ) -> None:
        """Put documents in place of those of the same case, drop cases, and commit it all at once.

        Raises:
            IndexUnavailableError: there is no index to change.
            IndexBusyError: another process is writing to it.
        """

    def rebuild(
        self, documents: Iterable[Document], checkpoint: Checkpoint, watch: Watch = unwatched
    ) -> None:
        """Build an index beside the present one and swap: readers see either, never a part."""

    def search(self, query: Query, seen: AbstractSet[str] = frozenset()) -> Answer:
        """Answer a question; malformed text is searched as plain words, never refused.

        Cases that the reader has ``seen`` count in all numbers and are on no page.

        Raises:
            IndexUnavailableError: there is no index that can be read.
        """

    def ids(self, query: Query) -> tuple[str, ...]:
        """Return all cases that `search` finds, in its order; no page and no depth limits them.

        Raises:
            IndexUnavailableError: there is no index that can be read.
        """

    def tally(self, query: Query, pairs: Iterable[tuple[str, str]]) -> Tally:
        """Count all cases that `search` finds, by each pair of facets and by when they began.

        Raises:
            IndexUnavailableError: there is no index that can be read.
        """

    def revisions(self) -> Mapping[str, int]:
        """Return the number of the revision that the index holds of each of its cases, by id.

        Raises:
            IndexUnavailableError: there is no index that can be read.
        """

    def similar(self, case_id: str, limit: int) -> tuple[Similar, ...]:
        """Return the cases that are most like a case, the most similar first.

        Raises:
            IndexUnavailableError: there is no index that can be read.
        """

    def verify(self) -> bool:
        """Tell whether the index is whole; a damaged one must be rebuilt."""

    def tidy(self) -> None:
        """Delete what was replaced and nobody reads any more."""

    def close(self) -> None:
        """Release what is held; the engine opens again if it is used again."""
