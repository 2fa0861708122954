"""What the styles of an OpenDocument text make of a paragraph, and what it says in its forms."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from kb.formats.xml_parts import Element, attribute, local, whole

_DEEPEST = 20  # styles with parents; a circle would have no end


class Styles:
    """The styles of one file, those that the program made for single paragraphs among them."""

    def __init__(self, roots: Iterable[Element]) -> None:
        self._styles = {
            (attribute(style, "family"), attribute(style, "name")): style
            for root in roots
            for style in root.iterfind(".//{*}style")
        }

    def rank(self, paragraph: Element) -> int:
        """Return the level of a paragraph that is a heading; 0 where it is none."""
        for name, style in self._lineage("paragraph", attribute(paragraph, "style-name")):
            if outline := attribute(style, "default-outline-level"):
                return whole(outline, 10)
            if name == "Title":
                return 1
        return 0

    def hides(self, element: Element) -> bool:
        """Tell whether the style of a span or paragraph hides its text."""
        family = "text" if local(element) == "span" else "paragraph"
        lineage = self._lineage(family, attribute(element, "style-name"))
        found = (attribute(_letters(style), "display") for _, style in lineage)
        return next((display for display in found if display), "") == "none"

    def _lineage(self, family: str, name: str) -> Iterator[tuple[str, Element | None]]:
        """Yield the name of a style and the style, and the same of its parents."""
        for _ in range(_DEEPEST):
            if not name:
                return
            style = self._styles.get((family, name))
            # A style may be missing whose name says enough.
            yield name, style
            name = attribute(style, "parent-style-name")


def _letters(style: Element | None) -> Element | None:
    return None if style is None else style.find("{*}text-properties")


def controls(content: Element) -> dict[str, str]:
    """Return what the controls of forms show, by their identifiers."""
    found = {}
    for forms in content.iterfind(".//{*}forms"):
        for control in forms.iter("{*}*"):
            if identifier := attribute(control, "id"):
                found[identifier] = _SHOWN.get(local(control), _value)(control)
    return found


def _value(control: Element) -> str:
    return attribute(control, "current-value") or attribute(control, "value")


def _label(control: Element) -> str:
    return attribute(control, "label")


def _ticked(control: Element) -> str:
    state = attribute(control, "current-state") or attribute(control, "current-selected")
    state = state or attribute(control, "state") or attribute(control, "selected")
    return f"{'☒' if state in {'checked', 'true'} else '☐'} {_label(control)}"


def _chosen(control: Element) -> str:
    entries = control.findall("{*}option")
    chosen = [entry for entry in entries if attribute(entry, "current-selected") == "true"]
    chosen = chosen or [entry for entry in entries if attribute(entry, "selected") == "true"]
    return ", ".join(_label(entry) for entry in chosen)


def _nothing(_control: Element) -> str:
    return ""


_SHOWN: Mapping[str, Callable[[Element], str]] = MappingProxyType(
    {
        "fixed-text": _label,
        "checkbox": _ticked,
        "radio": _ticked,
        "listbox": _chosen,
        **dict.fromkeys(("password", "hidden", "button", "image", "form"), _nothing),
    }
)
