"""When it began and ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.drafting.cues import Hit, cue
from kb.drafting.dates import Date, dates, intervals
from kb.drafting.form import Answer, Form
from kb.drafting.proposal import Found
from kb.drafting.source import Source, Span

_NEAR = 7
"""Words between a verb and its year: "was launched by the city council in March 2019"."""


_PLANNED = 3
_BEFORE = 2
"""A verb is nearer to the year after it: "began in 2018 and ended in 2021"."""


@dataclass(frozen=True, slots=True)
class _Said:
    date: Date
    span: Span
    rank: int
    """0 where the practice is named beside the verb, 1 a verb, 2 no more than "since"."""
    text: str


def find(source: Source, form: Form) -> Iterator[Found]:
    """Yield start and end: as a form gives them, else as the first sentence that says so."""
    answered = {found.field: found for found in _answered(form, source.language)}
    yield from answered.values()
    for name, verb, since in (("start", "launch", "since"), ("end", "finish", "")):
        said = list(_said(source, verb, since)) if name not in answered else []
        if said and (name == "start" or _after(said[0], answered.get("start"))):
            best = min(said, key=lambda one: one.rank)
            yield Found(name, best.text, best.span.start, best.span.end)


def _answered(form: Form, language: str) -> Iterator[Found]:
    for name in ("end", "start"):
        for answer in form.get(name, ()):
            yield from _one(name, answer, language)
    for answer in form.get("period", ()):
        yield from _both(answer, language)


def _one(name: str, answer: Answer, language: str) -> Iterator[Found]:
    line = answer.text.split("\n")[0][:100]
    found = list(dates(line, language))
    if not found:
        return
    if len(found) > 1:
        yield from _both(answer, language)
    else:
        yield _found(name, _about(line, found[0], language), answer, line)


def _both(answer: Answer, language: str) -> Iterator[Found]:
    line = answer.text.split("\n")[0][:100]
    found = list(dates(line, language))
    if not found:
        return
    pair = next(intervals(found, line), None)
    first, last = pair or (found[0], found[1] if len(found) > 1 else None)
    if last is None or last.year >= first.year:
        yield _found("start", _about(line, first, language), answer, line)
    if last and last.year >= first.year:
        yield _found("end", last.text, answer, line)


def _found(name: str, value: str, answer: Answer, line: str) -> Found:
    return Found(name, value, answer.whole, answer.start + len(line))


def _said(source: Source, verb: str, since: str) -> Iterator[_Said]:
    """Yield what the sentences say, in order."""
    for span in source.spans:
        found = list(dates(span.text, source.language))
        if found:
            yield from _near(span, found, source.language, verb, since)


def _near(
    span: Span, found: Sequence[Date], language: str, verb: str, since: str
) -> Iterator[_Said]:
    verbs = list(cue(verb, language).hits(span.words))
    plans = list(cue("plan", language).hits(span.words))
    named = cue("project", language).any(span.words)
    for date in found:
        beside = [hit for hit in verbs if _beside(span, hit, date, found)]
        if beside and not _is_planned(span, beside, date, plans):
            yield _Said(date, span, 0 if named else 1, _about(span.text, date, language))
    if since:
        for first, last in intervals(list(found), span.text):
            if named and not plans and _is_alone(first, last, span):
                yield _Said(first, span, 1, first.text)


def _is_planned(span: Span, beside: Sequence[Hit], date: Date, plans: Sequence[Hit]) -> bool:
    """Tell whether a word of planning or denying stands with the verb, or the sentence asks."""
    places = [span.word_at(date.start), *(hit.first for hit in beside)]
    near = any(min(places) - _PLANNED <= plan.first <= max(places) + _PLANNED for plan in plans)
    return near or span.text.rstrip().endswith(("?", ";"))


def _beside(span: Span, hit: Hit, date: Date, others: Sequence[Date]) -> bool:
    """Tell whether the date is the nearest one to the verb, and near enough."""
    mine = _distance(span, hit, date)
    return mine <= _NEAR and all(_distance(span, hit, other) >= mine for other in others)


def _distance(span: Span, hit: Hit, date: Date) -> int:
    first, last = span.word_at(date.start), span.word_at(date.end)
    if first >= hit.after:
        return first - hit.after
    if last <= hit.first:
        return hit.first - last + _BEFORE
    return 0


def _is_alone(first: Date, last: Date, span: Span) -> bool:
    bracketed = span.text[max(0, first.start - 1) : last.end + 1]
    return bracketed.startswith("(") and bracketed.endswith(")")


def _about(text: str, date: Date, language: str) -> str:
    before = text[max(0, date.start - 30) : date.start]
    words = before.casefold().replace(".", " ").split()
    hits = cue("about", language).hits(words)
    near = any(hit.after >= len(words) - 1 for hit in hits)
    return f"{date.text}~" if near or text[date.end : date.end + 1] == "~" else date.text


def _after(end: _Said, start: Found | None) -> bool:
    return start is None or str(end.date.year) >= str(start.value)[:4]
