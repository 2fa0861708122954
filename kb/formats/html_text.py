"""The text of a web page, in reading order."""

import re
from collections import Counter
from collections.abc import Callable, Mapping

from kb.document import Block
from kb.formats.flow import Kind, blocks, row
from kb.formats.xml_parts import Element

_NO_TEXT = frozenset(
    {
        "head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object",
        "embed", "canvas", "audio", "video", "map", "nav", "button", "select", "datalist",
        "textarea", "input", "dialog", "applet", "frameset", "rt", "rp",
    }
)  # fmt: skip
_FRAME = frozenset({"header", "footer", "aside"})
_BLOCK = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "details",
        "div", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr",
        "html", "legend", "main", "option", "p", "section", "summary", "table", "tbody",
        "tfoot", "thead",
    }
)  # fmt: skip
_HIDDEN = re.compile(r"(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)")
_ROLES = frozenset({"navigation", "search"})
_LISTED = re.compile(r"mso-list:\s*l\d+\s+level(\d)")
_BULLET = "mso-list:ignore"


class Reader:
    """Reads a page, and counts what it left out."""

    def __init__(self, seen: Counter[str], *, sure: bool, framed: bool) -> None:
        """Make a reader of one page.

        Args:
            seen: counts what is left out.
            sure: the page says which part of it is its text.
            framed: headers, footers and asides are no text unless they stand in an article.
        """
        self._seen = seen
        self._sure = sure
        self._framed = framed
        self._blocks: list[Block] = []
        self._run: list[str] = []
        self._form: tuple[Kind, int] = ("paragraph", 1)
        self._depth = 0
        self._rows: list[list[list[Block]]] = []
        self._pairs: list[tuple[list[Block], list[Block]]] = []
        self._verbatim = False
        # By the name of an element; of all others what is within them is read.
        self._on_element = self._meanings()

    def blocks(self, root: Element) -> list[Block]:
        """Return the blocks of an element and all within it."""
        self._element(root)
        self._end()
        return self._blocks

    def _element(self, element: Element) -> None:
        name = str(element.tag)
        if self._is_left_out(element, name):
            return
        if meaning := self._on_element.get(name):
            meaning(element)
        elif name in _BLOCK:
            self._apart(element, self._form)
        else:
            self._inner(element)

    def _inner(self, element: Element) -> None:
        self._write(element.text)
        for child in element:
            self._element(child)
            self._write(child.tail)

    def _write(self, text: str | None) -> None:
        if text:
            self._run.append(text if self._verbatim else re.sub(r"\s+", " ", text))

    def _end(self) -> None:
        found = list(blocks("".join(self._run), *self._form))
        self._run.clear()
        self._blocks.extend(found)
        if found and self._form[0] == "item":
            self._form = ("paragraph", 1)

    def _apart(self, element: Element, form: tuple[Kind, int]) -> None:
        """Read an element whose text is a block of its own."""
        self._end()
        around, self._form = self._form, form
        self._inner(element)
        self._end()
        # What follows the first paragraph of an item is no item of its own.
        self._form = self._form if form == around else around

    def _is_left_out(self, element: Element, name: str) -> bool:
        if name in _NO_TEXT or element.get("role") in _ROLES:
            return True
        if name in _FRAME and self._framed:
            return True
        if name == "form" and self._sure and element.find(".//p") is None:
            return True
        style = element.get("style", "")
        if "hidden" in element.attrib or _HIDDEN.search(style):
            self._seen["hidden"] += bool(element.text_content().strip())
            return True
        return _BULLET in style.lower().replace(" ", "")

    def _heading(self, element: Element) -> None:
        self._apart(element, ("heading", int(str(element.tag)[1])))

    def _paragraph(self, element: Element) -> None:
        """Read a paragraph; Word marks items of lists by their style."""
        listed = _LISTED.search(element.get("style", ""))
        self._apart(element, ("item", int(listed.group(1))) if listed else self._form)

    def _list(self, element: Element) -> None:
        self._depth += 1
        self._apart(element, ("paragraph", 1))
        self._depth -= 1

    def _item(self, element: Element) -> None:
        self._apart(element, ("item", max(self._depth, 1)))

    def _article(self, element: Element) -> None:
        around, self._framed = self._framed, False
        self._apart(element, self._form)
        self._framed = around

    def _gathered(self, element: Element) -> list[Block]:
        """Return the blocks of an element by themselves."""
        self._end()
        around = self._blocks, self._form, self._depth, self._rows, self._pairs
        self._blocks, self._form, self._depth = [], ("paragraph", 1), 0
        self._rows, self._pairs = [], []
        self._inner(element)
        self._end()
        found = self._blocks
        self._blocks, self._form, self._depth, self._rows, self._pairs = around
        return found

    def _row(self, element: Element) -> None:
        self._end()
        self._rows.append([])
        self._inner(element)
        self._end()
        self._blocks.extend(row(self._rows.pop()))

    def _cell(self, element: Element) -> None:
        found = self._gathered(element)
        if self._rows:
            self._rows[-1].append(found)
        else:
            self._blocks.extend(found)

    def _terms(self, element: Element) -> None:
        """Read a list of terms and what is said of them as rows."""
        self._end()
        self._pairs.append(([], []))
        self._inner(element)
        self._end()
        self._blocks.extend(row(self._pairs.pop()))

    def _term(self, element: Element) -> None:
        found = self._gathered(element)
        if not self._pairs:
            self._blocks.extend(found)
            return
        if element.tag == "dt" and self._pairs[-1][1]:
            self._blocks.extend(row(self._pairs[-1]))
            self._pairs[-1] = ([], [])
        self._pairs[-1][element.tag == "dd"].extend(found)

    def _verbatim_text(self, element: Element) -> None:
        around, self._verbatim = self._verbatim, True
        self._apart(element, self._form)
        self._verbatim = around

    def _break(self, _element: Element) -> None:
        self._run.append("\n")

    def _picture(self, element: Element) -> None:
        # Of one by one pixel: those that count visitors.
        self._seen["picture"] += element.get("width") != "1"

    def _deleted(self, element: Element) -> None:
        self._seen["tracked"] += bool(element.text_content().strip())

    def _raised(self, element: Element) -> None:
        """Leave out references to notes; two numbers must not become one."""
        if element.find("a[@href]") is not None or str(element.getparent().tag) == "a":
            return
        if self._run and self._run[-1][-1:].isdigit() and _is_number(element):
            self._run.append("^")
        self._inner(element)

    def _meanings(self) -> Mapping[str, Callable[[Element], None]]:
        return {
            **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), self._heading),
            **dict.fromkeys(("ul", "ol", "menu", "dir"), self._list),
            **dict.fromkeys(("td", "th"), self._cell),
            **dict.fromkeys(("dt", "dd"), self._term),
            **dict.fromkeys(("pre", "listing", "xmp"), self._verbatim_text),
            "p": self._paragraph,
            "li": self._item,
            "article": self._article,
            "tr": self._row,
            "dl": self._terms,
            "br": self._break,
            "img": self._picture,
            "del": self._deleted,
            "sup": self._raised,
        }


def _is_number(element: Element) -> bool:
    return str(element.text_content()).strip()[:1].isdigit()
