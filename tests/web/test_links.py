"""Links of a result: each is the same question with one thing changed."""

import pytest
from flask import Flask

from kb.query import Facet, FacetValue, Query, Result
from web import links


def result(total: int = 0, facets: tuple[Facet, ...] = (), **query: object) -> Result:
    return Result(Query(**query), total, (), facets)


def test_a_filter_link_takes_one_filter_away(site: Flask):
    finland = Facet("country", "Country", (FacetValue("FI", "Finland", 1, selected=True),))
    found = result(facets=(finland,), text="rent", filters={"country": ("FI", "IE")}, page=3)

    with site.test_request_context():
        first, second = links.active_filters(found)

    assert (first.text, first.url) == ("Country: Finland", "/search?q=rent&country=IE")
    assert second.url == "/search?q=rent&country=FI"


def test_a_filter_that_no_facet_knows_can_still_be_taken_away(site: Flask):
    with site.test_request_context():
        (link,) = links.active_filters(result(filters={"country": ("QQ",)}))

    assert (link.text, link.url) == ("country: QQ", "/search")


def test_another_order_begins_on_the_first_page(site: Flask):
    with site.test_request_context():
        urls = {link.text: link.url for link in links.sorts(Query("rent", page=4))}

    assert urls["Newest first"] == "/search?q=rent&sort=newest"


def test_one_page_needs_no_links(site: Flask):
    with site.test_request_context():
        assert links.pages(result(total=20)) is None


@pytest.mark.parametrize(
    ("page", "numbers", "previous", "following"),
    [
        (1, "1 2 3 - 50", None, "2"),
        (4, "1 2 3 4 5 6 - 50", "3", "5"),
        (25, "1 - 23 24 25 26 27 - 50", "24", "26"),
        (50, "1 - 48 49 50", "49", None),
    ],
)
def test_pages_show_the_ends_and_the_neighbours(site: Flask, page, numbers, previous, following):
    with site.test_request_context():
        pages = links.pages(result(total=5000, page=page))

    assert pages is not None
    assert " ".join("-" if link is None else link.text for link in pages.numbers) == numbers
    assert (pages.previous and pages.previous.text) == previous
    assert (pages.next and pages.next.text) == following
    assert [link.text for link in pages.numbers if link and link.current] == [str(page)]


def test_special_characters_survive_in_a_link(site: Flask):
    with site.test_request_context():
        assert links.search_url(Query('a&b=c "é" #')) == "/search?q=a%26b%3Dc+%22%C3%A9%22+%23"


def test_without_words_the_newest_come_first_and_nothing_matches_best(site: Flask):
    with site.test_request_context():
        found = links.sorts(Query())

    assert [(link.text, link.current) for link in found] == [
        ("Newest first", True),
        ("City, A to Z", False),
        ("Fits my city", False),
    ]
