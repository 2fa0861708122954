"""Phrases that say what a number, a year or a name beside them is, in every language.

``cues.toml`` has a table a cue and in it a list a language. A phrase is words; ``*`` at the end of
a word stands for any ending. ``mul`` holds what is said in every language.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kb.text import fold, folded, words
from kb.vocabulary import ANY_LANGUAGE

FOLDER = Path(__file__).parent

KIN: Mapping[str, tuple[str, ...]] = {
    "hr": ("sr",), "sr": ("hr",), "da": ("no",), "no": ("da",), "cs": ("sk",), "sk": ("cs",),
}  # fmt: skip
"""Languages that are taken for each other, of which the cues are therefore shared."""

_Word = tuple[str, bool]
Phrase = tuple[_Word, ...]

_CYRILLIC = {
    "dž": "џ", "lj": "љ", "nj": "њ",
    **dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase in a sentence: the numbers of its first word and of the word after it."""

    first: int
    after: int


@dataclass(frozen=True, slots=True)
class Cue:
    """The phrases of a cue in one language, by their first letter."""

    phrases: Mapping[str, tuple[Phrase, ...]]

    def hits(self, folded: Sequence[str]) -> Iterator[Hit]:
        """Yield where phrases stand among folded words, the longest one at each place."""
        for number, word in enumerate(folded):
            for phrase in self.phrases.get(word[:1], ()):
                if _stands(phrase, folded, number):
                    yield Hit(number, number + len(phrase))
                    break

    def any(self, folded: Sequence[str]) -> bool:
        """Tell whether any phrase stands there."""
        return next(self.hits(folded), None) is not None


@cache
def cue(name: str, language: str) -> Cue:
    """Return the cue ``name`` of cues.toml in ``language``, its kin and what any language has."""
    return compiled(texts(table("cues")[name], language))


def texts(lists: Mapping[str, Sequence[str]], language: str) -> Iterator[str]:
    """Yield the phrases for a language; those of Serbian in both scripts."""
    for code in (language, *KIN.get(language, ()), ANY_LANGUAGE):
        for text in lists.get(code, ()):
            yield text
            if code == "sr":
                yield cyrillic(text)


def compiled(phrases: Iterator[str]) -> Cue:
    """Make a cue of phrases as they are written in the tables."""
    found = {_phrase(text) for text in phrases}
    letters = defaultdict(list)
    for phrase in sorted(found, key=lambda each: (-len(each), each)):
        if phrase and phrase[0][0]:
            letters[phrase[0][0][0]].append(phrase)
    return Cue({letter: tuple(each) for letter, each in letters.items()})


@cache
def table(name: str) -> dict[str, Any]:
    """Return what ``name``.toml says."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def key(text: str) -> str:
    """Return the folded words of a text, as labels and names are compared."""
    return " ".join(folded(text))


def _phrase(text: str) -> Phrase:
    """Part a phrase as texts are parted: apostrophe and hyphen stand between words."""
    found = list(words(text))
    return tuple((fold(word.text), text[word.end : word.end + 1] == "*") for word in found)


def _stands(phrase: Phrase, folded: Sequence[str], number: int) -> bool:
    if number + len(phrase) > len(folded):
        return False
    found = folded[number : number + len(phrase)]
    return all(
        word.startswith(text) if open_ended else word == text
        for (text, open_ended), word in zip(phrase, found, strict=True)
    )


def cyrillic(latin: str) -> str:
    """Write a Serbian text in Cyrillic script; a small letter for a capital one."""
    latin = latin.lower()
    for letter, written in _CYRILLIC.items():
        latin = latin.replace(letter, written)
    return latin
