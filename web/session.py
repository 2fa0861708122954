"""Who asks: a person by the cookie of their session, a program by its token, and only in the API.

Sessions live in the database and can be ended there; the cookie holds nothing but a secret. Forms
carry a value derived from that secret, so that no key of the site is needed to check them.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from flask import Response, g, request
from markupsafe import Markup
from werkzeug.exceptions import Unauthorized

from kb.accounts.links import new_secret
from kb.permissions import SCOPE_OF, may_ever
from web import context

if TYPE_CHECKING:
    from kb.accounts import Person
    from kb.permissions import Action, Scope

API = "/api/"
_SESSION = "session"
_FORM = "form"
"""The cookie from which the forms of someone who is not signed in derive their value."""

View = TypeVar("View", bound=Callable[..., object])


def needs(*actions: "Action") -> Callable[[View], View]:
    """Mark a view as one for people who may do at least one of ``actions``.

    `web.access` holds it to that before the view runs. Whether they may do it to the very thing
    that they ask for is for `kb` to say.
    """

    def mark(view: View) -> View:
        view.needs = actions  # type: ignore[attr-defined]  # functions take attributes
        return view

    return mark


def current() -> "Person | None":
    """Return who asks, None if nobody is signed in; reads no database where there is no cookie."""
    if "person" not in g:
        g.person, g.scopes = None, None  # should looking fail, the error page asks no second time
        if request.path.startswith(API):
            _by_token()
        elif cookie(_SESSION):
            g.asked_by_cookie = True
            g.person = context.library().accounts.session(cookie(_SESSION))
    return g.person  # type: ignore[no-any-return]  # g takes anything


def person() -> "Person":
    """Return who asks.

    Raises:
        Unauthorized: nobody is signed in.
    """
    found = current()
    if found is None:
        raise Unauthorized
    return found


def may(action: "Action") -> bool:
    """Tell whether there is anything to which whoever asks may do ``action``.

    A program may do what its person may, as far as the scopes of its token go.
    """
    found = current()
    scopes: frozenset[Scope] | None = g.scopes
    if scopes is not None and SCOPE_OF.get(action) not in scopes:
        return False
    return found is not None and may_ever(found.role, action)


def begin(response: Response, secret: str) -> Response:
    """Give whoever asks the cookie of a new session; the one they had before is ended."""
    if cookie(_SESSION):
        context.library().accounts.sign_out(cookie(_SESSION))
    set_cookie(response, _SESSION, secret)
    return response


def end(response: Response) -> Response:
    """End the session of whoever asks, here and in the browser."""
    context.library().accounts.sign_out(cookie(_SESSION))
    return drop_cookie(response, _SESSION)


def csrf() -> str:
    """Return the value that a form of this reader has to send back."""
    if current() is not None:
        return _derived(cookie(_SESSION))
    g.has_form = True
    if "form_secret" not in g:
        g.form_secret = cookie(_FORM) or new_secret()
    return _derived(g.form_secret)


def csrf_field() -> Markup:
    """Return the hidden field that every form needs that changes something."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf())


def sent_by_our_form() -> bool:
    """Tell whether this request comes from a form of this site, shown to this very reader."""
    secret = cookie(_SESSION) if current() is not None else cookie(_FORM)
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    return bool(secret) and hmac.compare_digest(_derived(secret).encode(), sent.encode())


def finish(response: Response) -> Response:
    """Keep what was made for one reader out of every cache, and set the cookie of their forms."""
    if "form_secret" in g and not cookie(_FORM):
        set_cookie(response, _FORM, g.form_secret)
    if "asked_by_cookie" in g or "has_form" in g:
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.add("Cookie")
    if "asked_by_token" in g:
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.add("Authorization")
    return response


def address() -> str:
    """Return the network address that asks, as far as it is known."""
    return request.remote_addr or ""


def cookie(name: str) -> str:
    """Return a cookie of ours; empty where there is none."""
    return request.cookies.get(_name(name), "")


def set_cookie(response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    """Set a cookie of ours; by default it ends with the browser, which may be one in a library."""
    response.set_cookie(
        _name(name), value, max_age_s, secure=is_secure(), httponly=True, samesite="Lax"
    )


def drop_cookie(response: Response, name: str) -> Response:
    """Take a cookie of ours back."""
    response.delete_cookie(_name(name), secure=is_secure(), httponly=True, samesite="Lax")
    return response


def is_secure() -> bool:
    """Tell whether browsers reach this site by https, as behind a proxy they do unseen."""
    return request.is_secure or context.settings().site_url.startswith("https://")


def _by_token() -> None:
    sent = request.authorization
    if sent is not None and sent.type == "bearer" and sent.token:
        g.asked_by_token = True
        found = context.library().accounts.by_token(sent.token)
        if found:
            g.person, g.scopes = found


def _derived(secret: str) -> str:
    return hmac.new(secret.encode("utf-8", "surrogateescape"), b"csrf", hashlib.sha256).hexdigest()


def _name(name: str) -> str:
    # With the prefix a browser takes the cookie from no other host and over no other way.
    return f"__Host-{name}" if is_secure() else name
