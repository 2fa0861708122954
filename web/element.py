"""XML for other programs: elements whose text is always allowed to stand in XML."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from flask import Response, make_response
from lxml import etree

from kb.text import in_xml

XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANG = f"{{{XML}}}lang"

Element: TypeAlias = Any  # lxml ships no types


def root(tag: str, namespaces: Mapping[str | None, str], /, **attributes: str) -> Element:
    """Return an element that declares namespaces; None stands for the default one."""
    return etree.Element(tag, nsmap=dict(namespaces), attrib=_clean(attributes))


def add(parent: Element, name: str, text: str = "", /, **attributes: str) -> Element:
    """Add a child in the namespace of its parent, unless ``name`` says another as ``{uri}name``.

    An attribute ``lang`` is ``xml:lang``; an empty one is left out.
    """
    space = etree.QName(parent).namespace
    tag = name if name.startswith("{") or not space else f"{{{space}}}{name}"
    child = etree.SubElement(parent, tag, attrib=_clean(attributes))
    child.text = clean(text) or None
    return child


def clean(text: str) -> str:
    """Return the text without what must not stand in XML."""
    return in_xml(text)


def written(element: Element) -> bytes:
    """Return a whole document in UTF-8."""
    whole: bytes = etree.tostring(element, xml_declaration=True, encoding="UTF-8")
    return whole


def answered(element: Element, media_type: str = "text/xml") -> Response:
    """Return an answer that is a whole document."""
    response = make_response(written(element))
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    return response


def _clean(attributes: Mapping[str, str]) -> dict[str, str]:
    named = {LANG if name == "lang" else name: text for name, text in attributes.items()}
    return {name: clean(text) for name, text in named.items() if text}
