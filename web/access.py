"""Who may come in where. What is neither public nor marked is closed to everyone.

It runs before every view, so that a view that forgets to ask is closed, not open.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app, redirect, request, url_for
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized

from web import context, session

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

PUBLIC = frozenset(
    {
        "about.about",
        "about.accessibility",
        "account.forgot",
        "account.link",
        "account.sign_in",
        "account.sign_out",
        "account.try_sign_in",
        "adoptions.index",
        "adoptions.of_case",
        "api.case",
        "api.case_schema",
        "api.cases",
        "api.collection",
        "api.collections",
        "api.completions",
        "api.health",
        "api.index",
        "api_adoptions.adoptions",
        "api_page.page",
        "api_snapshots.snapshot",
        "api_snapshots.snapshots",
        "brief.brief",
        "brief.docx",
        "cases.case",
        "cases.case_json",
        "cases.case_markdown",
        "catalog.jsonld",
        "catalog.turtle",
        "collections.collection",
        "collections.collection_json",
        "collections.collection_yaml",
        "collections.collection_zip",
        "collections.index",
        "collections.phase",
        "compare.compare",
        "contribute.index",
        "contribute.template",
        "export.file",
        "export.index",
        "feeds.atom",
        "feeds.opensearch",
        "feeds.robots",
        "feeds.sitemap",
        "feeds.sitemap_page",
        "fit.index",
        "following.end",
        "following.follow",
        "following.stop",
        "history.history",
        "history.revision",
        "language.choose",
        "language.index",
        "metrics.metrics",
        "oai.answer",
        "oai.xsd",
        "oidc.callback",
        "oidc.sign_in",
        "openapi.document",
        "pictures.index",
        "search.results",
        "search.start",
        "shortlist.add",
        "shortlist.change",
        "shortlist.shortlist",
        "shortlist.whole",
        "signposts.case_links",
        "signposts.collection_links",
        "snapshots.citation",
        "snapshots.freeze",
        "snapshots.index",
        "snapshots.package",
        "snapshots.snapshot",
        "static",
        "upkeep.answer",
        "upkeep.still",
        "vocabulary.concept",
        "vocabulary.index",
        "vocabulary.jsonld",
        "vocabulary.turtle",
    }
)
"""The views that everyone may see, by their endpoints."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_READS_BY_POST = frozenset({"oai.answer"})
"""Views that change nothing, whatever the method: programs ask them, which have no form."""
_SIGNED = frozenset({"following.end"})
"""Views whose address is itself the proof: mail programs ask them, which have no form of ours."""
_BY_ORIGIN = frozenset({"shortlist.add"})
"""Forms of pages that set no cookie: there it is the browser that says where a form comes from."""


class StaleFormError(BadRequest):
    """Raised when a form was not sent from a page of ours, or from one of an earlier session."""

    fault = "stale-form"
    """What `web.errors` says of it."""


def check() -> "Response | None":
    """Let a request through, or say why not.

    Raises:
        Unauthorized: one has to sign in first.
        Forbidden: one has, and may not.
        StaleFormError: the form is not ours.
    """
    if request.endpoint is None:
        return None  # there is nothing here, and that is said elsewhere
    if request.endpoint not in PUBLIC:
        needed = getattr(current_app.view_functions[request.endpoint], "needs", ())
        if session.current() is None:
            return _ask_to_sign_in()
        if not any(session.may(action) for action in needed):
            raise Forbidden
    if request.endpoint in _READS_BY_POST | _SIGNED:
        return None
    if request.method not in _SAFE and not request.path.startswith(session.API):
        _check_form()
    return None


def inside(target: str) -> str:
    """Return an address within this site, as someone may be sent to after signing in; or none.

    A browser takes two slashes, or a slash and a backslash, for another site, and passes over
    control characters.
    """
    fine = target.startswith("/") and target.isprintable() and "\\" not in target
    if not fine or target.startswith("//"):
        return ""
    told = urlsplit(target)
    return "" if told.scheme or told.netloc else target


def wanted() -> str:
    """Return the address within this site to which this request asks to be sent on; or none."""
    return inside(request.values.get("next", ""))


def _ask_to_sign_in() -> "Response":
    if request.path.startswith(session.API):
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "api"}))
    if request.method not in _SAFE:
        raise Unauthorized
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)


def _check_form() -> None:
    """Make sure that a request that changes something is meant by whoever seems to send it."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in {None, "same-origin", "none"}:
        raise StaleFormError
    ours = {request.host, urlsplit(context.settings().public_url).netloc}
    if origin is not None and origin.partition("://")[2] not in ours:
        raise StaleFormError
    if request.endpoint in _BY_ORIGIN and (site == "same-origin" or origin is not None):
        return
    if not session.sent_by_our_form():
        raise StaleFormError
