"""The words of generated cases: real inflected forms of 20 languages, as often as in real text.

The commonest words of a language are those of the real cases in it. Behind them stand the forms of
simplemma's dictionaries (MIT, installed with the product), whole lemmas at a time, and compounds
where the language makes them. Rank r is drawn with a weight of 1 / (r + SHIFT) ** EXPONENT, so that
the vocabulary grows with the number of cases as that of real text does.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from simplemma.strategies.dictionaries.dictionary_factory import _load_dictionary_from_disk

from kb.languages import LANGUAGES
from kb.processes import beside

SPOKEN = (
    "nl", "fr", "de", "it", "en", "es", "fi", "el", "sv", "tr",
    "bg", "cs", "da", "et", "pl", "pt", "hu", "ro", "uk", "sk",
)  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
EXPONENT = 1.15
SHIFT = 30.0
# Enough for the tail not to run dry at 20,000 cases.
_FORMS = 150_000
_HEAD = 100
_SHORT = 2
_COMPOUNDS_PER_CENT = 10
_PART = range(4, 11)


@dataclass(frozen=True, slots=True)
class Lexis:
    """The words of one language: the commonest, which hold sentences together, and all others."""

    language: str
    head: frozenset[str]
    commonest: Sequence[str]
    others: NDArray[np.object_]
    """The commonest first."""
    chances: NDArray[np.float64]
    """How likely a word of this place or an earlier one is."""

    def draw(self, chance: np.random.Generator, number: int) -> list[str]:
        """Return so many words, the common ones more often."""
        places = np.searchsorted(self.chances, chance.random(number))
        return list(self.others[places])

    def draw_rare(self, chance: np.random.Generator, number: int) -> list[str]:
        """Return so many words that a case may be about and few others have."""
        places = 200 * (len(self.others) / 200) ** chance.random(number)
        return list(self.others[places.astype(int)])


def lexes(texts: dict[str, list[str]]) -> dict[str, Lexis]:
    """Return the words of each language, given the real texts in it."""
    with beside(2) as pool:
        found = dict(zip(SPOKEN, pool.map(_forms, SPOKEN), strict=True))
    return {language: lexis(language, texts[language], found[language]) for language in SPOKEN}


def lexis(language: str, texts: Iterable[str], forms: list[str]) -> Lexis:
    """Return the words of one language: those of real texts, then forms of its dictionary."""
    counted = Counter(word.lower() for text in texts for word in WORD.findall(text))
    ranked = [word for word, number in counted.most_common() if number > 1 or len(word) <= _SHORT]
    head = ranked[:_HEAD]
    real = [word for word in counted if len(word) > _SHORT and word not in set(head)]
    real.sort(key=lambda word: (-counted[word], crc32(word.encode())))
    words = list(dict.fromkeys((*real, *forms)))
    weights = 1 / (np.arange(1, len(words) + 1) + SHIFT) ** EXPONENT
    others = np.array(words, dtype=object)
    return Lexis(language, frozenset(head), head, others, np.cumsum(weights) / weights.sum())


def _forms(language: str) -> list[str]:
    """Return forms of the dictionary in an order of chance that is the same in every run."""
    every = _load_dictionary_from_disk(LANGUAGES[language].simplemma)
    kept = max(1, len(every) // _FORMS)
    chosen = {form for form, lemma in every.items() if crc32(lemma) % kept == 0}
    words = {word for form in chosen if (word := form.decode()).isalpha() and len(word) > _SHORT}
    ordered = sorted(words, key=lambda word: (crc32(word.encode()), word))
    if LANGUAGES[language].compounds is None:
        return ordered
    return _with_compounds(ordered)


def _with_compounds(words: list[str]) -> list[str]:
    """Put in compounds of two words that are known, so that they must be taken apart."""
    parts = [word for word in words if len(word) in _PART]
    found = []
    for place, word in enumerate(words):
        found.append(word)
        if place % 100 < _COMPOUNDS_PER_CENT:
            first, last = parts[place % len(parts)], parts[place * 31 % len(parts)]
            found.append(first + last.lower())
    return found
