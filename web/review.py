"""Reviewing: the queue of what was submitted, and the decisions about it."""

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from web import context, form, session
from web.responses import onward

pages = Blueprint("review", __name__)

_DONE = {
    "accept": _l("It is published, and is found within seconds."),
    "decline": _l("It is declined, and its author sees your reason."),
    "ask": _l("It is back with its author, who sees what you have asked for."),
}


@pages.get("/review")
@session.needs("review.queue")
def queue() -> str:
    """Show what waits for a review."""
    mine, person = context.contributing(), session.person()
    waiting = [(draft, len(mine.problems(draft))) for draft in mine.queue(person)]
    return render_template(
        "review/queue.html",
        queue=waiting,
        named=mine.credit,
        titled=form.titled,
        done=_DONE.get(request.args.get("done", ""), ""),
    )


@pages.post("/review/<draft_id>/assign")
@session.needs("review.comment")
def assign(draft_id: str) -> Answer:
    """Take on the review of a draft."""
    context.contributing().assign(session.person(), draft_id, form.number("version"))
    return onward("contribute.draft", draft_id=draft_id)


@pages.post("/review/<draft_id>")
@session.needs("review.decide")
def decide(draft_id: str) -> Answer:
    """Publish a draft, ask for changes, or decline it."""
    mine, person = context.contributing(), session.person()
    text, decision = request.form.get("text", ""), request.form.get("decision", "")
    if decision == "accept":
        mine.accept(person, draft_id, form.number("version"), form.number("over"))
    elif decision == "decline":
        mine.decline(person, draft_id, form.number("version"), text)
    else:
        mine.ask_for_changes(person, draft_id, form.number("version"), text)
    done = decision if decision in _DONE else "ask"
    return onward("review.queue", done=done)


@pages.post("/cases/<slug:case_id>/retire")
@session.needs("case.retire")
def retire(case_id: str) -> Answer:
    """Archive or withdraw a case."""
    kind, reason = request.form.get("kind", ""), request.form.get("reason", "")
    context.contributing().retire(session.person(), case_id, kind, reason)
    return onward("cases.case", case_id=case_id)


@pages.post("/cases/<slug:case_id>/take-down")
@session.needs("case.takedown")
def take_down(case_id: str) -> Answer:
    """Delete every byte of a case."""
    context.contributing().take_down(session.person(), case_id, request.form.get("reason", ""))
    return onward("cases.case", case_id=case_id)
