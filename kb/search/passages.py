"""Which passage of a case to show for a question, and which of its words to mark."""

import re
from collections.abc import Iterable, Iterator

from kb.query import Passage
from kb.text import fold, spellings, words

MAX_LENGTH = 280
_CUT = " …"


def choose(texts: Iterable[tuple[str, str]], marks: frozenset[str]) -> Passage:
    """Return the piece with most of the different words to mark; of equals the first.

    Args:
        texts: (language, plain text), the most telling first: with nothing to mark it is shown.
        marks: folded words.
    """
    best, spoken, most = "", "", -1
    for language, text in texts:
        if not best or _different(text, marks) > most:  # no piece of it can have more
            for piece in _pieces(text):
                different = _different(piece, marks)
                if different > most:
                    best, spoken, most = piece, language, different
    return Passage(best, _found(best, marks), spoken)


def _different(text: str, marks: frozenset[str]) -> int:
    return len(marks.intersection(map(fold, spellings(text))))


def _found(text: str, marks: frozenset[str]) -> tuple[tuple[int, int], ...]:
    return tuple((word.start, word.end) for word in words(text) if fold(word.text) in marks)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text into runs of sentences of at most `MAX_LENGTH` characters, where it can be cut."""
    piece = ""
    if len(text) < MAX_LENGTH and text:
        yield text.strip()
        return
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
