"""The shortlist of someone without an account, and lists that others have sent as a link."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as Answer

from kb.briefing import MOST_CASES
from kb.errors import ShortlistError
from kb.shortlist import LONGEST_NOTE, Entry, Shortlist
from kb.shortlist import MOST_CASES as MOST_LISTED
from web import context
from web.choice import chosen
from web.i18n import translated
from web.kept import DAYS, keep, kept, seal, unseal
from web.labels import carried
from web.responses import onward

pages = Blueprint("shortlist", __name__)

_REFUSED = 422
_DONE: Mapping[str, str] = MappingProxyType(
    {
        "saved": _l("Your note has been kept."),
        "removed": _l("The case has been removed."),
        "kept": _l("The cases are on your shortlist."),
        "cleared": _l("Your shortlist is empty again."),
    }
)
"""What is said after something was done."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A list that an address holds."""

    shortlist: Shortlist
    left_out: int
    """How many cases it names beyond those that a list may hold."""
    notes_lost: bool
    """Whether its notes cannot be read."""
    notes: str
    """As they stand in the address."""


_CHANGES: Mapping[str, Callable[[Shortlist, str, str], Shortlist]] = MappingProxyType(
    {
        "save": lambda mine, case, note: mine.noted(case, note),
        "up": lambda mine, case, note: mine.noted(case, note).moved(case, -1),
        "down": lambda mine, case, note: mine.noted(case, note).moved(case, 1),
        "remove": lambda mine, case, _note: mine.without(case),
    }
)
"""What the buttons of an entry do; none loses a note that has just been written."""


@pages.get("/shortlist")
def shortlist() -> Answer:
    """Show the reader's own list, or the one that the address holds, to be kept if wanted."""
    return _shared() if "cases" in request.args else _own()


@pages.post("/shortlist/<slug:case_id>/add")
def add(case_id: str) -> Answer:
    """Put a case on the list."""
    context.library().page(case_id)
    try:
        answer = onward("cases.case", case_id=case_id, listed="yes")
        return keep(answer, kept().shortlist.joined([Entry(case_id)]))
    except ShortlistError as err:
        return _own(wrong=translated(err.message))


@pages.post("/shortlist/<slug:case_id>")
def change(case_id: str) -> Answer:
    """Move a case, remove it, or keep a note on it."""
    do, note = request.form.get("do", ""), request.form.get("note", "")
    if do not in _CHANGES:
        raise BadRequest
    try:
        changed = _CHANGES[do](kept().shortlist, case_id, note)
        done = {"save": "saved", "remove": "removed"}.get(do)
        return keep(onward("shortlist.shortlist", done=done, _anchor=f"entry-{case_id}"), changed)
    except ShortlistError as err:
        return _own(wrong=translated(err.message), at=case_id, typed=note)


@pages.post("/shortlist")
def whole() -> Answer:
    """Keep a list that somebody has sent, after what is on one's own; or empty one's own."""
    if request.form.get("do") == "clear":
        return keep(onward("shortlist.shortlist", done="cleared"), Shortlist())
    told = _read(request.form.get("cases", ""), request.form.get("notes", ""))
    here = chosen(told.shortlist.ids).pages
    entries = [entry for entry in told.shortlist.entries if entry.case_id in here]
    try:
        joined = kept().shortlist.joined(entries)
        return keep(onward("shortlist.shortlist", done="kept"), joined)
    except ShortlistError as err:
        return _shared(told, wrong=translated(err.message))


def _own(*, wrong: str = "", at: str = "", typed: str = "") -> Response:
    mine = kept()
    done = "" if wrong else str(_DONE.get(request.args.get("done", ""), ""))
    page = render_template(
        "shortlist/shortlist.html",
        mine=mine,
        notes=mine.shortlist.notes | ({at: typed} if at else {}),
        choice=chosen(mine.shortlist.ids),
        done=done,
        wrong=wrong,
        wrong_at=at,
        days=DAYS,
        longest=LONGEST_NOTE,
        most=MOST_LISTED,
        compared=MOST_CASES,
        link=_link(mine.shortlist),
        link_with_notes=_link(mine.shortlist, notes=True) if mine.shortlist.notes else "",
    )
    return make_response(page, _REFUSED if wrong else 200)


def _shared(told: Shared | None = None, *, wrong: str = "") -> Response:
    told = told or _read(request.args.get("cases", ""), request.args.get("notes", ""))
    page = render_template(
        "shortlist/shared.html",
        shared=told,
        choice=chosen(told.shortlist.ids),
        notes=told.shortlist.notes,
        mine=kept().shortlist,
        wrong=wrong,
        most=MOST_LISTED,
    )
    return make_response(page, _REFUSED if wrong else 200)


def _read(cases: str, notes: str) -> Shared:
    """Read a list out of an address; ids that can be none are left for the page to tell."""
    told = tuple(dict.fromkeys(filter(None, (each.strip() for each in cases.split(",")))))
    lost, written = False, Shortlist()
    try:
        written = unseal(notes) if notes else written
    except BadData:
        lost = True
    entries = tuple(Entry(each, written.notes.get(each, "")) for each in told[:MOST_LISTED])
    return Shared(Shortlist(entries), max(len(told) - MOST_LISTED, 0), lost, notes)


def _link(told: Shortlist, *, notes: bool = False) -> str:
    """Return the address under which others see a list."""
    pairs = {"cases": ",".join(told.ids), **({"notes": seal(told)} if notes else {}), **carried()}
    return context.public_url(f"{url_for('shortlist.shortlist')}?{urlencode(pairs, safe=',')}")
