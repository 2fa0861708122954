"""The parts of a DOCX or ODT file: XML in a ZIP archive, neither of which is to be trusted."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from kb.errors import refused
from kb.saying import said

MAX_BYTES = 30_000_000
"""Of one part, counted while it is unpacked: directories lie about sizes."""
MAX_TAGS = 2_000_000
"""Opening and closing ones of a part; a million elements take 150 MB."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")

Element = Any
"""What lxml gives, which has no types."""


class Package:
    """The parts of one file, by name."""

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        if data.startswith(_OLE):
            raise _of_old_office(data, file)
        self._archive = zipfile.ZipFile(BytesIO(data))
        self.names = frozenset(self._archive.namelist())

    def content(self, name: str) -> bytes:
        """Unpack a part.

        Raises:
            KeyError: there is none of this name.
            RefusedFileError: it is encrypted, or too large.
        """
        member = self._archive.getinfo(name)
        if member.flag_bits & 1:
            raise encrypted(self.file)
        if member.compress_type not in _METHODS:
            raise ValueError(f"compressed by method {member.compress_type}")
        with self._archive.open(member) as part:
            content = part.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise refused(self.file, said("has more than 30 MB of text"), said("split it"))
        return content

    def root(self, name: str) -> Element:
        """Parse a part; see `content` and `parsed` for what is raised."""
        return parsed(self.content(name), self.file)

    def root_if_any(self, name: str) -> Element | None:
        """Parse a part that a file may do without."""
        return self.root(name) if name in self.names else None


def parsed(content: bytes, file: str) -> Element:
    """Parse XML that may not define anything nor name anything outside of it.

    Raises:
        RefusedFileError: it has a document type, or too many elements.
        lxml.etree.XMLSyntaxError: it is not well-formed, or nested more than 255 deep.
    """
    from lxml import etree

    letters = content.replace(b"\0", b"")  # of UTF-16
    if b"<!DOCTYPE" in letters or b"<!ENTITY" in letters:
        raise _defining(file)
    if letters.count(b"<") > MAX_TAGS:
        message = said("is too complex: it has millions of elements")
        raise refused(file, message, said("split it"))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding unlike ASCII
        raise _defining(file)
    return root


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Element | None, name: str) -> str:
    """Return an attribute by its name without namespace; nothing where there is none.

    DOCX exists in two namespaces (transitional and strict) with the same names.
    """
    found = () if element is None else element.attrib.items()
    return next((str(value) for key, value in found if key.rpartition("}")[2] == name), "")


def whole(number: str, most: int) -> int:
    """Return a number of a file; 0 where it is none, never more than ``most``."""
    return min(int(number), most) if number.isascii() and number.isdigit() else 0


def text_at(root: Element | None, path: str) -> str:
    """Return the text of the first element at a path."""
    return "" if root is None else (root.findtext(path) or "")


def each(parent: Element, names: frozenset[str], within: frozenset[str]) -> Iterator[Element]:
    """Yield children of these names, also of those that merely wrap them."""
    for child in parent:
        name = local(child)
        if name in names:
            yield child
        elif name in within:
            yield from each(child, names, within)


def encrypted(file: str) -> Exception:
    """Make the error of a file that asks for a password."""
    return refused(file, said("is encrypted"), said("upload an unlocked copy"))


def _of_old_office(data: bytes, file: str) -> Exception:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return encrypted(file)
    remedy = said("save it as .docx and upload that")
    return refused(file, said("is in the old format of Office"), remedy)


def _defining(file: str) -> Exception:
    remedy = said("save it anew with a word processor")
    return refused(file, said("is damaged: it holds a document type definition"), remedy)
