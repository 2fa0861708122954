"""OpenDocument texts (ODT): which parts there are, and the document that their text makes.

Headers and footers are not read: they repeat from page to page.
"""

from collections.abc import Iterator

from kb.document import Block, Document
from kb.errors import refused
from kb.formats.flow import damaged, document
from kb.formats.odt_styles import Styles
from kb.formats.odt_text import Reader
from kb.formats.xml_parts import Element, Package, attribute, encrypted, text_at
from kb.saying import said

_MANIFEST = "META-INF/manifest.xml"
_DUBLIN_CORE = ".//{http://purl.org/dc/elements/1.1/}"
_LOCK = b"encryption-data"


def extract(data: bytes, file: str) -> Document:
    """Return the text of an OpenDocument text.

    Raises:
        RefusedFileError: it is encrypted, damaged, too large, holds macros, or holds no text.
    """
    with damaged(file, "ODT"):
        package = Package(data, file)
        _refuse_locked(package)
        _refuse_macros(package)
        content, common = package.root("content.xml"), package.root_if_any("styles.xml")
        about = package.root_if_any("meta.xml")
        styles = Styles(root for root in (common, content) if root is not None)
        reader = Reader(styles, content)
        return document(
            _blocks(reader, content),
            file,
            text_at(about, f"{_DUBLIN_CORE}title"),
            text_at(about, f"{_DUBLIN_CORE}language") or _language(common),
            reader.seen,
        )


def _blocks(reader: Reader, content: Element) -> Iterator[Block]:
    body = content.find("{*}body/{*}text")
    if body is None:
        raise ValueError("no text of OpenDocument")
    yield from reader.blocks(body)
    while reader.notes:
        yield from reader.blocks(reader.notes.pop(0))


def _language(styles: Element | None) -> str:
    """Return the language of text of which nothing else is said."""
    defaults = () if styles is None else styles.findall("{*}styles/{*}default-style")
    found = (style for style in defaults if attribute(style, "family") == "paragraph")
    return next((attribute(style.find("{*}text-properties"), "language") for style in found), "")


def _refuse_locked(package: Package) -> None:
    """Refuse what asks for a password; the list of parts says so.

    It is not parsed: OpenOffice gave it a document type until 2008, which we refuse elsewhere.
    """
    if _MANIFEST in package.names and _LOCK in package.content(_MANIFEST).replace(b"\0", b""):
        raise encrypted(package.file)


def _refuse_macros(package: Package) -> None:
    """Refuse modules of Basic and other scripts; lists of libraries are in many files, empty."""
    lists = ("/script-lc.xml", "/script-lb.xml", "/dialog-lb.xml", "/dialog-lc.xml", "/")
    folders = ("Basic/", "Scripts/")
    if any(name.startswith(folders) and not name.endswith(lists) for name in package.names):
        raise refused(package.file, said("holds macros"), said("save it without them"))
