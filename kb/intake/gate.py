"""What is let in: the end of a file's name and its first bytes must agree on a format of ours.

Nothing here reads what a file says. The limits of archives are those of `kb.intake.archives`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType

from kb.errors import RefusedFileError, refused
from kb.formats import FORMATS, not_read
from kb.formats.decoding import MAX_BYTES
from kb.intake import archives
from kb.saying import said, term

_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {suffix: row.name for row in FORMATS.values() for suffix in row.suffixes}
)

_SAVE_AS: Mapping[str, str] = MappingProxyType(
    {
        ".doc": term("open it in Word or LibreOffice and save it as .docx"),
        ".docm": term("save it as .docx, which leaves the macros out"),
        ".dotx": term("save it as .docx"),
        ".epub": term("save its text as .docx or .html"),
        ".ods": term("save it as .xlsx or .csv"),
        ".pages": term("export it from Pages as .docx or .pdf"),
        ".ppt": term("export it as .pdf"),
        ".pptx": term("export it as .pdf"),
        ".xls": term("save it as .xlsx"),
        ".xlsm": term("save it as .xlsx, which leaves the macros out"),
        ".zip": term("unpack it, and upload the files in it"),
        **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff"), term("scan it to .pdf")),
    }
)

_NAME_BYTES = 255
_NOT_IN_NAMES = re.compile(
    "[\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060\\u2066-\\u2069\\ufeff]"
)
"""Marks of direction, by which ``exe.txt`` shows as ``txt.exe``, and what cannot be seen."""

_PROGRAM = term("a program")
_PICTURE = term("a picture")
_SIGNATURES: Mapping[bytes, str] = MappingProxyType(
    {
        b"%PDF-": term("a PDF"),
        b"PK\x03\x04": term("a ZIP archive or an office file"),
        b"{\\rtf": "RTF",
        b"\xd0\xcf\x11\xe0": term("an old or an encrypted office file"),
        b"\x7fELF": _PROGRAM,
        b"\x89PNG": _PICTURE,
        b"\xff\xd8\xff": _PICTURE,
        b"GIF8": _PICTURE,
    }
)
_PDF_END = 2_048
_ZIP_END = 65_536 + 22
"""The record that ends a ZIP archive, with the longest comment after it."""
_HEAD = 65_536
_MARKUP = re.compile(
    r"(?>\s*<!--.*?-->)*+\s*<(?:!doctype|html|head|body|script|svg|\?xml)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Possessive: comments without end would otherwise be tried in every combination."""
_HTML = re.compile(
    r"^MIME-Version:|<!--|<(?:!doctype|a|article|b|body|br|div|h[1-6]|head|html|i|li|main|meta|ol|p|pre|section|"
    r"span|strong|table|title|ul)\b",
    re.IGNORECASE | re.MULTILINE,
)


def check(file: str, data: bytes) -> str:
    """Return the name of the format of a file, for which its name and its first bytes agree.

    Raises:
        RefusedFileError: they do not, the format is none of ours, or it is too large, encrypted,
            damaged, or built to do harm.
    """
    name = _named(file)
    if not data:
        raise refused(file, said("the file is empty"), said("upload the file once more"))
    if len(data) > MAX_BYTES:
        message = said("the file has more than 20 MB")
        raise refused(file, message, said("split it, or make its pictures small"))
    _CHECKS.get(name, _check_text)(file, data, name)
    return name


def clean_name(file: str) -> str:
    """Return the name of a file as it may be shown and kept; never used as a path.

    Composed (NFC), without folders, control characters and marks of direction, at most 255 bytes
    with its ending kept; ``file`` where nothing is left.
    """
    last = re.split(r"[/\\]", file)[-1]
    shown = "".join(
        letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cs", "Cn", "Co"}
    )
    # Composed last: an accent may come to stand behind its letter only now.
    bare = unicodedata.normalize("NFC", _NOT_IN_NAMES.sub("", shown))
    name = " ".join(bare.split()).rstrip(". ")
    stem, suffix = _parted(name)
    room = _NAME_BYTES - len(suffix.encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore")
    return (stem + suffix).rstrip(". ") or "file"  # what was cut may have hidden a blank


def _parted(name: str) -> tuple[str, str]:
    suffix = PurePath(name).suffix
    return (name, "") if len(suffix) > 20 else (name.removesuffix(suffix), suffix)  # noqa: PLR2004


def _named(file: str) -> str:
    suffix = PurePath(clean_name(file)).suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    remedy = said("save it as one of {endings}", endings=", ".join(sorted(_SUFFIXES)))
    if suffix in _SAVE_AS:
        remedy = said(_SAVE_AS[suffix])
    raise refused(file, not_read(suffix), remedy)


def _check_pdf(file: str, data: bytes, _name: str) -> None:
    _check_start(file, data, b"%PDF-", "PDF")
    if b"%%EOF" not in data[-_PDF_END:]:
        message = said("is cut off: a PDF ends with {end}", end="%%EOF")
        raise refused(file, message, said("upload the whole file"))
    if archives.END in data[-_ZIP_END:]:
        message = said("is a PDF and a ZIP archive at once")
        raise refused(file, message, said("print it to a new PDF, and upload that"))


def _check_rtf(file: str, data: bytes, _name: str) -> None:
    _check_start(file, data, b"{\\rtf", "RTF")
    if b"\0" in data.rstrip(b"\0"):  # WordPad ends a file with one
        message = said("is no whole RTF: it holds the character NUL")
        raise refused(file, message, said("save it anew as .docx"))


def _check_office(file: str, data: bytes, name: str) -> None:
    if data.startswith(archives.OLE):
        raise _ole(file, data)
    _check_start(file, data, archives.START, f"{name.upper()}")
    found = archives.check(file, data)
    if found != name:
        message = said(_FOUND.get(found, _OTHER), format=name.upper())
        ending = said("give it the ending .{ending}", ending=found)
        raise refused(file, message, ending if found else said("save it anew"))


def _ole(file: str, data: bytes) -> RefusedFileError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        remedy = said("upload an unlocked copy: save it without password")
        return refused(file, said("is encrypted"), remedy)
    remedy = said("save it as .docx or .xlsx")
    return refused(file, said("is an old office file by its content"), remedy)


def _check_text(file: str, data: bytes, name: str) -> None:
    """Text holds no NUL, and is not HTML or SVG under another name."""
    text = _head_of_text(file, data)
    if _MARKUP.match(text):
        message = said("is markup by its content, HTML or SVG, and not {format}", format=name)
        remedy = said("give HTML the ending .html; other markup save as text")
        raise refused(file, message, remedy)


def _check_html(file: str, data: bytes, _name: str) -> None:
    if not _HTML.search(_head_of_text(file, data)):
        remedy = said("save it as .txt, or the page anew")
        raise refused(file, said("is no HTML: it has no tags"), remedy)


def _head_of_text(file: str, data: bytes) -> str:
    found = _kind(data)
    if found:
        message = said("is {found} by its content", found=said(found))
        raise refused(file, message, said("give it the ending it had"))
    wide = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "")
    if not wide and b"\0" in data:
        message = said("is no text: it holds the character NUL")
        raise refused(file, message, said("save it as plain text"))
    return data[:_HEAD].decode(wide or "utf-8", "ignore").lstrip("\ufeff")


def _check_start(file: str, data: bytes, start: bytes, kind: str) -> None:
    if not data.startswith(start):
        found = said(_kind(data) or _SOMETHING_ELSE)
        message = said("is no {format}: by its content it is {found}", format=kind, found=found)
        raise refused(file, message, said("give it the ending it had, or save it anew"))


def _kind(data: bytes) -> str:
    if data.startswith(b"MZ") and b"\0" in data[:256]:
        return _PROGRAM
    return next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), "")


_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_SOMETHING_ELSE = term("something else")
_OTHER = term("is no {format}: it is another kind of archive")
_FOUND = {
    "docx": term("is no {format}: it is a Word file"),
    "xlsx": term("is no {format}: it is an Excel workbook"),
    "odt": term("is no {format}: it is an OpenDocument text"),
}
_CHECKS: Mapping[str, Callable[[str, bytes, str], None]] = MappingProxyType(
    {
        "pdf": _check_pdf,
        "rtf": _check_rtf,
        "html": _check_html,
        **dict.fromkeys(("docx", "odt", "xlsx"), _check_office),
    }
)
