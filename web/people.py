"""For administrators: the people who have an account, and the record of what was done."""

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask import url_for as address
from werkzeug.wrappers import Response as Answer

from kb import mail
from kb.errors import AccountError, MailError
from kb.permissions import ROLES, Role
from web import context, session
from web.account import address_of

pages = Blueprint("people", __name__)

_REFUSED = 422
_ENTRIES = 100
_INVITATION = """You are invited to {site} as a {role}.

Open this link within seven days to set a password:

{link}

If you did not expect this, do nothing: nothing will happen.
"""


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
        return _page({err.field: str(err)})
    link = address_of(secret)
    text = _INVITATION.format(site=context.settings().site_name, role=role, link=link)
    return _page(link="" if _sent(email.strip(), text) else link, invited=email.strip())


@pages.post("/people/<slug:person_id>/link")
@session.needs("people.manage")
def link(person_id: str) -> Answer:
    """Show a link to a new password, for someone who has lost theirs, and who was asked."""
    accounts, by = context.library().accounts, session.person().id
    person = accounts.person(person_id)
    if person.state == "closed":
        return _page({f"role-{person_id}": "This account is closed; invite the person again"})
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
        return _page({f"role-{person_id}": str(err)})
    return redirect(address("people.index"), 303)


@pages.post("/people/<slug:person_id>/close")
@session.needs("people.manage")
def close(person_id: str) -> Answer:
    """Let someone in no more."""
    try:
        context.library().accounts.close(person_id, by=session.person().id)
    except AccountError as err:
        return _page({f"role-{person_id}": str(err)})
    return redirect(address("people.index"), 303)


@pages.get("/audit")
@session.needs("audit.read")
def audit() -> str:
    """Show what was done, the newest first."""
    before = request.args.get("before", "")
    seq = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None  # noqa: PLR2004 - digits of a 64-bit number
    entries = context.library().audit.entries(_ENTRIES, before=seq)
    names = {each.id: each.called for each in context.library().accounts.everyone()}
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
        roles=ROLES,
    )
    return make_response(page, _REFUSED if errors else 200)


def _sent(to: str, text: str) -> bool:
    mailer = mail.mailer(context.settings())
    if mailer is None:
        return False
    try:
        mailer.send(to, f"Invitation to {context.settings().site_name}", text)
    except MailError:
        return False  # then the link is shown, to be handed over in another way
    return True
