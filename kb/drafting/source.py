"""A document made ready to be read: composed letters, unwrapped lines, sentences, folded words.

Rules work on this text only. It is not the document's: letters may be composed (NFC) and characters
nobody sees are left out, so `place` leads back from a span here to a span of `Document.text`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.document import Block, Document
from kb.nlp.detect import detect
from kb.nlp.pipeline import sentences
from kb.text import fold, words

MOST_CHARACTERS = 200_000
"""Some eighty pages; a description of a case has four."""

_LONGEST = 3_000
MOST_WORDS = 400
"""Words of a sentence that are read: what is longer is no sentence but a table or an attack."""

_LONG_LINE = 60
"""A line of at least so many characters goes on in the next one: columns of PDF files are wider."""

_UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_CLUSTER = re.compile(r"[^\u0300-\u036f][\u0300-\u036f]{0,4}|[\u0300-\u036f]")
_LABELLED = re.compile(r"[^:\n]{1,40}:(?:\s|$)")
_RUN = re.compile(r"\S{500,}")
"""No word and no address; spaCy's tokenizer is quadratic in a run of brackets."""

_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Part:
    """A block and where it stands."""

    text: str
    kind: str
    level: int
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence, with its words folded."""

    text: str
    start: int
    words: tuple[str, ...]
    starts: tuple[int, ...]
    """Where each word begins in the sentence."""
    ends: tuple[int, ...]

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.start + len(self.text)

    def word_at(self, offset: int) -> int:
        """Return the number of the first word that begins at ``offset`` or later."""
        return bisect_right(self.starts, offset - 1)


@dataclass(frozen=True, slots=True)
class Source:
    """The text, in the language in which it is read."""

    text: str
    language: str
    """The detected language, or English where there is too little to judge."""
    detected: bool
    parts: tuple[Part, ...]
    spans: tuple[Span, ...]
    origin: Sequence[int]
    """Where each character stands in the document's own text; empty if it is the same place."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span stands in the document's own text."""
        if not self.origin:
            return start, end
        return self.origin[start], self.origin[end]


def read(document: Document) -> Source:
    """Make a document ready; of its text, no more than `MOST_CHARACTERS` are read."""
    original = document.text[:MOST_CHARACTERS]
    text, origin = _composed(_RUN.sub(lambda run: " " * len(run.group()), original))
    guess = detect(text)
    language = guess.language or document.language or _FALLBACK
    parts = tuple(_parts(document.blocks, text, origin))
    prose = _unwrapped(text)
    spans = tuple(_spans(prose, language))
    return Source(prose, language, bool(guess.language), parts, spans, origin)


def span(text: str, start: int) -> Span:
    """Return a piece of text as a sentence."""
    found = [word for _, word in zip(range(MOST_WORDS), words(text), strict=False)]
    return Span(
        text,
        start,
        tuple(fold(word.text) for word in found),
        tuple(word.start for word in found),
        tuple(word.end for word in found),
    )


def _spans(text: str, language: str) -> Iterator[Span]:
    for sentence in sentences(text, language):
        stripped = sentence.text[:_LONGEST].strip()
        if stripped:
            yield span(stripped, sentence.start + sentence.text.index(stripped[0]))


def _composed(text: str) -> tuple[str, Sequence[int]]:
    """Return the text composed and without what nobody sees, and where its characters stood."""
    if unicodedata.is_normalized("NFC", text) and text == text.translate(_UNSEEN):
        return text, ()
    pieces, origin = [], []
    for cluster in _CLUSTER.finditer(text):
        piece = unicodedata.normalize("NFC", cluster.group()).translate(_UNSEEN)
        pieces.append(piece)
        origin += [cluster.start()] * len(piece)
    return "".join(pieces), [*origin, len(text)]


def _parts(blocks: Sequence[Block], text: str, origin: Sequence[int]) -> Iterator[Part]:
    start = 0
    for block in blocks:
        first, last = _here(origin, start), _here(origin, start + len(block.text))
        if first >= len(text):
            return
        yield Part(text[first:last], block.kind, block.level, first)
        start += len(block.text) + 2  # the empty line between blocks


def _here(origin: Sequence[int], place: int) -> int:
    return bisect_right(origin, place - 1) if origin else place


def _unwrapped(text: str) -> str:
    """Replace the breaks within a paragraph by spaces, so that sentences are whole again.

    A short line stands by itself (an address, a row of a form), and so does one before a capital
    or a digit, unless it is as long as lines of prose are.
    """
    lines = text.split("\n")
    joined = [lines[0]]
    for before, line in pairwise(lines):
        joined += [" " if _goes_on(before, line) else "\n", line]
    return "".join(joined)


def _goes_on(before: str, line: str) -> bool:
    following = line[:1]
    if len(before) < _LONG_LINE or not following or following in "-•*–|":
        return False
    if _LABELLED.match(line):
        return False
    return following.islower() or before.rstrip()[-1:] not in ".:!?;|"
