"""What an engine indexes of a document: its words as all that they may be read as.

Every engine is handed these tokens, so that all find the same cases.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kb.languages import LANGUAGES
from kb.search.fields import Document
from kb.search.words.tokens import Token, tokens_in
from kb.stems import lemma
from kb.text import fold, spellings

CONCEPT_STEPS = 10
"""A case that is fully about a concept holds it so many times: engines count in whole numbers."""

HEADING_WEIGHT = 3
"""A word of a title says more about a case than one of its text. 2 and 4 order the questions of the
development set no better."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A word of a case, as a language reads it."""

    folded: str
    tokens: tuple[Token, ...]
    """What it is read as, beside the bare spelling."""
    lemma: str = ""
    """Whose other forms must be looked up in a dictionary, where stemming does not lead to them."""


Seen = Mapping[str, Read]
"""Words as they are written, of one language."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A document in tokens."""

    terms: Mapping[Token, int]
    """Token -> how often it occurs, a heading counting threefold."""
    texts: tuple[tuple[str, ...], ...]
    """The folded words of each heading and text."""
    concepts: Mapping[str, int]
    """Concept -> how much the document is about it, up to ten."""

    def places(self) -> Mapping[str, "array[int]"]:
        """Return where each folded word stands; no phrase reaches from one text into another."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        begin = 0
        for text in self.texts:
            for place, word in enumerate(text, begin):
                found[word].append(place)
            begin += len(text) + 1
        return {word: array("I", places) for word, places in found.items()}


class Analysis:
    """The reading of some documents; a word that many of them have is read once."""

    def __init__(self, stop_words: Mapping[str, AbstractSet[str]]) -> None:
        self._stop_words = stop_words
        self.seen: dict[str, dict[str, Read]] = {}
        """The words of the documents so far, by language; those of any language among them."""

    def read(self, document: Document) -> Analysed:
        """Read a document."""
        times: dict[Read, int] = defaultdict(int)
        texts = []
        parts = [(*row, HEADING_WEIGHT) for row in document.headings]
        for language, text, weight in parts + [(*row, 1) for row in document.texts]:
            found = [self._word(word, language) for word in spellings(text)]
            texts.append(tuple([word.folded for word in found]))
            for word in found:
                times[word] += weight
        terms: dict[Token, int] = defaultdict(int)
        for word, weight in times.items():
            for token in (f"={word.folded}", *word.tokens):
                terms[token] += weight
        return Analysed(terms, tuple(texts), steps(document.concepts))

    def _word(self, word: str, language: str) -> Read:
        known = self.seen.setdefault(language, {})
        found = known.get(word)
        if found is None:
            found = known[word] = read(word, language, self._stop_words.get(language, frozenset()))
        return found


def read(word: str, language: str, stops: AbstractSet[str] = frozenset()) -> Read:
    """Read a word of a case in ``language``, whose stop words are ``stops``."""
    folded = fold(word)
    tokens = tokens_in(word, language, stops) - {f"={folded}"}
    changes = language in LANGUAGES and LANGUAGES[language].stem_changes
    return Read(folded, tuple(sorted(tokens)), lemma(word, language) if changes else "")


def steps(concepts: Mapping[str, float]) -> dict[str, int]:
    """Return how strongly a document is about concepts in whole steps, of which there are ten."""
    return {
        concept: max(1, round(strength * CONCEPT_STEPS)) for concept, strength in concepts.items()
    }
