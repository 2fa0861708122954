"""Words that may be near to another one, found among hundreds of thousands by their letters alone.

The letters of a word are one number of 64 bits. One wrong letter changes at most two of them, so
words whose numbers differ in more cannot be near: hardly any of the others has to be compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.str_]
Letters = NDArray[np.uint64]

_BITS = 64
_CHANGED = 2
"""Letters of a word's set that one error changes at most: one goes and one comes."""


class Neighbours:
    """Folded words by their number of letters."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words: dict[int, list[tuple[Words, Letters]]] = defaultdict(list)
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Take in words that are not there yet."""
        found: dict[int, list[str]] = defaultdict(list)
        for word in words:
            found[len(word)].append(word)
        for length, each in found.items():
            if length:
                # An array of fixed width takes half of what strings take.
                words_of_length = np.array(each)
                self._words[length].append((words_of_length, _letters(words_of_length)))

    def near(self, folded: str, most: int) -> Iterator[str]:
        """Yield all words that differ from one in up to ``most`` letters, and some others."""
        (own,) = _letters(np.array([folded]))
        for length in range(len(folded) - most, len(folded) + most + 1):
            for words, letters in self._words.get(length, ()):
                few = np.bitwise_count(letters ^ own) <= _CHANGED * most
                yield from words[few].tolist()


def _letters(words: Words) -> Letters:
    """Return the letters of words of one length."""
    codes = words.view(np.uint32).reshape(len(words), -1).astype(np.uint64)
    return np.asarray(np.bitwise_or.reduce(np.uint64(1) << codes % np.uint64(_BITS), axis=1))
