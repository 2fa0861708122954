"""What it costs, and who pays."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from kb.drafting.cues import Cue, Hit, compiled, cue, table, texts
from kb.drafting.form import Answer, Form
from kb.drafting.money import Money, currency_in, sums
from kb.drafting.proposal import Found
from kb.drafting.source import Source, Span, span
from kb.vocabulary import scheme

_NEAR = 6
_INSIDE = -2  # the cue may end within the sum: "cost 3 million in total"
"""Words between "total cost" and the sum."""
_TAIL = 4
"""Words after a sum in which "a year" is looked for."""
MOST_PROGRAMMES = 8

_WITHIN = (("esf", "esf-plus"), ("erdf", "uia"), ("erdf", "eui"), ("erdf", "urbact"))
"""What pays for a programme is named beside it and is not a second source."""


def cost(source: Source, form: Form) -> Iterator[Found]:
    """Yield the whole cost, if a form or a sentence calls a sum so."""
    found = next(chain(_answers(form, source.language), _sentences(source)), None)
    if found:
        yield found


def _answers(form: Form, language: str) -> Iterator[Found]:
    for answer in form.get("cost", ()):
        line = answer.text.split("\n")[0]
        given = currency_in(answer.label, language)
        money = list(sums(line, language, given))
        if money and not cue("each", language).any(span(line, 0).words):
            yield _row(money[0], answer.whole, answer.start + len(line))


def _row(money: Money, start: int, end: int) -> Found:
    row = {"total": money.amount, "currency": money.currency}
    return Found("cost", row, start, end, f"{money.amount} {money.currency}")


def _sentences(source: Source) -> Iterator[Found]:
    for sentence in source.spans:
        hits = list(cue("cost", source.language).hits(sentence.words))
        money = list(sums(sentence.text, source.language)) if hits else []
        for one in money:
            if _is_total(sentence, one, money, hits, source.language):
                yield _row(one, sentence.start, sentence.end)


def _is_total(
    sentence: Span, one: Money, others: Sequence[Money], hits: Sequence[Hit], language: str
) -> bool:
    first, after = sentence.word_at(one.start), sentence.word_at(one.end)
    near = [
        hit for hit in hits if _INSIDE <= first - hit.after <= _NEAR or 0 <= hit.first - after <= 1
    ]
    tail = sentence.words[max(0, first - _TAIL) : after + _TAIL]
    if not near or cue("each", language).any(tail) or cue("plan", language).any(tail):
        return False
    return one is others[0] or near[-1].after > sentence.word_at(others[0].end)


def funding(source: Source, form: Form) -> Iterator[Found]:
    """Yield the programmes that a form or a sentence about money names, each once."""
    found: dict[str, Found] = {}
    answers = form.get("funding", ())
    for words, start, end in (*_lines(answers), *_paying(source)):
        for programme in _programmes(words, source.language):
            found.setdefault(programme, _funded(programme, words, start, end, source))
    for part, whole in _WITHIN:
        if whole in found and part in found and found[part].start == found[whole].start:
            del found[part]
    for number, one in enumerate(list(found.values())[:MOST_PROGRAMMES]):
        yield Found(f"funding_programmes.{number}", one.value, one.start, one.end, one.shown)


def _lines(answers: Sequence[Answer]) -> Iterator[tuple[Span, int, int]]:
    for answer in answers:
        text = answer.text[:500]
        yield span(text, answer.start), answer.whole, answer.start + len(text)


def _paying(source: Source) -> Iterator[tuple[Span, int, int]]:
    for sentence in source.spans:
        if cue("funded", source.language).any(sentence.words):
            yield sentence, sentence.start, sentence.end


def _funded(programme: str, words: Span, start: int, end: int, source: Source) -> Found:
    row: dict[str, Any] = {"programme": programme}
    money = list(sums(words.text, source.language))
    if len(money) == 1 and len(list(_programmes(words, source.language))) == 1:
        row |= {"amount": money[0].amount, "currency": money[0].currency}
    return Found("", row, start, end, programme)


def _programmes(words: Span, language: str) -> Iterator[str]:
    """Yield the programmes that a sentence names; of two at one place the longer name counts."""
    plus = _with_plus(words)
    taken: set[int] = set()
    hits = [
        (hit, programme)
        for programme, known in _known(language).items()
        for hit in known.hits(plus)
    ]
    for hit, programme in sorted(hits, key=lambda each: each[0].first - each[0].after):
        if not taken & set(range(hit.first, hit.after)):
            taken |= set(range(hit.first, hit.after))
            yield programme


def _with_plus(words: Span) -> tuple[str, ...]:
    """Write "ESF+" as one word, and leave words alone that merely look like an acronym."""
    return tuple(
        word + ("plus" if words.text[end : end + 1] == "+" else "")
        for word, end in zip(words.words, words.ends, strict=True)
    )


@cache
def _known(language: str) -> Mapping[str, Cue]:
    return {
        programme: compiled(
            text.replace("+", "plus")
            for text in (*texts(lists, language), *_labels(programme, language))
        )
        for programme, lists in table("funding").items()
    }


def _labels(programme: str, language: str) -> Iterator[str]:
    """Yield the vocabulary's own names, without acronyms and years in brackets."""
    pref = scheme("funding")[programme].pref
    for label in (pref.get(language, ""), pref["en"]):
        yield from (text.split("(")[0].split("–")[0] for text in label.split("/"))
