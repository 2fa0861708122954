"""What an engine indexes of a document: its words as all that they may be read as.

Every engine is handed these tokens, so that all find the same cases.
"""

from array import array
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kb.languages import LANGUAGES
from kb.search.fields import Document
from kb.search.words.tokens import tokens_in
from kb.text import fold, words

CONCEPT_STEPS = 10
"""A case that is fully about a concept holds it so many times: engines count in whole numbers."""

HEADING_WEIGHT = 3
"""A word of a title says more about a case than one of its text. 2 and 4 order the questions of the
development set no better."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A document in tokens."""

    terms: Mapping[str, int]
    """Token -> how often it occurs, a heading counting threefold."""
    words: Mapping[str, "array[int]"]
    """Folded word -> where it stands; between two texts there is a gap no phrase reaches across."""
    concepts: Mapping[str, int]
    """Concept -> how much the document is about it, up to ten."""


class Analysis:
    """The reading of some documents; a word that many of them have is read once."""

    def __init__(self, stop_words: Mapping[str, AbstractSet[str]]) -> None:
        self._stop_words = stop_words
        self._read: dict[str, dict[str, tuple[str, ...]]] = {}

    @property
    def seen(self) -> dict[str, set[str]]:
        """The words of the documents so far, as they are written, by language."""
        return {code: set(read) for code, read in self._read.items() if code in LANGUAGES}

    def read(self, document: Document) -> Analysed:
        """Read a document."""
        terms: Counter[str] = Counter()
        places: dict[str, array[int]] = {}
        place = 0
        parts = [(*row, HEADING_WEIGHT) for row in document.headings]
        for language, text, weight in parts + [(*row, 1) for row in document.texts]:
            for word in words(text):
                spelt, *read = self._tokens(word.text, language)
                terms[f"={spelt}"] += weight
                for token in read:
                    terms[token] += weight
                places.setdefault(spelt, array("I")).append(place)
                place += 1
            place += 1
        return Analysed(terms, places, steps(document.concepts))

    def _tokens(self, word: str, language: str) -> tuple[str, ...]:
        """Return the folded word, and the tokens of the languages that it is read in."""
        known = self._read.setdefault(language, {})
        found = known.get(word)
        if found is None:
            spelt = fold(word)
            stops = self._stop_words.get(language, frozenset())
            read = tokens_in(word, language, stops) - {f"={spelt}"}
            found = known[word] = (spelt, *sorted(read))
        return found


def steps(concepts: Mapping[str, float]) -> dict[str, int]:
    """Return how strongly a document is about concepts in whole steps, of which there are ten."""
    return {
        concept: max(1, round(strength * CONCEPT_STEPS)) for concept, strength in concepts.items()
    }
