"""Adoptions: recorded by those who take a case over, decided on by moderators, shown as a graph."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from kb import diffusion
from kb.adoption import (
    DECISION_NAMES,
    STATE_NAMES,
    STATES,
    WORKED_NAMES,
    Decision,
    Record,
    Report,
)
from kb.errors import Problem, QuotaError, RefusedAdoptionError
from web import args, context, form, session
from web.case_page import address
from web.graph import BOX_HEIGHT, BOX_WIDTH, MOST_DRAWN, drawing
from web.i18n import translated
from web.labels import carried
from web.responses import onward

pages = Blueprint("adoptions", __name__)

SHOWN = 100
"""Rows on a page."""
FIELDS = {
    "city": _l("Your city"),
    "country": _l("Country"),
    "year": _l("Year in which it began, or is to begin"),
    "state": _l("How far it is"),
    "organisation": _l("Office or role to ask"),
    "contact": _l("Its e-mail or web address"),
    "agreed": _l("We agree that this office and its address are shown here"),
    "worked": _l("Did it work?"),
    "result": _l("What came of it"),
    "source": _l("Address where that can be checked"),
    "became": _l("Id of your own case, if it is here"),
    "reason": _l("Why"),
}
NAMES: Mapping[str, Any] = {
    "address": address,
    "STATE_NAMES": STATE_NAMES,
    "WORKED_NAMES": WORKED_NAMES,
    "DECISION_NAMES": DECISION_NAMES,
}
_DONE = {
    "recorded": _l("It is recorded. A moderator reads it before it is shown."),
    "withdrawn": _l("It is withdrawn, and no longer shown."),
    "accepted": _l("It is accepted, and shown."),
    "declined": _l("It is declined, and its author sees your reason."),
}


@pages.get("/adoptions")
def index() -> str:
    """Show who copied whom: drawn as far as it can be taken in, and all of it as a table."""
    asked, state = request.args.get("q", ""), request.args.get("state", "")
    state = state if state in STATES else ""
    page = args.number(request.args.get("page", "")) or 1
    told = context.library().transfer.graph()
    found = diffusion.matching(told, asked, state, context.reader())
    rows = found[(page - 1) * SHOWN : page * SHOWN]
    person = session.current()
    return render_template(
        "adoptions/index.html",
        asked=asked,
        state=state,
        total=len(found),
        any=bool(told),
        first=(page - 1) * SHOWN + 1,
        rows=rows,
        drawing=drawing(found),
        most_drawn=MOST_DRAWN,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        earlier=_page_url(asked, state, page - 1) if page > 1 else "",
        later=_page_url(asked, state, page + 1) if len(found) > page * SHOWN else "",
        mine=context.library().transfer.mine(person)[::-1] if person else (),
        **NAMES,
    )


@pages.get("/cases/<slug:case_id>/adoptions")
def of_case(case_id: str) -> str:
    """Show who adapts a case; to someone who is signed in, the form for their own adoption."""
    adoption, person = request.args.get("of", ""), session.current()
    values: Mapping[str, Any] = {}
    if adoption and person:
        last = context.library().transfer.mine_to_continue(person, adoption)
        values = {name: getattr(last, name, "") for name in Report.model_fields}
    return _of_case(case_id, values, adoption)


@pages.post("/cases/<slug:case_id>/adoptions")
@session.needs("adoption.record")
def record(case_id: str) -> Answer:
    """Keep what a city says of its adoption."""
    adoption = request.form.get("adoption", "")
    try:
        context.library().transfer.record(session.person(), case_id, request.form, adoption)
    except RefusedAdoptionError as err:
        return _again(case_id, adoption, problems=err.problems)
    except QuotaError as err:
        return _again(case_id, adoption, why=translated(str(err)))
    return onward("adoptions.of_case", case_id=case_id, done="recorded")


@pages.post("/adoptions/<adoption_id>/withdraw")
@session.needs("adoption.record")
def withdraw(adoption_id: str) -> Answer:
    """Take an adoption back."""
    first = context.library().transfer.withdraw(session.person(), adoption_id)
    return onward("adoptions.of_case", case_id=first.case_id, done="withdrawn")


@pages.get("/review/adoptions")
@session.needs("adoption.decide")
def queue() -> str:
    """Show the records that wait for a decision."""
    return _queue()


@pages.post("/review/adoptions/<record_id>")
@session.needs("adoption.decide")
def decide(record_id: str) -> Answer:
    """Accept or decline a record."""
    accepts, reason = request.form.get("decision") == "accepted", request.form.get("reason", "")
    decision: Decision = "accepted" if accepts else "declined"
    try:
        context.library().transfer.decide(session.person(), record_id, decision, reason)
    except RefusedAdoptionError as err:
        return make_response(_queue(record_id, err.problems), 422)
    return onward("adoptions.queue", done=decision)


def said(problem: Problem) -> str:
    """Say what is wrong with a field of the form, and what to do, in the language of the page."""
    return f"{translated(problem.message)}; {translated(problem.remedy)}"


def _page_url(asked: str, state: str, page: int) -> str:
    number = page if page > 1 else None
    return url_for(
        "adoptions.index", q=asked or None, state=state or None, page=number, **carried()
    )


def _again(
    case_id: str, adoption: str, *, problems: tuple[Problem, ...] = (), why: str = ""
) -> Response:
    """Show the form with what was typed, and what is to be changed."""
    page = _of_case(case_id, request.form, adoption, problems=problems, why=why)
    return make_response(page, 422)


def _of_case(
    case_id: str,
    values: Mapping[str, Any],
    adoption: str,
    *,
    problems: tuple[Problem, ...] = (),
    why: str = "",
) -> str:
    found, mine = context.library().page(case_id), context.library().transfer
    person, told = session.current(), found.adopted
    return render_template(
        "adoptions/case.html",
        page=found,
        case=found.revision.case,
        adoptions=mine.adoptions(case_id),
        related=[edge for edge in told if edge.told_by == "case"],
        became={edge.told_in: edge.target.case_id for edge in told if edge.target.case_id},
        mine=_newest(mine.mine(person), case_id) if person else (),
        values=values,
        adoption=adoption,
        countries=form.countries(str(values.get("country") or "")),
        problems=problems,
        wrong={each.field: said(each) for each in problems},
        why=why,
        done=_done(),
        names_of=lambda names: [(value, translated(name)) for value, name in names.items()],
        FIELDS=FIELDS,
        **NAMES,
    )


def _newest(records: tuple[Record, ...], case_id: str) -> tuple[Record, ...]:
    """Return the last record of each adoption of a case, the newest first."""
    last = {each.adoption: each for each in records if each.case_id == case_id}
    return tuple(last.values())[::-1]


def _queue(record_id: str = "", problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "adoptions/queue.html",
        queue=context.library().transfer.queue(session.person()),
        faulty=record_id,
        wrong=[said(each) for each in problems],
        done=_done(),
        FIELDS=FIELDS,
        **NAMES,
    )


def _done() -> str:
    known = request.args.get("done", "") if request.method == "GET" else ""
    return str(_DONE.get(known, ""))
