"""For administrators: the people who have an account, and the record of what was done."""

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask import url_for as address
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.wrappers import Response as Answer

from kb import mail
from kb.accounts import OPERATOR
from kb.errors import AccountError, MailError
from kb.permissions import ROLE_NAMES, Role
from kb.saying import term
from web import context, session
from web.account import address_of
from web.i18n import translated

pages = Blueprint("people", __name__)

_REFUSED = 422
_ENTRIES = 100
_INVITED: Mapping[Role, str] = {
    "contributor": term("You are invited to %(site)s as a contributor."),
    "moderator": term("You are invited to %(site)s as a moderator."),
    "administrator": term("You are invited to %(site)s as an administrator."),
}
_INVITATION = term(
    """%(invited)s

Open this link within seven days to set a password:

%(link)s

If you did not expect this, do nothing: nothing will happen.
"""
)


@pages.get("/people")
@session.needs("people.manage")
def index() -> Response:
    """List everyone with an account."""
    return _page()


@pages.post("/people")
@session.needs("people.manage")
def invite() -> Answer:
    """Invite someone: send the link where there is a mail server, else show it."""
    email, name = request.form.get("email", ""), request.form.get("name", "")
    role = cast("Role", request.form.get("role", ""))  # what is none is refused by name
    try:
        secret = context.library().accounts.invite(email, role, name, by=session.person().id)
    except AccountError as err:
        return _page({err.field: translated(err.message)})
    link = address_of(secret)
    invited = _(_INVITED[role], site=context.settings().site_name)
    text = _(_INVITATION, invited=invited, link=link)
    return _page(link="" if _sent(email.strip(), text) else link, invited=email.strip())


@pages.post("/people/<slug:person_id>/link")
@session.needs("people.manage")
def link(person_id: str) -> Answer:
    """Show a link to a new password, for someone who has lost theirs, and who was asked."""
    accounts, by = context.library().accounts, session.person().id
    person = accounts.person(person_id)
    if person.state == "closed":
        message = _("This account is closed; invite the person again")
        return _page({f"role-{person_id}": message})
    if person.state == "active":
        secret = accounts.reset(person.email, by=by)
    else:
        secret = accounts.invite(person.email, person.role, by=by)
    return _page(link=address_of(secret or ""), invited=person.email)


@pages.post("/people/<slug:person_id>/role")
@session.needs("people.manage")
def role(person_id: str) -> Answer:
    """Give someone another role."""
    wanted = cast("Role", request.form.get("role", ""))  # what is none is refused by name
    try:
        context.library().accounts.change_role(person_id, wanted, by=session.person().id)
    except AccountError as err:
        return _page({f"role-{person_id}": translated(err.message)})
    return redirect(address("people.index"), 303)


@pages.post("/people/<slug:person_id>/close")
@session.needs("people.manage")
def close(person_id: str) -> Answer:
    """Let someone in no more."""
    try:
        context.library().accounts.close(person_id, by=session.person().id)
    except AccountError as err:
        return _page({f"role-{person_id}": translated(err.message)})
    return redirect(address("people.index"), 303)


@pages.get("/audit")
@session.needs("audit.read")
def audit() -> str:
    """Show what was done, the newest first."""
    before = request.args.get("before", "")
    seq = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None  # noqa: PLR2004 - digits of a 64-bit number
    entries = context.library().audit.entries(_ENTRIES, before=seq)
    everyone = context.library().accounts.everyone()
    names = {OPERATOR: _("operator")} | {each.id: each.called for each in everyone}
    return render_template(
        "people/audit.html",
        entries=entries,
        names=names,
        more=entries[-1].seq if len(entries) == _ENTRIES else None,
    )


def _page(
    errors: Mapping[str, str] | None = None, *, link: str = "", invited: str = ""
) -> Response:
    page = render_template(
        "people/people.html",
        errors=errors or {},
        link=link,
        invited=invited,
        told=request.form if errors else {},
        people=context.library().accounts.everyone(),
        roles=ROLE_NAMES,
        states={
            "invited": pgettext("account", "invited"),
            "active": pgettext("account", "active"),
            "closed": pgettext("account", "closed"),
        },
    )
    return make_response(page, _REFUSED if errors else 200)


def _sent(to: str, text: str) -> bool:
    mailer = mail.mailer(context.settings())
    if mailer is None:
        return False
    try:
        mailer.send(to, _("Invitation to %(site)s", site=context.settings().site_name), text)
    except MailError:
        return False  # then the link is shown, to be handed over in another way
    return True
