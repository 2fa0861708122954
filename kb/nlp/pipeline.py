"""spaCy's blank pipelines: sentences and stop words. No trained model is loaded or looked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from kb.languages import LANGUAGES
from kb.text import fold, words

if TYPE_CHECKING:
    from spacy.language import Language

MAX_LENGTH = 600_000
"""Characters of a text that are read; a case has at most 512,000 bytes of body."""

_OPEN = 2
"""Pipelines that are kept: each remembers every word that it has met, 40 MB. To make one takes
50 ms, and texts are read language by language."""

# A sentence goes on until a word follows, whatever stands behind its end.
_CLOSING = ".!?)]\"'»”’"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it starts in its text."""

    text: str
    start: int


def version() -> str:
    """Name spaCy and its version, without loading it."""
    return f"spacy-{installed_version('spacy')}"


def sentences(text: str, language: str) -> Iterator[Sentence]:
    """Yield the sentences of ``text``, of which a line break also ends one."""
    start = 0
    for line in text[:MAX_LENGTH].split("\n"):
        if _is_one(line):
            yield Sentence(line, start)
        elif line.strip():
            nlp = pipeline(language)
            for span in nlp.get_pipe("sentencizer")(nlp.make_doc(line)).sents:
                yield Sentence(span.text, start + span.start_char)
        start += len(line) + 1


def _is_one(line: str) -> bool:
    """Tell whether a line is surely one sentence, which need not be read for where it ends."""
    if not line or line != line.strip():
        return False
    return _ends().isdisjoint(line.rstrip(_CLOSING))


@cache
def _ends() -> frozenset[str]:
    """Return the characters with which sentences end."""
    from spacy.pipeline import Sentencizer

    return frozenset(Sentencizer.default_punct_chars)


@lru_cache(maxsize=_OPEN)
def pipeline(language: str) -> "Language":
    """Return the blank pipeline of ``language`` with a sentencizer; ``xx`` where spaCy has none."""
    import spacy

    nlp = spacy.blank(LANGUAGES[language].spacy or language)
    nlp.add_pipe("sentencizer")
    nlp.max_length = MAX_LENGTH
    return nlp


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return spaCy's stop words of ``language``, parted as `words` does, and folded."""
    listed = _listed(language)
    if LANGUAGES[language].cyrillic:  # spaCy lists the Serbian ones in Cyrillic only
        listed = listed | _listed("hr")
    return frozenset(fold(word.text) for entry in listed for word in words(entry))


class StopWords(Mapping[str, frozenset[str]]):
    """The stop words of all languages; those of one are read when they are first asked for.

    spaCy takes up to two seconds for a language, and a case has two of them.
    """

    def __getitem__(self, language: str) -> frozenset[str]:
        """Return the folded stop words of a language."""
        if language not in LANGUAGES:
            raise KeyError(language)
        return stop_words(language)

    def __iter__(self) -> Iterator[str]:
        """Yield the languages."""
        yield from LANGUAGES

    def __len__(self) -> int:
        """Return the number of languages."""
        return len(LANGUAGES)


def _listed(language: str) -> set[str]:
    # The class alone: to make 31 pipelines takes four seconds.
    from spacy.util import get_lang_class

    stops: set[str] = get_lang_class(LANGUAGES[language].spacy or language).Defaults.stop_words
    return stops
