"""Reviewing: the queue of what was submitted, and the decisions about it."""

from flask import Blueprint, redirect, render_template, request
from flask import url_for as address
from werkzeug.wrappers import Response as Answer

from web import context, form, session

pages = Blueprint("review", __name__)

_DONE = {
    "accept": "It is published, and is found within seconds.",
    "decline": "It is declined, and its author sees your reason.",
    "ask": "It is back with its author, who sees what you have asked for.",
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
        done=_DONE.get(request.args.get("done", ""), ""),
    )


@pages.post("/review/<draft_id>/assign")
@session.needs("review.comment")
def assign(draft_id: str) -> Answer:
    """Take on the review of a draft."""
    context.contributing().assign(session.person(), draft_id, form.number("version"))
    return redirect(address("contribute.draft", draft_id=draft_id), 303)


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
    return redirect(address("review.queue", done=done), 303)


@pages.post("/cases/<slug:case_id>/retire")
@session.needs("case.retire")
def retire(case_id: str) -> Answer:
    """Archive or withdraw a case."""
    kind, reason = request.form.get("kind", ""), request.form.get("reason", "")
    context.contributing().retire(session.person(), case_id, kind, reason)
    return redirect(address("cases.case", case_id=case_id), 303)


@pages.post("/cases/<slug:case_id>/take-down")
@session.needs("case.takedown")
def take_down(case_id: str) -> Answer:
    """Delete every byte of a case."""
    context.contributing().take_down(session.person(), case_id, request.form.get("reason", ""))
    return redirect(address("cases.case", case_id=case_id), 303)
