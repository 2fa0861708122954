"""Signing in with the account of one's organisation, where the operator has set that up."""

import hashlib
import hmac
import logging
from typing import TYPE_CHECKING

from flask import Blueprint, abort, make_response, redirect, request, url_for

from kb.accounts.links import new_secret
from kb.errors import AccountError
from kb.saying import term
from web import context, session
from web.access import inside, wanted
from web.account import let_in, sign_in_page
from web.i18n import translated
from web.provider import Provider, ProviderError, Round, provider

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from werkzeug.wrappers import Response

    from kb.accounts import Person
    from kb.permissions import Role

pages = Blueprint("oidc", __name__)

LOG = logging.getLogger(__name__)

_COOKIE, _LIFE_S = "oidc", 600
_FAILED = term("Signing in there did not work; try again, or use your password")
_UNKNOWN = term(
    "There is no account here for the e-mail address that you have there; ask to be invited"
)


@pages.get("/sign-in/oidc")
def sign_in() -> "Response":
    """Send someone to the provider."""
    secret = new_secret()
    try:
        target = _provider().address(_round(secret))
    except ProviderError as err:
        return _failed(err)
    response = make_response(redirect(target, 303))
    kept = f"{secret} {wanted()}"
    session.set_cookie(response, _COOKIE, kept, _LIFE_S)
    return response


@pages.get("/sign-in/oidc/callback")
def callback() -> "Response":
    """Let someone in who comes back from the provider, if they are expected."""
    secret, _, target = session.cookie(_COOKIE).partition(" ")
    attempt = _round(secret)
    code = request.args.get("code", "")
    if not (secret and code) or not hmac.compare_digest(
        request.args.get("state", "").encode(), attempt.state.encode()
    ):
        return sign_in_page({"email": translated(_FAILED)})
    try:
        claims = _provider().claims(attempt, code)
    except ProviderError as err:
        return _failed(err)
    person = _person(claims)
    if person is None:
        return session.drop_cookie(sign_in_page({"email": translated(_UNKNOWN)}), _COOKIE)
    begun = context.library().accounts.begin_session(person.id, "oidc")
    return session.drop_cookie(let_in(begun, inside(target) or url_for("profile.index")), _COOKIE)


def _provider() -> Provider:
    found = provider(context.settings())
    if found is None:
        abort(404)
    return found


def _round(secret: str) -> Round:
    """Derive all that belongs to an attempt from one secret, so that one cookie holds it."""

    def derived(purpose: str) -> str:
        made = hmac.new(secret.encode("utf-8", "surrogateescape"), purpose.encode(), hashlib.sha256)
        return made.hexdigest()

    return Round(
        derived("state"),
        derived("nonce"),
        derived("verifier"),
        context.public_url(url_for("oidc.callback")),
    )


def _person(claims: "Mapping[str, Any]") -> "Person | None":
    """Return who is expected under an address that the provider has checked."""
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return None
    accounts, role = context.library().accounts, context.settings().oidc_role
    person = accounts.by_email(email)
    if person is not None:
        return None if person.state == "closed" else person
    return _new(email, str(claims.get("name", "")), "contributor") if role else None


def _new(email: str, name: str, role: "Role") -> "Person | None":
    try:
        return context.library().accounts.create(email, role, name, by="")
    except AccountError:
        return None


def _failed(err: ProviderError) -> "Response":
    LOG.error("the provider of KB_OIDC_ISSUER could not be used", exc_info=err)
    return session.drop_cookie(sign_in_page({"email": translated(_FAILED)}), _COOKIE)
