"""Frozen results: a permanent address for what was found, its package, its citation."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import format_decimal
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as Answer

from kb import quoting
from kb.errors import CollectionNotFoundError, IndexUnavailableError
from kb.exports import EXPORTS
from kb.formats.txt import slug
from kb.frozen import Question, Snapshot
from kb.saying import term
from kb.since import Changes, Listed
from web import args, context, links, session
from web.responses import download, onward

pages = Blueprint("snapshots", __name__)

SHOWN = 100
"""Snapshots, or cases of one, on a page."""
_SHOWN_CHANGES = 30
_KINDS = (
    ("added", term("Found now, and not then")),
    ("changed", term("Changed: there is a newer revision")),
    ("lost", term("Still here, and no longer found by this question")),
    ("archived", term("Archived: still to be read, and no longer found")),
    ("withdrawn", term("Withdrawn")),
    ("taken_down", term("Taken down by law: no longer in the package")),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which a result has changed, and some of the cases that did."""

    kind: str
    label: str
    count: int
    cases: tuple[str, ...]


@pages.get("/snapshots")
def index() -> str:
    """List the frozen results, the newest first."""
    mine = context.library().snapshots
    found = mine.newest(SHOWN + 1, request.args.get("after", ""))
    more = found[SHOWN - 1].id if len(found) > SHOWN else ""
    return render_template(
        "snapshots/index.html", snapshots=found[:SHOWN], more=more, title=quoting.title
    )


@pages.post("/snapshots")
def freeze() -> Answer:
    """Freeze the result of the question in the address; what cannot be read is refused."""
    collection = request.args.get("collection", "")
    asked = MultiDict(each for each in request.args.items(multi=True) if each[0] != "collection")
    if any(args.unreadable(asked)):
        raise BadRequest
    question = Question(args.query_from(asked), collection)
    frozen = context.library().snapshots.freeze(question, session.address())
    return onward("snapshots.snapshot", snapshot_id=frozen.id)


@pages.get("/snapshots/<slug:snapshot_id>")
def snapshot(snapshot_id: str) -> str:
    """Show a frozen result: what was asked, what was found, and what has changed since."""
    mine = context.library().snapshots
    frozen = mine.get(snapshot_id)
    page = args.number(request.args.get("page", "1")) or 1
    listed = mine.cases(snapshot_id, SHOWN, (page - 1) * SHOWN)
    if page > 1 and not listed:
        abort(HTTPStatus.NOT_FOUND)
    changes = changes_since(frozen)
    named = tuple(named_changes(changes)) if changes else ()
    shown = {case_id for each in named for case_id in each.cases}
    return render_template(
        "snapshots/snapshot.html",
        snapshot=frozen,
        url=url_of(frozen),
        title=quoting.title(frozen),
        sentence=quoting.sentence(frozen, url_of(frozen)),
        quoted={name: quoting.quoted(frozen, url_of(frozen), name).decode()
                for name in ("bibtex", "ris")},
        megabytes=format_decimal(frozen.size_bytes / 1_000_000, "0.0"),
        live=live(frozen.question),
        listed=listed,
        first=(page - 1) * SHOWN + 1,
        page=page,
        more=frozen.count > page * SHOWN,
        revisions=mine.frozen_revisions(listed),
        changes=named if changes else None,
        current=mine.current_revisions(sorted(shown)),
        case_path=case_path,
    )  # fmt: skip


@pages.get("/snapshots/<slug:snapshot_id>/package")
def package(snapshot_id: str) -> Response:
    """Send the package: the bytes that were kept when the result was frozen."""
    mine = context.library().snapshots
    frozen = mine.get(snapshot_id)
    site = slug(frozen.site) or "cases"
    response = send_file(
        mine.package(frozen),
        mimetype=EXPORTS["package"].media_type,
        as_attachment=True,
        download_name=f"{site}-{frozen.id}-{frozen.sha256[:8]}.zip",
        etag=frozen.sha256,
    )
    response.content_length = frozen.size_bytes
    return response


@pages.get("/snapshots/<slug:snapshot_id>/citation/<format_name>")
def citation(snapshot_id: str, format_name: str) -> Response:
    """Send the citation as a file for a reference manager."""
    frozen = context.library().snapshots.get(snapshot_id)
    if format_name not in quoting.FORMATS:
        abort(HTTPStatus.NOT_FOUND)
    row = EXPORTS[format_name]
    body = quoting.quoted(frozen, url_of(frozen), format_name)
    return download(make_response(body), row.media_type, f"snapshot-{frozen.id}{row.suffix}")


def url_of(frozen: Snapshot) -> str:
    """Return the public address of a frozen result."""
    return context.public_url(url_for("snapshots.snapshot", snapshot_id=frozen.id))


def live(question: Question) -> str:
    """Return the address where the same question is answered as of today."""
    if question.collection:
        return url_for("collections.collection", collection_id=question.collection)
    return links.search_url(question.query)


def case_path(listed: Listed) -> str:
    """Return the address of a case as it was frozen, or of what is left of it."""
    if listed.state in {"there", "archived"}:
        number = listed.kept.revision
        return url_for("history.revision", case_id=listed.case_id, number=number)
    return url_for("cases.case", case_id=listed.case_id)


def changes_since(frozen: Snapshot) -> Changes | None:
    """Return what has changed since; None while nobody can say what is found now."""
    try:
        return context.library().snapshots.changes(frozen)
    except (IndexUnavailableError, CollectionNotFoundError):
        return None


def named_changes(changes: Changes) -> Iterator[Change]:
    """Yield the ways in which a result has changed."""
    for kind, label in _KINDS:
        cases: tuple[str, ...] = getattr(changes, kind)
        if cases:
            yield Change(kind, label, len(cases), cases[:_SHOWN_CHANGES])
