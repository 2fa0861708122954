"""What people may type and what it can mean: names of concepts, and words learned from the cases.

Dictionaries are too slow and too large for answering (10 s and 330 MB to open all of them), so what
they say is written down while indexing. What is known of labels is the same for every index
(`naming`); what is learned from cases belongs to one index (`learned` for the embedded engine).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from kb.search.words.naming import Name, Names
from kb.search.words.tokens import Token
from kb.stems import stems
from kb.text import fold


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept that part of a question names."""

    concept: str
    places: frozenset[int]
    """Which words of the question name it, counted from 0."""


class Words(Protocol):
    """The words of the cases of one index."""

    def readings(self, folded: str) -> Iterable[tuple[str, str]]:
        """Give (language, reading) for a form that a dictionary has of a word of a case."""

    def forms(self, tokens: AbstractSet[Token]) -> Iterable[tuple[Token, str]]:
        """Give (token, folded word) for each word of a case that has one of the tokens."""

    def has(self, tokens: AbstractSet[Token]) -> bool:
        """Tell whether a word of a case has one of the tokens."""

    def near(self, folded: str, most: int) -> Iterable[str]:
        """Give folded words of cases, all those among them that differ in up to ``most`` letters.

        Others may be among them.
        """

    def close(self) -> None:
        """Release what is held."""


class Lexicon:
    """Names and words together: what a question is read with."""

    def __init__(self, names: Names, words: Words) -> None:
        self._names = names
        self._words = words

    def tokens(self, word: str, languages: AbstractSet[str]) -> frozenset[Token]:
        """Return everything that ``word`` may be in one of ``languages``.

        Where it is a stop word it is nothing but itself: Dutch *over* is not *overheid*.
        """
        folded = fold(word)
        languages = languages - self._names.stopping(folded)
        known = (*self._names.readings(folded), *self._words.readings(folded))
        learned = {f"{language}:{reading}" for language, reading in known}
        read = {f"{language}:{reading}" for language, reading in stems(word, languages)}
        return frozenset({f"={folded}"} | learned | read)

    def surface(self, tokens: Iterable[Token]) -> dict[Token, frozenset[str]]:
        """Return the folded words of cases that stand behind each token."""
        asked = frozenset(tokens)
        found: dict[Token, set[str]] = defaultdict(set)
        for token, form in self._words.forms(asked):
            found[token].add(form)
        for token in asked:
            if token.startswith("="):
                found[token].add(token[1:])
        return {token: frozenset(forms) for token, forms in found.items()}

    def is_said(self, tokens: AbstractSet[Token]) -> bool:
        """Tell whether a label of a concept or a word of a case has one of the tokens."""
        return self._names.has(tokens) or self._words.has(tokens)

    def near(self, folded: str, most: int) -> Iterator[str]:
        """Yield words of cases and labels, those among them that differ in up to so many letters.

        Others may be among them.
        """
        yield from self._names.written.near(folded, most)
        yield from self._words.near(folded, most)

    def is_stop(self, word: str) -> bool:
        """Tell whether the word means little in one of the languages."""
        return bool(self._names.stopping(fold(word)))

    def meanings(self, question: tuple[frozenset[Token], ...]) -> tuple[Mention, ...]:
        """Return the concepts that a question names, given the tokens of each of its words.

        All words of a label must occur; of several labels of a concept the one with most words
        counts, and a concept whose words are all part of a longer name does not.
        """
        best: dict[str, Mention] = {}
        for name in self._names.beginning(frozenset().union(*question)):
            places = _places(name, question)
            known = best.get(name.concept)
            if places and (known is None or len(places) > len(known.places)):
                best[name.concept] = Mention(name.concept, places)
        return tuple(
            meaning
            for meaning in best.values()
            if not any(meaning.places < other.places for other in best.values())
        )

    @property
    def name_languages(self) -> frozenset[str]:
        """The languages in which concepts have labels, whatever the languages of the cases."""
        return self._names.languages

    def close(self) -> None:
        """Release names and words."""
        self._names.close()
        self._words.close()


def _places(name: Name, question: tuple[frozenset[Token], ...]) -> frozenset[int]:
    """Return which words of the question the name's words are, or nothing if one is not there."""
    places = set()
    for word in name.words:
        place = next(
            (n for n, tokens in enumerate(question) if tokens & word and n not in places), None
        )
        if place is None:
            return frozenset()
        places.add(place)
    return frozenset(places)
