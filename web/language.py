"""Choosing the language of the pages: kept in a cookie, which says nothing else."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from kb.languages import LANGUAGES, LanguageRow
from kb.text import fold
from web import session, tongue
from web.access import wanted
from web.catalogues import languages

pages = Blueprint("language", __name__)

_YEAR_S = 365 * 24 * 3600
_LONGEST = 2_000
"""Characters of an address to which one comes back with all that stands behind its ``?``."""


@pages.get("/language")
def index() -> str:
    """List the languages of the pages, each in its own words."""
    return render_template(
        "language/index.html",
        offered=in_order(languages()),
        next=_next(),
    )


@pages.post("/language")
def choose() -> Response:
    """Keep the choice for a year, and go back to where the reader was."""
    code = request.form.get("code", "")
    if code not in languages():
        raise BadRequest
    response = make_response(redirect(_without_language(_next()), 303))
    response.set_cookie(
        tongue.CHOICE, code, _YEAR_S, secure=session.is_secure(), httponly=True, samesite="Lax"
    )
    return response


def in_order(codes: Iterable[str]) -> list[LanguageRow]:
    """Return the languages by their own names, from A to Z."""
    return sorted((LANGUAGES[code] for code in codes), key=lambda row: fold(row.endonym))


def choice_url() -> str:
    """Return the address at which the language is chosen, and from which one comes back here."""
    if request.method != "GET" or request.endpoint is None:
        return url_for("language.index")
    here = request.full_path.rstrip("?")
    return url_for("language.index", next=here if len(here) <= _LONGEST else request.path)


def _next() -> str:
    return wanted() or url_for("search.start")


def _without_language(address: str) -> str:
    told = urlsplit(address)
    kept = [pair for pair in parse_qsl(told.query, keep_blank_values=True) if pair[0] != "lang"]
    return told._replace(query=urlencode(kept)).geturl()
