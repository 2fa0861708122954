"""Paragraphs and rows of an RTF file: its body, a note, or a text box."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from kb.document import Block
from kb.formats.flow import Kind, blocks, row

NO_HEADING = 9
"""Outline level of body text; 0 is the highest heading."""
_DEEPEST = 8


@dataclass(slots=True)
class _Paragraph:
    """What holds until ``pard``."""

    style: int = 0
    outline: int = NO_HEADING
    item: int = 0
    depth: int = 0
    """How many tables it is in."""


class Flow:
    """Text that runs on by itself."""

    def __init__(self, styles: Mapping[int, int]) -> None:
        self.run: list[str] = []
        """The paragraph that is being read."""
        self.boxes: list[Block] = []
        """What stands in text boxes beside it."""
        self.marked = False
        """Whether a bullet or number stands before it."""
        self._styles = styles
        self._paragraph = _Paragraph()
        # Of the text, of the cell that is open, of the cell within it, and so on.
        self._blocks: defaultdict[int, list[Block]] = defaultdict(list)
        self._cells: defaultdict[int, list[list[Block]]] = defaultdict(list)

    def end_paragraph(self) -> None:
        """Make a block of what was read since the last one."""
        self._settle(self._paragraph.depth)
        kind, level = self._form()
        found = blocks(joined(self.run), kind, level)
        self._blocks[self._paragraph.depth].extend([*found, *self.boxes])
        self.run.clear()
        self.boxes.clear()
        self.marked = False

    def finish(self) -> list[Block]:
        """Return all blocks; rows that were not ended end here."""
        self.end_paragraph()
        self._settle(0)
        return self._blocks[0]

    def end_cell(self, *, nested: bool = False) -> None:
        """End a cell of a table, or of a table in a cell."""
        depth = self._paragraph.depth = self._table(nested=nested)
        self.end_paragraph()
        self._cells[depth].append(self._blocks.pop(depth))

    def end_row(self, *, nested: bool = False) -> None:
        """End a row of a table, or of a table in a cell."""
        depth = self._table(nested=nested)
        self._settle(depth)
        self._blocks[depth - 1].extend(row(self._cells.pop(depth, [])))

    def reset(self) -> None:
        """Forget the properties of the paragraph."""
        self._paragraph = _Paragraph()

    def style(self, number: int) -> None:
        """Give the paragraph a style."""
        self._paragraph.style = number

    def outline(self, level: int) -> None:
        """Make the paragraph a heading of a level counted from 0."""
        self._paragraph.outline = level

    def list(self, number: int) -> None:
        """Make the paragraph an item of a list; 0 is none."""
        self._paragraph.item = max(self._paragraph.item, 1) if number else 0

    def list_level(self, level: int) -> None:
        """Give the level of the item, counted from 0."""
        if self._paragraph.item or level:
            self._paragraph.item = level + 1

    def nest(self, depth: int) -> None:
        """Put the paragraph into a table, or into one within another."""
        self._paragraph.depth = min(max(depth, 0), _DEEPEST)

    def put_in_table(self) -> None:
        """Put the paragraph into a table, unless it is in one."""
        self._paragraph.depth = max(self._paragraph.depth, 1)

    def _table(self, *, nested: bool) -> int:
        return max(self._paragraph.depth, 2) if nested else 1

    def _settle(self, depth: int) -> None:
        """End what is open in deeper tables, so that nothing is lost nor comes too late."""
        for deep in range(max([*self._blocks, *self._cells, 0]), depth, -1):
            cells, left = self._cells.pop(deep, []), self._blocks.pop(deep, [])
            self._blocks[deep - 1].extend([*row(cells), *left])

    def _form(self) -> tuple[Kind, int]:
        paragraph = self._paragraph
        rank = min(paragraph.outline, self._styles.get(paragraph.style, NO_HEADING))
        if 0 <= rank < NO_HEADING:
            return "heading", rank + 1
        if self.marked or paragraph.item:
            return "item", max(paragraph.item, 1)
        return "paragraph", 1


def joined(parts: list[str]) -> str:
    """Join text; letters beyond U+FFFF come in halves."""
    whole = "".join(parts).encode("utf-16-le", "surrogatepass")
    return whole.decode("utf-16-le", "replace")
