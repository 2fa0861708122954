"""Who runs it, with whom, and whom to ask."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, dropwhile, pairwise, takewhile

from kb.drafting.cues import cue, table, texts
from kb.drafting.form import Answer, Form, field
from kb.drafting.proposal import Found
from kb.drafting.source import Source, Span, span
from kb.text import fold

LONGEST = 120
MOST_PARTNERS = 12

_MOST_WORDS = 12
_ANNOUNCED = 80
_JOINTS = frozenset(table("words")["name"]["joints"])
_ARTICLES = frozenset(table("words")["name"]["articles"])
_SKIPPED = _ARTICLES | _JOINTS

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_ROLES = frozenset(table("words")["contact"]["roles"])
_OFFICES = tuple(table("words")["contact"]["offices"])
_AND = re.compile(r"\s[^,;]{1,12}\s")
_PARTS = re.compile(r"\s*(?:[;,\n•·]|\s[-–]\s|\s\+\s)\s*")


def lead(source: Source, form: Form) -> Iterator[Found]:
    """Yield who runs it: what a form says, else the name beside "run by" in the first sentence."""
    found = next(chain(_answered(form), _told(source)), None)
    if found:
        yield found


def partners(source: Source, form: Form, but: str) -> Iterator[Found]:
    """Yield the partners of a form or a list, else the names after "in partnership with"."""
    named = list(_listed(source, form)) or list(_announced(source)) or list(_with(source))
    different = {fold(one.shown): one for one in named if fold(one.shown) != fold(but)}
    for number, one in enumerate(list(different.values())[:MOST_PARTNERS]):
        yield Found(f"partners.{number}", one.value, one.start, one.end, one.shown)


def contact(source: Source, form: Form, leader: str) -> Iterator[Found]:
    """Yield the address of an office; one that may be a person's is left alone."""
    for found in _EMAIL.finditer(source.text):
        email = found.group().rstrip(".-")
        role = re.split(r"[._-]", email.split("@")[0].lower())[0]
        organisation = leader or _organisation(form)
        if role in _ROLES and organisation:
            row = {"organisation": organisation, "email": email}
            yield Found("contact", row, found.start(), found.start() + len(email), email)
            return


def _answered(form: Form) -> Iterator[Found]:
    for answer in form.get("lead_organisation", ()):
        name = _bare(answer.text.split("\n")[0])
        if _is_name(name):
            end = answer.start + len(answer.text.split("\n")[0])
            yield _lead(name, answer.whole, end)


def _lead(name: str, start: int, end: int) -> Found:
    return Found("lead_organisation", {"name": name}, start, end, name)


def _told(source: Source) -> Iterator[Found]:
    for sentence in source.spans:
        name = _after_cue(sentence, source.language) or _before_cue(sentence, source.language)
        if name:
            yield _lead(name, sentence.start, sentence.end)


def _after_cue(sentence: Span, language: str) -> str:
    for hit in cue("led", language).hits(sentence.words):
        name = _phrase(sentence, hit.after, language)
        if name and (not _is_verb(sentence, hit.first) or hit.first):
            return name
    return ""


def _is_verb(sentence: Span, number: int) -> bool:
    """Tell whether the cue opens the sentence, where it is a heading more often than a verb."""
    return number == 0 and len(sentence.words) > _MOST_WORDS


def _before_cue(sentence: Span, language: str) -> str:
    """Return the name that opens a sentence, if "leads" or "runs the" follows it at once."""
    for hit in cue("leads", language).hits(sentence.words):
        name, after = _run(sentence, 0, language)
        gap = hit.first - after
        if name and 0 <= gap <= 1 and len(name.split()) > 1:
            return name
    return ""


def _phrase(sentence: Span, number: int, language: str) -> str:
    """Return the name that begins at a word or after its articles."""
    most = 2
    for _ in range(most):
        if number < len(sentence.words) and sentence.words[number] in _ARTICLES:
            number += 1
    if _is_kind(sentence, number):
        number += 1
    return _run(sentence, number, language)[0]


def _is_kind(sentence: Span, number: int) -> bool:
    """Tell whether a word says what the name after it is: "the charity Focus Ireland"."""
    if number + 1 >= len(sentence.words) or not _joined(sentence, number + 1):
        return False
    here, after = (sentence.text[sentence.starts[n]] for n in (number, number + 1))
    return here.islower() and after.isupper() and sentence.words[number] not in _JOINTS


def _run(sentence: Span, number: int, language: str) -> tuple[str, int]:
    """Return the longest name from a word on, and the number of the word after it."""
    last = first = number
    while number < len(sentence.words) and number - first < _MOST_WORDS:
        if number > first and not _joined(sentence, number):
            break
        written = sentence.text[sentence.starts[number] : sentence.ends[number]]
        town = number > first and sentence.words[number] in _towns(language)
        if written[0].isupper() or town or (number > last and written.isdigit()):
            last = number + 1
        elif sentence.words[number] not in _JOINTS or number == first:
            break
        number += 1
    if last == first:
        return "", first
    return sentence.text[sentence.starts[first] : sentence.ends[last - 1]], last


@cache
def _towns(language: str) -> frozenset[str]:
    """Return the small words that end or join the name of a town: "Helsingin kaupunki"."""
    listed = texts(table("cues")["municipality"], language)
    return frozenset(fold(text) for text in listed if " " not in text) - {"borg"}


def _joined(sentence: Span, number: int) -> bool:
    """Tell whether but a space, a hyphen or an apostrophe parts a word from the one before."""
    gap = sentence.text[sentence.ends[number - 1] : sentence.starts[number]]
    return len(gap) <= 3 and not set(gap) - set(" -'’.&\"„“”«»") and gap != ". "  # noqa: PLR2004


def _listed(source: Source, form: Form) -> Iterator[Found]:
    for answer in form.get("partners", ()):
        spans = answer.listed or tuple(_pieces(answer, source.language))
        for start, end in spans:
            name = _bare(source.text[start:end])
            if _is_partner(name, source.language):
                begin = start if answer.listed else answer.whole
                yield Found("partners", {"name": name}, begin, end, name)


def _announced(source: Source) -> Iterator[Found]:
    """Yield the items of a list that the paragraph before it calls partners."""
    for before, after in pairwise(source.parts):
        if after.kind != "item" or not before.text.rstrip().endswith(":"):
            continue
        last = span(before.text[-_ANNOUNCED:], 0)
        if cue("partners", source.language).any(last.words) or (
            last.words and field(last.words[-1], source.language) == "partners"
        ):
            yield from _items(source, after.start)
            return


def _items(source: Source, start: int) -> Iterator[Found]:
    items = dropwhile(lambda part: part.start < start, source.parts)
    for part in takewhile(lambda part: part.kind == "item", items):
        name = _bare(source.text[part.start : part.end])
        if _is_partner(name, source.language):
            yield Found("partners", {"name": name}, part.start, part.end, name)


def _is_partner(name: str, language: str) -> bool:
    few = 4
    labelled = ":" in name and bool(field(name.partition(":")[0], language))
    short = len(name) > 1 and len(name.split()) <= few and "@" not in name
    return not labelled and (_is_name(name) or short)


def _pieces(answer: Answer, language: str) -> Iterator[tuple[int, int]]:
    start = 0
    for mark in (*_marks(answer.text, language), None):
        end = mark.start() if mark else len(answer.text)
        if end > start:
            yield answer.start + start, answer.start + end
        start = mark.end() if mark else end


def _marks(text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield what parts the names of a list, "and" before the last one too."""
    found = list(_PARTS.finditer(text))
    yield from found
    last = found[-1].end() if found else 0
    words = span(text[last:], 0)
    for hit in cue("and", language).hits(words.words):
        if found and hit.first:
            start, end = words.starts[hit.first], words.ends[hit.after - 1]
            yield from _AND.finditer(text, last + start - 1, last + end + 1)
            return


def _with(source: Source) -> Iterator[Found]:
    for sentence in source.spans:
        beginnings = [hit.after for hit in cue("partners", source.language).hits(sentence.words)]
        for number in (*beginnings, *_after_label(sentence, source.language)):
            for name in _names(sentence, number, source.language):
                yield Found("partners", {"name": name}, sentence.start, sentence.end, name)


def _after_label(sentence: Span, language: str) -> Iterator[int]:
    """Yield the number of the word after "partners:" within a sentence."""
    for number in range(1, len(sentence.words)):
        gap = sentence.text[sentence.ends[number - 1] : sentence.starts[number]]
        if ":" in gap and field(sentence.words[number - 1], language) == "partners":
            yield number


def _item(sentence: Span, number: int, language: str) -> tuple[str, int]:
    """Return the name that begins at a word, ended by "and" as by a comma."""
    if number >= len(sentence.words):
        return "", number
    _, after = _run(sentence, number, language)
    joints = cue("and", language).hits(sentence.words[number:after])
    last = next((number + hit.first for hit in joints if hit.first), after)
    if last == number:
        return "", number
    return sentence.text[sentence.starts[number] : sentence.ends[last - 1]], last


def _names(sentence: Span, number: int, language: str) -> Iterator[str]:
    """Yield the names of an enumeration."""
    while number < len(sentence.words):
        while number < len(sentence.words) and sentence.words[number] in _SKIPPED:
            number += 1
        name, after = _item(sentence, number, language)
        if not name:
            return
        if len(name) > 1:  # an initial is no name
            yield name[:LONGEST]
        gap = sentence.text[sentence.ends[after - 1] :][:2]
        if after < len(sentence.words) and not gap.startswith((",", " ")):
            return
        number = after


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(" .,;:-–•*|")


def _is_name(name: str) -> bool:
    few = len(span(name, 0).words) <= _MOST_WORDS
    return (
        bool(name)
        and len(name) <= LONGEST
        and few
        and any(map(str.isupper, name))
        and "@" not in name
    )


def _organisation(form: Form) -> str:
    """Return the line of the contact that names no person: it has the name of an office."""
    for answer in form.get("contact", ()):
        line = re.split(r"[,;\n]", answer.text)[0]
        name = _bare(_EMAIL.sub("", line))
        if _is_name(name) and _is_office(span(name, 0)):
            return name
    return ""


def _is_office(name: Span) -> bool:
    return any(word.startswith(_OFFICES) for word in name.words)
