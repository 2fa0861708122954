"""What the styles of a Word file make of a paragraph: heading, item, hidden, contents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.formats.flow import Kind
from kb.formats.xml_parts import Element, attribute, whole

_DEEPEST = 20  # styles based on styles; a circle would have no end
_NO_HEADING = 9  # outline level of body text; 0 is the highest heading
_HEADING = re.compile(r"heading ?(\d)")
_LIST = re.compile(r"list(?: bullet| number| continue)? (\d)")


@dataclass(frozen=True, slots=True)
class Form:
    """What a paragraph is."""

    kind: Kind = "paragraph"
    level: int = 1
    hidden: bool = False
    contents: bool = False
    """Whether it is a line of the table of contents."""


class Styles:
    """The styles of one file.

    Names are those of Word's English version in all languages (only their identifiers are
    translated); styles of someone's own say their rank in the outline.
    """

    def __init__(self, root: Element | None) -> None:
        found = [] if root is None else root.findall("{*}style")
        self._styles = {attribute(style, "styleId"): style for style in found}
        self._default = next((style for style in found if _is_default(style)), None)
        self._forms: dict[str, Form] = {}

    def form(self, paragraph: Element) -> Form:
        """Return what a paragraph is, by itself or by its style."""
        own = paragraph.find("{*}pPr")
        styled = self._form(_val(own, "{*}pStyle"))
        if styled.contents or own is None:
            return styled
        outline, listed = _val(own, "{*}outlineLvl"), own.find("{*}numPr")
        if outline:
            return _ranked(outline, styled)
        if listed is not None and styled.kind != "heading":
            return _listed(listed, styled)
        return styled

    def hides(self, run: Element) -> bool:
        """Tell whether a run of text is hidden, by itself or by its style."""
        own = run.find("{*}rPr")
        if own is None:
            return False
        if (vanish := own.find("{*}vanish")) is not None:
            return _is_on(vanish)
        style = own.find("{*}rStyle")
        return style is not None and self._form(attribute(style, "val")).hidden

    def _form(self, identifier: str) -> Form:
        if identifier not in self._forms:
            form = Form()
            for style in reversed(list(self._lineage(identifier))):
                form = _styled(style, form)
            self._forms[identifier] = form
        return self._forms[identifier]

    def _lineage(self, identifier: str) -> Iterator[Element]:
        """Yield a style and those on which it is based."""
        style = self._styles.get(identifier, None if identifier else self._default)
        for _ in range(_DEEPEST):
            if style is None:
                return
            yield style
            style = self._styles.get(_val(style, "{*}basedOn"))


def _styled(style: Element, base: Form) -> Form:
    """Return what a style says over the one on which it is based."""
    name = _val(style, "{*}name").lower()
    form = base
    if (vanish := style.find("{*}rPr/{*}vanish")) is not None:
        form = Form(form.kind, form.level, _is_on(vanish), form.contents)
    if name.startswith("toc ") and name[4:].isdigit():
        return Form(form.kind, form.level, form.hidden, contents=True)
    if outline := _val(style, "{*}pPr/{*}outlineLvl"):
        return _ranked(outline, form)
    if heading := _HEADING.fullmatch(name):
        return Form("heading", int(heading.group(1)), form.hidden)
    if name == "title":
        return Form("heading", 1, form.hidden)
    listed = style.find("{*}pPr/{*}numPr")
    if listed is not None and form.kind != "heading":
        return _listed(listed, form, name)
    return form


def _ranked(outline: str, form: Form) -> Form:
    rank = whole(outline, _NO_HEADING)
    if rank == _NO_HEADING:
        return Form("paragraph", 1, form.hidden)
    return Form("heading", rank + 1, form.hidden)


def _listed(numbering: Element, form: Form, name: str = "") -> Form:
    if _val(numbering, "{*}numId") == "0":
        return Form("paragraph", 1, form.hidden)
    found = _LIST.fullmatch(name)
    level = int(found.group(1)) if found else 1
    if depth := _val(numbering, "{*}ilvl"):
        level = max(level, whole(depth, 8) + 1)
    elif form.kind == "item":
        level = max(level, form.level)
    return Form("item", level, form.hidden)


def _is_default(style: Element) -> bool:
    return attribute(style, "type") == "paragraph" and attribute(style, "default") in {"1", "true"}


def _is_on(switch: Element) -> bool:
    return attribute(switch, "val") not in {"0", "false", "off"}


def _val(parent: Element | None, path: str) -> str:
    return "" if parent is None else attribute(parent.find(path), "val")
