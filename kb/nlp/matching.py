"""Where labels stand in a text. It knows words and sentences, not how much a match weighs."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from kb.languages import LANGUAGES
from kb.nlp.labels import SCHEME, Label, labels, read, sought
from kb.nlp.match import Match
from kb.nlp.overlap import counting
from kb.nlp.pipeline import sentences
from kb.stems import parts, sure_readings
from kb.text import Word, words

Positions = Mapping[str, Sequence[int]]

_NONE: frozenset[str] = frozenset()


def matches(text: str, language: str, name: str = SCHEME) -> Iterator[Match]:
    """Yield what the labels of the scheme ``name`` find in ``text`` and what counts, in order."""
    for sentence in sentences(text, language):
        tokens = list(words(sentence.text))
        found = [
            Match(
                label, tuple(sorted(at)), list(at) == sorted(at), head, sentence, language, tokens
            )
            for label, at, head in _found(tokens, language, name)
        ]
        yield from counting(found)


def _found(
    tokens: Sequence[Word], language: str, name: str
) -> Iterator[tuple[Label, tuple[int, ...], bool]]:
    index = labels(language, name)
    whole = _positions([_read(token.text, language, name) for token in tokens])
    for label in _candidates(index, whole) if whole else ():
        yield from ((label, at, False) for at in _places(label, whole))
    if LANGUAGES[language].compounds is None:
        return
    heads = _positions([_head(token.text, language, name) for token in tokens])
    for label in _candidates(index, heads) if heads else ():
        if len(label.words) == 1:
            yield from ((label, at, True) for at in _places(label, heads))


@lru_cache(maxsize=100_000)
def _read(word: str, language: str, name: str) -> frozenset[str]:
    """Return those readings of a word that a label has: of most words none."""
    return read(word, language) & sought(language, name)


@lru_cache(maxsize=100_000)
def _head(word: str, language: str, name: str) -> frozenset[str]:
    compound = parts(word, language)
    return sure_readings(compound[-1], language) & sought(language, name) if compound else _NONE


def _positions(found: Sequence[frozenset[str]]) -> Positions:
    positions = defaultdict(list)
    for number, word in enumerate(found):
        for reading in word:
            positions[reading].append(number)
    return positions


def _candidates(index: Mapping[str, tuple[Label, ...]], positions: Positions) -> set[Label]:
    """Return the labels all words of which occur; hardly any does of those that might begin."""
    read = frozenset(positions)
    return {
        label
        for reading in positions
        for label in index.get(reading, ())
        if not any(map(read.isdisjoint, label.words))
    }


def _places(label: Label, positions: Positions) -> Iterator[tuple[int, ...]]:
    where = [sorted({n for r in word for n in positions.get(r, ())}) for word in label.words]
    end = -1
    for start in sorted({n for numbers in where for n in numbers}):
        if start <= end:  # these words belong to the match before
            continue
        reach = range(start, start + label.window)
        at = _phrase(where, start) if label.phrase else _nearest(where, reach)
        if at:
            yield at
            end = max(at)


def _phrase(where: Sequence[Sequence[int]], start: int) -> tuple[int, ...]:
    at = tuple(range(start, start + len(where)))
    follows = (_within(numbers, range(n, n + 1)) for n, numbers in zip(at, where, strict=True))
    return at if all(follows) else ()


def _nearest(where: Sequence[Sequence[int]], reach: range) -> tuple[int, ...]:
    # Words with the fewest choices first, so that "peer to peer" finds two words and not one twice.
    taken: dict[int, int] = {}
    choices = [_within(numbers, reach) for numbers in where]
    for word, numbers in sorted(enumerate(choices), key=lambda choice: len(choice[1])):
        free = next((number for number in numbers if number not in taken.values()), None)
        if free is None:
            return ()
        taken[word] = free
    return tuple(taken[word] for word in range(len(where)))


def _within(numbers: Sequence[int], reach: range) -> Sequence[int]:
    return numbers[bisect_left(numbers, reach.start) : bisect_left(numbers, reach.stop)]
