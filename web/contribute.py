"""Contributing: sending in files, and correcting the drafts that are made of them."""

from dataclasses import replace

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from kb.accounts.links import new_secret
from kb.drafts import Draft
from kb.errors import (
    QuotaError,
    RefusedFileError,
    StaleDraftError,
    UnfinishedDraftError,
)
from kb.formats import FORMATS
from kb.formats import template as templates
from kb.formats.decoding import MAX_BYTES
from web import args, context, form, receipts, session
from web.cases import shown
from web.i18n import page_language, translated
from web.responses import download, onward

pages = Blueprint("contribute", __name__)

UPLOAD_STATES = {
    "queued": _l("waiting to be read"),
    "parsing": _l("being read"),
    "draft": _l("read, its draft is ready"),
    "refused": _l("could not be taken in"),
    "failed": _l("failed"),
}
DRAFT_STATES = {
    "draft": _l("Draft"),
    "submitted": _l("Submitted for review"),
    "changes-requested": _l("Changes asked for"),
    "published": _l("Published"),
    "declined": _l("Declined"),
    "archived": _l("Archived"),
    "withdrawn": _l("Withdrawn"),
}
_DONE = {
    "sent": _l("Your files are kept, and are being read."),
    "submitted": _l("Your case is handed in. A moderator reads it; you see here what comes of it."),
    "submitted-all": _l("Your cases are handed in. You see here what comes of each."),
    "deleted": _l("The draft is deleted."),
    "saved": _l("Saved."),
    "said": _l("Your comment is kept."),
}


@pages.get("/contribute")
def index() -> str:
    """Say how to contribute; to someone who is signed in, show their files and drafts."""
    return _mine()


@pages.post("/contribute")
@session.needs("upload")
def send() -> Answer:
    """Take in files; what is refused is said, and does not keep out the others."""
    person, taken = session.person(), []
    problems: list[str] = []
    key = request.form.get("key", "")
    for number, file in enumerate(each for each in request.files.getlist("file") if each.filename):
        name = file.filename or ""
        try:
            taken.append(
                context.contributing().receive(
                    person, name, file.read(), f"{key}-{number}" if key else ""
                )
            )
        except RefusedFileError as err:
            problems += map(form.told, err.problems)
        except QuotaError as err:
            problems.append(translated(str(err)))
    if problems or not taken:
        return make_response(_mine(tuple(problems) or (_("choose a file first"),)), 422)
    return onward("contribute.index", done="sent")


@pages.post("/contribute/files/<upload_id>/submit")
@session.needs("draft.submit")
def submit_all(upload_id: str) -> Answer:
    """Hand in all drafts of a table of cases."""
    try:
        context.contributing().submit_all(session.person(), upload_id)
    except UnfinishedDraftError as err:
        return make_response(_mine(tuple(map(form.told, err.problems))), 422)
    return onward("contribute.index", done="submitted-all")


@pages.get("/contribute/states")
@session.needs("upload")
def states() -> Response:
    """Say how far the files of whoever asks are."""
    files = context.contributing().files(session.person())
    return jsonify({file.id: str(UPLOAD_STATES[file.state]) for file in files})


@pages.get("/contribute/template.<any(csv, xlsx):kind>")
def template(kind: str) -> Response:
    """Give the table to fill in for many cases at once."""
    made = templates.as_csv if kind == "csv" else templates.as_xlsx
    response = make_response(made(context.reader()))
    return download(response, FORMATS[kind].media_type, f"cases.{kind}")


@pages.post("/contribute/drafts")
@session.needs("upload")
def begin() -> Answer:
    """Begin a draft without a file, or the next revision of a case."""
    case_id, number = request.form.get("case", ""), args.number(request.form.get("number", ""))
    mine, person = context.contributing(), session.person()
    if case_id and number is not None:
        draft = mine.restore(person, case_id, number)
    else:
        draft = mine.revise(person, case_id) if case_id else mine.begin(person)
    return onward("contribute.draft", draft_id=draft.id)


@pages.get("/drafts/<draft_id>")
@session.needs("draft.read")
def draft(draft_id: str) -> str:
    """Show a draft beside the text that it was made of."""
    return _page(context.contributing().draft(session.person(), draft_id))


@pages.post("/drafts/<draft_id>")
@session.needs("draft.edit")
def save(draft_id: str) -> Answer:
    """Keep what was written, and do what the button says."""
    mine, person = context.contributing(), session.person()
    seen = mine.draft(person, draft_id)
    values = form.read(request.form, seen.values)
    try:
        written = mine.write(person, draft_id, form.number("version"), values)
    except StaleDraftError as err:
        return _conflict(seen, values, translated(str(err)))
    if request.form.get("then") == "autosave":
        return jsonify(version=written.version)
    return _then(written)


@pages.get("/drafts/<draft_id>/preview")
@session.needs("draft.read")
def preview(draft_id: str) -> str | Response:
    """Show the page of the case as it would be."""
    mine = context.contributing()
    found = mine.draft(session.person(), draft_id)
    try:
        return shown(context.library().preview(mine.case(found)), draft=found)
    except UnfinishedDraftError:
        return make_response(_page(found, tried=True), 422)


@pages.post("/drafts/<draft_id>/delete")
@session.needs("draft.delete")
def delete(draft_id: str) -> Answer:
    """Delete a draft."""
    context.contributing().discard(session.person(), draft_id)
    return onward("contribute.index", done="deleted")


@pages.post("/drafts/<draft_id>/comments")
@session.needs("draft.comment", "review.comment")
def comment(draft_id: str) -> Answer:
    """Say something about a field."""
    field, text = request.form.get("field", ""), request.form.get("text", "")
    context.contributing().comment(session.person(), draft_id, field, text)
    anchor = f"field-{field}" if field else "said"
    return onward("contribute.draft", draft_id=draft_id, done="said", _anchor=anchor)


def _then(written: Draft) -> Answer:
    then = request.form.get("then", "")
    if then == "preview":
        return onward("contribute.preview", draft_id=written.id)
    if then == "submit":
        try:
            context.contributing().submit(session.person(), written.id, written.version)
        except UnfinishedDraftError:
            return make_response(_page(written, tried=True), 422)
        return onward("contribute.index", done="submitted")
    anchor = then.removeprefix("add-") if then.startswith("add-") else None
    return onward("contribute.draft", draft_id=written.id, done="saved", _anchor=anchor)


def _page(draft: Draft, *, tried: bool = False, conflict: str = "") -> str:
    mine, person = context.contributing(), session.person()
    wrong, missing = mine.faults(draft)
    return render_template(
        "contribute/draft.html",
        draft=draft,
        own=draft.person == person.id,
        done=_done(),
        DRAFT_STATES=DRAFT_STATES,
        parts=form.parts(draft.values),
        themes=form.themes(),
        wrong=wrong,
        faulty={form.anchor(each) for each in wrong},
        missing=missing,
        overtaken=mine.overtaken_by(draft),
        tried=tried,
        conflict=conflict,
        receipts=receipts.by_field(draft.receipts),
        text=receipts.marked(draft.document, draft.receipts) if draft.document else "",
        comments=mine.comments(person, draft.id),
        named=mine.credit,
        label=form.label,
        titled=form.titled,
        anchor=form.anchor,
        alike=context.library().alike(draft, page_language()),
        allowed=lambda action: mine.allowed(person, action, draft),
    )


def _conflict(seen: Draft, values: dict[str, object], why: str) -> Response:
    """Show what was written over the version that stands, so that nothing of it is lost."""
    return make_response(_page(replace(seen, values=values), conflict=why), 409)


def _mine(problems: tuple[str, ...] = ()) -> str:
    person, mine = session.current(), context.contributing()
    drafts = mine.drafts(person) if person else ()
    return render_template(
        "contribute/index.html",
        files=mine.files(person) if person else (),
        drafts=drafts,
        retired=mine.retired(drafts),
        formats=FORMATS.values(),
        most_bytes=MAX_BYTES,
        key=new_secret(),
        problems=problems,
        done=_done(),
        UPLOAD_STATES=UPLOAD_STATES,
        DRAFT_STATES=DRAFT_STATES,
        titled=form.titled,
    )


def _done() -> str:
    if request.method != "GET":
        return ""
    return _taken_in() or str(_DONE.get(request.args.get("done", ""), ""))


def _taken_in() -> str:
    """Say how many files were taken in of those that the page has sent one after the other."""
    sent, kept = (args.number(request.args.get(name, "")) for name in ("sent", "kept"))
    if not sent or kept is None:
        return ""
    if kept >= sent:
        return str(
            ngettext(
                "Your file is kept, and being read.",
                "Your %(num)s files are kept, and being read.",
                sent,
            )
        )
    return str(
        ngettext(
            "%(kept)s of %(num)s files could be taken in; see what is said of the others.",
            "%(kept)s of %(num)s files could be taken in; see what is said of the others.",
            sent,
            kept=kept,
        )
    )
