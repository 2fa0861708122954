"""The text of a part of a Word file, in reading order."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Never

from kb.document import Block
from kb.formats.docx_styles import Styles
from kb.formats.flow import SYMBOLS, blocks, row
from kb.formats.xml_parts import Element, attribute, each, local, whole

_ROW = frozenset({"tr"})
_CELL = frozenset({"tc"})
_WRAPPERS = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"})
_PICTURES = ("pic", "imagedata", "chart", "relIds")
_CONTENTS = "{*}sdtPr/{*}docPartObj/{*}docPartGallery"


class Reader:
    """Reads parts one after the other, and remembers what it left out and which notes it met."""

    def __init__(self, styles: Styles) -> None:
        self.seen: Counter[str] = Counter()
        self.called: list[tuple[str, str]] = []
        """Kind and number of foot- and endnotes in the order of the text."""
        self._styles = styles
        self._boxes: list[Block] = []
        self._fields: list[bool] = []
        """Of the fields around the text, whether it is their code and not their result."""
        # By the local name of an element; of all others what is within them is read.
        self._on_block = self._blocks_of()
        self._on_text = self._texts_of()

    def blocks(self, parent: Element) -> Iterator[Block]:
        """Yield the blocks within an element."""
        for child in parent:
            yield from self._on_block.get(local(child), self.blocks)(child)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        around, self._boxes, self._fields = (self._boxes, self._fields), [], []
        text = "".join(self._text(paragraph))
        boxes, (self._boxes, self._fields) = self._boxes, around
        form = self._styles.form(paragraph)
        if text.strip() and (form.contents or form.hidden):
            self.seen["contents" if form.contents else "hidden"] += 1
            text = ""
        yield from blocks(text, form.kind, form.level)
        yield from boxes

    def _table(self, table: Element) -> Iterator[Block]:
        for line in each(table, _ROW, _WRAPPERS):
            if line.find("{*}trPr/{*}del") is not None:
                self.seen["tracked"] += 1
            elif line.find("{*}trPr/{*}hidden") is not None:
                self.seen["hidden"] += 1
            else:
                yield from row([list(self.blocks(cell)) for cell in each(line, _CELL, _WRAPPERS)])

    def _text(self, parent: Element) -> Iterator[str]:
        for child in parent:
            yield from self._on_text.get(local(child), self._text)(child)

    def _run(self, run: Element) -> Iterator[str]:
        text = "".join(self._text(run))
        if self._styles.hides(run):
            self.seen["hidden"] += bool(text.strip())
        else:
            yield text

    def _letters(self, element: Element) -> Iterator[str]:
        if not any(self._fields):
            yield element.text or ""

    def _field(self, mark: Element) -> Iterator[str]:
        """Follow begin, separate, end; the values of old forms stand in the first of them."""
        match attribute(mark, "fldCharType"):
            case "begin":
                self._fields.append(True)
                yield from _value(mark)
            case "separate" if self._fields:
                self._fields[-1] = False
            case "end" if self._fields:
                self._fields.pop()

    def _note(self, reference: Element) -> Iterator[str]:
        kind = "footnotes" if local(reference).startswith("foot") else "endnotes"
        self.called.append((kind, attribute(reference, "id")))
        yield from ()

    def _beside(self, found: Iterator[Block]) -> Iterator[str]:
        """Put blocks that stand in a paragraph behind it."""
        self._boxes.extend(list(found))
        yield from ()

    def _control(self, control: Element) -> Iterator[Block]:
        if attribute(control.find(_CONTENTS), "val") == "Table of Contents":
            self.seen["contents"] += 1
        elif control.find("{*}sdtPr/{*}showingPlcHdr") is None:
            yield from self.blocks(control)

    def _filled(self, control: Element) -> Iterator[str]:
        """Yield what was filled in; "Click here to enter text" is no text."""
        if control.find("{*}sdtPr/{*}showingPlcHdr") is None:
            yield from self._text(control)

    def _inserted(self, change: Element) -> Iterator[Block]:
        self.seen["tracked"] += 1
        yield from self.blocks(change)

    def _inserted_text(self, change: Element) -> Iterator[str]:
        self.seen["tracked"] += 1
        yield from self._text(change)

    def _blocks_of(self) -> Mapping[str, Callable[[Element], Iterator[Block]]]:
        return {
            "p": self._paragraph,
            "tbl": self._table,
            "sdt": self._control,
            "AlternateContent": lambda child: self.blocks(_branch(child)),
            "altChunk": lambda _: self._left_out("embedded"),
            **dict.fromkeys(("ins", "moveTo"), self._inserted),
            **dict.fromkeys(("del", "moveFrom"), lambda _: self._left_out("tracked")),
        }

    def _texts_of(self) -> Mapping[str, Callable[[Element], Iterator[str]]]:
        return {
            "t": self._letters,
            "r": self._run,
            "fldChar": self._field,
            "sdt": self._filled,
            "txbxContent": lambda child: self._beside(self.blocks(child)),
            "tbl": lambda child: self._beside(self._table(child)),
            "AlternateContent": lambda child: self._text(_branch(child)),
            "sym": lambda child: iter([_symbol(child)]),
            "noBreakHyphen": lambda _: iter(["-"]),
            "commentReference": lambda _: self._left_out("comment"),
            **dict.fromkeys(("tab", "ptab"), lambda _: iter(["\t"])),
            **dict.fromkeys(("br", "cr"), lambda _: iter(["\n"])),
            **dict.fromkeys(("footnoteReference", "endnoteReference"), self._note),
            **dict.fromkeys(_PICTURES, lambda _: self._left_out("picture")),
            **dict.fromkeys(("ins", "moveTo"), self._inserted_text),
            **dict.fromkeys(("del", "moveFrom"), lambda _: self._left_out("tracked")),
            **dict.fromkeys(("pPr", "rPr", "rt", "sdtPr"), lambda _: iter(())),
        }

    def _left_out(self, key: str) -> Iterator[Never]:
        self.seen[key] += 1
        return iter(())


def _branch(alternatives: Element) -> Element | tuple[()]:
    """Return one of several ways to show the same: the first, which is the newest."""
    found = alternatives.find("{*}Choice")
    found = alternatives.find("{*}Fallback") if found is None else found
    return () if found is None else found


def _value(mark: Element) -> Iterator[str]:
    box, choices = mark.find("{*}ffData/{*}checkBox"), mark.find("{*}ffData/{*}ddList")
    if box is not None:
        state = box.find("{*}checked")
        state = box.find("{*}default") if state is None else state
        ticked = state is not None and attribute(state, "val") not in {"0", "false", "off"}
        yield "☒ " if ticked else "☐ "
    if choices is not None:
        chosen = choices.find("{*}result")
        chosen = choices.find("{*}default") if chosen is None else chosen
        entries = [attribute(entry, "val") for entry in choices.findall("{*}listEntry")]
        yield from entries[(place := whole(attribute(chosen, "val"), len(entries))) : place + 1]


def _symbol(symbol: Element) -> str:
    place = int(attribute(symbol, "char") or "0", 16)
    return SYMBOLS.get(place - 0xF000, "") if place >= 0xE000 else chr(place)  # noqa: PLR2004 - private
