"""Office files written by hand, and archives that do harm."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
)
WORD = (
    b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
    b'wordprocessingml/2006/main"><w:body>%b</w:body></w:document>'
)
MIMETYPE = b"application/vnd.oasis.opendocument.text"

Part = bytes | tuple[zipfile.ZipInfo, bytes]


def archive(parts: Mapping[str, bytes], **more: bytes) -> bytes:
    """Pack parts; those of an ODT named ``mimetype`` are stored."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {**parts, **more}.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packed.writestr(name, content, method)
    return file.getvalue()


def docx(more: Mapping[str, bytes] | None = None, body: bytes = b"<w:p/>") -> bytes:
    parts = {"[Content_Types].xml": TYPES, "word/document.xml": WORD % body}
    return archive(parts | dict(more or {}))


def xlsx(more: Mapping[str, bytes] | None = None) -> bytes:
    return archive(
        {"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>", **(more or {})}
    )


def odt(more: Mapping[str, bytes] | None = None) -> bytes:
    return archive({"mimetype": MIMETYPE, "content.xml": b"<office/>", **(more or {})})


def with_info(name: str, change: Callable[[zipfile.ZipInfo], None], content: bytes = b"x") -> bytes:
    """Pack a Word file with one part of which the description is changed."""
    info = zipfile.ZipInfo(name)
    change(info)
    file = io.BytesIO(docx())
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr(info, content)
    return file.getvalue()


def lying(size: int, content: bytes) -> bytes:
    """Pack a Word file in which both descriptions of a part give the wrong size of it."""
    data = bytearray(docx({"word/big.xml": content}))
    right, wrong = struct.pack("<L", len(content)), struct.pack("<L", size)
    name = b"word/big.xml"
    local, central = data.index(name) - 30, data.rindex(name) - 46
    assert data[local + 22 : local + 26] == data[central + 24 : central + 28] == right
    data[local + 22 : local + 26] = data[central + 24 : central + 28] = wrong
    return bytes(data)


def many(count: int) -> bytes:
    """List one empty part under so many names, as lean as can be."""
    local = b"PK\3\4" + struct.pack("<5H3L2H", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entries = b"".join(
        b"PK\1\2"
        + struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 33, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0)
        + b"%06d" % number
        for number in range(count)
    )
    return local + entries + end(min(count, 0xFFFF), len(entries), len(local))


def end(count: int, size: int, offset: int) -> bytes:
    return b"PK\5\6" + struct.pack("<4H2LH", 0, 0, count, count, size, offset, 0)
