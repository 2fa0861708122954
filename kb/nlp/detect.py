"""Which language a text is written in.

`detect` is for documents, never for questions: of those with one to four words every fourth is
misread. What only weighs languages against each other may ask `likelihood`.

Serbian in Latin script cannot be told from Croatian and is called ``hr``; in Cyrillic it is ``sr``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kb.languages import LANGUAGES
from kb.text import words

MIN_LETTERS = 20
"""A shorter text is not judged: on texts of one to four words 74 of 100 guesses are right."""

_MOST_CHARACTERS = 20_000
_FOREIGN_LETTERS = 200
"""A shorter text is taken to be in one of our languages: Spanish is often read as Galician."""
_OURS_BY_ANOTHER_NAME = {"bs", "nn"}
"""Languages of the model whose texts our readers take for Croatian, Serbian or Norwegian."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A language and how sure we are; no language and 0 where there is too little to judge."""

    language: str
    """A code of ``LANGUAGES``, or empty."""
    confidence: float
    """From 0 to 1: how far this language is ahead of the others, not how often it is right."""


NO_GUESS = Guess("", 0.0)


def detect(text: str) -> Guess:
    """Guess in which of ``LANGUAGES`` the text is written, by its first 20,000 characters.

    Returns:
        ``NO_GUESS`` for a text of fewer than ``MIN_LETTERS`` letters, and for one in a language
        that is none of ours; whoever asks decides what an unknown language means.
    """
    sample = text[:_MOST_CHARACTERS]
    letters = sum(len(word.text) for word in words(sample))
    of_all = _ranked(sample)
    first = next(iter(of_all))
    foreign = first not in LANGUAGES and first not in _OURS_BY_ANOTHER_NAME
    if letters < MIN_LETTERS or (foreign and letters >= _FOREIGN_LETTERS):
        return NO_GUESS
    language, confidence = next(iter(_ours(of_all).items()))
    return Guess(language, confidence)


def likelihood(text: str) -> dict[str, float]:
    """Return how likely a text, however short, is in each language; the numbers sum up to 1."""
    return _ours(_ranked(text[:_MOST_CHARACTERS]))


def _ours(of_all: Mapping[str, float]) -> dict[str, float]:
    """Return the probabilities among our languages alone, in the order that they have."""
    ours = {code: share for code, share in of_all.items() if code in LANGUAGES}
    total = sum(ours.values())
    # None of ours is left where the text is plainly in another.
    return {code: share / total if total else 1 / len(ours) for code, share in ours.items()}


def _ranked(text: str) -> dict[str, float]:
    """Return the probability of each language that the model knows, the likeliest first."""
    return {str(language): float(share) for language, share in _identifier().rank(text)}


@lru_cache(maxsize=1)
def _identifier() -> Any:  # py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # An identifier of our own: the module-level one is shared by everyone in the process.
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
