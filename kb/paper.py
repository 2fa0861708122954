"""A paper: headings, paragraphs and tables, finished down to the letter.

Whoever writes one down, as HTML (`web`) or for Word (`kb.word`), adds nothing and leaves nothing
out; so all versions say the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["title", "part", "heading", "text", "item", "small"]
"""``title`` is of the whole, ``part`` of a section, ``heading`` within one, ``item`` of a list."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one language."""

    text: str
    language: str = ""
    """Empty where it is that of the paper."""
    href: str = ""
    """Where it leads: an address, or ``#name`` of a block."""
    strong: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph; what kind of one decides how it looks."""

    kind: Kind
    runs: Runs
    name: str = ""
    """By which runs lead to it; unique in the paper."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Runs, ...], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole."""

    title: str
    language: str
    day: date
    author: str
    blocks: tuple[Block | Table, ...]


def lines(paper: Paper) -> Iterator[str]:
    """Yield all that a paper says: one line a block, and one a cell of a table."""
    for block in paper.blocks:
        if isinstance(block, Block):
            yield plain(block.runs)
        else:
            yield from block.head
            yield from (plain(cell) for row in block.rows for cell in row)


def plain(runs: Runs) -> str:
    """Return what runs say, with spaces for what is no letter."""
    return " ".join("".join(run.text for run in runs).split())
