"""Which cases match one clause of a question, how well, and through what."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kb.search.embedded.columns import Mask
from kb.search.embedded.snapshot import Documents, Scores
from kb.search.parse import Clause

_NONE = -1


@dataclass(frozen=True, slots=True)
class Named:
    """Through which concept a case was found."""

    asked: str
    concept: str


class Hits:
    """The cases that match a clause, by words and by concepts; arrays have a row for each case."""

    def __init__(self, clause: Clause, size: int) -> None:
        self.clause = clause
        self.optional = False
        self.worded: Mask = np.zeros(size, np.bool_)
        """Whether a word of the clause is met."""
        self.tokens: dict[tuple[str, str], Documents] = {}
        """(What was typed, the token that it met) -> the cases that have it, ascending."""
        self._words: Scores = np.zeros(size)
        self._concepts: Scores = np.zeros(size)
        self._through = np.full(size, _NONE, np.int16)
        self._names: list[Named] = []

    @property
    def named(self) -> Mask:
        """Whether a case is about a concept of the clause."""
        return np.asarray(self._through != _NONE)

    @property
    def found(self) -> Mask:
        """Whether a case matches in any way."""
        return self.worded | self.named

    @property
    def scores(self) -> Scores:
        """What each case scores, by words or by concepts."""
        return np.maximum(self._words, self._concepts)

    def word(self, documents: Documents, scores: Scores) -> None:
        """Note cases that have a word; the better score of each counts."""
        self._words[documents] = np.maximum(self._words[documents], scores)
        self.worded[documents] = True

    def name(self, documents: Documents, scores: Scores, asked: str, concept: str) -> None:
        """Note cases that are about a concept, unless they are about a better one."""
        better = (scores > self._concepts[documents]) | ~self.named[documents]
        self._concepts[documents[better]] = scores[better]
        self._through[documents[better]] = len(self._names)
        self._names.append(Named(asked, concept))

    def concept(self, document: int) -> Named | None:
        """Return through which concept a case was found, if it was."""
        number = int(self._through[document])
        return None if number == _NONE else self._names[number]

    def met(self, document: int) -> Mapping[str, list[str]]:
        """Return what was typed and the tokens of the case that it met."""
        found: dict[str, list[str]] = {}
        for (asked, token), documents in self.tokens.items():
            place = int(np.searchsorted(documents, document))
            if place < len(documents) and documents[place] == document:
                found.setdefault(asked, []).append(token)
        return found
