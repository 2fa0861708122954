"""Years and days as people write them, made into EDTF."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from babel import Locale

from kb import edtf
from kb.drafting.cues import key
from kb.nlp.inflection import CASE_ENDINGS
from kb.text import fold

EARLIEST = 1850
LATEST = 2049
"""A number outside these years is no year of a practice."""

_BEFORE = re.compile(r"(?:(\d{1,2})[./-]\s?)?(\d{1,2})[./-]\s?$")
_AFTER = re.compile(r"-(\d{2})(?:-(\d{2}))?(?![\d-])")
_WORDS = re.compile(r"[^\W\d_]+")
_BAR = re.compile(r"\s?(?:-|–|—|−|/|…|\.\.)\s?")
_NEAR = 30
_GAP = 8
_STEM = 4
_ENDING = 5

PROGRAMMES = frozenset({(2000, 2006), (2007, 2013), (2014, 2020), (2021, 2027)})
"""Periods of the EU's budget, which are named beside its funds and say nothing of a practice."""


@dataclass(frozen=True, slots=True)
class Date:
    """A year in a text, with month and day where they stand beside it."""

    text: str
    """In EDTF."""
    year: int
    start: int
    end: int


@cache
def _names(language: str) -> Mapping[str, int]:
    """Return the folded names of the months, in all forms that the CLDR has, by number."""
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for number, name in Locale.parse(language).months[context]["wide"].items():
            found[key(str(name))] = number
    return {name: number for name, number in found.items() if name.isalpha()}


def dates(text: str, language: str) -> Iterator[Date]:
    """Yield the dates of a text in order."""
    for found in re.finditer(r"(?<!\d)\d{4}(?!\d)", text):
        year = int(found.group())
        if EARLIEST <= year <= LATEST and not _is_amount(text, found.start(), found.end()):
            yield _date(text, found.start(), found.end(), year, language)


def intervals(found: list[Date], text: str) -> Iterator[tuple[Date, Date]]:
    """Yield the pairs of dates that are joined by a dash."""
    for first, last in pairwise(found):
        joined = _BAR.fullmatch(text[first.end : last.start])
        if joined and first.year <= last.year and (first.year, last.year) not in PROGRAMMES:
            yield first, last


def _is_amount(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 4]
    return bool(
        re.search(r"\d[ .,\u00a0\u202f]$|[€$£#№+]\s?$", before) and not re.search(r"\d\.$", before)
    ) or bool(re.match(r"[.,]\d|\s?[€%£$°]|\s\d{3}(?!\d)", after))


def _date(text: str, start: int, end: int, year: int, language: str) -> Date:
    for reader in (_iso, _numbers, _named):
        found = reader(text, start, end, year, language)
        if found and edtf.is_edtf(found.text):
            return found
    return Date(str(year), year, start, end)


def _iso(text: str, start: int, end: int, year: int, _language: str) -> Date | None:
    found = _AFTER.match(text, end)
    if not found or not 1 <= int(found.group(1)) <= 12:  # noqa: PLR2004 - months
        return None
    return _made(year, int(found.group(1)), int(found.group(2) or 0), start, found.end())


def _numbers(text: str, start: int, end: int, year: int, _language: str) -> Date | None:
    """Read 12.3.2019, 12/03/2019 and 03/2019; day before month, as all our languages write."""
    first = max(0, start - 10)
    found = _BEFORE.search(text[first:start])
    if not found:
        return None
    day, number = int(found.group(1) or 0), int(found.group(2))
    return _made(year, number, day, first + found.start(), end)


def _named(text: str, start: int, end: int, year: int, language: str) -> Date | None:
    """Read "12 March 2019", "März 2019", "2019. március 12." and "March 12, 2019"."""
    first = max(0, start - _NEAR)
    before = list(_WORDS.finditer(text, first, start))[-2:]
    for word in reversed(before):
        number = month(word.group(), language)
        if number:
            return _with_day(text, word, (start, end), year, number)
    following = _WORDS.search(text, end, end + 20)
    if (
        following
        and text[end : following.start()].strip(" .") in ("", "m", "год", "р")
        and (number := month(following.group(), language))
    ):
        day = re.match(r"\s(\d{1,2})\.?(?!\d)", text[following.end() :][:6])
        last = following.end() + (day.end() if day else 0)
        return _made(year, number, int(day.group(1)) if day else 0, start, last)
    return None


def _with_day(
    text: str, word: re.Match[str], span: tuple[int, int], year: int, number: int
) -> Date | None:
    start, end = span
    before = re.search(
        r"(\d{1,2})\.?(?:st|nd|rd|th|er|º)?\s(?:de\s|d[’'])?$",
        text[max(0, word.start() - 12) : word.start()],
    )
    after = re.match(r"\s(\d{1,2})(?:st|nd|rd|th)?,\s", text[word.end() : start])
    gap = text[word.end() : start]
    if not after and (any(c.isdigit() for c in gap) or len(gap) > _GAP):
        return None
    day = before or after
    first = word.start() - (len(before.group()) if before else 0)
    return _made(year, number, int(day.group(1)) if day else 0, first, end)


def month(word: str, language: str) -> int:
    """Return the number of the month of which a word is a form: "marca", "maaliskuussa"."""
    folded, known = fold(word), _names(language)
    exact = known.get(folded) or _names("en").get(folded)
    if exact or language not in CASE_ENDINGS:
        return exact or 0
    longest = max((n for n in known if folded.startswith(n[:-1])), key=len, default="")
    ending = len(folded) - len(longest)
    return known[longest] if len(longest) >= _STEM and ending <= _ENDING else 0


def _made(year: int, month: int, day: int, start: int, end: int) -> Date | None:
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        return None
    text = f"{year}-{month:02}" + (f"-{day:02}" if day else "")
    return Date(text, year, start, end)
