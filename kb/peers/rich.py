"""Our own format of OAI-PMH, read back whole: what `web/oai_records` writes."""

from typing import Any

from kb.formats.xml_parts import Element, local
from kb.peers import Foreign

NAMESPACE = "urn:citypraxis:case:1"
TAG = f"{{{NAMESPACE}}}case"


def read(element: Element, identifier: str, datestamp: str, file: str, original: bytes) -> Foreign:
    """Return the case of a record."""
    told = values(element)
    if not isinstance(told, dict):
        return Foreign(identifier, datestamp, refusal="holds no case")
    url = element.get("url", "")
    return Foreign(identifier, datestamp, values=told, url=url, file=file, original=original)


def values(element: Element) -> Any:  # Any: what JSON can say
    """Return what stands in elements: groups by their names, lists of ``item``, else a text."""
    if not len(element):
        return element.text or {}  # nothing is written of an empty text, only of an empty group
    names = [child.get("name") or local(child) for child in element]
    if set(names) == {"item"}:
        return [values(child) for child in element]
    return {name: values(child) for name, child in zip(names, element, strict=True)}
