"""Lines of a page, and how the text of a paragraph is made of them again."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.text import normalise

HYPHEN = "\u00ad"
"""Ends a line whose last word goes on in the next one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands on a page; lengths in points, from the lower left corner."""

    cells: tuple[str, ...]
    """Its text, parted where a wide gap stands."""
    page: int
    """Counted from 1."""
    left: float = 0.0
    right: float = 0.0
    base: float = 0.0
    """How high its lower edge stands; more is higher."""
    size: float = 0.0
    """Height of its letters; 0 where nothing is known of its place."""
    bold: bool = False
    margin: bool = False
    """Whether it stands where headers, footers and page numbers do."""

    @property
    def text(self) -> str:
        """All cells, parted by spaces."""
        return " ".join(self.cells)


def readable(text: str) -> str:
    """Return text without ligatures, noncharacters and zero-width marks; composed (NFC)."""
    return normalise(_NOTHING.sub("", text.translate(_LIGATURES)))


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a document writes its words, by which a hyphen at the end of a line is judged."""

    whole: frozenset[str]
    compounds: frozenset[str]
    """Words with a hyphen inside."""
    prefixes: frozenset[str]
    """What stands before a hyphen and a small letter, as in over-inflation."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Spelling":
        """Gather it from the lines of a document."""
        text = "\n".join(texts)
        compounds = _COMPOUND.findall(text)
        small = (word.partition("-") for word in compounds)
        return cls(
            frozenset(word.casefold() for word in re.findall(r"[^\W\d_]+", text)),
            frozenset(word.casefold() for word in compounds),
            frozenset(one.casefold() for one, _, two in small if two[0].islower() and len(one) > 1),
        )

    def hyphen(self, one: str, two: str) -> str:
        """Return what stands between two parts of a word that a line end has parted."""
        one, folded = one.casefold(), two.casefold()
        if two[0].islower() and one + folded in self.whole:
            return ""
        kept = not two[0].islower() or f"{one}-{folded}" in self.compounds or one in self.prefixes
        return "-" if kept else ""


def joined(lines: Iterable[str], spelling: Spelling) -> str:
    """Make one paragraph of its lines; hyphens at their ends are undone where they part a word."""
    parts: list[str] = []
    for line in map(str.strip, lines):
        if parts:
            parts[-1] = _leading_on(parts[-1], line, spelling)
        parts.append(line)
    return " ".join("".join(parts).split()).replace(HYPHEN, "-")


def without_repeated(pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], tuple[str, ...]]:
    """Leave out headers, footers and page numbers; returns what repeats besides, as read first."""
    seen: Counter[str] = Counter()
    first: dict[str, str] = {}
    for lines in pages:
        for key, line in {_key(line): line for line in _outermost(lines)}.items():
            seen[key] += 1
            first.setdefault(key, line.text)
    repeated = {key for key, count in seen.items() if _is_repeated(key, count, len(pages))}
    kept = [_kept(lines, repeated) for lines in pages]
    return kept, tuple(first[key] for key in first if key in repeated and not _NUMBER.match(key))


def usual_size(lines: Iterable[Line]) -> float:
    """Return the size in which most letters stand; 0 where no size is known."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[round(line.size * 2) / 2] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _leading_on(before: str, line: str, spelling: Spelling) -> str:
    """Return a line with what stands between it and the next, its hyphen taken off or kept."""
    parted = _PARTED.search(before, max(0, len(before) - _LONGEST))
    if not parted:
        return f"{before} "
    stem, two = before[: parted.start(2)], _FIRST_WORD.match(line)
    if not two or _SUSPENDED.match(line):
        return f"{stem}- "
    return stem + spelling.hyphen(parted.group(1), two.group())


def _outermost(lines: Sequence[Line]) -> list[Line]:
    """Return the lines in the margins, and of a full page the two highest and the two lowest."""
    by_height = sorted(lines, key=lambda line: -line.base)
    outer = [*by_height[:2], *by_height[-2:]] if len(lines) >= _FULL else []
    return [line for line in lines if line.margin or line in outer]


def _key(line: Line) -> str:
    """Return what repeated lines share: in margins all numbers are one, as those of pages are."""
    text = " ".join(line.text.casefold().split())
    return f"{_DIGITS.sub('0', text)}{_IN_MARGIN}" if line.margin else text


def _is_repeated(key: str, count: int, pages: int) -> bool:
    """In the margin twice is enough, left and right pages may differ; inside we are careful."""
    if key.endswith(_IN_MARGIN):
        return bool(_NUMBER.match(key)) or count >= max(2, 0.4 * pages)
    return count >= max(3, 0.6 * pages)


def _kept(lines: Sequence[Line], repeated: set[str]) -> list[Line]:
    outer = {id(line) for line in _outermost(lines)}
    kept = [line for line in lines if id(line) not in outer or _key(line) not in repeated]
    # A page that says nothing but what others say is no page of headers only.
    return kept or [line for line in lines if not _NUMBER.match(_key(line))]


_LONGEST = 60
"""Letters of a word; longer ones are not looked for before a hyphen."""
_FULL = 6
"""Lines of a page, from which on its outermost ones may be a header or a footer."""
_IN_MARGIN = "\t"
_DIGITS = re.compile(r"\d+")
_COMPOUND = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_PARTED = re.compile(rf"([^\W\d_]+)([-\u2010{HYPHEN}])$")
_FIRST_WORD = re.compile(r"[^\W_]+")
_SUSPENDED = re.compile(r"(?:und|oder|bzw\.|sowie|en|of|och|eller|og|and|or|to)\b")
"""After a hyphen that stands for a word left out: Vor- und Nachteile, short- and long-term."""
_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:page|seite|p\.|s\.|strana|strona|pagina|página|sida|side|oldal|лист|стр\.)\s*)?"
    r"(?:0|[ivx]+)(?:\s*(?:/|of|von|sur|de|di|van|z|av|af)\s*0)?[-–—|\s]*\t"
)
_NOTHING = re.compile("[\u200b\u2060\ufeff\ufffe\uffff]|\u00ad(?!$)")
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
