"""What an error means on the web: one table from class to status and words."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from kb.errors import (
    AdoptionNotFoundError,
    CaseNotFoundError,
    CollectionNotFoundError,
    DraftNotFoundError,
    FollowedNotFoundError,
    FullDiskError,
    FullStoreError,
    IndexBusyError,
    IndexUnavailableError,
    KbError,
    LettersLinkError,
    LinkError,
    NotAllowedError,
    PackageLostError,
    PersonNotFoundError,
    RetiredCaseError,
    SnapshotNotFoundError,
    StaleDraftError,
    StoreBusyError,
    StoreUnavailableError,
    TooManyAttemptsError,
    UnfinishedDraftError,
    UnknownConceptError,
    UploadNotFoundError,
)
from kb.moments import utc
from kb.saying import term
from web import context

LOG = logging.getLogger(__name__)

RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """A way in which a request can fail; nothing of the request itself is said again.

    Pages say it in the language of their reader, problem details in English.
    """

    name: str
    """The anchor under which ``/about`` lists it."""
    status: int
    title: str
    text: str
    advice: str = ""


_ROWS = (
    Fault(
        "unreadable",
        HTTPStatus.BAD_REQUEST,
        term("This request cannot be read"),
        term("Something in the address or in what was sent is not as it should be."),
        term("Start again from the search page."),
    ),
    Fault(
        "signed-out",
        HTTPStatus.UNAUTHORIZED,
        term("You have to sign in first"),
        term(
            "This is for people with an account. A session ends after some hours without a click."
        ),
        term(
            "Sign in; if you have just written something, do so in another tab, and copy it first."
        ),
    ),
    Fault(
        "not-allowed",
        HTTPStatus.FORBIDDEN,
        term("You may not do this"),
        term("Your account, or your token, does not allow it."),
        term("Ask an administrator of this site if you think that it should."),
    ),
    Fault(
        "not-found",
        HTTPStatus.NOT_FOUND,
        term("There is nothing at this address"),
        term("The page may have moved, or the address may have been cut off or mistyped."),
        term("Search for what you need by its title, its city, or what it is about."),
    ),
    Fault(
        "method",
        HTTPStatus.METHOD_NOT_ALLOWED,
        term("This address cannot be used in that way"),
        term("The page exists, but only for reading."),
        term("Open it as a normal link."),
    ),
    Fault(
        "too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        term("What was sent is too large"),
        term("One file may have at most 20 MB."),
        term("Send a smaller file, or several."),
    ),
    Fault(
        "too-long",
        HTTPStatus.REQUEST_URI_TOO_LONG,
        term("The question is too long"),
        term("What stands behind the question mark in the address is longer than we read."),
        term("A few words are enough: the city, the problem, or the people it is about."),
    ),
    Fault(
        "too-often",
        HTTPStatus.TOO_MANY_REQUESTS,
        term("That was tried too often"),
        term("To keep out those who guess, the number of attempts is limited."),
        term("Wait a quarter of an hour, then try again."),
    ),
    Fault(
        "our-fault",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        term("Something went wrong on our side"),
        term("The error has been recorded. It is not your fault, and nothing of yours is lost."),
        term("Try again in a few minutes."),
    ),
    Fault(
        "unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        term("This part of the site is busy"),
        term("It will be back shortly."),
        term("Try again in a few seconds."),
    ),
)
FAULTS: Mapping[int, Fault] = MappingProxyType({row.status: row for row in _ROWS})

TOO_FAST = Fault(
    "too-fast",
    HTTPStatus.TOO_MANY_REQUESTS,
    term("Too many requests"),
    term(
        "From one network address only so much can be asked in a time; "
        "RateLimit-Policy says how much."
    ),
    term("Wait as many seconds as Retry-After says, then go on."),
)
STALE_FORM = Fault(
    "stale-form",
    HTTPStatus.BAD_REQUEST,
    term("This form is no longer valid"),
    term(
        "It was opened before you signed in or out, or your browser keeps no cookies of this site."
    ),
    term("Go back, copy what you wrote, load the page again, and send it once more."),
)
USED_LINK = Fault(
    "used-link",
    HTTPStatus.GONE,
    term("This link does not work any more"),
    term("It was used already, it is too old, or another was sent after it."),
    term("Sign in, or ask for a new link on the page for signing in."),
)
LETTERS_LINK = Fault(
    "letters-link",
    HTTPStatus.GONE,
    term("This link ends no e-mail any more"),
    term("It is more than a year old, or was cut off on its way."),
    term("Take the link of a newer e-mail, or sign in and choose among your saved searches."),
)
NO_SEARCH = Fault(
    "no-search",
    HTTPStatus.NOT_FOUND,
    term("There is no such saved search"),
    term("No search of yours has this address; it may have been deleted, or belong to others."),
    term("Look for it in the list of your saved searches."),
)
NO_PERSON = Fault(
    "no-person",
    HTTPStatus.NOT_FOUND,
    term("There is no such person"),
    term("Nobody has this address; it may have been mistyped."),
    term("Look for them in the list of people."),
)
NO_CASE = Fault(
    "no-case",
    HTTPStatus.NOT_FOUND,
    term("There is no such case"),
    term(
        "No case has this address. Addresses of cases never change, so it may have been mistyped."
    ),
    term("Search for the case by its title or city."),
)
NO_COLLECTION = Fault(
    "no-collection",
    HTTPStatus.NOT_FOUND,
    term("There is no such collection"),
    term("No collection has this address; it may have been mistyped."),
    term("Look for it in the list of collections."),
)
NO_SNAPSHOT = Fault(
    "no-snapshot",
    HTTPStatus.NOT_FOUND,
    term("There is no such snapshot"),
    term(
        "No result was frozen at this address. A snapshot is never deleted, so it may be mistyped."
    ),
    term("Look for it in the list of snapshots, at /snapshots."),
)
NO_PACKAGE = Fault(
    "no-package",
    HTTPStatus.NOT_FOUND,
    term("The package is not here at present"),
    term("The result was frozen, but its file is missing from our disk."),
    term("Tell those who run this site: a backup has it."),
)
FULL = Fault(
    "full",
    HTTPStatus.INSUFFICIENT_STORAGE,
    term("There is no room for another snapshot"),
    term("Those who run this site let frozen results take only so much of their disk."),
    term("Tell them, or freeze fewer cases; the same cases can be taken away at /export."),
)
FULL_DISK = Fault(
    "full-disk",
    HTTPStatus.INSUFFICIENT_STORAGE,
    term("There is no room on our disk"),
    term("What you sent has not been kept. All that was here before is safe."),
    term("Tell those who run this site, and send it again when they have made room."),
)
OUT_OF_ORDER = Fault(
    "out-of-order",
    HTTPStatus.SERVICE_UNAVAILABLE,
    term("Something on our side has to be repaired"),
    term("What you asked for, or sent, needs a file that cannot be read or written at present."),
    term("Tell those who run this site: their log names the file, and what to do."),
)
NO_FORMAT = Fault(
    "no-format",
    HTTPStatus.NOT_FOUND,
    term("There is no such format"),
    term("Cases cannot be taken away in a format of this name."),
    term("Look at /export for those that there are."),
)
NOT_INSTALLED = Fault(
    "not-installed",
    HTTPStatus.NOT_IMPLEMENTED,
    term("This format is not installed here"),
    term("It needs a package that the operator of this site has not installed."),
    term("Take the cases away in another format."),
)
NO_CONCEPT = Fault(
    "no-concept",
    HTTPStatus.NOT_FOUND,
    term("There is no such concept"),
    term("No vocabulary has a concept at this address; it may have been mistyped."),
    term("Look for it among the themes."),
)
NO_DRAFT = Fault(
    "no-draft",
    HTTPStatus.NOT_FOUND,
    term("There is no such draft"),
    term(
        "No draft or file of yours has this address; it may have been deleted, or belong to others."
    ),
    term("Look for it in the list of your files and drafts."),
)
NO_ADOPTION = Fault(
    "no-adoption",
    HTTPStatus.NOT_FOUND,
    term("There is no such adoption"),
    term("No adoption of yours has this address, or it has been withdrawn."),
    term("Look for it on the page of its case."),
)
RETIRED = Fault(
    "retired",
    HTTPStatus.GONE,
    term("This case has been withdrawn"),
    term("It was here, and those who run this site have withdrawn it."),
    term("Search for others like it."),
)
NOT_SO = Fault(
    "not-so",
    HTTPStatus.FORBIDDEN,
    term("This cannot be done as things stand"),
    term("Nobody decides on their own case, and what is being reviewed is not changed meanwhile."),
    term("Go back, and see how far it is."),
)
STALE_DRAFT = Fault(
    "stale-draft",
    HTTPStatus.CONFLICT,
    term("The draft has been changed meanwhile"),
    term("Somebody has changed it since you opened it, perhaps you yourself in another window."),
    term("Go back, copy what you wrote, load the page again, and put it in."),
)
UNFINISHED = Fault(
    "unfinished",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    term("The draft is not finished"),
    term("Something in it is missing or wrong."),
    term("Go back: the page of the draft says what, and what to do."),
)
REFUSED = Fault(
    "refused",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    term("This file cannot be taken in"),
    term("It is not a file that we can read."),
    term("Send it in another format."),
)
REBUILDING = Fault(
    "rebuilding",
    HTTPStatus.SERVICE_UNAVAILABLE,
    term("The search is being prepared"),
    term(
        "The search index is being rebuilt. All cases are safe: "
        "pages of single cases work as always."
    ),
    term("Try again in a few seconds."),
)
BY_CLASS: Mapping[type[KbError], Fault] = MappingProxyType(
    {
        CaseNotFoundError: NO_CASE,
        RetiredCaseError: RETIRED,
        AdoptionNotFoundError: NO_ADOPTION,
        DraftNotFoundError: NO_DRAFT,
        UploadNotFoundError: NO_DRAFT,
        NotAllowedError: NOT_SO,
        StaleDraftError: STALE_DRAFT,
        UnfinishedDraftError: UNFINISHED,
        PersonNotFoundError: NO_PERSON,
        FollowedNotFoundError: NO_SEARCH,
        LettersLinkError: LETTERS_LINK,
        LinkError: USED_LINK,
        TooManyAttemptsError: FAULTS[HTTPStatus.TOO_MANY_REQUESTS],
        CollectionNotFoundError: NO_COLLECTION,
        SnapshotNotFoundError: NO_SNAPSHOT,
        PackageLostError: NO_PACKAGE,
        FullStoreError: FULL,
        StoreBusyError: FAULTS[HTTPStatus.SERVICE_UNAVAILABLE],
        FullDiskError: FULL_DISK,
        StoreUnavailableError: OUT_OF_ORDER,
        UnknownConceptError: NO_CONCEPT,
        IndexUnavailableError: REBUILDING,
        IndexBusyError: REBUILDING,
    }
)
"""Every other error of ours is no answer to a reader, and becomes a recorded 500."""


def register(app: Flask) -> None:
    """Answer every error of ``app`` with our pages and problem details."""
    app.register_error_handler(HTTPException, _on_http_error)
    for kind in BY_CLASS:
        app.register_error_handler(kind, _on_kb_error)


def listed() -> tuple[Fault, ...]:
    """Return every fault there is, for the page that explains them."""
    return (
        *_ROWS,
        TOO_FAST,
        STALE_FORM,
        USED_LINK,
        LETTERS_LINK,
        NO_SEARCH,
        NO_PERSON,
        NO_CASE,
        NO_COLLECTION,
        NO_SNAPSHOT,
        NO_PACKAGE,
        FULL,
        FULL_DISK,
        OUT_OF_ORDER,
        NO_CONCEPT,
        NO_FORMAT,
        NOT_INSTALLED,
        NO_DRAFT,
        NO_ADOPTION,
        RETIRED,
        NOT_SO,
        STALE_DRAFT,
        UNFINISHED,
        REFUSED,
        REBUILDING,
    )


def problem(fault: Fault, **more: Any) -> Response:  # Any: whatever JSON can say
    """Return problem details (RFC 9457) that say ``fault`` and ``more``."""
    response = jsonify(
        type=context.public_url(f"/about#problem-{fault.name}"),
        title=fault.title,
        status=fault.status,
        detail=more.pop("detail", f"{fault.text} {fault.advice}".strip()),
        **more,
    )
    response.mimetype = "application/problem+json"
    return _finished(response, fault)


def _on_http_error(error: HTTPException) -> Response:
    if isinstance(error, BadHost | SecurityError):
        return _elsewhere()
    named = getattr(error, "fault", "")
    fault = next((each for each in listed() if each.name == named), None)
    fault = fault or FAULTS.get(error.code or 0) or _unlisted(error)
    response = _answer(fault)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _elsewhere() -> Response:
    """Say where the site is; the links of a page of ours would need a name that is ours."""
    told = f"Under this name there is no site. It is at {context.settings().public_url}\n"
    response = make_response(told, HTTPStatus.BAD_REQUEST)
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "no-store"
    return response


def _on_kb_error(error: KbError) -> Response:
    fault = next(fault for kind, fault in BY_CLASS.items() if isinstance(error, kind))
    if fault in {FULL_DISK, OUT_OF_ORDER}:
        LOG.error("%s", error)
    response = _answer(fault, gone=error if isinstance(error, RetiredCaseError) else None)
    if isinstance(error, TooManyAttemptsError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _unlisted(error: HTTPException) -> Fault:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return replace(FAULTS[500 if ours else 400], status=status)


def _answer(fault: Fault, gone: RetiredCaseError | None = None) -> Response:
    if request.path.startswith(("/api/", "/export/", "/healthz")) or request.path.endswith(".json"):
        return problem(fault, **_tombstone(gone) if gone else {})
    page = render_template("errors/error.html", fault=fault, gone=gone, lang=context.reader())
    return _finished(make_response(page), fault)


def _tombstone(gone: RetiredCaseError) -> dict[str, str]:
    """Say what stays of a case that is gone: of one that was withdrawn, its name and the reason."""
    told = {
        "case": gone.case_id,
        "since": utc(gone.at),
        "case_title": gone.title,
        "reason": gone.reason,
    }
    return {name: text for name, text in told.items() if text}


def _finished(response: Response, fault: Fault) -> Response:
    response.status_code = fault.status
    if fault.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Cache-Control"] = "no-store"
    return response
