"""What a list of results shows of a case, laid out beforehand.

An answer shows ten or more of them. To read a whole case, turn its Markdown into text and fold the
words of that takes 0.6 ms; to read its card takes a quarter of it.
"""

import json
import zlib
from typing import NamedTuple

from kb.model import Case
from kb.search.fields import prose
from kb.search.passages import Pieces, cut

VERSION = "1"
"""Version of the layout; a change makes every card anew."""


class Card(NamedTuple):
    """One case, as a list of results shows it."""

    title: str
    title_en: str
    language: str
    city: str
    country: str
    start: str
    """EDTF, as the case says it."""
    stage: str
    pieces: Pieces
    """Its text, out of which a passage is chosen."""


def card(case: Case) -> Card:
    """Lay out a case."""
    return Card(
        case.title, case.title_en, case.original_language, case.city, case.country or "",
        case.start, case.stage or "", cut(prose(case)),
    )  # fmt: skip


def pack(laid_out: Card) -> bytes:
    """Return a card as it is kept: a third of its text."""
    return zlib.compress(json.dumps(laid_out, ensure_ascii=False).encode())


def unpack(packed: bytes) -> Card:
    """Return a card that was kept."""
    *named, pieces = json.loads(zlib.decompress(packed))
    return Card._make([*named, Pieces._make(pieces)])
