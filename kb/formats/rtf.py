r"""Rich Text Format (RTF): a reader of our own.

striprtf 0.0.35, the one library that is kept up, is not sound enough: 5,000 fields that are not
closed (170 kB) take it 4 s; a single byte that its code page lacks, a lone
``\uc`` or a large ``\u`` end in four kinds of exception; half of a Japanese letter written as
itself (``\'83X``) does too. Footnotes and text boxes are lost, hidden and deleted text appears,
headings and lists cannot be told from paragraphs, and letters beyond U+FFFF come out in halves.
"""

from kb.document import Document
from kb.formats.flow import damaged, document
from kb.formats.rtf_text import Reader


def extract(data: bytes, file: str) -> Document:
    """Return the text of an RTF file.

    Raises:
        RefusedFileError: it is no RTF, is damaged or too long, or holds no text.
    """
    with damaged(file, "RTF"):
        if not data.lstrip().startswith(b"{\\rtf"):
            raise ValueError("no RTF")
        reader = Reader()
        found = reader.blocks(data)
        return document(found, file, reader.title, _of_locale(reader.locale), reader.seen)


_PRIMARY = {
    0x02: "bg", 0x03: "ca", 0x05: "cs", 0x06: "da", 0x07: "de", 0x08: "el", 0x09: "en", 0x0A: "es",
    0x0B: "fi", 0x0C: "fr", 0x0E: "hu", 0x0F: "is", 0x10: "it", 0x13: "nl", 0x14: "no", 0x15: "pl",
    0x16: "pt", 0x18: "ro", 0x1B: "sk", 0x1C: "sq", 0x1D: "sv", 0x1F: "tr", 0x22: "uk", 0x24: "sl",
    0x25: "et", 0x26: "lv", 0x27: "lt", 0x3A: "mt", 0x3C: "ga",
}  # fmt: skip
"""Lower ten bits of a locale of Windows ([MS-LCID] 2.2); Croatian and Serbian share theirs."""


def _of_locale(locale: int) -> str:
    if locale & 0x3FF == _SERBO_CROATIAN:
        return _SHARED.get(locale, "")
    return _PRIMARY.get(locale & 0x3FF, "")


_SERBO_CROATIAN = 0x1A
_SHARED = {
    **dict.fromkeys((0x041A, 0x101A), "hr"),
    **dict.fromkeys((0x081A, 0x0C1A, 0x181A, 0x1C1A, 0x241A, 0x281A, 0x2C1A, 0x301A), "sr"),
}
