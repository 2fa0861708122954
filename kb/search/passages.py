"""Which passage of a case to show for a question, and which of its words to mark."""

import re
from collections.abc import Iterable, Iterator

from kb.query import Passage
from kb.text import fold, words

MAX_LENGTH = 280
_CUT = " …"


def choose(texts: Iterable[tuple[str, str]], marks: frozenset[str]) -> Passage:
    """Return the piece with most of the different words to mark; of equals the first.

    Args:
        texts: (language, plain text), the most telling first: with nothing to mark it is shown.
        marks: folded words.
    """
    best, most = Passage(""), -1
    for language, text in texts:
        for piece in _pieces(text):
            found = _found(piece, marks)
            different = len({fold(piece[start:end]) for start, end in found})
            if different > most:
                best, most = Passage(piece, found, language), different
    return best


def _found(text: str, marks: frozenset[str]) -> tuple[tuple[int, int], ...]:
    return tuple((word.start, word.end) for word in words(text) if fold(word.text) in marks)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text into runs of sentences of at most `MAX_LENGTH` characters, where it can be cut."""
    piece = ""
    for sentence in re.split(r"(?<=[.!?;…])\s+", text):
        if piece and len(piece) + len(sentence) >= MAX_LENGTH:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
        while len(piece) > MAX_LENGTH:
            most = MAX_LENGTH - len(_CUT)
            cut = piece.rfind(" ", MAX_LENGTH // 2, most)
            cut = cut if cut > 0 else most
            yield piece[:cut] + _CUT
            piece = "… " + piece[cut:].strip()
    if piece:
        yield piece
