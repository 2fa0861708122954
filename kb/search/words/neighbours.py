"""Words that may be near to another one, found among hundreds of thousands by their letters alone.

The letters of a word are one number of 64 bits. One wrong letter changes at most two of them, so
words whose numbers differ in more cannot be near: hardly any of the others has to be compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Letters = NDArray[np.uint64]

_BITS = 64
_CHANGED = 2
"""Letters of a word's set that one error changes at most: one goes and one comes."""


class Neighbours:
    """Folded words by their number of letters."""

    def __init__(self, words: Iterable[str]) -> None:
        found: dict[int, list[str]] = defaultdict(list)
        for word in words:
            found[len(word)].append(word)
        self._words = {length: (each, _letters(each)) for length, each in found.items() if length}

    def near(self, folded: str, most: int) -> Iterator[str]:
        """Yield all words that differ from one in up to ``most`` letters, and some others."""
        (own,) = _letters([folded])
        for length in range(len(folded) - most, len(folded) + most + 1):
            words, letters = self._words.get(length, ([], np.empty(0, np.uint64)))
            few = np.bitwise_count(letters ^ own) <= _CHANGED * most
            yield from (words[n] for n in np.flatnonzero(few).tolist())


def _letters(words: list[str]) -> Letters:
    """Return the letters of words of one length."""
    codes = np.array(words).view(np.uint32).reshape(len(words), -1).astype(np.uint64)
    return np.asarray(np.bitwise_or.reduce(np.uint64(1) << codes % np.uint64(_BITS), axis=1))
