"""From the bytes of a web page to letters: what it says of its encoding, and whether that is so."""

import re
from collections import Counter

from kb.formats.decoding import decode

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_HEAD_BYTES = 8_192
_DECLARED = re.compile(
    rb"<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})"
    rb"|<\?xml[^>]{0,100}?encoding=[\"']([\w.-]{1,40})",
    re.IGNORECASE,
)
_SPOKEN = re.compile(rb"<html[^>]{0,300}?\slang=[\"']?([a-zA-Z]{2})\b", re.IGNORECASE)
_KNOWN = re.compile(
    r"utf-?8|us-ascii|(?:x-)?(?:windows-|cp)\d{3,4}|iso[-_]?8859[-_]?\d{1,2}|latin-?\d{1,2}"
    r"|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr)|macintosh|ibm\d{3}"
)
_MEANT = {
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "macintosh": "mac_roman",
}
"""What browsers take a name for (WHATWG Encoding, 4.2)."""
_MANY = 10


def decoded(data: bytes, file: str, charset: str, seen: Counter[str]) -> str:
    """Return the text of a page.

    Args:
        data: the page.
        file: its name, for messages.
        charset: its encoding by what it came in; often nothing.
        seen: counts letters that could not be read, and guesses.

    Raises:
        RefusedFileError: nothing fits.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    for name in (charset, _declared(data), "utf-8"):
        text = _in(name, data)
        if text is not None:
            return text
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(letter > "\x7f" for letter in text) - broken
    if whole > broken * _MANY:  # by chance, letters of other encodings are hardly ever valid
        seen["letter"] += 1
        return text
    seen["encoding"] += 1
    spoken = _SPOKEN.search(data[:_HEAD_BYTES])
    language = spoken.group(1).decode().lower() if spoken else ""
    return decode(data, file, lambda _text: language)


def without(text: str, opening: str, closing: str) -> str:
    """Return the text without what stands between two marks, in one pass."""
    begin, end = re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE)
    kept, place = [], 0
    while (first := begin.search(text, place)) and (last := end.search(text, first.end())):
        kept.append(text[place : first.start()])
        place = last.end()
    return "".join([*kept, text[place:]])


def _declared(data: bytes) -> str:
    found = _DECLARED.search(data[:_HEAD_BYTES])
    return (found.group(1) or found.group(2)).decode().lower() if found else ""


def _in(name: str, data: bytes) -> str | None:
    """Return the text in an encoding, where that is one and fits."""
    name = name.lower()
    if not _KNOWN.fullmatch(name):
        return None
    try:
        return data.decode(_MEANT.get(name, name.removeprefix("x-")))
    except (LookupError, UnicodeDecodeError):
        return None
