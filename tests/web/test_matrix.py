"""Every route, tried by everyone: by role, by what the route is about, and by the state of that.

The routes come from the site itself. One that is not listed here fails, so that whoever adds
one has to say for whom it is; what they say here is compared with what the site does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product

import pytest
from flask import Flask

from kb.drafts import Drafts
from kb.library import open_library
from kb.permissions import STATES, may
from kb.settings import Settings
from web import create_app, session
from web.access import PUBLIC
from web.errors import STALE_FORM

WHO = {
    "everyone": (None, "contributor", "moderator", "administrator"),
    "people": ("contributor", "moderator", "administrator"),
    "staff": ("moderator", "administrator"),
    "administrators": ("administrator",),
}
ROLES = WHO["everyone"]

FOR = {
    "about.about": "everyone",
    "about.accessibility": "everyone",
    "account.forgot": "everyone",
    "account.link": "everyone",
    "account.sign_in": "everyone",
    "account.sign_out": "everyone",
    "account.try_sign_in": "everyone",
    "adoptions.decide": "staff",
    "adoptions.index": "everyone",
    "adoptions.of_case": "everyone",
    "adoptions.queue": "staff",
    "adoptions.record": "people",
    "adoptions.withdraw": "people",
    "api.case": "everyone",
    "api.case_schema": "everyone",
    "api.cases": "everyone",
    "api.collection": "everyone",
    "api.collections": "everyone",
    "api.completions": "everyone",
    "api.health": "everyone",
    "api.index": "everyone",
    "api_adoptions.adoptions": "everyone",
    "api_page.page": "everyone",
    "api_snapshots.snapshot": "everyone",
    "api_snapshots.snapshots": "everyone",
    "brief.brief": "everyone",
    "brief.docx": "everyone",
    "cases.case": "everyone",
    "cases.case_json": "everyone",
    "cases.case_markdown": "everyone",
    "catalog.jsonld": "everyone",
    "catalog.turtle": "everyone",
    "collections.collection": "everyone",
    "collections.collection_json": "everyone",
    "collections.collection_yaml": "everyone",
    "collections.collection_zip": "everyone",
    "collections.index": "everyone",
    "collections.phase": "everyone",
    "compare.compare": "everyone",
    "contribute.begin": "people",
    "contribute.comment": "people",
    "contribute.delete": "people",
    "contribute.draft": "people",
    "contribute.index": "everyone",
    "contribute.preview": "people",
    "contribute.save": "people",
    "contribute.send": "people",
    "contribute.states": "people",
    "contribute.submit_all": "people",
    "contribute.template": "everyone",
    "export.file": "everyone",
    "export.index": "everyone",
    "feeds.atom": "everyone",
    "feeds.opensearch": "everyone",
    "feeds.robots": "everyone",
    "feeds.sitemap": "everyone",
    "feeds.sitemap_page": "everyone",
    "fit.index": "everyone",
    "following.change": "people",
    "following.delete": "people",
    "following.end": "everyone",
    "following.follow": "everyone",
    "following.index": "people",
    "following.save": "people",
    "following.search": "people",
    "following.stop": "everyone",
    "history.history": "everyone",
    "history.revision": "everyone",
    "language.choose": "everyone",
    "language.index": "everyone",
    "metrics.metrics": "everyone",
    "oai.answer": "everyone",
    "oai.xsd": "everyone",
    "oidc.callback": "everyone",
    "oidc.sign_in": "everyone",
    "openapi.document": "everyone",
    "people.audit": "administrators",
    "people.close": "administrators",
    "people.index": "administrators",
    "people.invite": "administrators",
    "people.link": "administrators",
    "people.role": "administrators",
    "pictures.index": "everyone",
    "profile.erase": "people",
    "profile.export": "people",
    "profile.index": "people",
    "profile.make_token": "people",
    "profile.name": "people",
    "profile.password": "people",
    "profile.revoke_token": "people",
    "profile.sign_out_everywhere": "people",
    "reports.missed_csv": "administrators",
    "reports.searches": "administrators",
    "reports.searches_csv": "administrators",
    "review.assign": "staff",
    "review.decide": "staff",
    "review.queue": "staff",
    "review.retire": "staff",
    "review.take_down": "administrators",
    "search.results": "everyone",
    "search.start": "everyone",
    "shortlist.add": "everyone",
    "shortlist.change": "everyone",
    "shortlist.shortlist": "everyone",
    "shortlist.whole": "everyone",
    "signposts.case_links": "everyone",
    "signposts.collection_links": "everyone",
    "snapshots.citation": "everyone",
    "snapshots.freeze": "everyone",
    "snapshots.index": "everyone",
    "snapshots.package": "everyone",
    "snapshots.snapshot": "everyone",
    "static": "everyone",
    "status.status": "staff",
    "uploads.send": "people",
    "uploads.upload": "people",
    "upkeep.answer": "everyone",
    "upkeep.judge": "staff",
    "upkeep.overdue": "staff",
    "upkeep.still": "everyone",
    "upkeep.tags": "staff",
    "vocabulary.concept": "everyone",
    "vocabulary.index": "everyone",
    "vocabulary.jsonld": "everyone",
    "vocabulary.turtle": "everyone",
}
VALUES = {
    "adoption_id": "none",
    "case_id": "a-case",
    "collection_id": "a-collection",
    "concept_id": "06",
    "draft_id": "none",
    "filename": "app.css",
    "format_name": "csv",
    "kind": "csv",
    "number": 1,
    "person_id": "0123456789abcdef",
    "phase": "learn",
    "record_id": "none",
    "scheme_name": "themes",
    "search_id": "0123456789abcdef",
    "secret": "x",
    "snapshot_id": "0123456789abcdef",
    "token_id": "0123456789abcdef",
    "upload_id": "none",
}


@dataclass(frozen=True)
class Route:
    """A way into the site."""

    endpoint: str
    method: str
    about_draft: bool

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


def routes() -> Iterator[Route]:
    site = create_app(None, Settings())
    for rule in sorted(site.url_map.iter_rules(), key=str):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield Route(rule.endpoint, method, "draft_id" in rule.arguments)


ROUTES = tuple(routes())
ABOUT_DRAFTS = tuple(route for route in ROUTES if route.about_draft)
CLOSED = {401, 403}
FILLED_IN = {"text": "A reason", "version": "2", "kind": "archived", "verdict": "accepted"}
"""What forms about drafts ask for."""
NUMBERS = count()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    opened = open_library(Settings(data=tmp_path_factory.mktemp("matrix"), encoder="off"))
    opened.accounts.set_password(opened.accounts.first_run(), "x y z w" * 3, email="a@b.example")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def site(library) -> Flask:
    return create_app(library, Settings())


def someone(library, role):
    return library.accounts.create(f"p{next(NUMBERS)}@city.example", role)


def ask(site, library, route, person, **values):
    """Ask as ``person`` would who has the page before them; return the answer."""
    client, headers, data = site.test_client(), {}, dict(FILLED_IN)
    rule = next(site.url_map.iter_rules(route.endpoint))
    address = site.url_map.bind("localhost").build(
        route.endpoint,
        {name: VALUES[name] for name in rule.arguments} | values,
        method=route.method,
    )
    if address.startswith("/api/") and person:
        scopes = ["read", "submit", "export"] + ["review"] * (person.role != "contributor")
        token = library.accounts.make_token(person, "matrix", scopes, 1)
        headers["Authorization"] = f"Bearer {token}"
    else:
        secret = library.accounts.begin_session(person.id, "test") if person else "a form"
        client.set_cookie("session" if person else "form", secret)
        data["csrf"] = session._derived(secret)
    sent = {"data": data} if route.method != "GET" else {}
    with client.open(address, method=route.method, headers=headers, **sent) as answer:
        answer.get_data()
    return answer


def is_closed(answer) -> bool:
    to_sign_in = answer.headers.get("Location", "").startswith("/sign-in?next=")
    return answer.status_code in CLOSED or to_sign_in


def test_every_route_says_for_whom_it_is():
    assert {route.endpoint for route in ROUTES} == set(FOR)


def test_a_route_is_public_or_marked_and_never_both(site):
    marked = {name for name, view in site.view_functions.items() if hasattr(view, "needs")}

    assert marked | PUBLIC == set(site.view_functions)
    assert not marked & PUBLIC
    assert {name for name, who in FOR.items() if who == "everyone"} == PUBLIC


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "anonymous")
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_route_lets_in_those_it_is_for_and_nobody_else(site, library, route, role):
    answer = ask(site, library, route, someone(library, role) if role else None)

    assert is_closed(answer) == (role not in WHO[FOR.get(route.endpoint, "everyone")])
    assert answer.status_code != 500
    assert f"<h1>{STALE_FORM.title}" not in answer.text


@pytest.mark.parametrize(("state", "own"), [*product(STATES, (True, False))])
@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "anonymous")
@pytest.mark.parametrize("route", ABOUT_DRAFTS, ids=str)
def test_a_route_about_a_draft_heeds_its_state_and_owner(site, library, route, role, state, own):
    person = someone(library, role) if role else None
    owner = person if person and own else someone(library, "contributor")
    drafts = Drafts(library._connections)
    draft = drafts.add(owner.id, {"title": "A draft", "original_language": "en"})
    drafts.change(draft.id, draft.version, state=state)
    actions = site.view_functions[route.endpoint].needs

    answer = ask(site, library, route, person, draft_id=draft.id)

    allowed = any(may(role, each, own=own and bool(person), state=state) for each in actions)
    refused = is_closed(answer) or answer.status_code == 404
    assert refused is not allowed
    if not may(role, "draft.read", own=own and bool(person), state=state):
        assert "A draft" not in answer.text


def test_a_route_that_says_nothing_is_closed_to_everyone(library):
    site = create_app(library, Settings())
    site.add_url_rule("/new", "new", lambda: "open")
    client = site.test_client()

    assert client.get("/new").status_code == 303
    client.set_cookie("session", library.accounts.begin_session(
        someone(library, "administrator").id, "test"))  # fmt: skip
    assert client.get("/new").status_code == 403
