"""From a question to a brief, as officials go: without JavaScript, with the keyboard alone."""

from collections.abc import Callable, Iterator

import pytest

from tests.web.browsing import needs_chromium, served

pytestmark = needs_chromium

MOST_STOPS = 60
"""So many times one presses the tab key at most before one gives up."""


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture(params=["de", "el", "en", "hu", "pl"])
def page(chromium, address, request):
    context = chromium.new_context(
        viewport={"width": 320, "height": 800}, java_script_enabled=False, locale=request.param
    )
    page = context.new_page()
    page.goto(f"{address}/search?q=homelessness")
    yield page
    context.close()


def reach(page, fits: Callable[[dict], bool]) -> None:
    """Press the tab key until something that fits has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and fits(
            {name: focused.get_attribute(name) or "" for name in ("href", "action", "name", "type")}
            | {"form": focused.evaluate("each => each.form ? each.form.action : ''")}
        ):
            return
    pytest.fail(f"nothing of that kind is reached by keyboard on {page.url}")


def press(page, fits: Callable[[dict], bool], key: str = "Enter") -> None:
    reach(page, fits)
    with page.expect_navigation():
        page.keyboard.press(key)


def add_to_shortlist(page, address: str, case_id: str) -> None:
    page.goto(f"{address}/cases/{case_id}")
    press(page, lambda each: "/shortlist/" in each["form"] and each["type"] == "submit")


def test_an_official_comes_from_a_question_to_a_brief(page, address):
    press(page, lambda each: each["href"].startswith("/cases/"))
    press(page, lambda each: "/shortlist/" in each["form"] and each["type"] == "submit")
    add_to_shortlist(page, address, "every-field")
    page.goto(f"{address}/shortlist")
    press(page, lambda each: "/compare" in each["form"] and each["type"] == "submit")

    assert "/compare?" in page.url
    assert page.locator("thead th").count() == 3

    press(page, lambda each: each["href"].startswith("/brief?"))

    assert page.locator("article.paper h2").count() >= 3

    reach(page, lambda each: each["href"].startswith("/brief.docx?"))
    with page.expect_download() as word:
        page.keyboard.press("Enter")

    assert word.value.suggested_filename.endswith(".docx")


def test_nothing_on_the_way_is_wider_than_a_phone(page, address):
    add_to_shortlist(page, address, "every-field")
    add_to_shortlist(page, address, "housing-first-dublin")
    both = "case=every-field&case=housing-first-dublin"

    for path in (
        "/", "/pictures?q=homelessness", "/fit?q=homelessness", "/cases/every-field", "/shortlist",
        f"/compare?{both}", f"/brief?{both}", "/follow?q=homelessness", "/adoptions",
        "/cases/every-field/adoptions", "/accessibility", "/language",
    ):  # fmt: skip
        page.goto(address + path)
        assert page.locator("html").evaluate("each => each.scrollWidth") <= 320, path
