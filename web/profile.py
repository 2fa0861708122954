"""One's own account: name and credit, password, tokens, sessions, a copy of everything, the end."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from flask import url_for as address
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kb.accounts import Token
from kb.errors import AccountError
from kb.permissions import ROLE_NAMES, scopes_of
from kb.saying import term
from web import args, context, session
from web.account import let_in
from web.i18n import translated

pages = Blueprint("profile", __name__)

_REFUSED = 422
_DONE = {
    "name": term("Your name is changed."),
    "password": term("Your password is changed. You are signed out everywhere else."),
    "token": term("The token does not work any more."),
}


@pages.get("/account")
@session.needs("account.self")
def index() -> Response:
    """Show what there is to know and to change."""
    return _page()


@pages.post("/account/name")
@session.needs("account.self")
def name() -> Answer:
    """Change how this person is called and credited."""
    told = {field: request.form.get(field, "") for field in ("name", "credit")}
    try:
        context.library().accounts.describe(session.person().id, **told)
    except AccountError as err:
        return _page({err.field: translated(err.message)})
    return _done("name")


@pages.post("/account/password")
@session.needs("account.self")
def password() -> Answer:
    """Change the password; this session goes on under another secret, all others end."""
    accounts, person = context.library().accounts, session.person()
    old, new = request.form.get("old", ""), request.form.get("password", "")
    try:
        accounts.change_password(person.id, old, new)
    except AccountError as err:
        return _page({err.field: translated(err.message)})
    secret = accounts.begin_session(person.id, "password")
    return let_in(secret, address("profile.index", done="password"))


@pages.post("/account/tokens")
@session.needs("account.self")
def make_token() -> Answer:
    """Make a token, and show it this once."""
    days, person = request.form.get("days", ""), session.person()
    scopes = [each for each in scopes_of(person.role) if each in request.form.getlist("scopes")]
    try:
        secret = context.library().accounts.make_token(
            person,
            request.form.get("label", ""),
            scopes,
            args.number(days) or 0,
        )
    except AccountError as err:
        return _page({err.field: translated(err.message)})
    return _page(secret=secret)


@pages.post("/account/tokens/<slug:token_id>/revoke")
@session.needs("account.self")
def revoke_token(token_id: str) -> Answer:
    """End a token of one's own."""
    context.library().accounts.revoke(session.person().id, token_id)
    return _done("token")


@pages.post("/account/sign-out-everywhere")
@session.needs("account.self")
def sign_out_everywhere() -> Answer:
    """End all sessions, this one too."""
    context.library().accounts.sign_out_everywhere(session.person().id)
    return session.end(make_response(redirect(address("account.sign_in"), 303)))


@pages.get("/account/export")
@session.needs("account.self")
def export() -> Response:
    """Return all that is known of this person as a file."""
    response = jsonify(context.contributing().export(session.person()))
    response.headers["Content-Disposition"] = 'attachment; filename="my-account.json"'
    return response


@pages.post("/account/erase")
@session.needs("account.self")
def erase() -> Answer:
    """Erase this person for good; what they contributed stays."""
    accounts, person = context.library().accounts, session.person()
    if request.form.get("sure") != "yes":
        return _page({"sure": _("Say that you are sure; it cannot be undone")})
    try:
        accounts.confirm(person.id, request.form.get("confirm", ""))
        keep = request.form.get("credited") == "keep"
        context.contributing().erase(person, keep_credit=keep)
    except AccountError as err:
        return _page({"confirm" if err.field == "old" else "sure": translated(err.message)})
    return session.end(make_response(redirect(address("search.start"), 303)))


def _page(errors: Mapping[str, str] | None = None, secret: str = "") -> Response:
    person, accounts = session.person(), context.library().accounts
    page = render_template(
        "account/account.html",
        errors=errors or {},
        role=translated(ROLE_NAMES[person.role]),
        done=translated(_DONE.get(request.args.get("done", ""), "")),
        secret=secret,
        told=request.form if errors else {},
        tokens=[each for each in accounts.tokens(person.id) if _is_live(each)],
        scopes=scopes_of(person.role),
        has_password=accounts.has_password(person.id),
    )
    return make_response(page, _REFUSED if errors else 200)


def _is_live(token: Token) -> bool:
    return token.revoked is None


def _done(what: str) -> Answer:
    return redirect(address("profile.index", done=what), 303)
