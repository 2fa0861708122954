"""Documents that are forms: what stands after a label, beside it in a table, or under it.

"City: Łódź", a row "Start | 2015", a heading "Partners" with a list below. The labels of all
languages are known, those of the document's own language count first where they disagree.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, takewhile

from kb.document import CELL
from kb.drafting.cues import KIN, cue, cyrillic, key, table
from kb.drafting.source import Part, Source
from kb.text import words
from kb.vocabulary import ANY_LANGUAGE

PROSE = ("summary", "challenge", "solution", "outcomes")
"""Fields that are told in paragraphs; an answer to another one is a line or a list."""

LISTS = ("partners", "target_groups", "themes", "funding")
"""Fields of which an answer may have several lines."""

_ROLES = ("lead_organisation", "partners")
_LONGEST_LABEL = 70
_MOST_WORDS = 4
_OF = frozenset(table("words")["name"]["of"])
_FEWEST_LETTERS = 4  # "By:" is a town in Danish and an author in English
_COLON = re.compile(r":\s")
_MOST_LABELS = 20
_BREAK = re.compile(r"[:：\t]| [–—-] ")
_HINT = re.compile(r"\([^()\n]{0,80}\)|\[[^\[\]\n]{0,80}\]")
_NUMBER = re.compile(r"^\s*(?:\d{1,2}(?:\.\d{1,2}){0,2}[.)]?|[a-zA-Z][.)]|[-•*–▪◦])\s+")
_EMPTY = re.compile(r"[\s\W_]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a form says of a field: the label as it is written, and where the answer stands."""

    field: str
    label: str
    text: str
    start: int
    end: int
    whole: int
    """Where the passage begins: at the label, if the answer follows it at once."""
    listed: tuple[tuple[int, int], ...] = ()
    """Where the items under a heading stand."""


Form = Mapping[str, tuple[Answer, ...]]


def read(source: Source) -> Form:
    """Return the answers of a form by field, in the order of the document."""
    found = defaultdict(list)
    for answer in (*_inline(source), *_below(source)):
        if not _EMPTY.fullmatch(answer.text):
            found[answer.field].append(answer)
    return {
        field: tuple(sorted(answers, key=lambda a: a.start)) for field, answers in found.items()
    }


def field(label: str, language: str) -> str:
    """Return the field that a label asks for, or nothing."""
    if len(label) > _LONGEST_LABEL:
        return ""
    text = key(_HINT.sub(" ", _NUMBER.sub("", label)))
    return (
        _own(text, language)
        or (_any(text) if len(text) >= _FEWEST_LETTERS else "")
        or _longer(text, language)
    )


def _longer(text: str, language: str) -> str:
    """Read "Porteur de l'action" as "Porteur": a label, a little word, and what it is of."""
    words_ = text.split()
    for size in range(min(len(words_) - 2, _MOST_WORDS), 0, -1):
        follows = words_[size] in _OF or cue("project", language).any(words_[size : size + 1])
        beginning = " ".join(words_[:size])
        if follows and len(words_) - size <= _MOST_WORDS and len(beginning) >= _FEWEST_LETTERS + 1:
            return _own(beginning, language)
    return ""


def _own(text: str, language: str) -> str:
    for code in (language, "en", *KIN.get(language, ()), ANY_LANGUAGE):
        found = _labels().get(code, {}).get(text)
        if found:
            return found
    return ""


@cache
def _any(text: str) -> str:
    for labels in _labels().values():
        if text in labels:
            return labels[text]
    return ""


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    """Return language -> folded label -> field; of two fields the one listed first wins."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name in ("labels", "headings"):
        for asked, lists in table(name).items():
            for language, labels in lists.items():
                for label in labels:
                    found[language].setdefault(key(label), asked)
                    if language == "sr":
                        found[language].setdefault(key(cyrillic(label)), asked)
    return found


def _inline(source: Source) -> Iterator[Answer]:
    """Yield the answers that stand in the line or the row of their label."""
    parts = source.parts
    for number, part in enumerate(parts):
        if part.kind == "row":
            before = parts[number - 1].kind == "row" if number else False
            rows = list(takewhile(lambda part: part.kind == "row", parts[number + 1 : number + 3]))
            yield from _row(part, rows, source.language, first=not before)
        else:
            yield from _lines(part, source)


def _lines(part: Part, source: Source) -> Iterator[Answer]:
    start = part.start
    for line in source.text[part.start : part.end].split("\n"):
        labels = list(_labelled(line, source.language))
        for number, (asked, first, last) in enumerate(labels):
            end = labels[number + 1][1] if number + 1 < len(labels) else len(line)
            label = line[first:last].rstrip(" :：\t–—-")
            yield _answer(asked, label, line, start, (first, *_trimmed(line, last, end)))
        start += len(line) + 1


def _labelled(line: str, language: str) -> Iterator[tuple[str, int, int]]:
    """Yield (field, start, end) of the label that opens a line, and of those that follow in it."""
    found = _BREAK.search(line, 0, _LONGEST_LABEL)
    asked = field(line[: found.start()], language) if found else ""
    if not found or not asked:
        return
    yield asked, len(line) - len(line.lstrip()), found.end()
    for mark in islice(_COLON.finditer(line, found.end()), _MOST_LABELS):
        again, first = _further(line, found.end(), mark.start(), language)
        if again:
            yield again, first, mark.end()


def _further(line: str, begin: int, end: int, language: str) -> tuple[str, int]:
    """Return the label that ends at a colon within a line, if its words begin with a capital."""
    near = list(words(line[max(begin, end - _LONGEST_LABEL) : end]))[-_MOST_WORDS:]
    for word in near:
        first = max(begin, end - _LONGEST_LABEL) + word.start
        text = key(line[first:end])
        asked = _own(text, language) if line[first].isupper() else ""
        if asked:
            return asked, first
    return "", begin


def _row(part: Part, below: list[Part], language: str, *, first: bool) -> Iterator[Answer]:
    """Yield the answers of a row; ``below`` are the two rows under it, ``first`` in its table."""
    cells = _cells(part.text)
    asked = [field(part.text[start:end].rstrip(" :"), language) for start, end in cells]
    if len(cells) > 1 and all(asked):
        if first and len(below) == 1:  # several cases in one table are no form
            yield from _under(asked, part, below[0])
    elif not (first and below and _is_data(below[0], language)):
        yield from _beside(part, cells, asked, first=first)


def _beside(
    part: Part, cells: list[tuple[int, int]], asked: list[str], *, first: bool
) -> Iterator[Answer]:
    role = len(cells) == 2 and not first and not asked[0] and asked[1] in _ROLES  # noqa: PLR2004
    if role:  # "Solentra | partner"
        yield _answer(asked[1], part.text[slice(*cells[1])], part.text, part.start, (0, *cells[0]))
    for number in range(len(cells) - 1):
        if asked[number] and not asked[number + 1] and (number == 0 or not asked[number - 1]):
            label = part.text[slice(*cells[number])]
            span = (cells[number][0], *cells[number + 1])
            yield _answer(asked[number], label, part.text, part.start, span)


def _is_data(below: Part, language: str) -> bool:
    """Tell whether a row stands under a header: its first cell is no label."""
    return not field(below.text.split(CELL)[0].strip(" :"), language)


def _under(asked: list[str], part: Part, below: Part) -> Iterator[Answer]:
    cells = _cells(below.text)
    if len(cells) != len(asked):
        return
    labels = [part.text[first:last] for first, last in _cells(part.text)]
    for name, label, cell in zip(asked, labels, cells, strict=True):
        yield _answer(name, label, below.text, below.start, (cell[0], *cell))


def _cells(row: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for cell in row.split(CELL):
        found.append(_trimmed(row, start, start + len(cell)))
        start += len(cell) + len(CELL)
    return found


def _answer(asked: str, label: str, line: str, start: int, span: tuple[int, int, int]) -> Answer:
    """Make an answer of (where its label begins, where it begins, where it ends) in a line."""
    whole, first, last = span
    return Answer(asked, label, line[first:last], start + first, start + last, start + whole)


def _below(source: Source) -> Iterator[Answer]:
    """Yield the answers that stand under their label: a heading, or a line of its own."""
    parts = source.parts
    for number, part in enumerate(parts):
        asked = _heads(part, source.language)
        if asked:
            followers = list(_followers(parts, number, asked, source))
            if followers:
                yield _joined(asked, part, followers, source)


def _heads(part: Part, language: str) -> str:
    text = part.text.strip()
    if part.kind == "row" or "\n" in text or len(text) > _LONGEST_LABEL:
        return ""
    return field(text.rstrip(" :："), language)


def _followers(parts: tuple[Part, ...], number: int, asked: str, source: Source) -> Iterator[Part]:
    """Yield the blocks under a heading, to the next heading of its level or the next label."""
    head = parts[number]
    for part in parts[number + 1 :]:
        ends = part.kind == "heading" and (part.level <= head.level or head.kind != "heading")
        if ends or _heads(part, source.language) or part.kind == "row":
            return
        if part.kind != "heading":
            yield part
            if asked not in PROSE and part.kind != "item" and not _is_listed(part, asked):
                return


def _is_listed(part: Part, asked: str) -> bool:
    """Tell whether a paragraph is but an item of a list, as PDF files give them."""
    return asked in LISTS and names_only(part.text) and part.text.rstrip()[-1:] not in ".:!?"


def _joined(asked: str, head: Part, followers: list[Part], source: Source) -> Answer:
    first, last = followers[0], followers[-1]
    items = tuple(
        (part.start, part.end)
        for part in followers
        if part.kind == "item" or (len(followers) > 1 and _is_listed(part, asked))
    )
    text = source.text[first.start : last.end]
    return Answer(asked, head.text, text, first.start, last.end, first.start, items)


def sections(source: Source, asked: str) -> Iterator[tuple[int, int]]:
    """Yield where the sections under headings of a field begin and end, tables included."""
    for number, part in enumerate(source.parts):
        if part.kind == "heading" and field(part.text, source.language) == asked:
            ends = (
                other.start
                for other in source.parts[number + 1 :]
                if other.kind == "heading" and other.level <= part.level
            )
            yield part.end, next(ends, len(source.text))


def _trimmed(line: str, first: int, last: int) -> tuple[int, int]:
    while first < last and line[first].isspace():
        first += 1
    while last > first and line[last - 1].isspace():
        last -= 1
    return first, last


def names_only(text: str) -> bool:
    """Tell whether a text has few enough words to be a name and no sentence."""
    most = 12
    return sum(1 for _ in zip(range(most + 1), words(text), strict=False)) <= most
