"""The tables at the beginning of an RTF file: what its fonts and styles are."""

import re
from typing import Literal

from kb.formats import rtf_words as words
from kb.formats.rtf_flow import NO_HEADING, joined

Table = Literal["", "fonts", "styles", "info"]

NO_FONT = -1
_HEADING = re.compile(r"heading ?([1-9])")


class Definitions:
    """What has been defined so far."""

    def __init__(self) -> None:
        self.encoding = "cp1252"
        """Of text in a font of which nothing is known."""
        self.default_font = NO_FONT
        self.ranks: dict[int, int] = {}
        """Outline levels of the styles that are headings."""
        self.name: list[str] = []
        """Of the style that is being defined, as it is read."""
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._style = 0
        self._outline = NO_HEADING

    def encoding_of(self, font: int) -> str:
        """Return the encoding of text in a font."""
        return self._fonts.get(font, self.encoding)

    def encode(self, name: str) -> None:
        """Give the encoding of text in a font of which nothing is known."""
        self.encoding = name

    def begin_font(self, number: int) -> None:
        """Begin to define a font."""
        self._font = number

    def charset(self, number: int) -> None:
        """Give the character set of the font."""
        if number == words.SYMBOL_CHARSET:
            self._fonts[self._font] = words.SYMBOL_FONT
        elif number in words.CODE_PAGES:
            self._fonts[self._font] = words.CODE_PAGES[number]

    def code_page(self, number: int) -> None:
        """Give the code page of the font, which is more than its character set says."""
        self._fonts[self._font] = words.encoding(number)

    def begin_style(self, number: int) -> None:
        """Begin to define a style."""
        self._style, self._outline = number, NO_HEADING
        self.name.clear()

    def outline(self, level: int) -> None:
        """Give the outline level of the style."""
        self._outline = level

    def end_style(self) -> None:
        """Keep the style, if it is one of headings."""
        name = joined(self.name).strip(" ;").lower()
        if self._outline != NO_HEADING:
            self.ranks[self._style] = self._outline
        elif found := _HEADING.fullmatch(name):
            self.ranks[self._style] = int(found.group(1)) - 1
        elif name == "title":
            self.ranks[self._style] = 0
