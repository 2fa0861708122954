"""What came out: sentences that count it."""

import re
from collections.abc import Iterator
from functools import cache

from kb.document import CELL
from kb.drafting.cues import Cue, compiled, cue, table
from kb.drafting.dates import month
from kb.drafting.form import Form, sections
from kb.drafting.proposal import Found
from kb.drafting.source import Part, Source, Span
from kb.nlp.inflection import CAPITAL_NOUNS
from kb.text import fold

MOST = 6
LONGEST_INDICATOR = 120

_NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:[.,]\d{1,2})?(?![\d.,]*\d)")
_SIGN = re.compile(r"\s?(%)|\s([^\W\d_]{3,12}(?:\s[^\W\d_]{3,6})?)")
_COUNT = re.compile(
    r"(?<![\w.,/€£$–—-])(\d{1,3}(?:[., \u00a0\u202f’']\d{3}){1,3}|\d{1,7})"
    r"(?![\d.,/:%-]*\d|\s?[%€£$º°]|\w)"
)
_FIGURE = re.compile(
    r"(?:[^\d\n]{1,16}\s)?(\d[\d.,\u00a0\u202f ]{0,14})(%|€|[^\W\d_]{1,20})?(?:\s?\(.{0,60}\))?$"
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_CLAUSE = re.compile(r"[,;:()–—]\s|\s[–—]\s")
_UNIT = re.compile(r"[^\W\d_]{3,30}")


def find(source: Source, form: Form) -> Iterator[Found]:
    """Yield outcomes: under a heading for results every count, elsewhere beside a telling verb."""
    results = list(sections(source, "outcomes"))
    results += [(answer.start, answer.end) for answer in form.get("outcomes", ())]
    told = [(answer.start, answer.end) for answer in form.get("challenge", ())]
    found: dict[tuple[str, str], Found] = {}
    for sentence in source.spans:
        if any(start <= sentence.start < end for start, end in told):
            continue
        within = any(start <= sentence.start < end for start, end in results)
        for one in _counted(sentence, source.language, within=within):
            found.setdefault((one.value["value"], one.value.get("unit", "")), one)
    for one in _tables(source, results):
        found.setdefault((one.value["value"], one.value.get("unit", "")), one)
    for number, one in enumerate(list(found.values())[:MOST]):
        yield Found(f"outcomes.{number}", one.value, one.start, one.end, one.shown)


def _counted(sentence: Span, language: str, *, within: bool) -> Iterator[Found]:
    if not any(map(str.isdigit, sentence.text)) or len(sentence.text) > _LONGEST_SENTENCE:
        return
    words = sentence.words
    if cue("plan", language).any(words) or sentence.text.endswith("?"):
        return
    changed, reached = cue("change", language).any(words), cue("reached", language).any(words)
    if changed or within:
        yield from _percents(sentence)
    if reached or within:
        yield from _counts(sentence, language)


_LONGEST_SENTENCE = 600


def _percents(sentence: Span) -> Iterator[Found]:
    for found in _NUMBER.finditer(sentence.text):
        sign = _SIGN.match(sentence.text, found.end())
        if sign and (sign.group(1) or _unit("percent").any(_folded(sign.group(2)))):
            yield _row(sentence, found.group(), "%", found.start(), sign.end())


def _tables(source: Source, results: list[tuple[int, int]]) -> Iterator[Found]:
    """Yield the figures of tables among the results; of several columns the last one counts."""
    for part in source.parts:
        cells = part.text.split(CELL) if part.kind == "row" else []
        if len(cells) > 1 and any(start <= part.start < end for start, end in results):
            figures = [found for cell in cells[1:] if (found := _FIGURE.match(cell.strip()))]
            figures = [found for found in figures if not _YEAR.fullmatch(found.group(1).strip())]
            if figures and any(map(str.isalpha, cells[0])):
                yield _figure(part, " ".join(cells[0].split()), figures[-1])


def _figure(part: Part, indicator: str, found: re.Match[str]) -> Found:
    row = {"indicator": indicator[:LONGEST_INDICATOR], "value": found.group(1).strip()}
    if found.group(2):
        row["unit"] = found.group(2)
    return Found("outcomes", row, part.start, part.end, found.group().strip())


def _counts(sentence: Span, language: str) -> Iterator[Found]:
    for found in _COUNT.finditer(sentence.text):
        unit = _UNIT.match(sentence.text, found.end() + 1)
        if (
            unit
            and sentence.text[found.end()].isspace()
            and _is_count(found.group(1), unit.group(), language)
        ):
            yield _row(sentence, found.group(1), unit.group(), found.start(), unit.end())


def _is_count(number: str, unit: str, language: str) -> bool:
    smallest = 2
    if _YEAR.fullmatch(number) or int(re.sub(r"\D", "", number)) < smallest:
        return False
    if month(unit, language):
        return False
    measured = _unit("money").any(_folded(unit)) or _unit("measures").any(_folded(unit))
    noun = unit[0].islower() or language in CAPITAL_NOUNS  # a name has a capital
    return noun and not measured


@cache
def _unit(kind: str) -> Cue:
    return compiled(iter(table("words")["unit"][kind]))


def _folded(text: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in text.split())


def _row(sentence: Span, value: str, unit: str, start: int, end: int) -> Found:
    row = {"indicator": _indicator(sentence.text, start, end), "value": value, "unit": unit}
    return Found("outcomes", row, sentence.start, sentence.end, f"{value} {unit}")


def _indicator(text: str, start: int, end: int) -> str:
    """Return the clause of the number, in its own words; of a long one, what is nearest."""
    marks = [(mark.start(), mark.end()) for mark in _CLAUSE.finditer(text)]
    first = max((last for _, last in marks if last <= start), default=0)
    final = min((begin for begin, _ in marks if begin >= end), default=len(text))
    if final - first < _SHORTEST:
        first, final = 0, len(text)
    if final - first > LONGEST_INDICATOR:
        first = max(first, min(start, final - LONGEST_INDICATOR))
        final = min(final, first + LONGEST_INDICATOR)
        final = final if final == len(text) else max(end, text.rfind(" ", end, final))
    return " ".join(text[first:final].split()).strip(" .,;:")


_SHORTEST = 25
