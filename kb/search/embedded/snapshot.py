"""One state of the embedded index, open for reading: postings and facets as arrays.

A mask has a truth for each document: to intersect and count 20,000 cases takes microseconds, so
every facet can be counted exactly. What was read of a segment is kept for the next state.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from whoosh import index
from whoosh.reading import IndexReader, SegmentReader

from kb.errors import IndexUnavailableError
from kb.fitting import Facts
from kb.languages import LANGUAGES
from kb.model import ENGLISH
from kb.search.embedded.columns import Column, Mask
from kb.search.embedded.packed import slim
from kb.search.embedded.segment import SCORED, Segment
from kb.search.words.learned import open_lexicon
from kb.search.words.lexicon import Lexicon

LEXICON = "lexicon.sqlite"

_ATTEMPTS = 3
# BM25 as Whoosh has it, with its constants.
_K1, _B = 1.2, 0.75

Documents = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment and where its documents begin among all."""

    first: int
    reader: SegmentReader
    segment: Segment


class Snapshot:
    """What answers questions until the index has moved on. Documents are numbered from 0."""

    def __init__(
        self,
        generation: Path,
        opened: index.FileIndex,
        lexicon: Lexicon,
        known: Mapping[str, Segment],
    ) -> None:
        self.generation = generation
        self.lexicon = lexicon
        self._opened = opened
        self._reader: IndexReader = opened.reader()
        self._parts = _parts(self._reader, known)
        self.ids: Sequence[str] = [n for part in self._parts for n in part.segment.ids]
        self._told = [each for part in self._parts for each in part.segment.told]
        self._deleted = _deleted(self._parts)
        marks = {
            part.first + n: mark
            for part in self._parts
            for n, mark in part.segment.checkpoints.items()
        }
        self.checkpoint = next((marks[n] for n in marks if not self._deleted[n]), None)
        self.all: Mask = ~self._deleted
        """Mask of all cases."""
        self.all[list(marks)] = False
        self.count = int(self.all.sum())
        self._asked: Sequence[str] | None = None

    @classmethod
    def open(cls, generation: Path, before: "Snapshot | None" = None) -> Self:
        """Open a generation.

        Args:
            generation: its folder.
            before: the state that it follows, whose segments need not be read again.

        Raises:
            IndexUnavailableError: it cannot be read.
        """
        known = before.segments if before and before.generation == generation else {}
        for attempt in range(_ATTEMPTS):
            try:
                return cls._open(generation, known)
            except FileNotFoundError as err:  # a commit has just replaced what we would open
                if attempt == _ATTEMPTS - 1:
                    raise IndexUnavailableError(f"the index in {generation} is incomplete") from err
            except Exception as err:  # damaged files raise nine kinds of exception
                raise IndexUnavailableError(
                    f"the index in {generation} is damaged: {err!r}"
                ) from err
        raise AssertionError("unreachable")

    @classmethod
    def _open(cls, generation: Path, known: Mapping[str, Segment]) -> Self:
        with ExitStack() as opening:
            lexicon = opening.enter_context(closing(open_lexicon(generation / LEXICON)))
            opened = opening.enter_context(closing(index.open_dir(generation)))
            snapshot = cls(generation, opened, lexicon, known)
            opening.pop_all()  # read without error: it stays open
        return snapshot

    def serves(self, generation: Path | None) -> bool:
        """Tell whether this is still the newest state of the current generation."""
        if generation != self.generation or not generation.exists():
            return False
        return bool(self._opened.latest_generation() == self._reader.generation())

    @property
    def segments(self) -> dict[str, Segment]:
        """What was read of each segment, by its id."""
        return {part.reader.segment().segment_id(): part.segment for part in self._parts}

    @cached_property
    def facets(self) -> Mapping[str, Column]:
        """The values of each facet, those of deleted documents among them."""
        names = sorted({name for part in self._parts for name in part.segment.facets})
        return {
            name: Column.joined(
                (part.first, part.segment.facets[name])
                for part in self._parts
                if name in part.segment.facets
            )
            for name in names
        }

    @cached_property
    def documents(self) -> Mapping[str, int]:
        """Case -> document."""
        return {self.ids[n]: n for n in np.flatnonzero(self.all).tolist()}

    def rows(self, cases: Sequence[str]) -> NDArray[np.int64]:
        """Return for each document which of ``cases`` it is, or -1."""
        if self._asked is not cases:
            rows = np.full(len(self.ids), -1, np.int64)
            for row, case_id in enumerate(cases):
                if case_id in self.documents:
                    rows[self.documents[case_id]] = row
            self._asked, self._rows = cases, rows
        return self._rows

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Return the place of each document in the order of ids."""
        ranks = np.empty(len(self.ids), np.int64)
        ranks[sorted(range(len(self.ids)), key=self.ids.__getitem__)] = np.arange(len(self.ids))
        return ranks

    @cached_property
    def city_ranks(self) -> NDArray[np.int64]:
        """Return the place of each document in the order of cities, those without one last."""
        return _places([(not each.city, each.city) for each in self._told])

    @cached_property
    def start_ranks(self) -> NDArray[np.int64]:
        """Return the place of each document in the order of time, the unknown first."""
        return _places([start if start[:1].isdigit() else "" for start in self.starts])

    @cached_property
    def languages(self) -> frozenset[str]:
        """In which there are texts; a question is read in these."""
        # English summaries stand beside every text in another language.
        return frozenset(self._having_language) & LANGUAGES.keys() | {ENGLISH}

    def revisions(self) -> dict[str, int]:
        """Return which revision of each case is indexed."""
        return {case_id: self._told[n].revision for case_id, n in self.documents.items()}

    @property
    def starts(self) -> Sequence[str]:
        """When each case began (EDTF)."""
        return [each.start for each in self._told]

    @cached_property
    def facts(self) -> Sequence[Facts]:
        """By which each case is compared with the city of a reader."""
        return [each.facts for each in self._told]

    def in_language(self, language: str) -> int:
        """Return how many cases have texts in a language."""
        return self.count if language == ENGLISH else self._having_language.get(language, 0)

    @cached_property
    def _having_language(self) -> Mapping[str, int]:
        column = self.facets.get("language")
        return column.counts(self.all) if column else {}

    def weights(self, field: str, term: str) -> tuple[Documents, Scores]:
        """Return the cases with a term, and how often each has it."""
        found = [(part, part.segment.postings(part.reader, field, term)) for part in self._parts]
        documents = [part.first + postings.documents.astype(np.int64) for part, postings in found]
        return self._alive(
            _joined(documents),
            _weighed([postings.weights.astype(np.float64) for _, postings in found]),
        )

    def scores(self, term: str) -> tuple[Documents, Scores]:
        """Return the cases with a word, and the BM25 score of each.

        As Whoosh computes it: deleted documents count until their segment is merged, and lengths
        are rounded to 256 steps.
        """
        found = [(part, part.segment.postings(part.reader, SCORED, term)) for part in self._parts]
        having = sum(len(postings.documents) for _, postings in found)
        rarity = np.log(len(self.ids) / (having + 1)) + 1
        documents, scores = [], []
        for part, postings in found:
            weights = postings.weights.astype(np.float64)
            share = part.segment.lengths[postings.documents] / self._mean_length
            scores.append(rarity * weights * (_K1 + 1) / (weights + _K1 * (1 - _B + _B * share)))
            documents.append(part.first + postings.documents.astype(np.int64))
        return self._alive(_joined(documents), _weighed(scores))

    @cached_property
    def _mean_length(self) -> float:
        return float(self._reader.field_length(SCORED)) / (len(self.ids) or 1) or 1.0

    def _alive(self, documents: Documents, scores: Scores) -> tuple[Documents, Scores]:
        if not self._deleted.any():
            return documents, scores
        kept = ~self._deleted[documents]
        return documents[kept], scores[kept]

    def having(self, field: str, term: str) -> int:
        """Return how many documents have a term."""
        return sum(
            len(part.segment.postings(part.reader, field, term).documents) for part in self._parts
        )

    def phrase(self, folded: Sequence[str]) -> Mask:
        """Return the mask of cases in which the words stand in this order."""
        mask = np.zeros(len(self.ids), np.bool_)
        for part in self._parts:
            mask[part.first + _with_phrase(part, folded)] = True
        return mask & self.all

    def having_any(self, facet: str, values: Iterable[str]) -> Mask:
        """Return the mask of documents with one of the values of a facet."""
        column = self.facets.get(facet)
        return column.having(values, len(self.ids)) if column else np.zeros(len(self.ids), np.bool_)

    def beginning_with(self, prefix: str, limit: int) -> list[str]:
        """Return up to ``limit`` folded words of cases that begin with ``prefix``."""
        found = islice(self._reader.expand_prefix("words", prefix), limit)
        return [word.decode() if isinstance(word, bytes) else word for word in found]

    def close(self) -> None:
        """Close its files."""
        self._reader.close()
        self._opened.close()
        self.lexicon.close()


def _parts(reader: IndexReader, known: Mapping[str, Segment]) -> tuple[_Part, ...]:
    leaves = [(leaf, first) for leaf, first in reader.leaf_readers() if leaf.doc_count_all()]
    parts = tuple(
        _Part(first, leaf, known.get(leaf.segment().segment_id()) or Segment.read(leaf))
        for leaf, first in leaves
    )
    for part in parts:
        slim(part.reader)
    return parts


def _with_phrase(part: _Part, folded: Sequence[str]) -> Documents:
    """Return those documents of a segment in which the words follow each other."""
    standing: NDArray[np.int64] | None = None
    for place, word in enumerate(folded):
        found = part.segment.postings(part.reader, "words", word)
        # Where the phrase would begin: document and position in one number.
        starts = np.repeat(found.documents.astype(np.int64) << 32, found.weights)
        starts += found.positions.astype(np.int64) - place
        standing = starts if standing is None else np.intersect1d(standing, starts, True)  # noqa: FBT003 - each is there once
        if not len(standing):
            break
    return np.unique(standing >> 32) if standing is not None else np.empty(0, np.int64)


def _deleted(parts: Iterable[_Part]) -> Mask:
    """Return the mask of deleted documents."""
    flags = [part.reader.is_deleted(n) for part in parts for n in range(len(part.segment.ids))]
    return np.array(flags, np.bool_)


def _places(keys: Sequence[Any]) -> NDArray[np.int64]:
    """Return the place of each key among the different ones."""
    order = {key: place for place, key in enumerate(sorted(set(keys)))}
    return np.array([order[key] for key in keys], np.int64)


def _joined(parts: Sequence[Documents]) -> Documents:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _weighed(parts: Sequence[Scores]) -> Scores:
    return np.concatenate(parts) if parts else np.empty(0, np.float64)
