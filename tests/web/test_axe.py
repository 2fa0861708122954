"""axe finds nothing on any page, in light and dark, wide and narrow (WCAG 2.2 AA).

It finds a part of what can be wrong; what it cannot see is in the other tests of the browser.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import template_rendered

from kb.frozen import Question, Snapshot
from kb.query import Query
from tests.kb.taken import record
from tests.web.browsing import Town, needs_chromium, town

axe = pytest.importorskip(
    "axe_playwright_python.base",
    reason="axe is missing; install the dependency group tests",
)

pytestmark = needs_chromium

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # off by default, though WCAG 2.2 asks for it
    "resultTypes": ["violations"],
}
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""What depends on the theme."""
WIDTHS = (1280, 320)

PUBLIC = [
    "/",
    "/search?q=homelessness",
    "/search?q=xyzzyq",
    "/cases/every-field",
    "/cases/housing-first-dublin",
    "/collections",
    "/compare",
    "/compare?case=every-field&case=housing-first-dublin",
    "/collections/a-forum",
    "/collections/a-forum/learn",
    "/collections/a-forum/share",
    "/collections/a-forum/create",
    "/adoptions",
    "/adoptions?q=nowhere",
    "/cases/every-field/adoptions",
    "/vocabulary",
    "/vocabulary/themes/06",
    "/about",
    "/language",
    "/accessibility",
    "/api",
    "/export",
    "/pictures",
    "/pictures?q=xyzzyq",
    "/follow?q=homelessness",
    "{stop}",
    "/fit?go=1&named=Bergen",
    "/search?q=homelessness&town=2964574&lacks=housing-stock&sort=fit",
    "/snapshots",
    "{snapshot}",
    "{mended}",
    "/nothing",
    "/shortlist",
    "/shortlist?cases=every-field,not-here",
    "/sign-in",
    "/forgot",
    "/contribute",
    "/brief",
    "/brief?case=every-field&case=housing-first-dublin",
    "/cases/every-field/history",
    "/cases/every-field/history/2",
    "{invitation}",
    "{still}",
]
PAGES = [
    *(("", path) for path in PUBLIC),
    ("ana", "/account"),
    ("ana", "/account/searches?done=saved"),
    ("ana", "{followed}?since=0"),
    ("ana", "/follow?q=xyzzyq"),
    ("ana", "/contribute"),
    ("ana", "/contribute?done=submitted"),
    ("ana", "{draft}?done=saved"),
    ("ana", "{submitted}"),
    ("ana", "{submitted}/preview"),
    ("mia", "/review"),
    ("mia", "{submitted}"),
    ("ana", "/adoptions"),
    ("ana", "/cases/every-field/adoptions"),
    ("mia", "/review/adoptions"),
    ("mia", "/overdue"),
    ("mia", "/status"),
    ("mia", "/cases/every-field/tags"),
    ("ada", "/cases/every-field/history"),
    ("ada", "/people"),
    ("ada", "/audit"),
    ("ada", "/reports/searches"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("axe")
    with town(folder) as founded:
        yield founded


@pytest.fixture(scope="module")
def addresses(site) -> dict[str, str]:
    library = site.library
    secret = library.digests._links.link(site.person("ana").id)
    return {
        "draft": f"/drafts/{site.draft('ana').id}",
        "submitted": f"/drafts/{site.draft('ana', 'submitted').id}",
        "invitation": f"/link/{library.accounts.invite('new@people.example', 'contributor')}",
        "still": "/cases/every-field/still-running/"
        + library.contributing.verifying.link("every-field"),
        "followed": f"/account/searches/{followed(site)}",
        "stop": f"/no-letters/{site.person('ana').id}/{secret}",
        "snapshot": f"/snapshots/{library.snapshots.freeze(Question(Query())).id}",
        "mended": f"/snapshots/{mended(site).id}",
    }


def followed(site: Town) -> str:
    """Follow two searches, one of them under a name."""
    mine, ana = site.library.following, site.person("ana")
    mine.save(ana, Query("xyzzyq"), "", "weekly")
    return mine.save(ana, Query("homelessness"), "Housing first", "daily").id


def mended(site: Town) -> Snapshot:
    """Freeze a result, then take down a case of it, change another and add one."""
    library = site.library
    for case_id in ("gone", "changed"):
        library._store.save(record(id=case_id).case, file="", original="", contributor="")
    library.sync()
    frozen = library.snapshots.freeze(Question(Query(sort="city")))
    library.contributing.take_down(site.person("ada"), "gone", "A court has ordered it.")
    for case_id in ("added", "changed"):
        case = record(id=case_id, title="Another title").case
        library._store.save(case, file="", original="", contributor="")
    library.sync()
    return frozen


@pytest.fixture
def look(chromium, site):
    """Open a page as somebody, and let axe look at it in four ways."""
    contexts = []

    def visit(name: str, path: str, *, scripted: bool = True):
        context = chromium.new_context(viewport={"width": WIDTHS[0], "height": 900})
        contexts.append(context)
        if not scripted:  # scripts stay on, because axe is one; those of the page do not come
            context.route("**/static/*.js*", lambda route: route.abort())
        if name:
            context.add_cookies([site.cookie(name)])
        page = context.new_page()
        page.goto(site.address + path)
        page.evaluate(axe.AXE_SCRIPT)
        return page

    yield visit
    for context in contexts:
        context.close()


def findings(page) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, options in (("light", ALL), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)
            result = page.evaluate("options => axe.run(document, options)", options)
            found += [
                f"{width} {scheme} {rule['id']}: {node['html'][:200]}"
                for rule in result["violations"]
                for node in rule["nodes"]
            ]
    return found


@pytest.mark.parametrize(("name", "path"), PAGES)
def test_axe_finds_nothing(look, addresses, name, path):
    assert findings(look(name, path.format_map(addresses))) == []


@pytest.mark.parametrize("path", ["/contribute", "{draft}"])
def test_axe_finds_nothing_where_no_script_runs(look, addresses, path):
    assert findings(look("ana", path.format_map(addresses), scripted=False)) == []


def test_axe_finds_nothing_where_something_is_wrong(look, addresses):
    page = look("ana", addresses["draft"])
    page.get_by_label("Began").fill("last spring")
    page.get_by_role("button", name="Save and submit for review").click()
    page.evaluate(axe.AXE_SCRIPT)

    assert page.title().startswith("Error: ")
    assert findings(page) == []


def test_axe_finds_nothing_on_a_shortlist_with_a_note_that_is_too_long(look):
    page = look("", "/cases/every-field")
    page.get_by_role("button", name="Add to shortlist").click()
    page.goto(page.url.replace("every-field", "housing-first-dublin"))
    page.get_by_role("button", name="Add to shortlist").click()
    page.get_by_role("link", name="Shortlist (2)").click()
    page.get_by_label("Your note on Every field").fill("x" * 501)
    page.get_by_role("button", name="Move down Every field").click()
    page.evaluate(axe.AXE_SCRIPT)

    assert page.title().startswith("Error: ")
    assert findings(page) == []


def test_axe_finds_nothing_where_nobody_is_let_in(look):
    page = look("", "/sign-in")
    page.get_by_label("E-mail").fill("ana@people.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.evaluate(axe.AXE_SCRIPT)

    assert page.title().startswith("Error: ")
    assert findings(page) == []


def test_axe_looks_at_every_page(site, addresses):
    seen = set()

    def note(_app, template, **_) -> None:
        seen.add(template.name)

    with template_rendered.connected_to(note, site.app):
        for name, path in PAGES:
            client = site.app.test_client()
            if name:
                client.set_cookie("session", site.cookie(name)["value"])
            client.get(path.format_map(addresses))

    folder = Path(site.app.root_path, "templates")
    pages = {path.relative_to(folder).as_posix() for path in folder.glob("*/[!_]*.html")}
    assert pages - seen == set()


def test_axe_does_look(look):
    page = look("", "/about")
    page.evaluate("document.querySelector('main').innerHTML = '<input><p>Pale</p>'")
    page.evaluate("document.querySelector('main p').style.color = '#888'")

    found = " ".join(findings(page))
    assert "1280 light label" in found
    assert "1280 dark color-contrast" in found or "320 light color-contrast" in found
