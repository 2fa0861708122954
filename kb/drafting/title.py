"""The title, and the paragraph that sums the document up."""

import re
from collections.abc import Iterator

from kb.drafting.cues import cue, key
from kb.drafting.form import Form, field, names_only
from kb.drafting.proposal import Found
from kb.drafting.source import Part, Source, span
from kb.nlp.gazetteer import gazetteer

LONGEST_TITLE = 150
LONGEST_SUMMARY = 900
SHORTEST_SUMMARY = 60

_FEWEST_LETTERS = 4
_LINES = 12
"""Lines of a page in which a title is looked for: above it stand letterhead, date and logo."""
_LETTERHEAD = re.compile(
    r"@|www\.|https?:|\b(?:tel|fax|p\.? ?o\.? ?box|iban|vat)\b|\d{5}|\d[ /-]\d{3}[ -]\d{2}|"
    r"\b\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}\b|^\W*\d+\W*$|"
    r"^(?:page|seite|página|pàgina|pagina|strona|side|sida|sivu|lehekülg|lappuse|puslapis|strana|stran|"
    r"oldal|bls|sayfa|faqe|paġna|leathanach|σελίδα|страница|стр|сторінка)\b[\s\d/.]*$",
    re.IGNORECASE,
)
_PARTED = re.compile(r"\s+[-–—|]\s+")


def title(source: Source, form: Form) -> Iterator[Found]:
    """Yield the title: what a form calls it, else the first heading, else the first short line."""
    for answer in form.get("title", ()):
        text = " ".join(answer.text.split())
        if text and len(text) <= LONGEST_TITLE:
            yield Found("title", text, answer.whole, answer.end)
            return
    candidates = list(_candidates(source))
    lines = [c for c in candidates if not _is_shouted(source.text[c[0] : c[1]])]
    chosen = next((c for c in (*candidates, *lines) if c[2] or c in lines[:1]), None)
    chosen = next((c for c in candidates if c[2]), chosen)
    if chosen:
        yield Found("title", _shortened(source.text[chosen[0] : chosen[1]]), *chosen[:2])


def summary(source: Source, form: Form, after: int) -> Iterator[Found]:
    """Yield what a form or a heading calls a summary, else the first paragraph after the title."""
    for answer in form.get("summary", ()):
        if len(answer.text) >= SHORTEST_SUMMARY:
            yield from told("summary", source, answer.start, answer.end, LONGEST_SUMMARY)
            return
    for part in source.parts:
        if part.start >= after and _is_section(part, source.language):
            return
        if part.start >= after and _is_prose(part, source):
            yield from told("summary", source, part.start, part.end, LONGEST_SUMMARY)
            return


def told(name: str, source: Source, start: int, end: int, most: int) -> Iterator[Found]:
    """Yield a text as far as whole sentences fit into ``most`` characters."""
    last = end
    if len(" ".join(source.text[start:end].split())) > most:
        ends = [s.end for s in source.spans if start <= s.start and s.end <= min(end, start + most)]
        last = max(ends, default=start)
    text = " ".join(source.text[start:last].split())
    if text:
        yield Found(name, text, start, last)


def _candidates(source: Source) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, is a heading) of what may be the title, down to the first section."""
    seen = 0
    for part in source.parts:
        start = part.start
        if part.kind in ("row", "item"):  # menus, and forms without a title
            continue
        if seen and _is_section(part, source.language):
            return
        for line in source.text[part.start : part.end].split("\n"):
            seen += bool(line.strip())
            far = seen > (_LINES if part.kind != "heading" else 3 * _LINES)
            if far or (len(line) > 2 * LONGEST_TITLE and part.kind != "heading" and seen > _LINES):
                return
            if _may_be_title(line.strip(), source.language):
                first = start + len(line) - len(line.lstrip())
                yield first, first + len(line.strip()), part.kind == "heading"
            start += len(line) + 1


def _may_be_title(line: str, language: str) -> bool:
    if sum(map(str.isalpha, line)) < _FEWEST_LETTERS or line[-1] in ".;,":
        return False
    if len(_shortened(line)) > LONGEST_TITLE or line.endswith(":"):
        return False
    opening = re.split(r"[:：\t]", line, maxsplit=1)[0]
    labelled = opening != line and bool(field(opening, language))
    return not labelled and not field(line, language) and not _is_letterhead(line, language)


def _is_letterhead(line: str, language: str) -> bool:
    """Tell whether a line names the sender, the city or the kind of paper, and no practice."""
    if _LETTERHEAD.search(line):
        return True
    words = span(line, 0)
    short = len(words.words) <= 4  # noqa: PLR2004 - "City of Ghent", "Stadt Wien"
    return short and (
        cue("municipality", language).any(words.words) or bool(gazetteer().named(key(line)))
    )


def _is_shouted(line: str) -> bool:
    """Tell whether a line is one word or two in capitals: PRESS RELEASE in any language."""
    return line.isupper() and len(line.split()) <= 2  # noqa: PLR2004


def _is_section(part: Part, language: str) -> bool:
    return part.kind == "heading" and field(part.text, language) in (
        "challenge", "solution", "outcomes", "other", "partners", "funding", "cost",
    )  # fmt: skip


def _is_prose(part: Part, source: Source) -> bool:
    text = source.text[part.start : part.end]
    if part.kind != "paragraph" or len(text) < SHORTEST_SUMMARY or "\n" in text.strip():
        return False
    return not names_only(text) and text.rstrip()[-1] in '.!?…»"”;)'


def _shortened(line: str) -> str:
    """Cut an overlong title where its first part ends, as headlines are built."""
    text = " ".join(line.split())
    return text if len(text) <= LONGEST_TITLE else _PARTED.split(text, maxsplit=1)[0]
