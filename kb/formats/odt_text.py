"""The text of an OpenDocument text, in reading order."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Never

from kb.document import Block
from kb.formats.flow import Kind, blocks, row
from kb.formats.odt_styles import Styles, controls
from kb.formats.xml_parts import Element, attribute, each, local, whole

_ROW = frozenset({"table-row"})
_ROWS = frozenset({"table-header-rows", "table-rows", "table-row-group"})
_CELL = frozenset({"table-cell", "covered-table-cell"})
_ITEM = frozenset({"list-item", "list-header"})
_NO_WRAPPERS: frozenset[str] = frozenset()
_MOST_SPACES = 100  # a file of 13 kB asked for two thousand million
_MOST_CELLS = 50

_SHAPES = (
    "g", "custom-shape", "rect", "ellipse", "circle", "line", "polyline", "polygon", "path",
    "regular-polygon", "connector", "caption", "frame", "text-box",
)  # fmt: skip
_NO_TEXT = ("placeholder", "desc", "script", "event-listeners")


class Reader:
    """Reads a text, and remembers what it left out and which notes it met."""

    def __init__(self, styles: Styles, content: Element) -> None:
        self.seen: Counter[str] = Counter()
        self.notes: list[Element] = []
        """Bodies of foot- and endnotes that are still to be read, in the order of the text."""
        self._styles = styles
        self._controls = controls(content)
        self._boxes: list[Block] = []
        self._level = 0
        # By the local name of an element; of all others what is within them is read.
        self._on_block = self._blocks_of()
        self._on_text = self._texts_of()

    def blocks(self, parent: Element) -> Iterator[Block]:
        """Yield the blocks within an element."""
        for child in parent:
            yield from self._on_block.get(local(child), self.blocks)(child)

    def _paragraph(self, paragraph: Element, kind: Kind = "paragraph") -> Iterator[Block]:
        around, self._boxes = self._boxes, []
        text = "".join(self._text(paragraph))
        boxes, self._boxes = self._boxes, around
        if text.strip() and self._styles.hides(paragraph):
            self.seen["hidden"] += 1
            text = ""
        if rank := self._rank(paragraph):
            yield from blocks(text, "heading", rank)
        else:
            yield from blocks(text, kind, self._level if kind == "item" else 1)
        yield from boxes

    def _rank(self, paragraph: Element) -> int:
        if local(paragraph) == "h":
            return max(whole(attribute(paragraph, "outline-level"), 10), 1)
        return self._styles.rank(paragraph)

    def _list(self, parent: Element) -> Iterator[Block]:
        """Yield items; what follows the first paragraph of an item is no item of its own."""
        self._level += 1
        for item in each(parent, _ITEM, _NO_WRAPPERS):
            kind: Kind = "item" if local(item) == "list-item" else "paragraph"
            for child in item:
                if local(child) == "p":
                    yield from self._paragraph(child, kind)
                    kind = "paragraph"
                else:
                    yield from self._on_block.get(local(child), self.blocks)(child)
        self._level -= 1

    def _table(self, table: Element) -> Iterator[Block]:
        level, self._level = self._level, 0
        for line in each(table, _ROW, _ROWS):
            yield from row(list(self._cells(line)))
        self._level = level

    def _cells(self, line: Element) -> Iterator[list[Block]]:
        for cell in each(line, _CELL, _NO_WRAPPERS):
            found = list(self.blocks(cell))
            repeated = whole(attribute(cell, "number-columns-repeated"), _MOST_CELLS)
            yield from [found] * max(repeated, 1)

    def _section(self, section: Element) -> Iterator[Block]:
        if _is_hidden(section):
            self.seen["hidden"] += 1
        else:
            yield from self.blocks(section)

    def _changes(self, changes: Element) -> Iterator[Block]:
        """Leave out what was deleted, which stands here; what was inserted stands in the text."""
        self.seen["tracked"] += bool(len(changes))
        yield from ()

    def _frame(self, frame: Element) -> Iterator[Block]:
        """Yield the text of a frame; its pictures show the same in several formats."""
        if frame.find("{*}text-box") is not None:
            yield from self.blocks(frame)
        else:
            self.seen["picture"] += 1

    def _text(self, element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            yield from self._on_text.get(local(child), self._text)(child)
            yield child.tail or ""

    def _span(self, span: Element) -> Iterator[str]:
        text = "".join(self._text(span))
        if self._styles.hides(span):
            self.seen["hidden"] += bool(text.strip())
        else:
            yield text

    def _conditional(self, element: Element) -> Iterator[str]:
        """Yield text that a condition hides, or does not at present."""
        if _is_hidden(element):
            self.seen["hidden"] += 1
        else:
            yield attribute(element, "string-value")
            yield from self._text(element)

    def _note(self, note: Element) -> Iterator[str]:
        self.notes.extend(note.findall("{*}note-body"))
        yield from ()

    def _drawing(self, drawing: Element) -> Iterator[str]:
        found = list(self._on_block.get(local(drawing), self.blocks)(drawing))
        self._boxes.extend(found)
        yield from ()

    def _control(self, control: Element) -> Iterator[str]:
        yield f" {self._controls.get(attribute(control, 'control'), '')} "

    def _ruby(self, ruby: Element) -> Iterator[str]:
        for base in ruby.iterfind("{*}ruby-base"):
            yield from self._text(base)

    def _spaces(self, spaces: Element) -> Iterator[str]:
        yield " " * max(whole(attribute(spaces, "c"), _MOST_SPACES), 1)

    def _blocks_of(self) -> Mapping[str, Callable[[Element], Iterator[Block]]]:
        return {
            **dict.fromkeys(("p", "h"), self._paragraph),
            "list": self._list,
            "table": self._table,
            "section": self._section,
            "frame": self._frame,
            "control": lambda child: blocks("".join(self._control(child))),
            "forms": lambda _: iter(()),
            "tracked-changes": self._changes,
            "table-of-content": lambda _: self._left_out("contents"),
            "annotation": lambda _: self._left_out("comment"),
        }

    def _texts_of(self) -> Mapping[str, Callable[[Element], Iterator[str]]]:
        return {
            "span": self._span,
            "s": self._spaces,
            "tab": lambda _: iter(["\t"]),
            "line-break": lambda _: iter(["\n"]),
            "note": self._note,
            "ruby": self._ruby,
            "control": self._control,
            "annotation": lambda _: self._left_out("comment"),
            **dict.fromkeys(("hidden-text", "hidden-paragraph"), self._conditional),
            **dict.fromkeys(_NO_TEXT, lambda _: iter(())),
            **dict.fromkeys(_SHAPES, self._drawing),
        }

    def _left_out(self, key: str) -> Iterator[Never]:
        self.seen[key] += 1
        return iter(())


def _is_hidden(element: Element) -> bool:
    return attribute(element, "display") == "none" or attribute(element, "is-hidden") == "true"
