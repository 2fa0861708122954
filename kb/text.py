"""Text: Markdown to safe HTML and to plain paragraphs, words and their folded form."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kb.errors import TooComplexTextError

RENDERER = "markdown-3.11/nh3-0.3/1"
"""Version of the rules by which HTML is made; a change renders every case again."""

_WORD = re.compile(r"[^\W_]+")
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


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands in its text."""

    text: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """Yield the words of ``text``; apostrophe, hyphen and underscore part words."""
    for found in _WORD.finditer(text):
        yield Word(found.group(), found.start(), found.end())


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Return the form that all spellings of a word share: no case, no accents, no ligatures."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_FOLDS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_FOLDS)


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
        attributes={"a": {"href", "title"}, "abbr": {"title"}, "th": {"colspan"}, "td": {"colspan"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener",
    )


def check_complexity(markdown: str) -> None:
    """Refuse Markdown on which the renderer is known to hang.

    Python-Markdown is quadratic and worse in unmatched brackets (its issue #798: 8,000 ``[`` take
    36 s), in backticks, and in wide tables; the limits are far above what a case needs.

    Raises:
        TooComplexTextError: names the limit and the paragraph.
    """
    if len(markdown.encode()) > 512_000:
        raise TooComplexTextError("the text has more than 512 kB; split it into several cases")
    for number, paragraph in enumerate(re.split(r"\n\s*\n", markdown), 1):
        for reason, exceeded in _excesses(paragraph):
            if exceeded:
                raise TooComplexTextError(
                    f"paragraph {number} has {reason}; simplify it (it begins {paragraph[:40]!r})"
                )


def _excesses(paragraph: str) -> Iterator[tuple[str, bool]]:
    yield "more than 20,000 characters", len(paragraph) > 20_000
    yield "more than 200 opening brackets", paragraph.count("[") > 200
    yield "more than 200 backticks", paragraph.count("`") > 200
    yield "more than 400 asterisks or underscores", len(re.findall(r"[*_]", paragraph)) > 400
    yield "more than 200 angle brackets", paragraph.count("<") > 200
    yield "more than 50 table columns", any(x.count("|") > 51 for x in paragraph.splitlines())
    yield "more than 20 levels", bool(re.search(r"(?m)^(?:\s*>){21}|^ {80}|^\t{20}", paragraph))


def paragraphs(markdown: str) -> tuple[str, ...]:
    """Return the text as plain paragraphs, without headings, marks of Markdown, or empty ones."""
    found = (plain(block) for block in re.split(r"\n\s*\n", markdown))
    return tuple(block for block in found if block)


def plain(block: str) -> str:
    """Return one block of Markdown as a line of plain text; a heading gives nothing."""
    lines = [line for line in block.splitlines() if not re.match(r"\s*(#{1,6}\s|[|:\s-]+$)", line)]
    text = re.sub(r"(?m)^\s*(?:[-*+]|\d+[.)]|>)\s+", "", "\n".join(lines))
    text = re.sub(r"!?\[([^\]\[]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)", r"\1", text)
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`", "", text.replace("|", " "))
    return " ".join(re.sub(r"<[^<>]{0,200}>", " ", text).split())


def normalise(text: str) -> str:
    """Return the text composed (NFC), with ``\\n`` line ends and no control characters but tabs."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
