"""The pages in a real browser: without JavaScript, on a phone, in the dark, with the keyboard."""

from collections.abc import Iterator

import pytest

from tests.web.browsing import needs_chromium, served

PAGES = [
    "/",
    "/search?q=homelessness&country=IE",
    "/search?q=xyzzyq",
    "/cases/every-field",
    "/about",
]

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture
def open_page(chromium, address):
    contexts = []

    def visit(path: str, width: int = 1280, **options: object):
        options = {"java_script_enabled": False, **options}
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.asked = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(address + path)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_nothing_to_the_console_and_asks_only_us(open_page, address, path):
    page = open_page(path, java_script_enabled=True)

    assert page.said == []
    assert all(url.startswith((address, "data:")) for url in page.asked)
    assert len(page.asked) <= 8


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_never_scrolls_sideways(open_page, path, width):
    page = open_page(path, width, java_script_enabled=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_a_page_survives_wide_spacing(open_page, path):
    page = open_page(path, 320, java_script_enabled=True, bypass_csp=True)

    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: .12em !important; "
        "word-spacing: .16em !important } p { margin-bottom: 2em !important }"
    )

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_search_goes_its_way_without_javascript(open_page):
    page = open_page("/")

    page.get_by_label("What are you looking for?").fill("Dublin")
    page.get_by_role("button", name="Search").click()

    assert page.get_by_role("heading", level=2, name="1 case for “Dublin”").is_visible()


def test_a_wide_screen_shows_the_filters_at_once(open_page):
    page = open_page("/search")

    page.get_by_role("checkbox", name="Poland (2)").check()
    page.get_by_role("button", name="Apply filters").click()

    assert page.get_by_role("heading", level=2, name="2 cases").is_visible()
    assert page.get_by_role("link", name="Remove filter Country: Poland").is_visible()


def test_a_phone_folds_the_filters_away(open_page):
    page = open_page("/search", 360)
    box = page.get_by_role("checkbox", name="Poland (2)")

    assert not box.is_visible()

    page.get_by_text("Filters", exact=True).first.click()

    assert box.is_visible()


def test_a_concept_is_one_click_beneath_its_group(open_page):
    page = open_page("/search")
    concept = page.get_by_role("checkbox", name="Housing First (")

    assert not concept.is_visible()

    page.get_by_label("More exactly: Homelessness").click()

    assert concept.is_visible()


def test_a_figure_leads_to_its_source(open_page):
    page = open_page("/cases/every-field")

    page.locator("#outcomes").get_by_role("link", name="Raport końcowy").click()

    assert page.url.endswith("#source-1")


def test_the_keyboard_reaches_the_results(open_page):
    page = open_page("/search?q=Dublin", java_script_enabled=True)

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the main content"

    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip the filters"

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('.found') !== null")


def test_the_button_that_stays_in_sight_hides_no_focused_filter(open_page):
    page = open_page("/search", java_script_enabled=True)
    page.locator(".panel input").first.focus()
    hidden = []

    for _ in range(40):
        page.keyboard.press("Tab")
        hidden += page.evaluate(
            """() => {
                const bar = document.querySelector('.apply'), here = document.activeElement;
                const covered = here.closest('.panel') && !bar.contains(here) &&
                    here.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
                return covered ? [here.value] : [];
            }"""
        )

    assert hidden == []


@pytest.mark.parametrize("path", PAGES)
def test_what_can_be_pressed_is_large_enough(open_page, path):
    page = open_page(path, 360, java_script_enabled=True)
    small = page.evaluate(
        """() => [...document.querySelectorAll('a, button, summary, select, label:has(input)')]
            .filter(e => !e.closest('p, dd, td, th, blockquote, .body, .parted, #evidence'))
            .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
            .filter(([, box]) => box.width > 1 && (box.height < 24 || box.width < 24))
            .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )

    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_pictured(open_page, path, scheme):
    page = open_page(path, color_scheme=scheme)

    assert len(page.screenshot(full_page=True)) > 10_000


def test_paper_shows_the_case_and_not_the_navigation(open_page):
    page = open_page("/cases/every-field")
    page.emulate_media(media="print")

    assert not page.get_by_role("navigation", name="On this page").is_visible()
    assert page.locator("#barriers").is_visible()
