"""Web pages (HTML), also as browsers save them in one file with their pictures (MHTML)."""

import re
from collections import Counter
from typing import Any

from kb.document import Document
from kb.errors import RefusedFileError, refused
from kb.formats.flow import damaged, document
from kb.formats.html_letters import decoded, without
from kb.formats.html_text import Reader
from kb.formats.xml_parts import Element
from kb.saying import said

MAX_CHARACTERS = 1_000_000
"""Of markup and text. Parsers take 10 s for a tag of 1 MB (100,000 attributes)."""
_SAVED = (".mhtml", ".mht")
_LITTLE = 200
_MANY = 3


def extract(data: bytes, file: str) -> Document:
    """Return the text of a web page: of its main part where it says which that is.

    Raises:
        RefusedFileError: it is damaged, too large, or holds no text.
    """
    with damaged(file, "HTML"):
        seen: Counter[str] = Counter()
        charset = ""
        if file.lower().endswith(_SAVED) or _MIME.match(data):
            data, charset = _page(data)
        text = _without_pictures(decoded(data, file, charset, seen))
        if len(text) > MAX_CHARACTERS:
            raise refused(file, said("has more than 1 MB of HTML"), said("save the text alone"))
        page = _parsed(text, file)
        main, articles = _main(page)
        sure = main is not page or articles
        seen["around"] += sure
        reader = Reader(seen, sure=sure, framed=main is page and articles)
        found = reader.blocks(main)
        return document(found, file, page.findtext(".//title") or "", _language(page), seen)


def _page(data: bytes) -> tuple[bytes, str]:
    """Return the first page in a saved file, and the encoding that the file gives for it."""
    from email import message_from_bytes

    for part in message_from_bytes(data).walk():
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            # Any: the payload of a message may be many things; decoded, it is bytes.
            payload: Any = part.get_payload(decode=True)
            return payload, part.get_content_charset("")
    raise ValueError("no page in it")


def _without_pictures(text: str) -> str:
    """Take out what is no text where there is much of it."""
    text = _DATA.sub("", text)
    for opening, closing in _LONG if len(text) > MAX_CHARACTERS else ():
        text = without(text, opening, closing)
    return text


def _parsed(text: str, file: str) -> Element:
    from lxml import html

    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    content = text.replace("\0", "").encode("utf-8", "replace")
    if not content.strip():
        raise _empty(file)
    page = html.document_fromstring(content, parser=parser, ensure_head_body=True)
    # The parser gives up without a word where it is 256 deep.
    if any("depth" in error.message for error in parser.error_log):
        message = said("is too complex: its elements are nested too deeply")
        raise refused(file, message, said("save its text"))
    return page


def _main(page: Element) -> tuple[Element, bool]:
    """Return the element with the text, and whether there are articles in the page."""
    found = page.xpath("//main | //*[@role='main']")
    articles = page.xpath("//article[not(ancestor::article)]")
    if not found and len(articles) == 1:
        found = articles
    whole = len(page.text_content())
    for element in found:
        if (length := len(" ".join(element.text_content().split()))) and (
            length > _LITTLE or length * _MANY > whole
        ):
            return element, bool(articles)
    return page, bool(articles)


def _language(page: Element) -> str:
    given = page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang")
    given = given or page.get("xml:lang")
    return given or next(
        (
            meta.get("content", "")
            for meta in page.iterfind(".//meta")
            if meta.get("http-equiv", "").lower() == "content-language"
        ),
        "",
    )


def _empty(file: str) -> RefusedFileError:
    return refused(file, said("holds no text"), said("upload the file with its text"))


_MIME = re.compile(rb"(?:[A-Za-z-]+: [^\n]*\n(?:[ \t][^\n]*\n)*){0,20}MIME-Version:", re.IGNORECASE)
_DATA = re.compile(r"\bdata:[\w/+.;=-]{1,120},[^\"'\s<>)]*")
_LONG = (
    ("<!--", "-->"),
    *((rf"<{name}\b", f"</{name}[^>]*>") for name in ("script", "style", "svg")),
)
