"""The pictures of the documentation show the pages as they are."""

import json

import pytest

from kb.settings import Settings
from web import create_app

screenshots = pytest.importorskip(
    "bench.screenshots", reason="playwright is missing; install the dependency group tests"
)


@pytest.fixture(scope="module")
def corpus_site(corpus_library):
    return create_app(corpus_library, Settings())


@pytest.mark.parametrize(("name", "path", "_width", "_height"), screenshots.PICTURES)
def test_a_page_says_what_it_said_when_its_picture_was_taken(
    corpus_site, name, path, _width, _height
):
    said = json.loads(screenshots.PAGES.read_text(encoding="utf-8"))

    page = corpus_site.test_client().get(path).text
    assert screenshots.digest(page) == said[name], "run make screenshots"


def test_every_picture_of_a_page_is_there():
    assert {path.stem for path in screenshots.IMAGES.glob("*.png")} == {
        "draft", *(name for name, *_ in screenshots.PICTURES)
    }  # fmt: skip
