"""What follows or finds the cases from outside: Atom feeds, a browser's search box, crawlers.

Atom is RFC 4287, the description of the search OpenSearch 1.1, the list of addresses sitemaps.org.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from flask import Blueprint, Response, abort, make_response, request, url_for

from kb import skos
from kb.collection import CollectionRevision
from kb.exports.citing import author
from kb.harvest import Listed
from kb.model import ENGLISH, Case, Revision
from kb.query import Query
from kb.vocabulary import scheme, scheme_names
from web import context, element
from web.args import query_from
from web.citation import licence_url
from web.element import Element, add
from web.links import feed_url, lasting_url
from web.oai_records import case_url
from web.responses import conditional
from web.snapshots import url_of as snapshot_url

pages = Blueprint("feeds", __name__)

ENTRIES = 50
"""The newest that a feed has; who asks less often than that many cases change reads the search."""
ADDRESSES = 10_000
"""How many addresses a page of the sitemap has; the protocol allows five times as many."""
_MOST_PAGES = 50_000
"""As many as the protocol allows in one index."""

_ATOM = "http://www.w3.org/2005/Atom"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_NEVER = "1970-01-01T00:00:00Z"
_LONGEST_NAME = 16
"""Characters that OpenSearch allows in the short name of a search."""
_SUGGESTIONS = "application/x-suggestions+json"


@pages.get("/feeds/search.atom")
def atom() -> Response:
    """Return the cases of a question that changed last, as a feed."""
    query = query_from(request.args)
    status = context.library().status()
    newest = context.library().harvest.newest()
    revisions = context.library().newest(query, ENTRIES)
    made = _feed(query, revisions)
    response = element.answered(made, "application/atom+xml")
    # While the index is behind, a later answer is another one without a later change.
    if status.index.state == "ready" and not status.index.behind:
        response.last_modified = datetime.fromtimestamp(newest, UTC)
    return conditional(response)


@pages.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search to browsers, which can then offer it in their own box."""
    name = context.settings().site_name
    made = element.root(f"{{{_OPENSEARCH}}}OpenSearchDescription", {None: _OPENSEARCH})
    add(made, "ShortName", name[:_LONGEST_NAME])
    add(made, "Description", f"Cases of social innovation in cities: {name}"[:1024])
    add(made, "InputEncoding", "UTF-8")
    for media_type, endpoint, more in (
        ("text/html", "search.results", ""),
        ("application/atom+xml", "feeds.atom", ""),
        (_SUGGESTIONS, "api.completions", "&format=opensearch"),
    ):
        template = f"{context.public_url(url_for(endpoint))}?q={{searchTerms}}{more}"
        add(made, "Url", type=media_type, template=template)
    return conditional(element.answered(made, "application/opensearchdescription+xml"))


@pages.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages of the list of addresses."""
    made = element.root(f"{{{_SITEMAP}}}sitemapindex", {None: _SITEMAP})
    count = sum(1 for _ in _addresses())
    for number in range(1, -(-count // ADDRESSES) + 1):
        address = context.public_url(url_for("feeds.sitemap_page", number=number))
        add(add(made, "sitemap"), "loc", address)
    return conditional(element.answered(made, "application/xml"))


@pages.get("/sitemap/<int:number>.xml")
def sitemap_page(number: int) -> Response:
    """List addresses that stay, with the last change and the languages of each."""
    start = (number - 1) * ADDRESSES
    there = 0 < number <= _MOST_PAGES
    found = list(islice(_addresses(), start, start + ADDRESSES)) if there else []
    if not found:
        abort(404)
    made = element.root(f"{{{_SITEMAP}}}urlset", {None: _SITEMAP, "xhtml": _XHTML})
    for address, changed, languages in found:
        told = add(made, "url")
        add(told, "loc", address)
        if changed:
            add(told, "lastmod", changed)
        for code, href in languages.items():
            add(told, f"{{{_XHTML}}}link", rel="alternate", hreflang=code, href=href)
    return conditional(element.answered(made, "application/xml"))


@pages.get("/robots.txt")
def robots() -> Response:
    """Say what crawlers may read: all but what is for people with accounts, and endless lists."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED), ""]
    lines += [f"Sitemap: {context.public_url(url_for('feeds.sitemap'))}", ""]
    response = make_response("\n".join(lines))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return conditional(response)


_CLOSED = (
    "/account",
    "/audit",
    "/brief",
    "/compare",
    "/drafts/",
    "/follow",
    "/link/",
    "/no-letters/",
    "/overdue",
    "/people",
    "/reports/",
    "/review",
    "/shortlist",
    "/sign-in",
    # Every combination of filters is an address; one is enough to reach each case.
    "/export/*?*&",
    "/pictures?",
    "/search?*&*&",
)

Address = tuple[str, str, dict[str, str]]
"""Address, last change, and where the same can be read by language."""


def _addresses() -> Iterator[Address]:
    """Yield what is to be found by crawlers: the cases last, so that pages of them stay full."""
    for endpoint in ("search.start", "search.results", "vocabulary.index", "about.about"):
        yield context.public_url(url_for(endpoint)), "", {}
    for name in scheme_names():
        for concept in scheme(name):
            yield skos.concept_uri(context.settings().public_url, concept), "", {}
    yield from map(_collection, context.library().collections())
    for frozen in context.library().snapshots.newest():
        yield snapshot_url(frozen), "", {}
    for listed in context.library().harvest.listed():
        yield from _case(listed)


def _collection(revision: CollectionRevision) -> Address:
    path = url_for("collections.collection", collection_id=revision.collection.id)
    return context.public_url(path), revision.accepted, {}


def _case(listed: Listed) -> Iterator[Address]:
    address = case_url(listed.case_id)
    if not listed.has_english:
        yield address, listed.accepted, {}
        return
    path = url_for("cases.case", case_id=listed.case_id, text=ENGLISH)
    languages = {listed.language: address, ENGLISH: context.public_url(path)}
    for each in languages.values():
        yield each, listed.accepted, languages


def _feed(query: Query, revisions: tuple[Revision, ...]) -> Element:
    name = context.settings().site_name
    address = context.public_url(feed_url(query))
    made = element.root(f"{{{_ATOM}}}feed", {None: _ATOM}, lang=ENGLISH)
    add(made, "id", address)
    add(made, "title", f"{query.text} – {name}" if query.text else name)
    add(made, "updated", max((each.accepted for each in revisions), default=_NEVER))
    add(add(made, "author"), "name", name)
    add(made, "link", rel="self", type="application/atom+xml", href=address)
    html = context.public_url(lasting_url(replace(query, page=1)))
    add(made, "link", rel="alternate", type="text/html", href=html)
    for revision in revisions:
        _entry(add(made, "entry"), revision, query.reader)
    return made


def _entry(made: Element, revision: Revision, reader: str) -> None:
    case, address = revision.case, case_url(revision.case.id)
    language = case.original_language
    add(made, "id", address)
    add(made, "title", case.title, lang=language)
    add(made, "updated", revision.accepted)
    add(add(made, "author"), "name", author(case))
    add(made, "link", rel="alternate", type="text/html", hreflang=language, href=address)
    path = url_for("cases.case_json", case_id=case.id)
    add(made, "link", rel="alternate", type="application/json", href=context.public_url(path))
    if licence_url(case.licence):
        add(made, "link", rel="license", href=licence_url(case.licence))
    _categories(made, case, reader)
    add(made, "rights", case.licence)
    if case.summary:
        add(made, "summary", case.summary, lang=language)


def _categories(made: Element, case: Case, reader: str) -> None:
    themes = scheme("themes")
    base = context.settings().public_url
    for concept in (themes[each] for each in case.themes):
        add(made, "category", term=concept.id, scheme=f"{base}/vocabulary/themes",
            label=concept.label(reader))  # fmt: skip
