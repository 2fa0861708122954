"""Every answer is protected, whatever the route and however it went."""

from itertools import pairwise

import pytest

from kb.errors import SettingError
from kb.settings import Settings
from web import create_app

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ADDRESSES = {
    "search.start": "/",
    "search.results": "/search?q=housing",
    "cases.case": "/cases/every-field",
    "cases.case_json": "/cases/every-field.json",
    "cases.case_markdown": "/cases/every-field.md",
    "adoptions.index": "/adoptions",
    "adoptions.of_case": "/cases/every-field/adoptions",
    "api_adoptions.adoptions": "/api/v1/adoptions",
    "collections.index": "/collections",
    "collections.phase": "/collections/a-forum/learn",
    "collections.collection": "/collections/a-forum",
    "collections.collection_json": "/collections/a-forum.json",
    "collections.collection_yaml": "/collections/a-forum.yaml",
    "collections.collection_zip": "/collections/a-forum.zip",
    "about.about": "/about",
    "about.accessibility": "/accessibility",
    "api.index": "/api/v1/",
    "api_page.page": "/api",
    "openapi.document": "/api/v1/openapi.json",
    "api.cases": "/api/v1/cases",
    "api.case": "/api/v1/cases/every-field",
    "api.collections": "/api/v1/collections",
    "api.collection": "/api/v1/collections/a-forum",
    "api.case_schema": "/schema/case.json",
    "api.completions": "/api/v1/completions?q=hou",
    "vocabulary.index": "/vocabulary",
    "vocabulary.concept": "/vocabulary/themes/06",
    "vocabulary.turtle": "/vocabulary.ttl",
    "vocabulary.jsonld": "/vocabulary.jsonld",
    "api.health": "/healthz",
    "metrics.metrics": "/metrics",
    "static": "/static/app.css",
    "brief.brief": "/brief?case=every-field",
    "brief.docx": "/brief.docx?case=every-field",
    "compare.compare": "/compare?case=every-field&case=housing-first-dublin",
    "contribute.index": "/contribute",
    "contribute.template": "/contribute/template.csv",
    "export.file": "/export/csv?q=housing",
    "pictures.index": "/pictures?q=housing",
    "history.history": "/cases/every-field/history",
    "history.revision": "/cases/every-field/history/1",
    "feeds.atom": "/feeds/search.atom?q=housing",
    "following.follow": "/follow?q=housing",
    "feeds.opensearch": "/opensearch.xml",
    "feeds.robots": "/robots.txt",
    "feeds.sitemap": "/sitemap.xml",
    "feeds.sitemap_page": "/sitemap/1.xml",
    "shortlist.shortlist": "/shortlist",
    "signposts.case_links": "/cases/every-field/linkset.json",
    "signposts.collection_links": "/collections/a-forum/linkset.json",
    "catalog.jsonld": "/catalog.jsonld",
    "catalog.turtle": "/catalog.ttl",
    "oai.answer": "/oai?verb=Identify",
    "oai.xsd": "/schema/case.xsd",
    "snapshots.index": "/snapshots",
    "snapshots.snapshot": "/snapshots/0123456789abcdef",
    "snapshots.package": "/snapshots/0123456789abcdef/package",
    "snapshots.citation": "/snapshots/0123456789abcdef/citation/ris",
    "api_snapshots.snapshots": "/api/v1/snapshots",
    "api_snapshots.snapshot": "/api/v1/snapshots/0123456789abcdef",
}
CLOSED = {
    "adoptions.queue": "/review/adoptions",
    "profile.index": "/account",
    "people.index": "/people",
    "people.audit": "/audit",
    "profile.export": "/account/export",
    "contribute.draft": "/drafts/x",
    "contribute.preview": "/drafts/x/preview",
    "contribute.states": "/contribute/states",
    "reports.missed_csv": "/reports/missed.csv",
    "reports.searches": "/reports/searches",
    "reports.searches_csv": "/reports/searches.csv",
    "review.queue": "/review",
    "status.status": "/status",
    "upkeep.overdue": "/overdue",
    "upkeep.tags": "/cases/every-field/tags",
    "uploads.upload": "/api/v1/uploads/x",
    "following.index": "/account/searches",
    "following.search": "/account/searches/x",
}
"""Pages that send to the page for signing in; tests of accounts open them."""
FORMS = {
    "account.sign_in": "/sign-in",
    "account.forgot": "/forgot",
    "export.index": "/export?q=housing",
    "language.index": "/language",
    "fit.index": "/fit?q=housing",
    "account.link": "/link/x",
    "following.stop": "/no-letters/0123456789abcdef/x",
    "upkeep.still": "/cases/every-field/still-running/x",
    "oidc.sign_in": "/sign-in/oidc",
    "oidc.callback": "/sign-in/oidc/callback",
}
"""Public pages with a form, or on the way to one; where there is one, its cookie is set."""
WITH_COOKIE = {"/language", "/sign-in", "/sign-in/oidc/callback", "/export?q=housing"}
ERRORS = [
    "/nothing",
    "/cases/none",
    "/api/v1/none",
    "/api/v1/cases?page=x",
    "/search?q=" + "x" * 9000,
]
PAGES = [
    "/",
    "/search?q=housing&country=IE",
    "/cases/every-field",
    "/vocabulary",
    "/vocabulary/themes/06",
    "/about",
    "/accessibility",
    "/api",
    "/nothing",
]
SHEETS = tuple(f"/static/{name}.css?v=" for name in ("app", "desk", "forms", "pictures"))


def test_every_route_has_an_address_here(site):
    shown = {rule.endpoint for rule in site.url_map.iter_rules() if "GET" in rule.methods}

    assert shown == {*ADDRESSES, *CLOSED, *FORMS}


@pytest.mark.parametrize(
    "address", [*ADDRESSES.values(), *CLOSED.values(), *FORMS.values(), *ERRORS]
)
def test_every_answer_is_protected(client, address):
    with client.get(address) as response:
        headers = response.headers

    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert ("Set-Cookie" in headers) == (address in WITH_COOKIE)


@pytest.mark.parametrize(
    ("site_url", "asked", "insisted"),
    [
        ("", "http://praxis.example", False),
        ("", "https://praxis.example", True),
        ("http://praxis.example", "http://praxis.example", False),
        ("https://praxis.example", "http://127.0.0.1:8000", True),  # as its proxy asks
    ],
)
def test_https_is_insisted_on_only_where_it_is_used(library, site_url, asked, insisted):
    client = create_app(library, Settings(site_url=site_url)).test_client()

    headers = client.get("/about", base_url=asked).headers

    assert ("Strict-Transport-Security" in headers) == insisted


def test_a_false_host_reaches_no_address_of_ours(client):
    response = client.get("/cases/every-field", base_url="http://evil.example")

    assert "evil.example" not in response.text


@pytest.mark.parametrize("address", [*ADDRESSES.values(), *CLOSED.values(), *FORMS.values()])
@pytest.mark.parametrize("change", ["{}", "/{}", "{}/", "{}//"])
def test_nobody_is_sent_to_a_false_host(client, address, change):
    path = change.format(address.partition("?")[0])

    with client.get(
        "/", environ_overrides={"PATH_INFO": path, "HTTP_HOST": "evil.example"}
    ) as sent:
        assert "evil.example" not in sent.headers.get("Location", "")


NAMED = {"KB_SITE_URL": "https://praxis.example", "KB_HOSTS": "www.praxis.example, .towns.example"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("praxis.example", 200),
        ("praxis.example:8000", 200),
        ("www.praxis.example", 200),
        ("lodz.towns.example", 200),
        ("localhost", 200),
        ("127.0.0.1:8000", 200),
        ("evil.example", 400),
        ("praxis.example.evil.example", 400),
        ("evilpraxis.example", 400),
        ("praxis.example@evil.example", 400),
    ],
)
def test_it_answers_to_its_own_names_and_tells_others_where_it_is(library, host, status):
    client = create_app(library, Settings.from_env(NAMED)).test_client()

    answer = client.get("/about", headers={"Host": host, "X-Forwarded-Host": "evil.example"})

    assert answer.status_code == status
    assert "evil.example" not in answer.text
    if status == 400:
        assert answer.text == "Under this name there is no site. It is at https://praxis.example\n"
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_without_names_it_answers_to_every_one_as_for_a_try(library):
    client = create_app(library, Settings()).test_client()

    assert client.get("/about", headers={"Host": "any.example"}).status_code == 200


@pytest.mark.parametrize("text", ["a.example:80", "https://a.example", "a..b", "*", "a,,b"])
def test_a_name_that_is_none_is_refused(text):
    with pytest.raises(SettingError, match="KB_HOSTS"):
        Settings.from_env({"KB_HOSTS": text})


@pytest.mark.parametrize("host", ["x" * 70, "a..b", "."])
def test_a_host_that_is_none_is_refused(client, host):
    for path in ("/sign-in", "/api/v1/"):
        response = client.get(path, headers={"Host": host})

        assert response.status_code == 400
        assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("address", PAGES)
def test_a_page_loads_nothing_from_elsewhere(client, read, address):
    page = read(client.get(address))
    loaded = page.all("img", "iframe", "object", "embed", "style")
    scripts = [
        script.get("src")
        for script in page.all("script")
        if script.get("type") != "application/ld+json"  # data, which no browser runs
    ]
    sheets = [link.get("href") for link in page.all("link", rel="stylesheet")]

    assert loaded == []
    assert all(script.startswith("/static/app.js?v=") for script in scripts)
    assert all(sheet.startswith(SHEETS) for sheet in sheets)


def everything(element):
    yield element
    yield from element.all()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_no_style_or_script_of_its_own(client, read, address):
    for element in everything(read(client.get(address))):
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        assert not element.get("href").startswith("javascript:")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_hangs_together(client, read, address):
    elements = list(everything(read(client.get(address))))
    ids = [element.get("id") for element in elements if element.get("id")]
    inside = [e.get("href")[1:] for e in elements if e.get("href").startswith("#")]
    named = [e.get(name) for e in elements for name in ("for", "aria-labelledby") if e.get(name)]

    assert len(ids) == len(set(ids))
    assert {*inside, *named} <= set(ids)


@pytest.mark.parametrize("address", PAGES)
def test_headings_leave_no_level_out(client, read, address):
    page = read(client.get(address))
    levels = [int(h.tag[1]) for h in page.all("h1", "h2", "h3", "h4", "h5", "h6")]

    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_where_its_main_content_begins(client, read, address):
    page = read(client.get(address))

    assert page.one("html").get("lang") == "en"
    assert page.link("Skip to the main content") == "#main"
    assert page.one("main").get("id") == "main"


def test_links_inside_the_site_lead_somewhere(client, read):
    hrefs = {a.get("href") for address in PAGES for a in read(client.get(address)).all("a")}
    inside = {href.partition("#")[0] for href in hrefs if href.startswith("/")}

    assert {href: client.get(href).status_code for href in inside} == dict.fromkeys(inside, 200)
