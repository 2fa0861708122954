"""Dublin Core, which has no place for most of what a case says: the beginnings of a draft.

Each value is taken from an element where it can mean one thing only, and has a receipt: the line of
the record in which it stands.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kb.document import Block, Document, Receipt
from kb.formats import terms
from kb.formats.cells import line
from kb.formats.xml_parts import Element, local
from kb.licences import named
from kb.nlp import detect, places
from kb.peers import Foreign

TAG = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
_TITLE, _SUMMARY, _NAME = 150, 900, 300
"""Characters, as the model has them."""
_THEMES = 3

Said = tuple[str, Any, str]
"""Field, value for the model, and the text of the element that says it."""


def read(element: Element, identifier: str, datestamp: str, file: str, original: bytes) -> Foreign:
    """Return what a record says of the fields of a case, and the record as a document."""
    told: dict[str, list[str]] = {}
    for child in element:
        if text := " ".join("".join(child.itertext()).split()):
            told.setdefault(local(child), []).append(text)
    blocks = [Block(f"{name}: {text}") for name, texts in told.items() for text in texts]
    document = Document(tuple(blocks))
    found, receipts = _found(told, document)
    url = next((each for each in told.get("identifier", ()) if _is_address(each)), "")
    return Foreign(
        identifier, datestamp, values=found, url=url, file=file, original=original,
        receipts=receipts, document=document,
    )  # fmt: skip


def _found(
    told: Mapping[str, list[str]], document: Document
) -> tuple[dict[str, Any], tuple[Receipt, ...]]:
    values: dict[str, Any] = {}
    receipts = []
    for field, value, text in _said(told):
        if field not in values:
            values[field] = value
        elif isinstance(values[field], list) and value[0] not in values[field]:
            values[field] += value
        start = document.text.find(text)
        shown = value if isinstance(value, str) else text
        receipts.append(Receipt(field, shown, text, start, start + len(text)))
    values["themes"] = _narrowest(values.get("themes", []))[:_THEMES]
    for number, source in enumerate(values.get("sources_and_media", ()), 1):
        source["id"] = f"s{number}"
    return {name: value for name, value in values.items() if value}, tuple(receipts)


def _narrowest(themes: list[str]) -> list[str]:
    """Leave out a theme of which a narrower one is named too."""
    return [each for each in themes if not any(other.startswith(f"{each}.") for other in themes)]


def _said(told: Mapping[str, list[str]]) -> Iterator[Said]:
    for name, read_one in _ELEMENTS:
        for text in told.get(name, ()):
            yield from read_one(text)
    texts = told.get("description") or told.get("title") or []
    if "language" not in told and texts and (code := detect.detect(texts[0]).language):
        yield "original_language", code, texts[0]


def _title(text: str) -> Iterator[Said]:
    if len(text) <= _TITLE:
        yield "title", text, text


def _description(text: str) -> Iterator[Said]:
    yield ("summary" if len(text) <= _SUMMARY else "body"), text, text


def _creator(text: str) -> Iterator[Said]:
    if len(text) <= _NAME:
        yield "lead_organisation", {"name": line(text)}, text


def _contributor(text: str) -> Iterator[Said]:
    if len(text) <= _NAME:
        yield "partners", [{"name": line(text)}], text


def _subject(text: str) -> Iterator[Said]:
    if theme := terms.term("themes", text):
        yield "themes", [theme], text


def _language(text: str) -> Iterator[Said]:
    if code := terms.language(text):
        yield "original_language", code, text


def _coverage(text: str) -> Iterator[Said]:
    if code := terms.country(text):
        yield "country", code, text
    elif places.gazetteer().countries(text):
        yield "city", text, text


def _source(text: str) -> Iterator[Said]:
    if _is_address(text):
        yield "sources_and_media", [{"url": text}], text


def _rights(text: str) -> Iterator[Said]:
    if licence := named(text):
        yield "licence", licence, text


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and "." in text and " " not in text


_ELEMENTS: tuple[tuple[str, Callable[[str], Iterator[Said]]], ...] = (
    ("title", _title),
    ("description", _description),
    ("creator", _creator),
    ("contributor", _contributor),
    ("subject", _subject),
    ("language", _language),
    ("coverage", _coverage),
    ("identifier", _source),
    ("source", _source),
    ("rights", _rights),
)
