"""How near cases are to a question: its vector, compared with directions that are kept fresh."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from kb import vocabulary
from kb.search.engine import Nearest
from kb.search.meaning.directions import Directions
from kb.search.meaning.levels import Matrix, Vector
from kb.search.meaning.spaces import NameSpace, PassageSpace
from kb.search.meaning.vectors import Vectors, Version

SCHEME = "themes"

_MOST_QUESTIONS = 512
_MOST_BYTES = 32_000_000
"""Of answers that are remembered: all 512 at 7,000 cases, 13 at 300,000."""


class Encoder(Hashable, Protocol):
    """Makes vectors of unit length of texts in any language."""

    model: str
    """Name of the model, which changes when its vectors do."""

    def question(self, text: str) -> Vector:
        """Return the vector of a question.

        Raises:
            EncoderError: the model cannot be used.
        """

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of passages, one row each.

        Raises:
            EncoderError: the model cannot be used.
        """


Likelihood = Callable[[str], Mapping[str, float]]
"""Gives the languages that a short text may be in, and how likely each is; they sum up to 1."""


class Nearness:
    """Answers questions, from several threads."""

    def __init__(self, vectors: Vectors, directions: Directions, likelihood: Likelihood) -> None:
        self._vectors = vectors
        self._directions = directions
        self._likelihood = likelihood
        self._opening = threading.Lock()
        self._spaces: _Spaces | None = None
        # The vector of a question stays the same whatever becomes of the cases.
        self._vector = lru_cache(maxsize=_MOST_QUESTIONS)(_vector)

    def of(self, text: str, encoder: Encoder) -> Nearest:
        """Return how near cases and concepts are to a question.

        Raises:
            EncoderError: the model cannot be used.
            IndexUnavailableError: the vectors cannot be read.
        """
        spaces = self._fresh(encoder.model)
        known = spaces.answers.get(text)
        if known is None:
            known = self._found(spaces, text, self._vector(encoder, text))
            spaces.answers.put(text, known)
        return known

    def close(self) -> None:
        """Let go of what is open; it opens again if it is used again."""
        self._spaces = None

    def _found(self, spaces: "_Spaces", text: str, vector: Vector) -> Nearest:
        likely = self._likelihood(text)
        direction = spaces.names.place(vector, likely)
        found = spaces.passages.nearest(direction)
        return replace(found, concepts=spaces.names.concepts(direction, likely))

    def _fresh(self, model: str) -> "_Spaces":
        spaces = self._spaces
        if spaces is None or not self._directions.untouched:
            with self._opening:
                return self._open_after(spaces, model)
        if spaces.version == self._vectors.version or not self._opening.acquire(blocking=False):
            return spaces  # while one thread opens what is new, others go on with what they have
        try:
            return self._open_after(spaces, model)
        finally:
            self._opening.release()

    def _open_after(self, former: "_Spaces | None", model: str) -> "_Spaces":
        """Open what is new, unless another thread has done so since."""
        spaces = self._spaces
        if spaces is None or spaces is former:
            spaces = self._spaces = self._opened(model)
        return spaces

    def _opened(self, model: str) -> "_Spaces":
        version = self._vectors.version  # first: what comes while we read is seen next time
        laid = self._directions.lay(model)
        passages = PassageSpace(laid.beside, laid.passages, laid.means, laid.gone)
        former = self._spaces
        if former is not None and former.turn_of_names == laid.turn_of_names:
            names = former.names
        else:
            names = self._names(model)
        return _Spaces(version, laid.turn_of_names, passages, names)

    def _names(self, model: str) -> NameSpace:
        with self._vectors.view() as view:
            rows = view.names(model)
        return NameSpace(rows, [concept.id for concept in vocabulary.scheme(SCHEME)])


class _Spaces:
    """What questions are compared with, as it was at one version of the vectors."""

    def __init__(
        self, version: Version, turn_of_names: int, passages: PassageSpace, names: NameSpace
    ) -> None:
        self.version, self.turn_of_names = version, turn_of_names
        self.passages, self.names = passages, names
        self.answers = _Answers()


class _Answers:
    """The last answers, as many as fit into some memory."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Nearest] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, text: str) -> Nearest | None:
        """Return the answer to a question, if it is still known."""
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
            return self._known.get(text)

    def put(self, text: str, nearest: Nearest) -> None:
        """Remember an answer, and forget the oldest that are too much."""
        with self._lock:
            if text not in self._known:
                self._known[text] = nearest
                self._bytes += _size(nearest)
            while len(self._known) > _MOST_QUESTIONS or self._bytes > _MOST_BYTES:
                _, forgotten = self._known.popitem(last=False)
                self._bytes -= _size(forgotten)


def _vector(encoder: Encoder, text: str) -> Vector:
    return encoder.question(text)


def _size(nearest: Nearest) -> int:
    return nearest.cosines.nbytes + nearest.passages.nbytes
