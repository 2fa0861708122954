"""Pages whose sentences are 40 % longer, as those of some languages are, stay whole."""

from collections.abc import Iterator

import pytest

from tests import pseudo
from tests.web.browsing import needs_chromium, served
from web import catalogues

PAGES = [
    "/",
    "/search?q=homelessness",
    "/search?q=xyzzyq",
    "/cases/every-field",
    "/cases/every-field/history",
    "/collections/a-forum",
    "/vocabulary/themes/06",
    "/about",
    "/export",
    "/snapshots",
    "/contribute",
    "/sign-in",
    "/language",
    "/nothing",
]


@pytest.fixture(scope="module", autouse=True)
def longer(tmp_path_factory) -> Iterator[None]:
    """Say everything to German readers in longer words."""
    folder = tmp_path_factory.mktemp("translations")
    pseudo.write(folder, "de")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogues, "FOLDER", folder)
        catalogues.languages.cache_clear()
        catalogues.catalogue.cache_clear()
        yield
    catalogues.languages.cache_clear()
    catalogues.catalogue.cache_clear()


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with served(site) as address:
        yield address


def test_sentences_are_drawn_out_and_what_is_put_in_is_kept():
    said = "Take <a href='%(url)s'>these cases</a> away: {count:,} of 100 %%"

    assert pseudo.pseudo(said) == (
        "Takeøø <a href='%(url)s'>theseøø casesøø</a> awayøø: {count:,} ofø 100 %%"
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_button_and_legend_is_translated(client, read, path):
    page = read(client.get(path, headers={"Accept-Language": "de"}))
    assert page.one("html").get("lang") == "de"

    for each in page.all("button", "legend"):
        assert each.get("lang") or "ø" in each.text, each.text


@needs_chromium
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_grows_wider_than_the_screen(chromium, address, path, width):
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=True, locale="de"
    )
    page = context.new_page()
    page.goto(address + path)

    assert page.evaluate("document.documentElement.lang") == "de"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
