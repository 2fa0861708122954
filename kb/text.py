"""Text: Markdown to safe HTML and to plain paragraphs, words and their folded form."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from kb.errors import TooComplexTextError
from kb.saying import said, term

RENDERER = "markdown-3.11/nh3-0.3/1"
"""Version of the rules by which HTML is made; a change renders every case again."""

# Letters may carry accents of their own (NFD), which are no letters to re.
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z]\w{1,31});")
# What may be a mark of Markdown or HTML, anywhere or at the beginning of a line.
_MARKED = re.compile(r"(?m)[\\`*_\[|<>&#]|^\s*(?:[-+:]|\d+[.)])")
# All that the production Char of XML 1.0 leaves out: authors paste control characters.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_BYTES = 512_000
_MAX_PARAGRAPH = 20_000
_MAX_PARAGRAPHS = 2_000
_MAX_LINES = 5_000
_MAX_MARKS = 200
_MAX_COLUMNS = 50
_MAX_LEVELS = 20

_SLOW = {
    "[": term("more than {most:,} opening brackets"),
    "`": term("more than {most:,} backticks"),
    "<": term("more than {most:,} angle brackets"),
    "#": term("more than {most:,} number signs"),
}
# Twenty marks of quotation or list one within the other, but no line drawn with them.
_DEEP = re.compile(r"(?m)^(?=.*[^-*\s])(?:[ \t]*(?:>|(?:[-*+]|\d+[.)])(?=\s))){21}|^ {80}|^\t{20}")

_EXTENSIONS = ("tables", "footnotes", "sane_lists", "def_list", "abbr")
_TAGS = {
    "a", "abbr", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h2",
    "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip

# Letters that Unicode does not decompose. casefold() already turns ß into ss and ς into σ.
_FOLDS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)


class Word(NamedTuple):  # millions are made of a few thousand cases
    """A word and where it stands in its text."""

    text: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """Yield the words of ``text``; apostrophe, hyphen and underscore part words."""
    for found in _WORD.finditer(text):
        yield Word(found.group(), found.start(), found.end())


def spellings(text: str) -> list[str]:
    """Return the words of ``text`` without their places, which takes a tenth of the time."""
    return _WORD.findall(text)


def fold(word: str) -> str:
    """Return the form that all spellings of a word share: no case, no accents, no ligatures."""
    return word.lower() if word.isascii() else _fold(word)


@lru_cache(maxsize=100_000)
def _fold(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_FOLDS))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.casefold().translate(_FOLDS)


def folded(text: str) -> tuple[str, ...]:
    """Return the words of ``text``, each in the form that all its spellings share."""
    return tuple(fold(word.text) for word in words(text))


def standing(sought: tuple[str, ...], text: str) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each place of ``text`` where these folded words follow each other."""
    told = [(fold(word.text), word) for word in words(text)]
    for first in range(len(told) - len(sought) + 1) if sought else ():
        run = told[first : first + len(sought)]
        if tuple(form for form, _ in run) == sought:
            yield run[0][1].start, run[-1][1].end


def to_html(markdown: str) -> str:
    """Render Markdown as HTML in which nothing can run, load or imitate the page around it.

    Headings move down one step because the page has its own first one; links say that they are not
    ours. No ``id``, ``class``, ``style`` or image survives.

    Raises:
        TooComplexTextError: the text would take unreasonably long (see `check_complexity`).
    """
    import markdown as engine  # heavy imports stay out of the command line's start
    import nh3

    check_complexity(markdown)
    html = engine.markdown(markdown, extensions=list(_EXTENSIONS), output_format="html")
    html = re.sub(r"(</?h)1\b", r"\g<1>2", html)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={
            "a": {"href", "title"},
            "abbr": {"title"},
            "th": {"colspan"},
            "td": {"colspan"},
        },
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",  # nothing in a case can link into our own pages
        link_rel="nofollow ugc noopener",
    )


def check_complexity(markdown: str) -> None:
    """Refuse Markdown on which the renderer is known to hang.

    Python-Markdown is quadratic and worse in unmatched brackets (its issue #798: 8,000 ``[`` take
    36 s), in backticks, and in wide tables; the limits are far above what a case needs.

    Raises:
        TooComplexTextError: names the limit and the paragraph.
    """
    blocks = re.split(r"\n\s*\n", markdown)
    for excess, most, exceeded in _crowds_of_all(markdown, blocks):
        if exceeded:
            raise TooComplexTextError(
                said(
                    "the text has {excess}; simplify it, or split it",
                    excess=said(excess, most=most),
                )
            )
    for number, paragraph in enumerate(blocks, 1):
        for excess, most, exceeded in _excesses(paragraph):
            if exceeded:
                raise TooComplexTextError(
                    said(
                        "paragraph {number} has {excess}; simplify it (it begins {beginning!r})",
                        number=number,
                        excess=said(excess, most=most),
                        beginning=paragraph[:40],
                    )
                )


_Limit = tuple[str, int, bool]
"""What there is too much of, how much may be, and whether there is more."""


def _crowds_of_all(markdown: str, blocks: list[str]) -> Iterator[_Limit]:
    yield term("more than 512 kB"), _MAX_BYTES, len(markdown.encode()) > _MAX_BYTES
    yield term("more than {most:,} paragraphs"), _MAX_PARAGRAPHS, len(blocks) > _MAX_PARAGRAPHS
    yield term("more than {most:,} lines"), _MAX_LINES, markdown.count("\n") > _MAX_LINES
    yield from _crowds(markdown, 10 * _MAX_MARKS)


def _excesses(paragraph: str) -> Iterator[_Limit]:
    yield (
        term("more than {most:,} characters"),
        _MAX_PARAGRAPH,
        len(paragraph) > _MAX_PARAGRAPH,
    )
    yield from _crowds(paragraph, _MAX_MARKS)
    columns = max((line.count("|") - 1 for line in paragraph.splitlines()), default=0)
    yield term("more than {most:,} table columns"), _MAX_COLUMNS, columns > _MAX_COLUMNS
    definitions = len(re.findall(r"\n {0,3}:\s", paragraph))
    yield term("more than {most:,} definitions"), _MAX_MARKS, definitions > _MAX_MARKS
    yield term("more than {most:,} levels"), _MAX_LEVELS, bool(_DEEP.search(paragraph))


def _crowds(text: str, most: int) -> Iterator[_Limit]:
    for mark, excess in _SLOW.items():
        yield excess, most, text.count(mark) > most
    stars = text.count("*") + text.count("_")
    yield term("more than {most:,} asterisks or underscores"), 2 * most, stars > 2 * most


def paragraphs(markdown: str) -> tuple[str, ...]:
    """Return the text as plain paragraphs, without headings, marks of Markdown, or empty ones."""
    found = (plain(block) for block in re.split(r"\n\s*\n", markdown))
    return tuple(block for block in found if block)


def plain(block: str) -> str:
    """Return one block of Markdown as a line of plain text; a heading gives nothing."""
    if not _MARKED.search(block):
        return " ".join(block.split())
    lines = [line for line in block.splitlines() if not re.match(r"\s*(#{1,6}\s|[|:\s-]+$)", line)]
    block = _ESCAPE.sub(lambda mark: f"&#{ord(mark.group(1))};", "\n".join(lines))
    text = re.sub(r"(?m)^\s*(?:[-*+]|\d+[.)]|>)\s+", "", block)
    text = re.sub(r"!?\[([^\]\[]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)", r"\1", text)
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`", "", text.replace("|", " "))
    text = _ENTITY.sub(
        lambda mark: unescape(mark.group()), re.sub(r"<[/!?a-zA-Z][^<>]{0,200}>", " ", text)
    )
    return " ".join(text.split())


def normalise(text: str) -> str:
    """Return the text composed (NFC), with newlines as line ends and no other control but tabs."""
    text = re.sub("\r\n|[\r\u2028\u2029]", "\n", text)
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    # Composed last: an accent may come to stand behind its letter only now.
    return unicodedata.normalize("NFC", kept)


def in_xml(text: str) -> str:
    """Return the text without what must not stand in XML."""
    return _NOT_IN_XML.sub("", text)
