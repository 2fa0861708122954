"""What a case says on each point that officials compare, as statements in the reader's language.

A statement is a row of runs, each in its language: labels in the reader's, words of the case in its
own. No statement means that the case does not say; `ASKED` that it says that nobody knows.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from kb import names
from kb.adoption import STATE_NAMES, WORKED_NAMES
from kb.diffusion import ADAPTED_BY, ADAPTS, Edge, Node
from kb.model import Case
from kb.paper import Run, Runs
from kb.rows import Cost, Organisation, Outcome
from kb.values import UNKNOWN
from web import context
from web.case_page import grounds, sources, telling
from web.citation import licence_url
from web.i18n import translated
from web.labels import amount, named, number, when

if TYPE_CHECKING:
    from kb.pages import CasePage

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_RUNNING = "/.."
"""What makes a date of EDTF one since when."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a case says."""

    runs: Runs
    source: str = ""
    """Id of the source that says it, where the case names one."""
    quiet: bool = False
    """Whether it says nothing of the matter: that nobody knows, or who has translated it."""


Statements = tuple[Statement, ...]
Say = Callable[["CasePage"], Statements]


def sentence(template: str, **runs: Run) -> Runs:
    """Put runs into a translated template with named placeholders."""
    pieces = enumerate(_PLACEHOLDER.split(template))
    filled = (runs[piece] if at % 2 else Run(piece) for at, piece in pieces)
    return tuple(run for run in filled if run.text)


def labelled(label: str, *value: Run) -> Runs:
    """Say what a value is of."""
    before, _label, after = _("%(facet)s: %(value)s", facet=label, value="\0").partition("\0")
    return tuple(run for run in (Run(before), *value, Run(after)) if run.text)


def asked() -> Statement:
    """Say that it was asked, and that nobody knows."""
    return Statement((Run(_("Asked, and not known.")),), quiet=True)


def translation(case: Case) -> Statements:
    """Say what is to know of a translation of ours."""
    if case.translation_status != "draft":
        return ()
    return (
        Statement((Run(_("Our translation, not yet confirmed by a native reader.")),), quiet=True),
    )


def place(page: "CasePage") -> Statements:
    """Say where it is, and how many live there."""
    case, reader = page.revision.case, context.reader()
    parts = ((case.city, ""), (names.country(case.country or "", reader), reader))
    where = _joined(Run(text, language) for text, language in parts if text)
    people = page.place.population if page.place else 0
    said = ngettext("%(count)s inhabitant", "%(count)s inhabitants", people, count=number(people))
    return _statements(where, (Run(said),) if people else ())


def period(page: "CasePage") -> Statements:
    """Say from when to when."""
    case = page.revision.case
    if case.start == UNKNOWN:
        return (asked(),)
    over = case.end or case.stage in {"ended", "stopped"} or "/" in case.start
    dates = f"{case.start}/{case.end}" if case.end else case.start + ("" if over else _RUNNING)
    return _statements((Run(when(dates)),))


def stage(page: "CasePage") -> Statements:
    """Say how far it is."""
    told = page.revision.case.stage
    return _statements((_term(told, "stages"),)) if told else ()


def problem(page: "CasePage") -> Statements:
    """Say what was wrong."""
    return _prose(page, "challenge")


def action(page: "CasePage") -> Statements:
    """Say what was done."""
    return _prose(page, "solution")


def people(page: "CasePage") -> Statements:
    """Say who leads it, and who takes part."""
    case = page.revision.case
    lead = case.lead_organisation
    partners = _joined(_own(case, each.name) for each in case.partners)
    return _statements(
        _organisation(case, lead) if lead else (),
        labelled(_("Partners"), *partners) if partners else (),
    )


def cost(page: "CasePage") -> Statements:
    """Say what it costs, as far as it is known."""
    case = page.revision.case
    known = _statements(*_sums(case))
    return known or ((asked(),) if case.cost_band else ())


def funding(page: "CasePage") -> Statements:
    """Say who pays."""
    case = page.revision.case
    return tuple(
        asked()
        if row.programme == UNKNOWN
        else Statement(
            _detailed(
                _term(row.programme, "funding"),
                Run(amount(row.amount, row.currency)) if row.amount else None,
                _own(case, row.note) if row.note else None,
            )
        )
        for row in case.funding_programmes
    )


def level(page: "CasePage") -> Statements:
    """Say how well it is shown to work, in a word."""
    case = page.revision.case
    named_level = _term(case.evidence_level, "evidence_levels", strong=True)
    code = (Run(f" ({case.evidence_level})"),) if case.evidence else ()
    return _statements((named_level, *code))


def evidence(page: "CasePage") -> Statements:
    """Say how well it is shown to work, and on what that rests."""
    case = page.revision.case
    named_level = level(page)[0].runs
    source = (case.evidence.source or "") if case.evidence else ""
    rests_on = (Run(". "), Run(_("This rests on:")), Run(f" {'; '.join(grounds(case))}."))
    return (Statement((*named_level, *rests_on), source),)


def outcomes(page: "CasePage") -> Statements:
    """Say what came of it, each with its source."""
    case = page.revision.case
    return tuple(Statement(_outcome(case, row), row.source or "") for row in case.outcomes)


def failures(page: "CasePage") -> Statements:
    """Say what stood in the way or failed, and what was changed."""
    case = page.revision.case
    return tuple(_failures(case))


def conditions(page: "CasePage") -> Statements:
    """Say what must be in place."""
    case = page.revision.case
    return tuple(
        asked()
        if row.code == UNKNOWN and not row.text
        else Statement(_coded(case, row.code, "conditions", row.text))
        for row in case.conditions
    )


def transfer(page: "CasePage") -> Statements:
    """Say how far another city can take it over, and what it must change."""
    case = page.revision.case
    told = case.transferability
    if told is None:
        return ()
    return _statements(_coded(case, told.level, "transferability", told.adapt))


def adopters(page: "CasePage") -> Statements:
    """Say who has taken it over, or from whom it was: what cities say, and cases."""
    return (
        *(_adoption(ADAPTED_BY, edge, edge.target) for edge in page.adopted),
        *(_adoption(ADAPTS, edge, edge.source) for edge in page.copied),
    )


def references(page: "CasePage") -> Statements:
    """Name the sources."""
    return tuple(
        Statement((Run(link.source.title or link.host, href=link.url),), key)
        for key, link in sources(page.revision.case).items()
    )


def licence(page: "CasePage") -> Statements:
    """Say under which terms the text may be used."""
    told = page.revision.case.licence
    return _statements((Run(told, href=licence_url(told)),))


def _sums(case: Case) -> Iterator[Runs]:
    told = case.cost or Cost()
    if case.cost_band not in {None, UNKNOWN}:
        yield (_term(case.cost_band or "", "cost_bands"),)
    if told.total:
        yield labelled(_("Total"), Run(amount(told.total, told.currency), strong=True))
    if told.per_beneficiary:
        yield labelled(_("For each person"), Run(amount(told.per_beneficiary, told.currency)))
    if told.staff_fte:
        yield (Run(_("%(count)s full-time posts", count=amount(told.staff_fte))),)
    if told.note:
        yield (_own(case, told.note),)


def _failures(case: Case) -> Iterator[Statement]:
    for row in case.barriers_and_failures:
        if row.code == UNKNOWN and not row.text:
            text = _("Asked, and not known. That does not mean that all went well.")
            yield Statement((Run(text),), quiet=True)
            continue
        yield Statement(_coded(case, row.code, "barriers", row.text))
        if row.changed:
            yield Statement(labelled(_("What was changed"), _own(case, row.changed)))


def _outcome(case: Case, row: Outcome) -> Runs:
    result = " ".join(filter(None, (row.value, row.unit)))
    said = [_own(case, row.indicator), Run(": "), _own(case, result, strong=True)]
    for told, text in (
        (pgettext("column of figures", "Before"), row.baseline),
        (_("Period"), row.period),
    ):
        said += [Run("; "), *labelled(told, _own(case, text))] if text else []
    for template, name, text in (
        (_("Among: %(people)s"), "people", row.group),
        (_("How: %(method)s"), "method", row.method),
    ):
        said += [Run("; "), *sentence(template, **{name: _own(case, text)})] if text else []
    return tuple(said)


def _organisation(case: Case, told: Organisation) -> Runs:
    kind = _term(told.type, "organisation_types") if told.type else None
    return _detailed(_own(case, told.name), kind)


def _coded(case: Case, code: str, scheme: str, text: str | None) -> Runs:
    if code == UNKNOWN:
        return (_own(case, text or ""),)
    term = _term(code, scheme, strong=True)
    return (term, Run(": "), _own(case, text)) if text else (term,)


def _adoption(kind: str, edge: Edge, other: Node) -> Statement:
    reader = context.reader()
    state, worked = STATE_NAMES.get(edge.state), WORKED_NAMES.get(edge.worked)
    return Statement(
        _detailed(
            _term(kind, "relation_types"),
            Run(other.city or other.url or other.case_id),
            Run(names.country(other.country, reader), reader) if other.country else None,
            Run(when(edge.year)) if edge.year else None,
            Run(translated(state)) if state else None,
            Run(translated(worked)) if worked else None,
            Run(edge.result, edge.language) if edge.result else None,
        )
    )


def _detailed(*runs: Run | None) -> Runs:
    return _joined((run for run in runs if run is not None), between=" · ")


def _joined(runs: Iterable[Run], between: str = ", ") -> Runs:
    joined = [piece for run in runs for piece in (Run(between), run)]
    return tuple(joined[1:])


def _prose(page: "CasePage", name: str) -> Statements:
    case = page.revision.case
    told = telling(case, context.reader())
    if name not in told:
        return ()
    said = Statement((Run(told[name].text, told[name].language),))
    ours = told[name].language != case.original_language
    return (said, *translation(case)) if ours else (said,)


def _statements(*rows: Runs) -> Statements:
    return tuple(Statement(row) for row in rows if row)


def _term(concept_id: str, scheme: str, *, strong: bool = False) -> Run:
    return Run(*named(concept_id, scheme), strong=strong)


def _own(case: Case, text: str, *, strong: bool = False) -> Run:
    return Run(text, case.original_language, strong=strong)
