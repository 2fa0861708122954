"""Two pages for a council: what other cities tried, what went wrong first, each with its source.

What is said is put together once, as a `Paper`; the page and the file for Word only show it.
"""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from kb import briefing, word
from kb.briefing import MOST_CASES
from kb.model import ENGLISH
from kb.paper import Block, Paper, Run, Runs, Table
from web import context, statements
from web.case_page import sources
from web.choice import choice
from web.citation import citation, is_translated
from web.i18n import page_language, translated
from web.kept import kept
from web.labels import carried, when
from web.responses import download
from web.statements import Statement, Statements

if TYPE_CHECKING:
    from kb.model import Case
    from kb.pages import CasePage, Chosen

pages = Blueprint("brief", __name__)

_LONGEST = 320
"""Characters of one stretch of a case; two pages have to do, and the case is a click away."""
_SPACE = Run("\N{NO-BREAK SPACE}")
_NOTES = "notes"
"""The parameter that puts the reader's own notes on the brief."""


def _costs(page: "CasePage") -> Statements:
    return (*statements.cost(page), *statements.funding(page))


@dataclass(frozen=True, slots=True)
class Part:
    """What is said of each case under one heading."""

    heading: str
    say: statements.Say
    most: int


PARTS = (
    Part(_l("What stood in the way or failed"), statements.failures, 4),
    Part(_l("What came of it"), statements.outcomes, 4),
    Part(_l("How well it is shown to work"), statements.evidence, 1),
    Part(_l("What it costs and who pays"), _costs, 4),
    Part(_l("What must be in place"), statements.conditions, 3),
)
_GLANCE = (
    (_l("Place"), statements.place),
    (_l("Period"), statements.period),
    (_l("Stage"), statements.stage),
    (_l("Evidence"), statements.level),
    (_l("Cost"), statements.cost),
)


@pages.get("/brief")
def brief() -> str:
    """Show the brief on the cases that the address names, or say what to change."""
    told = choice()
    fits = 0 < len(told.pages) <= MOST_CASES
    made = paper(told, _today()) if fits else None
    return render_template(
        "brief/brief.html",
        choice=told,
        paper=made,
        groups=grouped(made) if made else (),
        docx=_address("brief.docx", told, notes=_with_notes()),
        most=MOST_CASES,
    )


@pages.get("/brief.docx")
def docx() -> Answer:
    """Send the brief as a file for Word; where it cannot be made, the page says why."""
    told = choice()
    if not 0 < len(told.pages) <= MOST_CASES:
        return redirect(_address("brief.brief", told), 303)
    made = paper(told, _today())
    response = make_response(word.write(made))
    return download(response, word.MEDIA_TYPE, f"brief-{made.day.isoformat()}.docx")


def paper(told: "Chosen", day: date) -> Paper:
    """Put together what is said on some cases."""
    count = len(told.pages)
    title = ngettext(
        "Brief: %(num)s case from another city", "Brief: %(num)s cases from other cities", count
    )
    cited, notes = References(), kept().shortlist.notes if _with_notes() else {}
    of_cases = [block for page in told.pages.values() for block in _of_case(page, cited, notes)]
    blocks: tuple[Block | Table, ...] = (
        Block("title", (Run(title),)),
        *_opening(told, day),
        _glance(told, cited),
        *of_cases,
        Block("part", (Run(_("Sources")),)),
        *cited.blocks(),
    )
    return Paper(title, page_language(), day, context.settings().site_name, blocks)


def grouped(told: Paper) -> Iterator[tuple[str, list[Block | Table]]]:
    """Yield the blocks of a paper, those of one kind that follow each other together."""
    kinds = groupby(told.blocks, lambda each: each.kind if isinstance(each, Block) else "table")
    return ((kind, list(blocks)) for kind, blocks in kinds)


@dataclass
class References:
    """What statements rest on, numbered in the order in which it is first named."""

    _cited: dict[tuple[str, str], Runs] = field(default_factory=dict)

    def to(self, page: "CasePage", source: str = "") -> Run:
        """Return the number of a source of a case; of the case itself if it names none."""
        listed = sources(page.revision.case)
        key = page.revision.case.id, source if source in listed else ""
        if key not in self._cited:
            self._cited[key] = _source(page, key[1]) if key[1] else _case(page)
        number = list(self._cited).index(key) + 1
        return Run(f"[{number}]", href=f"#cited-{number}")

    def blocks(self) -> Iterator[Block]:
        """Yield the numbered list."""
        for number, runs in enumerate(self._cited.values(), 1):
            yield Block("small", (Run(f"[{number}] "), *runs), f"cited-{number}")


def _opening(told: "Chosen", day: date) -> Iterator[Block]:
    made = _(
        "Made on %(day)s from the cases of %(site)s. Words of a case stand in the language of its "
        "city; numbers in brackets lead to the sources.",
        day=when(day.isoformat()),
        site=context.settings().site_name,
    )
    yield Block("text", (Run(made),))
    back = context.public_url(_address("brief.brief", told))
    yield Block("small", statements.labelled(_("To come back"), Run(back, href=back)))


def _glance(told: "Chosen", cited: References) -> Table:
    head = (_("Case"), *(str(label) for label, _say in _GLANCE))
    rows = tuple(
        (
            (*_title(page.revision.case), _SPACE, cited.to(page)),
            *(_first(say(page)) for _label, say in _GLANCE),
        )
        for page in told.pages.values()
    )
    return Table(_("At a glance"), head, rows)


def _of_case(page: "CasePage", cited: References, notes: Mapping[str, str]) -> Iterator[Block]:
    case = page.revision.case
    english = (Run(f" – {case.title_en}", ENGLISH),) if is_translated(case) else ()
    yield Block("part", (Run(case.title, case.original_language), *english, _SPACE, cited.to(page)))
    yield from _summary(page, cited)
    if page.retirement:
        yield Block("text", (Run(_("This case is archived: nobody looks after it any more.")),))
    for part in PARTS:
        yield Block("heading", (Run(str(part.heading)),))
        yield from _items(page, part, cited)
    yield Block("heading", (Run(_("What to ask next")),))
    yield from _to_ask(page)
    if case.id in notes:
        yield Block("heading", (Run(_("Your note")),))
        yield Block("text", (Run(notes[case.id]),))


def _summary(page: "CasePage", cited: References) -> Iterator[Block]:
    """Yield our summary in English, or the original one to someone who reads that language."""
    case = page.revision.case
    ours = case.summary_en if context.reader() != case.original_language else ""
    language = ENGLISH if ours else case.original_language
    text = ours or case.summary
    if text:
        marked = statements.translation(case) if ours else ()
        mark = (Run(" "), *marked[0].runs) if marked else ()
        yield Block("text", (Run(text, language), *mark, _SPACE, cited.to(page)))


def _items(page: "CasePage", part: Part, cited: References) -> Iterator[Block]:
    told = part.say(page)
    for each in told[: part.most]:
        yield _item(page, each, cited)
    if not told:
        yield Block("item", (Run(_("not given")), _SPACE, cited.to(page)))
    more = len(told) - part.most
    if more > 0:
        said = ngettext("and %(num)s more in the case", "and %(num)s more in the case", more)
        yield Block("item", (Run(said), _SPACE, cited.to(page)))


def _item(page: "CasePage", told: Statement, cited: References) -> Block:
    return Block("item", (*map(_short, told.runs), _SPACE, cited.to(page, told.source)))


def _to_ask(page: "CasePage") -> Iterator[Block]:
    case = page.revision.case
    overdue = context.contributing().verifying.is_overdue(case)
    for question in briefing.questions(case, overdue=overdue, adopted=bool(page.adopted)):
        yield Block("item", (Run(translated(question)),))
    contact = case.contact
    if contact and contact.organisation != "unknown":
        who = Run(", ".join(filter(None, (contact.organisation, contact.email))))
        yield Block("item", statements.labelled(_("Whom to ask"), who))


def _first(told: Statements) -> Runs:
    return told[0].runs if told else (Run(_("not given")),)


def _title(case: "Case") -> Runs:
    english = case.english_title
    return (Run(english, ENGLISH if case.title_en else case.original_language, strong=True),)


def _case(page: "CasePage") -> Runs:
    case_id = page.revision.case.id
    url = context.public_url(url_for("cases.case", case_id=case_id))
    return (Run(citation(page.revision, url), ENGLISH, href=url),)


def _source(page: "CasePage", source_id: str) -> Runs:
    link = sources(page.revision.case)[source_id]
    title = Run(link.source.title or link.host, page.revision.case.original_language)
    address = (Run(", "), Run(link.url, href=link.url)) if link.url else ()
    return (title, *address)


def _short(run: Run) -> Run:
    """Cut a stretch that is too long for two pages; the case has it whole."""
    if len(run.text) <= _LONGEST:
        return run
    return replace(run, text=textwrap.shorten(run.text, _LONGEST, placeholder=" …"))


def _address(endpoint: str, told: "Chosen", *, notes: bool = False) -> str:
    named = [*told.pages, *told.gone, *told.unknown]
    pairs = [*(("case", each) for each in named), *carried().items()]
    asked = urlencode(pairs + [(_NOTES, "1")] * notes)
    return f"{url_for(endpoint)}?{asked}" if asked else url_for(endpoint)


def _with_notes() -> bool:
    return request.args.get(_NOTES) == "1"


def _today() -> date:
    return datetime.now(UTC).date()
