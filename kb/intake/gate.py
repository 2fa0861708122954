"""What is let in: the end of a file's name and its first bytes must agree on a format of ours.

Nothing here reads what a file says. The limits of archives are those of `kb.intake.archives`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType

from kb.errors import RefusedFileError, refused
from kb.formats import FORMATS
from kb.formats.decoding import MAX_BYTES
from kb.intake import archives

_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {suffix: row.name for row in FORMATS.values() for suffix in row.suffixes}
)

_SAVE_AS: Mapping[str, str] = MappingProxyType(
    {
        ".doc": "open it in Word or LibreOffice and save it as .docx",
        ".docm": "save it as .docx, which leaves the macros out",
        ".dotx": "save it as .docx",
        ".epub": "save its text as .docx or .html",
        ".ods": "save it as .xlsx or .csv",
        ".pages": "export it from Pages as .docx or .pdf",
        ".ppt": "export it as .pdf",
        ".pptx": "export it as .pdf",
        ".xls": "save it as .xlsx",
        ".xlsm": "save it as .xlsx, which leaves the macros out",
        ".zip": "unpack it, and upload the files in it",
        **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff"), "scan it to .pdf"),
    }
)

_NAME_BYTES = 255
_NOT_IN_NAMES = re.compile(
    "[\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060\\u2066-\\u2069\\ufeff]"
)
"""Marks of direction, by which ``exe.txt`` shows as ``txt.exe``, and what cannot be seen."""

_SIGNATURES: Mapping[bytes, str] = MappingProxyType(
    {
        b"%PDF-": "a PDF",
        b"PK\x03\x04": "a ZIP archive or an office file",
        b"{\\rtf": "RTF",
        b"\xd0\xcf\x11\xe0": "an old or an encrypted office file",
        b"\x7fELF": "a program",
        b"\x89PNG": "a picture",
        b"\xff\xd8\xff": "a picture",
        b"GIF8": "a picture",
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
    r"^MIME-Version:|<(?:!doctype|!--|a|article|b|body|br|div|h[1-6]|head|html|i|li|main|meta|ol|p|pre|section|"
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
        raise refused(file, "the file is empty", "upload the file once more")
    if len(data) > MAX_BYTES:
        raise refused(file, "the file has more than 20 MB", "split it, or make its pictures small")
    _CHECKS.get(name, _check_text)(file, data, name)
    return name


def clean_name(file: str) -> str:
    """Return the name of a file as it may be shown and kept; never used as a path.

    Composed (NFC), without folders, control characters and marks of direction, at most 255 bytes
    with its ending kept; ``file`` where nothing is left.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", file))[-1]
    shown = "".join(
        letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cs", "Cn", "Co"}
    )
    name = " ".join(_NOT_IN_NAMES.sub("", shown).split()).rstrip(". ")
    stem, suffix = _parted(name)
    room = _NAME_BYTES - len(suffix.encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore")
    return (stem + suffix) or "file"


def _parted(name: str) -> tuple[str, str]:
    suffix = PurePath(name).suffix
    return (name, "") if len(suffix) > 20 else (name.removesuffix(suffix), suffix)  # noqa: PLR2004


def _named(file: str) -> str:
    suffix = PurePath(clean_name(file)).suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    known = ", ".join(sorted(_SUFFIXES))
    remedy = _SAVE_AS.get(suffix, f"save it as one of {known}")
    raise refused(file, f"files ending in {suffix or 'nothing'} are not read", remedy)


def _check_pdf(file: str, data: bytes, _name: str) -> None:
    _check_start(file, data, b"%PDF-", "PDF")
    if b"%%EOF" not in data[-_PDF_END:]:
        raise refused(file, "is cut off: a PDF ends with %%EOF", "upload the whole file")
    if archives.END in data[-_ZIP_END:]:
        message = "is a PDF and a ZIP archive at once"
        raise refused(file, message, "print it to a new PDF, and upload that")


def _check_rtf(file: str, data: bytes, _name: str) -> None:
    _check_start(file, data, b"{\\rtf", "RTF")
    if b"\0" in data.rstrip(b"\0"):  # WordPad ends a file with one
        raise refused(file, "is no whole RTF: it holds the character NUL", "save it anew as .docx")


def _check_office(file: str, data: bytes, name: str) -> None:
    if data.startswith(archives.OLE):
        raise _ole(file, data)
    _check_start(file, data, archives.START, f"{name.upper()}")
    found = archives.check(file, data)
    if found != name:
        message = f"is no {name.upper()}: {_FOUND.get(found, 'it is another kind of archive')}"
        raise refused(file, message, f"give it the ending .{found}" if found else "save it anew")


def _ole(file: str, data: bytes) -> RefusedFileError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return refused(file, "is encrypted", "upload an unlocked copy: save it without password")
    return refused(file, "is an old office file by its content", "save it as .docx or .xlsx")


def _check_text(file: str, data: bytes, name: str) -> None:
    """Text holds no NUL, and is not HTML or SVG under another name."""
    text = _head_of_text(file, data)
    if _MARKUP.match(text):
        message = f"is markup by its content, HTML or SVG, and not {name}"
        raise refused(file, message, "give HTML the ending .html; other markup save as text")


def _check_html(file: str, data: bytes, _name: str) -> None:
    if not _HTML.search(_head_of_text(file, data)):
        raise refused(file, "is no HTML: it has no tags", "save it as .txt, or the page anew")


def _head_of_text(file: str, data: bytes) -> str:
    found = _kind(data)
    if found:
        raise refused(file, f"is {found} by its content", "give it the ending it had")
    wide = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "")
    if not wide and b"\0" in data:
        raise refused(file, "is no text: it holds the character NUL", "save it as plain text")
    return data[:_HEAD].decode(wide or "utf-8", "ignore").lstrip("\ufeff")


def _check_start(file: str, data: bytes, start: bytes, kind: str) -> None:
    if not data.startswith(start):
        found = _kind(data)
        message = f"is no {kind}: by its content it is {found or 'something else'}"
        raise refused(file, message, "give it the ending it had, or save it anew")


def _kind(data: bytes) -> str:
    if data.startswith(b"MZ") and b"\0" in data[:256]:
        return "a program"
    return next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), "")


_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_FOUND = {
    "docx": "it is a Word file",
    "xlsx": "it is an Excel workbook",
    "odt": "it is an OpenDocument text",
}
_CHECKS: Mapping[str, Callable[[str, bytes, str], None]] = MappingProxyType(
    {
        "pdf": _check_pdf,
        "rtf": _check_rtf,
        "html": _check_html,
        **dict.fromkeys(("docx", "odt", "xlsx"), _check_office),
    }
)
