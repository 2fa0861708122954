"""The help page tells the truth about the program."""

import pytest

from kb.search.fields import FACET_NAMES


@pytest.fixture
def page(client, read):
    return read(client.get("/about"))


def test_it_names_every_field_that_can_stand_before_a_colon(page):
    assert {f"{name}:" for name in FACET_NAMES} <= {code.text for code in page.all("code")}


def test_its_examples_lead_to_searches(page):
    assert page.link('"housing first"') == "/search?q=%22housing+first%22"


def test_it_credits_the_gazetteer(page):
    reuse = page.one("section", id="reuse")

    assert reuse.link("GeoNames") == "https://www.geonames.org/"
    assert reuse.link("CC BY 4.0") == "https://creativecommons.org/licenses/by/4.0/"
