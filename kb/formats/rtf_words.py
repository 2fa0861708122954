"""What single words of RTF mean: special letters, code pages, and groups that are no text.

Source: Microsoft, Rich Text Format (RTF) Specification, version 1.9.1 (2008).
"""

import codecs
from collections.abc import Mapping
from types import MappingProxyType

from kb.formats.flow import SYMBOLS

LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "tab": "\t",
        "emdash": "—",
        "endash": "–",
        "emspace": " ",
        "enspace": " ",
        "qmspace": " ",
        "bullet": "•",
        "lquote": "‘",
        "rquote": "’",
        "ldblquote": "“",
        "rdblquote": "”",
        **dict.fromkeys(("line", "lbr", "softline", "column"), "\n"),
    }
)
SIGNS: Mapping[str, str] = MappingProxyType(
    {"~": "\u00a0", "-": "", "_": "-", "\\": "\\", "{": "{", "}": "}", "\t": "\t"}
)
"""Signs after a backslash."""

CODE_PAGES: Mapping[int, str] = MappingProxyType(
    {
        0: "cp1252", 77: "mac_roman", 78: "cp932", 79: "cp949", 80: "cp936", 81: "cp950",
        83: "cp1255", 84: "cp1256", 85: "mac_greek", 86: "mac_turkish", 88: "mac_latin2",
        89: "mac_cyrillic", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030",
        136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
        186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
    }
)  # fmt: skip
"""The encoding of a font by its ``fcharset``."""
SYMBOL_CHARSET = 2
SYMBOL_FONT = "symbol"
"""Stands for the encoding of fonts of signs."""

SILENT = frozenset(
    {
        "annotation", "atnauthor", "atndate", "atnicn", "atnid", "atnparent", "atnref",
        "atntime", "atrfend", "atrfstart", "background", "bkmkend", "bkmkstart", "blipuid",
        "category", "colortbl", "comment", "company", "creatim", "datafield", "datastore",
        "doccomm", "docvar", "ebcend", "ebcstart", "falt", "ffdeftext", "ffentrymcr",
        "ffexitmcr", "ffformat", "ffhelptext", "ffl", "ffname", "ffstattext", "filetbl",
        "fldinst", "fldtype", "fontemb", "fontfile", "footer", "footerf", "footerl", "footerr",
        "ftncn", "ftnsep", "ftnsepc", "aftncn", "aftnsep", "aftnsepc", "generator", "header",
        "headerf", "headerl", "headerr", "hlinkbase", "htmltag", "keycode", "keywords",
        "latentstyles", "leveltext", "levelnumbers", "listlevel", "listname", "listoverride",
        "listoverridetable", "listpicture", "listtable", "listtext", "mailmerge", "manager",
        "mmathPr", "nonesttables", "nonshppict", "objalias", "objclass", "objdata", "objname",
        "objsect", "objtime", "oldcprops", "oldpprops", "oldsprops", "oldtprops", "operator",
        "panose", "password", "pgp", "pgptbl", "picprop", "pn", "pnseclvl", "pntext", "pntxta",
        "pntxtb", "printim", "private", "propname", "protusertbl", "revtbl", "revtim",
        "rsidtbl", "rxe", "shprslt", "sn", "staticval", "subject", "sv", "tc", "tcn",
        "template", "themedata", "txe", "userprops", "wgrffmtfilter", "windowcaption",
        "writereservation", "xe", "xmlattrname", "xmlattrvalue", "xmlclose", "xmlname",
        "xmlnstbl", "xmlopen", "upr",
    }
)  # fmt: skip
"""Groups without text of the document."""

KNOWN = frozenset(
    {"shpinst", "shppict", "nesttableprops", "ud", "do", "shptxt", "dptxbxtext", "cs", "pict"}
)
"""Groups marked as to be skipped by those who do not know them, which we know."""


def encoding(code_page: int) -> str:
    """Return the name of a code page of Windows; the western one where there is none."""
    name = {65001: "utf-8", 10000: "mac_roman", 10029: "mac_latin2"}.get(
        code_page, f"cp{code_page}"
    )
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def decoded(raw: bytes, name: str) -> str:
    """Return the letters of bytes; what has none becomes U+FFFD."""
    if name == SYMBOL_FONT:
        return "".join(chr(byte) if byte < 0x7F else SYMBOLS.get(byte, "") for byte in raw)  # noqa: PLR2004
    return raw.decode(name, errors="replace")
