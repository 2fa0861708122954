"""Looking after published cases: the machine's tags, and whether a case still runs."""

from flask import Blueprint, render_template, request
from flask import url_for as address
from flask_babel import pgettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as Answer

from kb.verifying import ANSWERS, Answered
from web import context, session
from web.responses import onward
from web.twin import tag_label

pages = Blueprint("upkeep", __name__)


@pages.get("/cases/<slug:case_id>/tags")
@session.needs("tags.judge")
def tags(case_id: str) -> str:
    """Show the tags of a case, with the passage behind each, to be judged."""
    page = context.library().page(case_id)
    return render_template(
        "upkeep/tags.html",
        case=page.revision.case,
        tags=[tag for tag in page.tags if tag.kind == "concept"],
        verdicts=context.contributing().verdicts(case_id),
        tag_label=lambda tag: tag_label(tag, page.place),
    )


@pages.post("/cases/<slug:case_id>/tags")
@session.needs("tags.judge")
def judge(case_id: str) -> Answer:
    """Accept or reject a tag of the machine's."""
    concept, verdict = request.form.get("concept", ""), request.form.get("verdict", "")
    context.contributing().judge(session.person(), case_id, concept, verdict)
    return onward("upkeep.tags", case_id=case_id)


@pages.get("/overdue")
@session.needs("review.queue")
def overdue() -> str:
    """List the cases that nobody has confirmed for long, with a link for their contacts."""
    mine = context.contributing()
    return render_template(
        "upkeep/overdue.html",
        overdue=mine.overdue(session.person()),
        answers=mine.open_answers(session.person()),
        answered=_answered,
        link=lambda case_id: context.public_url(
            address("upkeep.still", case_id=case_id, secret=mine.verifying.link(case_id))
        ),
    )


@pages.get("/cases/<slug:case_id>/still-running/<secret>")
def still(case_id: str, secret: str) -> str:
    """Ask the contact of a case whether it still runs."""
    context.contributing().verifying.check(case_id, secret)
    case = context.library().page(case_id).revision.case
    return render_template("upkeep/still.html", case=case, secret=secret, thanks=False)


@pages.post("/cases/<slug:case_id>/still-running/<secret>")
def answer(case_id: str, secret: str) -> str:
    """Keep what the contact has answered."""
    told = next((each for each in ANSWERS if each == request.form.get("answer")), None)
    if told is None:
        raise BadRequest
    case = context.library().page(case_id).revision.case
    note = request.form.get("note", "")
    context.contributing().verifying.answer(case_id, secret, told, note)
    return render_template("upkeep/still.html", case=case, secret=secret, thanks=True)


def _answered(told: Answered) -> str:
    words = {
        "running": pgettext("answer", "running"),
        "changed": pgettext("answer", "changed"),
        "ended": pgettext("answer", "ended"),
    }
    return str(words[told])
