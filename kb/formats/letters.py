"""The letters of a PDF page, as PDFium has them, put together to lines.

PDFium knows each letter with its place; its text has them in the order in which the page was
written, with an end of line where the next letter stands elsewhere. Its objects are untyped, hence
Any.
"""

import ctypes
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from kb.formats.lines import HYPHEN, Line, readable

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_MARGIN = 0.08
"""Headers and footers of office programs stand within 1.25 cm of an edge, text begins at 2.5 cm."""
_GAP = 1.5
"""A gap of so many times the size of the letters parts cells; justified text stays below 1."""
_BOLD = re.compile(r"(?i)bold|black|heavy|^(?:\w{6}\+)?(?:CMB|SFB)")
"""In names of fonts; the last ones are those of TeX."""
_SAMPLE = 500
_LINE = re.compile("[^\r\n\x02\ufffe]+")
_PARTED = ("\x02", "\ufffe")
"""PDFium puts one of these where a hyphen ends a line, and leaves the line end out."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


@dataclass(frozen=True, slots=True)
class _Turn:
    """How a line is turned, and whether it runs from right to left."""

    quarters: int
    mirrored: bool

    def upright(self, box: Box) -> Box:
        """Return a box as if its line stood upright and ran from left to right."""
        if not self.quarters and not self.mirrored:
            return box
        left, bottom, right, top = box
        left, bottom, right, top = (
            box,
            (-top, left, -bottom, right),
            (-right, -top, -left, -bottom),
            (bottom, -right, top, -left),
        )[self.quarters]
        return (-right, bottom, -left, top) if self.mirrored else (left, bottom, right, top)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    box: Box
    first: int
    last: int
    """Indexes of its letters."""


class Letters:
    """The letters of one page."""

    def __init__(self, textpage: Any) -> None:
        from pypdfium2 import raw

        self._raw, self._page = raw, textpage
        self._rect = raw.FS_RECTF()
        self._text = str(textpage.get_text_range())
        self._units = _units(self._text)
        self._complete = textpage.count_chars() == len(self._text)

    def lines(self, number: int, sheet: Box) -> Iterator[Line]:
        """Yield the lines of the page, whose number and edges are given."""
        for found in _LINE.finditer(self._text):
            turn = self._turn(found)
            words = self._words(found, turn)
            if words:
                parted = self._text[found.end() : found.end() + 1] in _PARTED
                base = _middle(word.box[1] for word in words)
                size = _middle(word.box[3] - word.box[1] for word in words)
                yield Line(
                    # Where scripts of two directions stand in one line, gaps cannot be told.
                    _cells(words, math.inf if turn.mirrored else _GAP * size, parted=parted),
                    number,
                    left=min(word.box[0] for word in words),
                    right=max(word.box[2] for word in words),
                    base=base,
                    size=size,
                    bold=self._is_bold(words[0].first) and self._is_bold(words[-1].last),
                    margin=_is_outside(base, size, turn.upright(sheet)),
                )

    @property
    def garbled(self) -> float:
        """Share of the letters, of at most `_SAMPLE`, whose font does not name them."""
        count = int(self._page.count_chars())
        sample = range(0, count, count // _SAMPLE + 1)
        unnamed = self._raw.FPDFText_HasUnicodeMapError
        found = sum(int(unnamed(self._page, index)) == 1 for index in sample)
        return found / max(1, len(sample))

    def _words(self, line: re.Match[str], turn: _Turn) -> list[_Word]:
        return [
            self._word(word.group(), line.start() + word.start(), turn)
            for word in re.finditer(r"\S+", line.group())
        ]

    def _word(self, text: str, start: int, turn: _Turn) -> _Word:
        first, last = self._index(start), self._index(start + len(text) - 1)
        one, two = self._box(first, turn), self._box(last, turn)
        box = (min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3]))
        return _Word(text, box, first, last)

    def _index(self, place: int) -> int:
        """Return the index of the letter at a place in the text, which leaves some letters out."""
        if self._complete:
            return place
        index = self._raw.FPDFText_GetCharIndexFromTextIndex(self._page, self._units(place))
        return max(0, int(index))

    def _box(self, index: int, turn: _Turn) -> Box:
        """Return the box of a letter, with the height of its font."""
        rect = self._rect
        self._raw.FPDFText_GetLooseCharBox(self._page, index, rect)
        return turn.upright((rect.left, rect.bottom, rect.right, rect.top))

    def _turn(self, line: re.Match[str]) -> _Turn:
        angle = self._raw.FPDFText_GetCharAngle(self._page, self._index(line.start()))
        quarters = round(angle / (math.pi / 2)) % 4
        return _Turn(quarters, mirrored=bool(_RIGHT_TO_LEFT.search(line.group())))

    def _is_bold(self, index: int) -> bool:
        """Tell by the name of the font, because the weight is guessed from its stems."""
        size = self._raw.FPDFText_GetFontInfo(self._page, index, None, 0, None)
        name = ctypes.create_string_buffer(size + 1)
        self._raw.FPDFText_GetFontInfo(self._page, index, name, size, None)
        return bool(_BOLD.search(name.value.decode("latin-1")))


def _middle(values: Iterable[float]) -> float:
    # The module statistics takes as long to import as four pages to read.
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def _cells(words: list[_Word], gap: float, *, parted: bool) -> tuple[str, ...]:
    cells = [words[0].text]
    for before, word in pairwise(words):
        if word.box[0] - before.box[2] > gap:
            cells.append(word.text)
        else:
            cells[-1] += f" {word.text}"
    cells[-1] += HYPHEN if parted else ""
    return tuple(map(readable, cells))


def _is_outside(base: float, size: float, sheet: Box) -> bool:
    border = _MARGIN * (sheet[3] - sheet[1])
    return base < sheet[1] + border or base + size > sheet[3] - border


def _units(text: str) -> Callable[[int], int]:
    """Return what gives the place in UTF-16, in which PDFium counts, of a place in the text."""
    if not text or max(text) <= "\uffff":
        return lambda place: place
    places = list(accumulate((1 + (letter > "\uffff") for letter in text), initial=0))
    return places.__getitem__
