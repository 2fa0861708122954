"""Bytes to text: UTF-8, or what they most probably are by the language of the text."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kb.errors import refused
from kb.saying import said
from kb.text import normalise

Guess = Callable[[str], tuple[str, str, str]]
"""What a text leaves to us to guess: text -> (language, city, country), each may be empty."""

MAX_BYTES = 20_000_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


_PAGES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq"), "cp1250"),
        **dict.fromkeys(("bg", "sr", "uk"), "cp1251"),
        "el": "cp1253",
        "tr": "cp1254",
        **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    }
)
"""The code page of Windows for a language; cp1252 for all others."""


def decode(data: bytes, file: str, language: Callable[[str], str] | None = None) -> str:
    """Return the text of a file, composed (NFC) and with newlines as line ends.

    Args:
        data: the whole file.
        file: its name, for messages.
        language: names the language of a text, by which an older encoding is guessed. Without it
            the file must be UTF-8: among fields a wrong guess would change names silently.

    Raises:
        RefusedFileError: it is empty, too large, holds NUL, or cannot be read as text.
    """
    if len(data) > MAX_BYTES:
        raise refused(file, said("the file has more than 20 MB"), said("split it"))
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as err:
        if language is None:
            line = data[: err.start].count(b"\n") + 1
            message = said("byte {byte} is not UTF-8", byte=f"0x{data[err.start]:02x}")
            raise refused(file, message, said("save the file as UTF-8"), line) from err
        text = _guessed(data, file, language)
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise refused(file, said("holds the character NUL"), said("save it as plain text"), line)
    if not text.strip():
        raise refused(file, said("the file is empty"), said("write the case into it"))
    return normalise(text)


def _guessed(data: bytes, file: str, language: Callable[[str], str]) -> str:
    """Read the bytes in the code page of their language, where that makes sense of them.

    Code pages differ in a few letters only: by the letters alone every third text in a western
    language was taken for another page, and its è became č.
    """
    from charset_normalizer import from_bytes

    found = list(from_bytes(data))
    if not found:
        raise refused(file, said("its encoding is not known"), said("save the file as UTF-8"))
    page = _PAGES.get(language(str(found[0])), "cp1252")
    plausible = {name for one in found for name in (one.encoding, *one.could_be_from_charset)}
    return data.decode(page) if page in plausible else str(found[0])
