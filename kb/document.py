"""What a file says, in reading order, before anyone has said what it means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from kb.saying import Said

_APART = "\n\n"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, an item of a list, or a row of a table."""

    text: str
    """Plain text; the cells of a row are parted by `CELL`."""
    kind: Literal["heading", "paragraph", "item", "row"] = "paragraph"
    level: int = 1
    """Of a heading, 1 is the highest; of an item, 1 is the outermost."""
    page: int = 0
    """Counted from 1; 0 where the file has no pages."""


CELL = " | "
"""Stands between two cells of a row."""


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file as blocks, and what a reader should know of how it was read."""

    blocks: tuple[Block, ...]
    title: str = ""
    """As the file's own description has it, which is often wrong."""
    language: str = ""
    """As the file's own description has it: a code of ``LANGUAGES`` or nothing."""
    notes: tuple[Said, ...] = ()
    """What was left out or is uncertain, in words for the contributor."""
    pages: int = 0
    read_by_machine: bool = False
    """Whether the text was recognised in pictures of pages."""

    @property
    def text(self) -> str:
        """All blocks, parted by empty lines: what passages are counted in."""
        return _APART.join(block.text for block in self.blocks)

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each block begins in `text`."""
        lengths = (len(block.text) + len(_APART) for block in self.blocks)
        return tuple(accumulate(lengths, initial=0))[: len(self.blocks)]

    @property
    def markdown(self) -> str:
        """The text as the body of a case: headings from the second level down, lists, tables."""
        return "".join(_written(self.blocks)).strip()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a proposed value comes from: no value is proposed without one."""

    field: str
    """Dotted path of the field: ``city``, ``cost.total``, ``outcomes.0``."""
    value: str
    """What was read, as a person would write it."""
    passage: str
    """``text[start:end]`` of the document."""
    start: int
    end: int


def _written(blocks: tuple[Block, ...]) -> Iterator[str]:
    before = ""
    for block in blocks:
        yield "\n" if block.kind == before and block.kind in _TIGHT else "\n\n"
        yield _WRITERS[block.kind](block)
        before = block.kind


def _heading(block: Block) -> str:
    return f"{'#' * min(block.level + 1, _DEEPEST)} {plain(' '.join(block.text.split()))}"


def _item(block: Block) -> str:
    return f"{'    ' * (block.level - 1)}- {plain(' '.join(block.text.split()))}"


def _row(block: Block) -> str:
    # Lines of a paragraph, because the columns of real tables seldom fit those of Markdown.
    return plain(" ".join(block.text.split())) + "  "


def _paragraph(block: Block) -> str:
    return "\n".join(plain(line.strip()) for line in block.text.split("\n"))


def plain(line: str) -> str:
    """Keep a line of text from being read as Markdown or HTML."""
    escaped = _SPECIAL.sub(r"\\\1", line.translate(_ENTITIES))
    return _LEADING.sub(_harmless, escaped)


def _harmless(mark: re.Match[str]) -> str:
    """Escape what would begin a list: the mark itself, or what follows the number."""
    found = mark.group()
    if found[0] in "=:":
        return f"&#{ord(found)};"
    return f"{found[:-1]}\\{found[-1]}"


_DEEPEST = 5
_TIGHT = {"item", "row"}
_SPECIAL = re.compile(r"([\\`*_\[\]>#|])")
_LEADING = re.compile(r"^(?:[-+=:]|\d+[.)])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;"})
_WRITERS = {"heading": _heading, "item": _item, "row": _row, "paragraph": _paragraph}
