"""What a word of a text is indexed under, and what a word of a label is asked as."""

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

from kb.stems import content, parts, readings
from kb.text import fold, spellings
from kb.vocabulary import ANY_LANGUAGE

Token = str
"""``language:reading``, or ``=word`` for the folded word itself, whatever its language."""

_MIN_WORDS = 2


def tokens_in(word: str, language: str, stops: AbstractSet[str] = frozenset()) -> frozenset[Token]:
    """Return the tokens under which a word of a case in ``language`` is indexed.

    A compound is also found by its parts, a stop word only as it stands.
    """
    # Names are inflected by no language here.
    if language == ANY_LANGUAGE or fold(word) in stops:
        return frozenset({f"={fold(word)}"})
    found = set(readings(word, language))
    for part in parts(word, language):
        found |= readings(part, language)
    return frozenset({f"={fold(word)}"} | {f"{language}:{reading}" for reading in found})


def worded(
    label: str, language: str, stop_words: Mapping[str, AbstractSet[str]]
) -> tuple[tuple[Token, ...], ...]:
    """Return for each telling word of a label the tokens that it may be asked as."""
    stops = stop_words.get(language, frozenset())
    found = spellings(label)
    telling = content(found, language, stops)
    if len(telling) < _MIN_WORDS:  # "Housing First" is not "housing"
        telling = found
    return tuple(
        (f"={fold(word)}",)
        if language == ANY_LANGUAGE or fold(word) in stops
        else _asked_as(word, language)
        for word in telling
    )


@lru_cache(maxsize=50_000)  # inflected forms of a label have most of their words in common
def _asked_as(word: str, language: str) -> tuple[Token, ...]:
    return tuple(sorted({f"{language}:{reading}" for reading in readings(word, language)}))


def listed(tokens: Iterable[Token]) -> str:
    """Write tokens as the JSON that SQLite reads as rows."""
    return json.dumps(list(tokens))


def table(name: str, columns: str, key: str) -> str:
    """Return the statement that makes a table of nothing but a key and what hangs on it."""
    return f"CREATE TABLE IF NOT EXISTS {name} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"
