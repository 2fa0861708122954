"""How values are said to a reader: names, dates, amounts, passages; all safe to put in a page."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from kb import edtf, names
from kb.languages import LANGUAGES
from kb.paper import Run
from kb.query import Passage
from kb.search.fields import FACETS
from kb.text import folded, standing
from kb.vocabulary import nameable, scheme
from web import context, policies, tongue
from web.catalogues import ENGLISH
from web.i18n import page_language

_SCHEME_OF = {facet.name: facet.scheme for facet in FACETS}
_POINT = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d))?(?:-(?P<day>\d\d))?(?P<doubt>[~?%]?)")
_DOUBTS = {
    "": "%(date)s",
    "~": _l("about %(date)s"),
    "?": _l("%(date)s (uncertain)"),
    "%": _l("about %(date)s (uncertain)"),
}
_LOCALES = {"en": "en_GB", "sr": "sr_Latn"}
"""Which kind of a language is meant: days before months, and the script of our own sentences."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A text and the language in which it stands."""

    text: str
    language: str


def said(texts: Mapping[str, str]) -> Prose:
    """Choose from a text in several languages the reader's, else English, else the first."""
    wanted = (context.reader(), ENGLISH, *texts)
    language = next(language for language in wanted if language in texts)
    return Prose(texts[language], language)


def in_line(texts: Mapping[str, str]) -> Markup:
    """Put a text in several languages into a line, marked with the language chosen."""
    chosen = said(texts)
    return spoken(chosen.text, chosen.language)


def term(concept_id: str, scheme_name: str) -> Markup:
    """Name a concept in the reader's language, marked with that language for screen readers."""
    return spoken(*named(concept_id, scheme_name))


def named(concept_id: str, scheme_name: str) -> tuple[str, str]:
    """Return the name of a concept for this reader, and its language; of an unknown one its id."""
    concept = scheme(scheme_name).concepts.get(concept_id)
    if concept is None:
        return concept_id, ""
    return concept.label(context.reader()), _language_of(concept.pref)


def definition(concept_id: str, scheme_name: str) -> Markup:
    """Return what a concept means, in English; empty where the scheme does not say."""
    concept = scheme(scheme_name).concepts.get(concept_id)
    return spoken(concept.definition, ENGLISH) if concept and concept.definition else Markup()


def country(code: str) -> Markup:
    """Name a country in the reader's language."""
    return spoken(names.country(code, context.reader()), context.reader())


def language(code: str) -> Markup:
    """Name a language in the reader's language."""
    return spoken(names.language(code, context.reader()), context.reader())


def endonym(code: str) -> str:
    """Name a language as those who speak it do."""
    return LANGUAGES[code].endonym


def spoken(text: str, language_code: str) -> Markup:
    """Mark ``text`` with its language where that is not the page's; an empty code says nothing."""
    if language_code in {"", page_language()}:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(language_code, text)


def run(told: Run) -> Markup:
    """Return a stretch of text with its language, its link, and its weight."""
    shown = spoken(told.text, told.language)
    shown = Markup("<b>{}</b>").format(shown) if told.strong else shown
    return Markup('<a href="{}">{}</a>').format(told.href, shown) if told.href else shown


def runs(told: Iterable[Run]) -> Markup:
    """Return stretches of text as they follow each other."""
    return Markup("").join(map(run, told))


def concept_language(concept_id: str) -> str:
    """Tell in which language the label of a concept stands for this reader."""
    concept = nameable().get(concept_id)
    return "" if concept is None else _language_of(concept.pref)


def facet_language(facet: str, value: str) -> str:
    """Tell in which language the label of a facet's value stands; empty for names and numbers."""
    if facet in {"country", "language"}:
        return context.reader()
    scheme_name = _SCHEME_OF.get(facet)
    concept = scheme(scheme_name).concepts.get(value) if scheme_name else None
    return "" if concept is None else _language_of(concept.pref)


def marked(passage: Passage) -> Markup:
    """Return the passage with what matched in ``<mark>``; words that stand together in one."""
    pieces, reached = [], 0
    for start, end in _joined(passage):
        pieces += [escape(passage.text[reached:start])]
        pieces += [Markup("<mark>{}</mark>").format(passage.text[start:end])]
        reached = end
    return Markup("").join([*pieces, escape(passage.text[reached:])])


def _joined(passage: Passage) -> list[tuple[int, int]]:
    """Return the spans in order, without overlap; those with only space between them become one."""
    length = len(passage.text)
    spans: list[tuple[int, int]] = []
    for start, end in sorted(mark for mark in passage.marks if 0 <= mark[0] < mark[1] <= length):
        if spans and not passage.text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def marked_words(sentence: str, matched: str) -> Markup:
    """Return the sentence with the words ``matched`` in ``<mark>`` where they stand first."""
    first = next(standing(folded(matched), sentence), None)
    return marked(Passage(sentence, (first,))) if first else escape(sentence)


def when(text: str) -> str:
    """Say an EDTF date: ``2016~`` is "about 2016", ``2019/..`` is "from 2019"."""
    if text == edtf.UNKNOWN:
        return str(_("not known"))
    start, slash, end = text.partition("/")
    if not slash:
        return _point(start)
    if _POINT.fullmatch(end):
        return str(_("from %(start)s to %(end)s", start=_point(start), end=_point(end)))
    return str(_("from %(start)s", start=_point(start)))


def day(moment: date | str) -> Markup:
    """Say a day, or the day of a moment written as ISO 8601."""
    iso = str(moment)[:10]
    return Markup('<time datetime="{}">{}</time>').format(iso, _point(iso))


def time(moment: int | None) -> Markup:
    """Say a Unix time to the minute, in UTC, because readers are in several time zones."""
    if moment is None:
        return escape(_("never"))
    told = datetime.fromtimestamp(moment, UTC)
    minute = format_time(told, "short", locale=_locale(page_language()))
    said = _("%(day)s, %(time)s UTC", day=_point(f"{told:%Y-%m-%d}"), time=minute)
    return Markup('<time datetime="{}">{}</time>').format(told.isoformat(), said)


def number(count: int) -> str:
    """Write a number with thousands apart."""
    return format_decimal(count, locale=_locale(page_language()))


def amount(digits: str, currency: str = "") -> str:
    """Write an amount with thousands apart and as many decimals as it has: ``EUR 4,850,000``."""
    value, locale = Decimal(digits), _locale(page_language())
    decimals = len(digits.partition(".")[2])
    layout = "#,##0" + ("." + "0" * decimals if decimals else "")
    written = format_decimal(value, format=layout, locale=locale)
    if not currency:
        return written
    before = locale.currency_formats["standard"].pattern.startswith("¤")
    return "\N{NO-BREAK SPACE}".join((currency, written) if before else (written, currency))


def _point(text: str) -> str:
    if text.endswith("X"):
        return str(_("the %(year)ss", year=f"{text[:3]}0"))
    found = _POINT.fullmatch(text)
    if found is None:
        return text
    return str(_DOUBTS[found["doubt"]] % {"date": _calendar(*found.group("year", "month", "day"))})


def _calendar(year: str, month: str | None, of_month: str | None) -> str:
    """Say a year, a month or a day; of the year 0, which Python's calendar has not, no more."""
    if not int(year):
        return year
    told, locale = date(int(year), int(month or 1), int(of_month or 1)), _locale(page_language())
    if of_month:
        return format_date(told, "long", locale=locale)
    return format_skeleton("yMMMM" if month else "y", told, locale=locale)


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(_LOCALES.get(code, code))


def _language_of(labels: Mapping[str, str]) -> str:
    return context.reader() if context.reader() in labels else ENGLISH


def carried() -> dict[str, Any]:
    """Return what a link inside the site carries on: the language, if it must."""
    return {"lang": context.reader()} if context.reader() != tongue.usual() else {}


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "term": term,
        "definition": definition,
        "country": country,
        "language": language,
        "endonym": endonym,
        "said": said,
        "in_line": in_line,
        "marked": marked,
        "marked_words": marked_words,
        "when": when,
        "day": day,
        "time": time,
        "number": number,
        "runs": runs,
        "amount": amount,
        "principle": policies.principle,
        "goal": policies.goal,
    }
)
GLOBALS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "spoken": spoken,
        "concept_language": concept_language,
        "carried": carried,
        "settings": context.settings,
        "reader": context.reader,
    }
)
