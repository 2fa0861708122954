"""Contributing and reviewing in a real browser: by mouse, by keyboard, and without JavaScript."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.web.browsing import DRAFTS, PHRASE, Town, needs_chromium, town

pytestmark = needs_chromium

PAGES = [
    ("ana", "/account"),
    ("ana", "/contribute"),
    ("ana", "{draft}"),
    ("ana", "{draft}/preview"),
    ("mia", "/review"),
    ("mia", "{submitted}"),
    ("mia", "/overdue"),
    ("mia", "/cases/every-field/tags"),
    ("ada", "/cases/every-field/history"),
    ("", "/cases/every-field/history/2"),
    ("ada", "/people"),
    ("ada", "/audit"),
    ("", "/sign-in"),
    ("", "{still}"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with town(folder) as founded:
        yield founded


@pytest.fixture(scope="module")
def addresses(site) -> dict[str, str]:
    verifying = site.library.contributing.verifying
    return {
        "draft": f"/drafts/{site.draft('ana').id}",
        "submitted": f"/drafts/{site.draft('ana', 'submitted').id}",
        "still": f"/cases/every-field/still-running/{verifying.link('every-field')}",
    }


@pytest.fixture
def browser_of(chromium, site):
    """Give somebody a browser of their own; what it says and asks for is noted."""
    contexts = []

    def open_browser(name: str = "", width: int = 1280, *, script: bool = True):
        size = {"width": width, "height": 800}
        context = chromium.new_context(viewport=size, java_script_enabled=script)
        contexts.append(context)
        if name:
            context.add_cookies([site.cookie(name)])
        context.said, context.asked = [], []
        context.on("console", lambda message: context.said.append(message.text))
        context.on("weberror", lambda error: context.said.append(str(error.error)))
        context.on("request", lambda request: context.asked.append(request.url))
        return context

    yield open_browser
    for context in contexts:
        assert all(url.startswith((site.address, "data:")) for url in context.asked)
        context.close()


@pytest.fixture
def visit(browser_of, site):
    def visit(name: str, path: str, width: int = 1280, *, script: bool = True):
        page = browser_of(name, width, script=script).new_page()
        page.goto(site.address + path)
        return page

    return visit


@pytest.fixture
def newcomer(site, browser_of):
    """Somebody who has just come in by a link of invitation, with or without JavaScript."""
    known = iter(range(1000))

    def invite(*, script: bool = True):
        name = f"new{next(known)}{'' if script else 'plain'}"
        mail = f"{name}@people.example"
        if site.library.accounts.by_email(mail):
            return invite(script=script)
        secret = site.library.accounts.invite(mail, "contributor")
        page = browser_of(script=script).new_page()
        page.goto(f"{site.address}/link/{secret}")
        page.get_by_label("Password").fill(PHRASE)
        page.get_by_role("button", name="Set the password").click()
        page.get_by_role("navigation", name="Site").get_by_role("link", name="Contribute").click()
        return page

    return invite


def read_all(site: Town) -> None:
    while site.library.contributing.read_next():
        pass


def in_sight(page) -> bool:
    """Tell whether what has the focus is clear of the bar at the foot of the draft."""
    return page.evaluate(
        """() => {
            const here = document.activeElement, bar = document.querySelector('#draft > .acts');
            const box = here.getBoundingClientRect();
            if (!bar || bar.contains(here) || box.width < 2) return true;
            const edge = getComputedStyle(bar).position === 'sticky'
                ? bar.getBoundingClientRect().top : innerHeight;
            return box.top < edge && box.bottom > 0;
        }"""
    )


@pytest.mark.parametrize(("name", "path"), PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_says_nothing_to_the_console_and_never_scrolls_sideways(
    visit, addresses, name, path, width
):
    page = visit(name, path.format_map(addresses), width)

    assert page.context.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["/contribute", "{draft}", "{submitted}"])
def test_a_page_survives_wide_spacing(chromium, site, addresses, path):
    context = chromium.new_context(viewport={"width": 320, "height": 800}, bypass_csp=True)
    context.add_cookies([site.cookie("ana")])
    page = context.new_page()
    page.goto(site.address + path.format_map(addresses))

    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: .12em !important; "
        "word-spacing: .16em !important } p { margin-bottom: 2em !important }"
    )

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_file_becomes_a_draft(newcomer, site, script):
    page = newcomer(script=script)
    page.get_by_label("Files about one case each").set_input_files(
        [DRAFTS / "27-basisbaan-groningen.txt", DRAFTS / "06-core-wien.pdf"]
    )

    page.get_by_role("button", name="Send").click()

    page.get_by_text("are kept, and").wait_for()
    assert page.get_by_text("waiting to be read").count() == 2
    read_all(site)
    if not script:
        page.get_by_role("link", name="See how far it is").click()
    page.get_by_role("link", name="see the draft of 06-core-wien.pdf").wait_for()
    page.get_by_role("link", name="see the draft of 06-core-wien.pdf").click()
    assert page.get_by_label("Title", exact=False).first.input_value().startswith("CORE")


def test_states_move_without_taking_the_file_that_was_chosen(newcomer, site):
    page = newcomer()
    chooser = page.get_by_label("Files about one case each")
    chooser.set_input_files(DRAFTS / "04-poliklinik-veddel.txt")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("waiting to be read").wait_for()
    chooser.set_input_files(DRAFTS / "06-core-wien.pdf")

    read_all(site)

    page.get_by_role("link", name="see the draft").wait_for()
    assert chooser.evaluate("input => input.files.length") == 1
    told = page.get_by_role("status").filter(has_text="04-poliklinik-veddel.txt")
    told.wait_for()


def test_a_file_that_is_refused_is_named_and_keeps_out_no_other(newcomer, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    page = newcomer()
    page.get_by_label("Files about one case each").set_input_files(
        [tmp_path / "empty.txt", DRAFTS / "04-poliklinik-veddel.txt"]
    )

    page.get_by_role("button", name="Send").click()

    page.get_by_text("1 of 2 files could be taken in").wait_for()
    assert "empty" in page.locator("[data-sending] .wrong-line").inner_text()
    assert page.get_by_text("waiting to be read").count() == 1


def test_a_draft_saves_itself(visit, addresses):
    page = visit("ana", addresses["draft"])
    field = page.get_by_label("Title", exact=False).first
    field.fill("Latarnicy, by themselves")

    page.get_by_text(re.compile("Saved at")).wait_for(timeout=15_000)
    page.reload()

    assert field.input_value() == "Latarnicy, by themselves"
    assert page.context.said == []


def test_whoever_goes_on_at_once_is_taken_for_nobody_else(visit, addresses):
    """A save by itself that is under way, and the button that is pressed meanwhile."""
    page = visit("ana", addresses["draft"])
    page.clock.install()
    posts = []

    def hold_the_first(route) -> None:
        posts.append(route)
        if len(posts) > 1:
            route.continue_()

    page.route("**/drafts/*", hold_the_first)
    page.get_by_label("Title", exact=False).first.fill("Latarnicy, at once")
    page.clock.run_for(3500)
    while not posts:
        page.wait_for_timeout(10)

    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_timeout(300)
    assert len(posts) == 1  # the button waits
    posts[0].continue_()

    page.wait_for_url("**done=saved")
    assert page.get_by_label("Title", exact=False).first.input_value() == "Latarnicy, at once"


@pytest.mark.parametrize("script", [True, False])
def test_two_windows_lose_nothing_of_each_other(visit, addresses, script):
    one = visit("ana", addresses["draft"], script=script)
    other = one.context.new_page()
    other.goto(one.url)
    one.get_by_label("City", exact=False).first.fill("Zgierz")
    one.get_by_role("button", name="Save", exact=True).click()
    other.get_by_label("City", exact=False).first.fill("Pabianice")

    other.get_by_role("button", name="Save", exact=True).click()

    assert other.get_by_role("heading", name="Not saved yet").is_visible()
    assert other.get_by_label("City", exact=False).first.input_value() == "Pabianice"
    with other.context.expect_page() as opened:
        other.get_by_role("link", name="See the draft as it is saved").click()
    assert opened.value.get_by_label("City", exact=False).first.input_value() == "Zgierz"
    assert not other.locator("[data-autosave]").count()  # nothing is written over unasked


def test_a_window_that_is_behind_says_so_by_itself(visit, addresses):
    one = visit("ana", addresses["draft"])
    other = one.context.new_page()
    other.goto(one.url)
    one.get_by_label("City", exact=False).first.fill("Ozorków")
    one.get_by_role("button", name="Save", exact=True).click()

    other.get_by_label("City", exact=False).first.fill("Aleksandrów")

    other.get_by_text("changed in another window").wait_for(timeout=15_000)


def test_a_passage_comes_into_sight_beside_its_field(visit, addresses):
    page = visit("ana", addresses["draft"])
    link = page.get_by_role("link", name="From your file").last
    link.scroll_into_view_if_needed()
    before = link.bounding_box()["y"]

    link.click()

    marked = page.locator(".source-text .here").first
    box, text = marked.bounding_box(), page.locator(".source-text").bounding_box()
    assert text["y"] <= box["y"] <= text["y"] + text["height"]
    assert abs(link.bounding_box()["y"] - before) < 2


def test_a_passage_is_marked_where_no_script_runs(visit, addresses):
    page = visit("ana", addresses["draft"], script=False)

    page.get_by_role("link", name="From your file").last.click()

    assert "#passage-" in page.url
    assert page.locator(".source-text mark:has(:target)").is_visible()


def test_every_gap_leads_to_its_field(visit, addresses):
    page = visit("ana", addresses["draft"])
    links = page.locator(".gaps a").evaluate_all("links => links.map(a => a.hash.slice(1))")

    assert links
    assert all(page.locator(f"[id='{target}']").count() == 1 for target in links)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1280, 400), (320, 640)])
def test_the_bar_covers_nothing_that_has_the_focus(visit, addresses, width, height):
    page = visit("ana", addresses["draft"], width)
    page.set_viewport_size({"width": width, "height": height})
    page.get_by_label("Title", exact=False).first.focus()
    hidden = []

    for _ in range(110):
        page.keyboard.press("Tab")
        if not in_sight(page):
            hidden.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))

    assert hidden == []


def test_what_is_wrong_has_the_focus_and_leads_to_its_field(visit, addresses):
    page = visit("ana", addresses["draft"])
    page.get_by_label("Began").fill("last spring")
    page.get_by_role("button", name="Save and submit for review").click()

    page.wait_for_function("document.activeElement.matches('.wrong')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "start"
    assert page.get_by_label("Began").get_attribute("aria-invalid") == "true"
    page.get_by_label("Began").fill("2016")
    page.get_by_role("button", name="Save", exact=True).click()


def test_the_keyboard_alone_goes_from_a_file_to_a_submitted_draft(newcomer, site):
    page = newcomer()

    def tab_to(text: str, most: int = 260) -> None:
        """Go on with Tab until what says ``text`` has the focus."""
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate(
                "text => (document.activeElement.textContent || document.activeElement.id)"
                ".trim().startsWith(text)",
                text,
            ):
                return
        raise AssertionError(text)

    # Chromium is told to hand choosers over once somebody listens, and answers when it likes.
    page.on("filechooser", lambda _chooser: None)
    tab_to("file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(DRAFTS / "27-basisbaan-groningen.txt")
    tab_to("Send")
    page.keyboard.press("Enter")
    page.get_by_text("waiting to be read").wait_for()
    read_all(site)
    page.get_by_role("link", name="see the draft").wait_for()
    tab_to("see the draft")
    page.keyboard.press("Enter")
    page.wait_for_url("**/drafts/*")
    tab_to("title")
    page.keyboard.press("End")
    page.keyboard.type(" (by keys)")
    tab_to("Save and submit for review")
    page.keyboard.press("Enter")

    page.wait_for_url("**/contribute?done=submitted")
    assert page.get_by_role("status").filter(has_text="handed in").is_visible()
    assert "(by keys)" in page.locator("[data-live]").inner_text()
    assert page.context.said == []


def test_a_moderator_takes_a_draft_on_asks_and_is_told_that_it_is_back(visit, newcomer):
    author = newcomer(script=False)
    author.get_by_role("button", name="Begin with an empty form").click()
    author.get_by_label("Title", exact=False).first.fill("To be asked about")
    author.get_by_role("button", name="Save and submit for review").click()
    page = visit("mia", "/account")
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Review").click()
    page.get_by_role("button", name=re.compile("I do.*To be asked about")).click()

    page.get_by_role("button", name="Ask for changes").click()
    assert urlsplit(page.url).path.startswith("/drafts/")  # without a reason it does not go
    page.get_by_label("To whoever wrote it").fill("What came of it?")
    page.get_by_role("button", name="Ask for changes").click()

    assert page.get_by_role("status").filter(has_text="back with its author").is_visible()
    author.reload()
    assert author.get_by_text("Changes asked for").is_visible()


def test_each_role_finds_its_pages(visit):
    def menu(name: str) -> list[str]:
        page = visit(name, "/account")
        return page.get_by_role("navigation", name="Account").get_by_role("link").all_inner_texts()

    assert menu("ana") == ["Account", "Saved searches", "Contribute"]
    own = ["Account", "Saved searches", "Contribute"]
    assert menu("mia") == [*own, "Review", "Still running?", "State of the site"]
    assert menu("ada")[-3:] == ["People", "Audit log", "Searches"]
