"""Word files (DOCX): which parts there are, and the document that their text makes.

Headers and footers are not read: they repeat from page to page. Pictures that lie elsewhere are
counted and never fetched.
"""

import posixpath
from collections.abc import Iterator

from kb.document import Block, Document
from kb.errors import refused
from kb.formats.docx_styles import Styles
from kb.formats.docx_text import Reader
from kb.formats.flow import damaged, document
from kb.formats.xml_parts import Element, Package, attribute, each, text_at
from kb.saying import said

_BODY = "word/document.xml"
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


def extract(data: bytes, file: str) -> Document:
    """Return the text of a Word file.

    Raises:
        RefusedFileError: it is encrypted, damaged, too large, holds macros, or holds no text.
    """
    with damaged(file, "DOCX"):
        package = Package(data, file)
        _refuse_macros(package)
        body = _related(package, "").get("officeDocument", _BODY)
        parts = _related(package, body)
        styles = package.root_if_any(parts.get("styles", ""))
        reader = Reader(Styles(styles))
        core = package.root_if_any("docProps/core.xml")
        return document(
            _blocks(package, body, parts, reader),
            file,
            text_at(core, f"{_DUBLIN_CORE}title"),
            text_at(core, f"{_DUBLIN_CORE}language") or _language(styles),
            reader.seen,
        )


def _blocks(package: Package, body: str, parts: dict[str, str], reader: Reader) -> Iterator[Block]:
    yield from reader.blocks(package.root(body))
    notes = {
        kind: _by_id(package.root_if_any(parts.get(kind, ""))) for kind in ("footnotes", "endnotes")
    }
    for kind, number in dict.fromkeys(reader.called):
        if (note := notes[kind].get(number)) is not None:
            yield from reader.blocks(note)


def _by_id(notes: Element | None) -> dict[str, Element]:
    return {} if notes is None else {attribute(note, "id"): note for note in notes}


def _related(package: Package, part: str) -> dict[str, str]:
    """Return the parts that a part names, by the last word of what they are to it."""
    folder, name = posixpath.split(part)
    links = package.root_if_any(posixpath.join(folder, "_rels", f"{name}.rels"))
    return {
        attribute(link, "Type").rpartition("/")[2]: posixpath.normpath(
            posixpath.join("/", folder, attribute(link, "Target"))
        ).lstrip("/")
        for link in (() if links is None else links)
        if attribute(link, "TargetMode") != "External"
    }


def _language(styles: Element | None) -> str:
    """Return the language of text of which nothing else is said."""
    if styles is None:
        return ""
    defaults = each(styles, frozenset({"lang"}), _TO_LANGUAGE)
    return next((attribute(found, "val") for found in defaults), "")


_TO_LANGUAGE = frozenset({"docDefaults", "rPrDefault", "rPr"})


def _refuse_macros(package: Package) -> None:
    """Refuse what can run; Word itself opens a .docm under the name .docx only without them."""
    types = package.content("[Content_Types].xml").replace(b"\0", b"")
    names = {posixpath.basename(name).lower() for name in package.names}
    if package.file.lower().endswith((".docm", ".dotm")) or b"macroEnabled" in types:
        raise refused(package.file, said("holds macros"), said("save it as .docx"))
    if "vbaproject.bin" in names:
        raise refused(package.file, said("holds macros"), said("save it as .docx"))
