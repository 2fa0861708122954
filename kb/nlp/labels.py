"""The labels of a scheme in one language, ready to be found: each word as its readings."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from kb import prepared
from kb.nlp.pipeline import stop_words
from kb.stems import content, sure_readings
from kb.text import fold, words
from kb.vocabulary import ANY_LANGUAGE, Concept, scheme

SCHEME = "themes"
"""What is looked for unless another scheme is named."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name of a concept; equal readings of one concept are one label."""

    concept: str
    words: tuple[frozenset[str], ...]
    phrase: bool = False
    """Its words must follow each other: without the stop words fewer than two would remain."""
    excludes: bool = False
    """Where it stands, the concept is not meant."""
    span: int = 0
    """How many words it has, stop words included."""
    scheme: str = SCHEME

    @property
    def window(self) -> int:
        """Tokens within which all words must stand: n + 2 (measured), or the label as written."""
        return len(self.words) if self.phrase else max(len(self.words) + 2, self.span)


@cache
def labels(language: str, name: str = SCHEME) -> Mapping[str, tuple[Label, ...]]:
    """Return the labels of the scheme ``name`` that can begin to match at a reading, by it.

    A label stands under the readings of its rarest word only, so that a word as common as
    "support" calls for few comparisons.
    """
    prepared.load(language)
    compiled = {label for concept in scheme(name) for label in _of_concept(concept, language)}
    frequency = Counter(reading for label in compiled for word in label.words for reading in word)
    index = defaultdict(list)
    for label in compiled:
        for reading in min(label.words, key=lambda word: max(frequency[r] for r in word)):
            index[reading].append(label)
    return {reading: tuple(found) for reading, found in index.items()}


@cache
def sought(language: str, name: str = SCHEME) -> frozenset[str]:
    """Return all readings that the labels of a scheme have."""
    found = {label for each in labels(language, name).values() for label in each}
    return frozenset(reading for label in found for word in label.words for reading in word)


def read(word: str, language: str) -> frozenset[str]:
    """Return what a word of a label or of a text may be; a stop word is nothing but itself."""
    folded = fold(word)
    return frozenset({folded}) if folded in stop_words(language) else sure_readings(word, language)


def _of_concept(concept: Concept, language: str) -> Iterator[Label]:
    for label_language, text in concept.names():
        if label_language in (language, ANY_LANGUAGE):
            yield from _label(concept, text, language, excludes=False)
    for label_language in (language, ANY_LANGUAGE):
        for text in concept.exclude.get(label_language, ()):
            yield from _label(concept, text, language, excludes=True)


def _label(concept: Concept, text: str, language: str, *, excludes: bool) -> Iterator[Label]:
    everything = [word.text for word in words(text)]
    telling = content(everything, language, stop_words(language))
    phrase = len(telling) < min(2, len(everything))
    chosen = tuple(read(word, language) for word in (everything if phrase else telling))
    if chosen:
        span = len(everything)
        yield Label(concept.id, chosen, phrase, excludes, span, concept.scheme)
