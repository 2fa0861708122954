"""From the lines of a page to groups that make one block each.

A page only says where its letters stand. The end of a paragraph is told by gaps, by indents, and by
lines that end early although the next word had fitted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kb.formats.lines import HYPHEN, Line

Group = list[Line]
"""Lines that make one block."""

BULLET = re.compile(
    r"(?:[•‣▪▫●○◦■□◆◇►▶➢➤✓✔∙·⁃\uf0b7\uf0a7\uf076\uf0d8\uf0fc\uf02d\uf06f*–—-]|o(?=\s[^\W\d_]))\s+"
)
NUMBERED = re.compile(r"(?:\d{1,2}|[a-z])[.)]\s+(?=\S)")
ENTRY = re.compile(r"(?:\. ?){4}\s*[\divx]+$")
"""Of a table of contents."""
LARGER = 1.12
_STOP = re.compile(r"[.!?:;…][)\]\"'»”’]*$")
_WIDER = 1.3
_APART = 1.7
"""Lines of one paragraph stand at most so many letter heights apart: at two it is 1.74."""
_WINDOW = 4
"""So many lines before and after tell how far a line could have gone."""
_NEAR = 1.5
"""Cells of a row stand so many times the size of their letters apart, or more."""


def lines_of(lines: Sequence[Line]) -> Group:
    """Return the lines of a page from its head to its foot, each row as one line."""
    return _whole(_downwards(lines))


def groups_of(lines: Group, ordinary: float) -> Iterator[Group]:
    """Part the lines of a page where a block ends; ``ordinary`` is the size of most letters."""
    group: Group = []
    for place, line in enumerate(lines):
        edge = _edge(lines, place)
        next_one = lines[place + 1] if place + 1 < len(lines) else None
        if group and _ends(group, line, _Measure(edge, _spacing(group, line, next_one), ordinary)):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def over_pages(pages: Sequence[Sequence[Group]]) -> list[Group]:
    """Put together paragraphs that go on over the end of a page."""
    found: list[Group] = []
    for groups in pages:
        if found and groups and _goes_on(found[-1], groups[0]):
            found[-1] = found[-1] + groups[0]
            found.extend(groups[1:])
        else:
            found.extend(groups)
    return found


def is_row(line: Line) -> bool:
    """Tell a line of several cells."""
    return len(line.cells) > 1


def is_larger(line: Line, ordinary: float) -> bool:
    """Tell a line whose letters are larger than others, by more than fonts of one size differ."""
    return line.size > LARGER * ordinary


def _downwards(lines: Sequence[Line]) -> Sequence[Line]:
    """Turn round a page that was written from its foot to its head, as turned ones are."""
    pairs = list(pairwise(lines))
    upwards = sum(two.base > one.base for one, two in pairs)
    return lines[::-1] if upwards > 1 and upwards > 0.8 * len(pairs) else lines


def _whole(lines: Sequence[Line]) -> Group:
    """Put together what stands at one height, such as the cells of a row and raised figures."""
    found: Group = []
    for line in lines:
        before = found[-1] if found else None
        if before and _is_beside(before, line):
            near = line.left - before.right < _NEAR * line.size
            cells = (
                (*before.cells[:-1], f"{before.cells[-1]} {line.cells[0]}", *line.cells[1:])
                if near
                else before.cells + line.cells
            )
            found[-1] = replace(before, cells=cells, right=line.right)
        else:
            found.append(line)
    return found


def _is_beside(before: Line, line: Line) -> bool:
    close = abs(before.base - line.base) < max(before.size, line.size) / 2
    return close and line.left > before.right - line.size / 2


def _edge(lines: Group, place: int) -> float:
    """Return how far to the right the lines hereabouts go, of this column only."""
    column = [lines[place]]
    for near in lines[place + 1 : place + _WINDOW]:
        if near.base > column[-1].base:
            break
        column.append(near)
    last = lines[place]
    for near in reversed(lines[max(0, place - _WINDOW) : place]):
        if near.base < last.base:
            break
        column.append(last := near)
    return max(line.right for line in column)


def _spacing(group: Group, line: Line, following: Line | None) -> float:
    """Return how far apart lines of one paragraph stand hereabouts."""
    widest = _APART * line.size
    gap = group[-2].base - group[-1].base if len(group) > 1 else 0.0
    if gap <= 0 and following:
        gap = line.base - following.base
    return min(widest, gap) if gap > line.size / 2 else widest


@dataclass(frozen=True, slots=True)
class _Measure:
    edge: float
    """How far to the right the lines about here go."""
    spacing: float
    ordinary: float


def _ends(group: Group, line: Line, measure: _Measure) -> bool:
    """Tell whether the block ends before this line."""
    before = group[-1]
    if BULLET.fullmatch(f"{before.text} ") and len(group) == 1:
        return False  # its text follows in the next line
    if is_row(before) or is_row(line) or ENTRY.search(before.text):
        return True
    if _is_marked(line) and _may_end(before, line, measure):
        return True
    return _looks_other(before, line) or _stands_apart(group, line, measure)


def _is_marked(line: Line) -> bool:
    return bool(BULLET.match(f"{line.text} ") or NUMBERED.match(line.text))


def _may_end(before: Line, line: Line, measure: _Measure) -> bool:
    """Tell a bullet from a dash in the middle of a sentence, and a number from a date."""
    clear = line.text[0] not in "-–—*" and not line.text[0].isdigit()
    gap = before.base - line.base
    return clear or bool(_STOP.search(before.text)) or _is_short(before, line, measure) or gap < 0


def _looks_other(before: Line, line: Line) -> bool:
    ratio = max(before.size, line.size) / min(before.size, line.size)
    return ratio > LARGER or (before.bold != line.bold)


def _stands_apart(group: Group, line: Line, measure: _Measure) -> bool:
    before, gap = group[-1], group[-1].base - line.base
    if gap < 0:  # the next column
        return bool(_STOP.search(before.text))
    if gap > _WIDER * max(measure.spacing, line.size / 2):
        return True
    if before.cells[-1].endswith(HYPHEN) or is_larger(line, measure.ordinary):
        return False
    marked = _is_marked(group[0])
    if marked and line.left < before.left - 0.6 * line.size and len(group) > 1:
        return True
    indented = line.left > before.left + 0.6 * line.size and bool(_STOP.search(before.text))
    return _is_short(before, line, measure) or (indented and not marked)


def _is_short(before: Line, line: Line, measure: _Measure) -> bool:
    """Tell whether the line before ended although the next word had fitted."""
    width = (line.right - line.left) / max(1, len(line.text))
    word = line.text.split(" ", 1)[0]
    return before.right + (len(word) + 2) * width < measure.edge


def _goes_on(group: Group, following: Group) -> bool:
    before, line = group[-1], following[0]
    if is_row(before) or is_row(line) or _is_marked(line) or _STOP.search(before.text):
        return False
    return line.text[0].islower() and not (before.size and _looks_other(before, line))
