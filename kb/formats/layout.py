"""From groups of lines to headings, paragraphs, items and rows.

Headings are told by size and weight. All of it is guessing, so the text itself is never changed but
for hyphens at line ends.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.document import CELL, Block
from kb.formats.lines import HYPHEN, Line, Spelling, joined, usual_size, without_repeated
from kb.formats.paragraphs import (
    BULLET,
    ENTRY,
    LARGER,
    NUMBERED,
    Group,
    groups_of,
    is_larger,
    is_row,
    lines_of,
    over_pages,
)

_HEADING_LENGTH = 150
_BOLD_LENGTH = 100
_LONELY_LENGTH = 60

_LETTERS = re.compile(r"[^\W\d_]{2}")
_TITLE_LIKE = re.compile(r"(?:\d|[^\W\d_a-z]).*[^.,;:!?…]$")


def blocks(pages: Sequence[Sequence[Line]]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks of all pages, and the headers and footers that were left out."""
    kept, repeated = without_repeated([lines_of(lines) for lines in pages])
    size = usual_size(line for lines in kept for line in lines)
    groups = over_pages([list(groups_of(lines, size)) for lines in kept])
    return of_groups(groups, size), repeated


def of_groups(groups: Sequence[Group], size: float = 0.0) -> tuple[Block, ...]:
    """Make a block of each group of lines; ``size`` is that of ordinary text, 0 if not known."""
    sizes = _Sizes.of(groups, size)
    spelling = Spelling.of(line.text for group in groups for line in group)
    found: list[Block] = []
    bullets: list[float] = []
    for group, after in zip(groups, [*groups[1:], []], strict=False):
        block = _block(group, after, sizes, spelling)
        if block.kind == "item":
            block = replace(block, level=_depth(bullets, group[0]))
        else:
            bullets.clear()
        if block.text:
            found.append(block)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Sizes:
    ordinary: float
    headings: tuple[float, ...]
    """Largest first."""
    any_heading: bool

    @classmethod
    def of(cls, groups: Sequence[Group], ordinary: float) -> "_Sizes":
        heads = [group for group in groups if _is_heading(group, ordinary)]
        larger = {_rounded(head[0].size) for head in heads if is_larger(head[0], ordinary)}
        return cls(ordinary, tuple(sorted(larger, reverse=True)), bool(heads))

    def level(self, line: Line) -> int:
        """Return the level of a heading; bold ones of ordinary size come last."""
        size = _rounded(line.size)
        return self.headings.index(size) + 1 if size in self.headings else len(self.headings) + 1


def _block(group: Group, after: Group, sizes: _Sizes, spelling: Spelling) -> Block:
    page = group[0].page
    if is_row(group[0]):
        return Block(CELL.join(group[0].cells).replace(HYPHEN, "-"), "row", page=page)
    text = joined((line.text for line in group), spelling)
    if BULLET.match(text):
        return Block(BULLET.sub("", text, count=1), "item", page=page)
    if _is_heading(group, sizes.ordinary):
        return Block(text, "heading", sizes.level(group[0]), page)
    if not sizes.any_heading and _is_lonely(group, after):
        return Block(text, "heading", 1, page)
    return Block(text, "item" if NUMBERED.match(text) else "paragraph", page=page)


def _depth(bullets: list[float], line: Line) -> int:
    """Return how deep an item lies among those before it, whose left edges are ``bullets``."""
    while bullets and line.left < bullets[-1] - line.size / 2:
        bullets.pop()
    if not bullets or line.left > bullets[-1] + line.size / 2:
        bullets.append(line.left)
    return len(bullets)


def _is_heading(group: Group, ordinary: float) -> bool:
    text, first = " ".join(line.text for line in group), group[0]
    if not first.size or is_row(first) or ENTRY.search(text) or not _LETTERS.search(text):
        return False
    if is_larger(first, ordinary):
        return len(text) <= _HEADING_LENGTH and len(group) <= 4  # noqa: PLR2004 - lines of a title
    bold = all(line.bold for line in group) and first.size > ordinary / LARGER
    return bold and len(text) <= _BOLD_LENGTH and not re.search(r"^[^\W\d_A-Z]?[a-z]|[.,;]$", text)


def _is_lonely(group: Group, after: Group) -> bool:
    """Tell a short line that stands alone above a paragraph, as headings do without our sizes."""
    text = group[0].text
    alone = len(group) == 1 and len(after) > 1 and not is_row(after[0])
    return alone and len(text) <= _LONELY_LENGTH and bool(_TITLE_LIKE.match(text))


def _rounded(size: float) -> float:
    return round(size * 2) / 2
