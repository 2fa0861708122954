"""What an error means on the web: one table from class to status and words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from kb.errors import (
    CaseNotFoundError,
    CollectionNotFoundError,
    IndexBusyError,
    IndexUnavailableError,
    KbError,
    UnknownConceptError,
)
from web import context

RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """A way in which a request can fail; nothing of the request itself is said again."""

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
        "This request cannot be read",
        "Something in the address or in what was sent is not as it should be.",
        "Start again from the search page.",
    ),
    Fault(
        "not-found",
        HTTPStatus.NOT_FOUND,
        "There is nothing at this address",
        "The page may have moved, or the address may have been cut off or mistyped.",
        "Search for what you need by its title, its city, or what it is about.",
    ),
    Fault(
        "method",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "This address cannot be used in that way",
        "The page exists, but only for reading.",
        "Open it as a normal link.",
    ),
    Fault(
        "too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "What was sent is too large",
        "One file may have at most 20 MB.",
        "Send a smaller file, or several.",
    ),
    Fault(
        "too-long",
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "The question is too long",
        "What stands behind the question mark in the address is longer than we read.",
        "A few words are enough: the city, the problem, or the people it is about.",
    ),
    Fault(
        "our-fault",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side",
        "The error has been recorded. It is not your fault, and nothing of yours is lost.",
        "Try again in a few minutes.",
    ),
    Fault(
        "unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "This part of the site is busy",
        "It will be back shortly.",
        "Try again in a few seconds.",
    ),
)
FAULTS: Mapping[int, Fault] = MappingProxyType({row.status: row for row in _ROWS})

NO_CASE = Fault(
    "no-case",
    HTTPStatus.NOT_FOUND,
    "There is no such case",
    "No case has this address. Addresses of cases never change, so it may have been mistyped.",
    "Search for the case by its title or city.",
)
NO_COLLECTION = Fault(
    "no-collection",
    HTTPStatus.NOT_FOUND,
    "There is no such collection",
    "No collection has this address; it may have been mistyped.",
    "Look for it in the list of collections.",
)
NO_CONCEPT = Fault(
    "no-concept",
    HTTPStatus.NOT_FOUND,
    "There is no such concept",
    "No vocabulary has a concept at this address; it may have been mistyped.",
    "Look for it among the themes.",
)
REBUILDING = Fault(
    "rebuilding",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The search is being prepared",
    "The search index is being rebuilt. All cases are safe: pages of single cases work as always.",
    "Try again in a few seconds.",
)
BY_CLASS: Mapping[type[KbError], Fault] = MappingProxyType(
    {
        CaseNotFoundError: NO_CASE,
        CollectionNotFoundError: NO_COLLECTION,
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
    return (*_ROWS, NO_CASE, NO_COLLECTION, NO_CONCEPT, REBUILDING)


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
    fault = FAULTS.get(error.code or 0) or _unlisted(error)
    response = _answer(fault)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _on_kb_error(error: KbError) -> Response:
    return _answer(next(fault for kind, fault in BY_CLASS.items() if isinstance(error, kind)))


def _unlisted(error: HTTPException) -> Fault:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return replace(FAULTS[500 if ours else 400], status=status)


def _answer(fault: Fault) -> Response:
    if request.path.startswith(("/api/", "/healthz")) or request.path.endswith(".json"):
        return problem(fault)
    page = render_template("errors/error.html", fault=fault, lang=context.reader())
    return _finished(make_response(page), fault)


def _finished(response: Response, fault: Fault) -> Response:
    response.status_code = fault.status
    if fault.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Cache-Control"] = "no-store"
    return response
