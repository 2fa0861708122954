"""Following a search: the ways to do it, one's own list of searches, and an end to letters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from kb import exporting
from kb.errors import AccountError
from kb.followed import OFTEN, Followed, Often
from kb.following import News
from kb.query import MAX_SIZE, Query
from kb.saying import term
from web import args, context, links, session
from web.i18n import page_language, translated
from web.labels import carried
from web.responses import onward

pages = Blueprint("following", __name__)

SHOWN = 20
"""Searches on a page of the list: each is asked anew."""
_REFUSED = 422
_OFTEN: Mapping[Often, str] = {
    "never": term("No e-mail"),
    "weekly": term("At most one e-mail a week"),
    "daily": term("At most one e-mail a day"),
}
_DONE = {
    "saved": term("The search is saved."),
    "changed": term("The search is changed."),
    "deleted": term("The search is deleted."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A search in the list."""

    followed: Followed
    name: str
    question: str
    """In words; empty where it is the name."""
    news: News
    url: str


@pages.get("/follow")
def follow() -> Response:
    """Say in which ways a search can be followed, and let someone with an account save it."""
    return _follow_page()


@pages.post("/account/searches")
@session.needs("account.self")
def save() -> Answer:
    """Keep the search in the address, also one that finds nothing."""
    query = context.query()
    name, often = request.form.get("name", ""), request.form.get("often", OFTEN[0])
    try:
        context.library().following.save(session.person(), query, name, often)
    except AccountError as err:
        return _follow_page({err.field: translated(err.message)})
    return onward("following.index", done="saved")


@pages.get("/account/searches")
@session.needs("account.self")
def index() -> Response:
    """List one's own searches, with what each finds now and what of it is new."""
    return _list_page()


@pages.get("/account/searches/<slug:search_id>")
@session.needs("account.self")
def search(search_id: str) -> str:
    """Show what is new in a search, and note that it was seen.

    ``since`` in the address keeps the page as it was, however often it is loaded.
    """
    mine = context.library().following
    followed = mine.get(session.person(), search_id)
    since = args.number(request.args.get("since", ""))
    news = mine.news(followed, followed.looked if since is None else min(since, followed.looked))
    mine.look(followed, news)
    query = replace(followed.query, reader=context.reader())
    told = context.library().search(
        replace(query, size=MAX_SIZE), frozenset(news.found) - frozenset(news.new)
    )
    return render_template(
        "following/search.html",
        name=called(followed),
        question=asked(query),
        news=news,
        hits=told.hits,
        search_url=links.search_url(query),
        feed_url=links.feed_url(query),
    )


@pages.post("/account/searches/<slug:search_id>")
@session.needs("account.self")
def change(search_id: str) -> Answer:
    """Change what a search is called, and how often a letter comes."""
    name, often = request.form.get("name", ""), request.form.get("often", OFTEN[0])
    try:
        context.library().following.change(session.person(), search_id, name, often)
    except AccountError as err:
        return _list_page(search_id, {f"{err.field}-{search_id}": translated(err.message)})
    return _back("changed")


@pages.post("/account/searches/<slug:search_id>/delete")
@session.needs("account.self")
def delete(search_id: str) -> Answer:
    """Follow a search no more."""
    context.library().following.delete(session.person(), search_id)
    return _back("deleted")


@pages.get("/no-letters/<slug:person_id>/<secret>")
def stop(person_id: str, secret: str) -> str:
    """Ask whether letters shall end: programs that scan mail open links too."""
    context.library().digests.check(person_id, secret)
    return _stop_page(person_id, secret, done=False)


@pages.post("/no-letters/<slug:person_id>/<secret>")
def end(person_id: str, secret: str) -> str:
    """End letters, at the click of a person or of their mail program (RFC 8058)."""
    context.library().digests.end(person_id, secret)
    return _stop_page(person_id, secret, done=True)


def called(followed: Followed) -> str:
    """Return what a search is called: by its owner, or by its question."""
    return followed.name or asked(followed.query)


def asked(query: Query) -> str:
    """Say in words of the page what a search asks."""
    return exporting.described(query, language=page_language(), say=translated)


def _follow_page(errors: Mapping[str, str] | None = None) -> Response:
    query = context.query()
    page = render_template(
        "following/follow.html",
        errors=errors or {},
        told=request.form,
        query=query,
        question=asked(query),
        count=context.library().search(replace(query, page=1, size=1)).total,
        search_url=links.search_url(query),
        feed_url=context.public_url(links.feed_url(query)),
        save_url=links.follow_url(query, "following.save"),
        here=links.follow_url(query),
        often=_often(),
    )
    return make_response(page, _REFUSED if errors else 200)


def _list_page(open_id: str = "", errors: Mapping[str, str] | None = None) -> Response:
    person, number = session.person(), args.number(request.args.get("page", "")) or 1
    searches = context.library().following.of(person)
    first = (number - 1) * SHOWN
    page = render_template(
        "following/index.html",
        errors=errors or {},
        told=request.form,
        open_id=open_id,
        done=translated(_DONE.get(request.args.get("done", ""), "")),
        rows=[_row(each) for each in searches[first : first + SHOWN]],
        number=number,
        more=len(searches) > first + SHOWN,
        often=_often(),
        outgoing=context.library().digests.outgoing(person),
    )
    return make_response(page, _REFUSED if errors else 200)


def _row(followed: Followed) -> Row:
    news = context.library().following.news(followed, followed.looked)
    url = url_for("following.search", search_id=followed.id, since=followed.looked, **carried())
    question = asked(followed.query)
    return Row(followed, followed.name or question, question if followed.name else "", news, url)


def _often() -> dict[Often, str]:
    """Return how often letters can come; nothing where there is no mail server."""
    return {each: translated(_OFTEN[each]) for each in OFTEN} if context.settings().smtp else {}


def _back(done: str) -> Answer:
    number = args.number(request.args.get("page", "")) or 1
    return onward("following.index", done=done, **({"page": number} if number > 1 else {}))


def _stop_page(person_id: str, secret: str, *, done: bool) -> str:
    action = url_for("following.end", person_id=person_id, secret=secret, **carried())
    return render_template("following/stop.html", action=action, done=done)
