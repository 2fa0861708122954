"""ZIP archives, as office files are: no part is trusted before all of it has been counted.

Limits and their reasons: the directory of an archive can lie about sizes, so each part is read
through once; a Word file of 20 MB has some hundred parts and unpacks to less than 100 MB.
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from kb.errors import RefusedFileError, refused
from kb.saying import said, term

START = b"PK\x03\x04"
END = b"PK\x05\x06"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins old office files, and encrypted new ones."""

MAX_PARTS = 2_000
MAX_PART_BYTES = 30_000_000
MAX_BYTES = 100_000_000
MAX_RATIO = 200
"""Unpacked to packed, for parts of more than a megabyte; XML seldom reaches 50."""
_RATIO_FROM = 1_000_000
_CHUNK = 65_536

_DIRECTORY = b"PK\x01\x02"
_ENCRYPTED = 0x1 | 0x40
_UNSAFE_NAME = re.compile(r"^/|^[^/]*:|\\|\x00|(?:^|/)\.\.(?:/|$)")
_MACRO = re.compile(r"(?i)vbaproject\.bin$|^basic/(?!script-l[bc]\.xml$).|^scripts/.")
# A chart holds its table as a workbook. What can hold no macro is let in, and nothing else.
_EMBEDDED = re.compile(r"(?i)/embeddings/(?![^/]*\.(?:docx|pptx|sldx|vsdx|xlsx)$).|/activex/")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_MACROS = re.compile(rb"(?i)macroEnabled|vbaProject")
"""In the list of parts, which says what they are whatever they are called."""
_MANIFEST = "META-INF/manifest.xml"
_ODT = b"application/vnd.oasis.opendocument.text"


def check(file: str, data: bytes) -> str:
    """Return what kind of office file an archive is: docx, xlsx, odt, or nothing.

    Raises:
        RefusedFileError: a limit is exceeded, or there is something in it that no text needs.
    """
    _check_end(file, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_names(file, parts)
            # Of an encrypted ODT only the manifest can be read.
            _check_parts(file, archive, sorted(parts, key=lambda part: part.filename != _MANIFEST))
            return _kind(archive, parts)
    except RefusedFileError:  # a ValueError, as those of a broken archive are
        raise
    except _BROKEN as err:
        raise _damaged(file) from err


def _check_end(file: str, data: bytes) -> None:
    """Check the record that ends an archive, before 100,000 parts are listed by it."""
    place = data.rfind(END, max(0, len(data) - _CHUNK - 22))
    if place < 0 or place + 22 > len(data):
        raise _damaged(file)
    record = struct.unpack("<4s4H2LH", data[place : place + 22])
    _, disk, first_disk, here, parts, size, offset, comment = record
    listed = data.count(_DIRECTORY, max(0, place - size), place)
    if max(here, parts, listed) > MAX_PARTS:
        raise refused(file, said("has more than {most:,} parts", most=MAX_PARTS), _ANEW)
    whole = offset + size == place and place + 22 + comment == len(data)
    if disk or first_disk or here != parts or not whole:
        raise _damaged(file)


def _check_names(file: str, parts: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for part in parts:
        name = part.orig_filename
        reason = next(_reasons(part, seen), "")
        if reason:
            raise refused(file, said(reason, part=name[:60]), _ANEW)
        seen.add(name.casefold())


def _reasons(part: zipfile.ZipInfo, seen: set[str]) -> Iterator[str]:
    """Yield why a part is not let in."""
    name = part.orig_filename
    if part.flag_bits & _ENCRYPTED:
        yield term("has an encrypted part: {part!r}")
    if _UNSAFE_NAME.search(name):
        yield term("has a part with an unsafe name: {part!r}")
    if name.casefold() in seen:
        yield term("has two parts of one name: {part!r}")
    if stat.S_ISLNK(part.external_attr >> 16):
        yield term("has a part that is a link: {part!r}")
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        yield term("has a part packed in an unusual way: {part!r}")
    if _MACRO.search(name):
        yield term("holds a macro, that is a program: {part!r}")
    if _EMBEDDED.search(name):
        yield term("holds an embedded object, which may be a program: {part!r}")


def _check_parts(file: str, archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Read each part to its end, which also checks its CRC."""
    total = 0
    for part in parts:
        tail, size = b"", 0
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                _check_size(file, part, size, total + size)
                tail = _checked(file, part, tail + chunk)
        if size != part.file_size:
            raise _damaged(file)
        total += size


def _check_size(file: str, part: zipfile.ZipInfo, size: int, total: int) -> None:
    if size > MAX_PART_BYTES or total > MAX_BYTES:
        message = said("unpacks to more than {most} MB", most=_limit(size))
        raise refused(file, message, said("split it, or shorten it"))
    if size > _RATIO_FROM and size > MAX_RATIO * max(1, part.compress_size):
        message = said("is packed more than {most} to one, as bombs are", most=MAX_RATIO)
        raise refused(file, message, _ANEW)


def _limit(size: int) -> int:
    return (MAX_PART_BYTES if size > MAX_PART_BYTES else MAX_BYTES) // 1_000_000


def _checked(file: str, part: zipfile.ZipInfo, text: bytes) -> bytes:
    """Look for declarations in XML; returns the end of the text, where one may have begun."""
    if part.filename.lower().endswith(_XML):
        # In UTF-16 each letter has a NUL beside it.
        # A DOCTYPE stands in the manifests of old office programs; nothing parses those.
        plain = text.replace(b"\0", b"")
        if part.filename != _MANIFEST and _DECLARED.search(plain):
            message = said("declares entities in {part!r}", part=part.filename[:60])
            raise refused(file, message, _ANEW)
        if part.filename == "[Content_Types].xml" and _MACROS.search(plain):
            message = said("is a file with macros, that is with programs")
            raise refused(file, message, _NO_MACROS)
        if part.filename == _MANIFEST and b"encryption-data" in plain:
            remedy = said("upload an unlocked copy: save without password")
            raise refused(file, said("is encrypted"), remedy)
    return text[-40:]


def _kind(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> str:
    names = {part.filename for part in parts}
    if "[Content_Types].xml" in names:
        if any(re.fullmatch(r"word/document\d*\.xml", name) for name in names):
            return "docx"
        return "xlsx" if "xl/workbook.xml" in names else ""
    first = parts[0] if parts else None
    if first and first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED:
        return "odt" if archive.read(first).strip() == _ODT else ""
    return ""


def _damaged(file: str) -> RefusedFileError:
    return refused(file, said("is damaged: its parts cannot be unpacked"), _ANEW)


_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError,
    OverflowError,
)  # fmt: skip
_XML = (".xml", ".rels", ".rdf", ".vml")
_ANEW = said("open it in your office program, save it anew, and upload that")
_NO_MACROS = said("save it as .docx or .xlsx, which leaves the macros out")
