"""From what a file holds to blocks: what the readers of DOCX, ODT, RTF and HTML share."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from types import MappingProxyType
from typing import Literal

from kb.document import CELL, Block, Document
from kb.errors import RefusedFileError, refused
from kb.languages import LANGUAGES
from kb.saying import Said, counted, said
from kb.text import normalise

Kind = Literal["heading", "paragraph", "item", "row"]

MAX_CHARACTERS = 2_000_000
"""Four times what a case may hold: 700 pages."""
MAX_BLOCKS = 100_000
_LONGEST_HEADING = 300
_LEVELS = 6

SYMBOLS: Mapping[int, str] = MappingProxyType(
    {0x6F: "☐", 0xA7: "▪", 0xA8: "☐", 0xB7: "•", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"}
)
"""What forms draw in the fonts Symbol and Wingdings, by the place of the letter in its font."""

_LETTERS: dict[int, str] = str.maketrans(
    {
        **dict.fromkeys(map(chr, range(0xE000, 0xF900)), ""),  # private use: a font's own
        **{chr(0xF000 + place): letter for place, letter in SYMBOLS.items()},
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),  # soft hyphen, no width
        **dict.fromkeys("\v\f\x85", "\n"),
    }
)

_NOTES: Mapping[str, Callable[[int], Said]] = MappingProxyType(
    {
        "picture": lambda count: counted(
            "1 picture was left out", "{count:,} pictures were left out", count
        ),
        "comment": lambda count: counted(
            "1 comment was left out", "{count:,} comments were left out", count
        ),
        "embedded": lambda count: counted(
            "1 embedded file was left out", "{count:,} embedded files were left out", count
        ),
        "tracked": lambda _: said("tracked changes: insertions were kept, deletions left out"),
        "hidden": lambda _: said("hidden text was left out"),
        "contents": lambda _: said("the table of contents was left out"),
        "letter": lambda _: said("some letters could not be read; compare the text with the file"),
        "encoding": lambda _: said("the encoding was guessed; compare the text with the file"),
        "around": lambda _: said(
            "menus and other things around the text of the page were left out"
        ),
        "cut": lambda _: said("the file ends too early; its last part may be missing"),
    }
)


@contextmanager
def damaged(file: str, kind: str) -> Iterator[None]:
    """Turn whatever a parser or archive raises into a refusal.

    Mutants of real files met eleven kinds of exception in zipfile, zlib, lxml and our own readers,
    and the next release may add one.

    Args:
        file: its name, for messages.
        kind: what it was read as, such as "DOCX".

    Raises:
        RefusedFileError: something within raised.
    """
    try:
        yield
    except RefusedFileError:
        raise
    except (RecursionError, MemoryError) as err:
        message = said("is too complex")
        raise refused(file, message, said("copy its text to a new file")) from err
    except Exception as err:
        remedy = said(
            "open it in the program it was made with, save it as {format} anew, and upload that",
            format=kind,
        )
        message = said("is damaged: it cannot be read as {format}", format=kind)
        raise refused(file, message, remedy) from err


def clean(text: str) -> str:
    """Return the text normalised, with single spaces, and without what has no width."""
    lines = normalise(text.translate(_LETTERS)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def blocks(text: str, kind: Kind = "paragraph", level: int = 1) -> Iterator[Block]:
    """Yield what stands between empty lines of a paragraph; of all else one block, or none."""
    parts = [part.strip() for part in re.split(r"\n\n+", clean(text)) if part.strip()]
    if kind == "heading" and sum(map(len, parts)) <= _LONGEST_HEADING:
        parts = [" ".join(chain.from_iterable(part.split() for part in parts))]
    elif kind == "heading":
        kind = "paragraph"
    elif kind == "item":
        parts = ["\n".join(parts)]
    yield from (Block(part, kind, min(level, _LEVELS)) for part in parts if part)


def row(cells: Sequence[Sequence[Block]]) -> Iterator[Block]:
    """Yield the row of a table, or what is in its cells where the table is there for layout.

    That is where one cell alone is filled, or a cell holds a table or sections of its own.
    """
    filled = sum(bool(cell) for cell in cells)
    if filled < 2 or any(_is_page(cell) for cell in cells):  # noqa: PLR2004 - a row has two
        yield from chain.from_iterable(cells)
        return
    texts = ["\n".join(block.text for block in cell) for cell in cells]
    while not texts[-1]:
        texts.pop()
    yield Block(CELL.join(texts), "row")


def _is_page(cell: Sequence[Block]) -> bool:
    kinds = {block.kind for block in cell}
    return "row" in kinds or ("heading" in kinds and len(kinds) > 1)


def code(language: str) -> str:
    """Return our code of a language tag such as ``de-AT`` or ``nb_NO``, or nothing."""
    first = re.split(r"[-_]", language.strip().lower())[0]
    first = {"nb": "no", "nn": "no"}.get(first, first)
    return first if first in LANGUAGES else ""


def notes(seen: Mapping[str, int]) -> tuple[Said, ...]:
    """Say what was left out or is uncertain, by what was counted under the keys of `_NOTES`."""
    return tuple(say(seen[key]) for key, say in _NOTES.items() if seen.get(key))


def document(
    found: Iterable[Block], file: str, title: str, language: str, seen: Counter[str]
) -> Document:
    """Put together what was found; ``seen`` may still grow while ``found`` is read.

    Raises:
        RefusedFileError: there is no text, or more than anyone would read.
    """
    kept: list[Block] = []
    length = 0
    for block in found:
        kept.append(block)
        length += len(block.text)
        if length > MAX_CHARACTERS or len(kept) > MAX_BLOCKS:
            message = said(
                "has more than {characters:,} characters or {paragraphs:,} paragraphs",
                characters=MAX_CHARACTERS,
                paragraphs=MAX_BLOCKS,
            )
            raise refused(file, message, said("upload the part that tells the case"))
    if not kept:
        remedy = said("upload the file with its text")
        if seen["picture"]:
            remedy = said("its pictures are not read; write down what they say")
        raise refused(file, said("holds no text"), remedy)
    return Document(tuple(kept), " ".join(clean(title).split()), code(language), notes(seen))
