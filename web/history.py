"""How a case came to be as it is: its revisions, and what each of them changed."""

from flask import Blueprint, abort, render_template

from kb import changes
from web import context, form, session
from web.i18n import translated

pages = Blueprint("history", __name__)


@pages.get("/cases/<slug:case_id>/history")
def history(case_id: str) -> str:
    """Show all revisions of a case, the newest first."""
    revisions = context.library().history(case_id)
    return render_template(
        "history/index.html",
        case=revisions[-1].case,
        revisions=tuple(reversed(revisions)),
        named=context.contributing().credit,
        may=session.may,
    )


@pages.get("/cases/<slug:case_id>/history/<int:number>")
def revision(case_id: str, number: int) -> str:
    """Show what one revision changed, word by word."""
    revisions = context.library().history(case_id)
    if not 1 <= number <= len(revisions):
        abort(404)
    found, before = (
        revisions[number - 1],
        revisions[number - 2].case.as_dict() if number > 1 else {},
    )
    return render_template(
        "history/revision.html",
        case=found.case,
        revision=found,
        newest=len(revisions),
        changes=changes.between(before, found.case.as_dict(), translated),
        named=context.contributing().credit,
        label=form.label,
        may=session.may,
    )
