"""Coming in and going out: signing in and out, links that set a password, a new password."""

import logging
from collections.abc import Mapping
from threading import Thread

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kb import mail
from kb.accounts import Link
from kb.errors import AccountError, MailError, SignInError
from kb.permissions import ROLE_NAMES
from kb.saying import term
from web import context, session
from web.access import wanted
from web.i18n import translated

pages = Blueprint("account", __name__)

LOG = logging.getLogger(__name__)

_REFUSED = 422
_RESET = term(
    """Someone, most likely you, has asked for a new password at %(site)s.

Open this link within the hour to set one:

%(link)s

If it was not you, do nothing: your password stays as it is.
"""
)


@pages.get("/sign-in")
def sign_in() -> Answer:
    """Ask who it is; send on whoever is signed in already."""
    if session.current() is not None:
        return redirect(_next(), 303)
    return sign_in_page()


@pages.post("/sign-in")
def try_sign_in() -> Answer:
    """Begin a session, or say that e-mail and password do not fit, and no more than that."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        secret = context.library().accounts.sign_in(email, password, session.address())
    except SignInError:
        return sign_in_page({"email": _("E-mail or password is wrong")}, email)
    return let_in(secret, _next())


@pages.post("/sign-out")
def sign_out() -> Answer:
    """End the session."""
    return session.end(_sent_on(url_for("search.start")))


@pages.route("/forgot", methods=["GET", "POST"])
def forgot() -> Answer:
    """Send a link to a new password; whether there is such an account is not said."""
    if request.method == "GET":
        page = render_template("account/forgot.html", sent=False, mailed=_mailer() is not None)
        return make_response(page)
    accounts, mailer = context.library().accounts, _mailer()
    secret = accounts.reset(request.form.get("email", ""))
    person = accounts.open_link(secret).person if secret else None
    if secret and person and mailer:
        text = _(_RESET, site=context.settings().site_name, link=address_of(secret))
        # To the address that we know, which is not quite the one that somebody typed. Beside the
        # answer, because a letter takes a second that would tell of an account.
        Thread(target=_send, args=(mailer, person.email, _("Your new password"), text)).start()
    return make_response(
        render_template("account/forgot.html", sent=True, mailed=mailer is not None)
    )


@pages.route("/link/<secret>", methods=["GET", "POST"])
def link(secret: str) -> Answer:
    """Let someone set their password, then let them in.

    Raises:
        LinkError: it is not known, used up, or too old.
    """
    accounts = context.library().accounts
    opened = accounts.open_link(secret)
    if request.method == "GET":
        return make_response(_link_page(opened, {}, {}))
    told = {name: request.form.get(name, "") for name in ("email", "name")}
    try:
        person = accounts.set_password(secret, request.form.get("password", ""), **told)
    except AccountError as err:
        page = _link_page(opened, {err.field: translated(err.message)}, told)
        return make_response(page, _REFUSED)
    return let_in(accounts.begin_session(person.id, opened.purpose), url_for("profile.index"))


def let_in(secret: str, target: str) -> Response:
    """Send someone on with the cookie of a new session; the old one is ended."""
    return session.begin(_sent_on(target), secret)


def address_of(secret: str) -> str:
    """Return the public address of a link."""
    return context.public_url(url_for("account.link", secret=secret))


def sign_in_page(errors: Mapping[str, str] | None = None, email: str = "") -> Response:
    """Return the form for signing in, with what was wrong about the last attempt."""
    page = render_template(
        "account/sign_in.html",
        errors=errors or {},
        email=email,
        next=wanted(),
        elsewhere=bool(context.settings().oidc_issuer),
    )
    return make_response(page, _REFUSED if errors else 200)


def _link_page(opened: Link, errors: Mapping[str, str], told: Mapping[str, str]) -> str:
    role = translated(ROLE_NAMES[opened.person.role]) if opened.person else ""
    return render_template("account/link.html", link=opened, errors=errors, told=told, role=role)


def _next() -> str:
    return wanted() or url_for("profile.index")


def _sent_on(target: str) -> Response:
    response = make_response("", 303)
    response.headers["Location"] = target
    return response


def _mailer() -> mail.Mailer | None:
    return mail.mailer(context.settings())


def _send(mailer: mail.Mailer, to: str, subject: str, text: str) -> None:
    try:
        mailer.send(to, subject, text)
    except MailError:
        LOG.exception("a link could not be sent")
