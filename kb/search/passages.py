"""Which passage of a case to show for a question, and which of its words to mark."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kb.query import Passage
from kb.text import fold, spellings, words

MAX_LENGTH = 280
_CUT = " …"


class Pieces(NamedTuple):
    """The text of a case in pieces of at most `MAX_LENGTH` characters.

    Of few objects: ten cases are read for an answer, and Python looks through all lists at times.
    """

    texts: Sequence[str]
    """Plain text, the most telling first: with nothing to mark it is shown."""
    languages: Sequence[str]
    """Of each piece."""
    words: Mapping[str, int]
    """Folded word -> which pieces have it: bit n stands for piece n."""


def cut(texts: Iterable[tuple[str, str]]) -> Pieces:
    """Cut texts, each with its language, into pieces."""
    pieces = [(language, piece) for language, text in texts for piece in _pieces(text) if piece]
    having: dict[str, int] = defaultdict(int)
    for number, (_, piece) in enumerate(pieces):
        for word in spellings(piece):
            having[fold(word)] |= 1 << number
    return Pieces([piece for _, piece in pieces], [language for language, _ in pieces], having)


def choose(pieces: Pieces, marks: frozenset[str]) -> Passage:
    """Return the piece with most of the different words to mark; of equals the first.

    Args:
        pieces: the text of a case.
        marks: folded words.
    """
    if not pieces.texts:
        return Passage("")
    having = Counter(number for mark in marks for number in _bits(pieces.words.get(mark, 0)))
    best = min(having, key=lambda number: (-having[number], number), default=0)
    text = pieces.texts[best]
    return Passage(text, _found(text, marks), pieces.languages[best])


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


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
