"""The help page tells the truth about the program."""

import pytest

from kb.search.fields import FACET_NAMES
from kb.settings import Settings
from web import create_app
from web.about import PREPARED


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


HEADINGS = [
    "Compliance status",
    "Non-accessible content",
    "Preparation of this accessibility statement",
    "Feedback and contact information",
    "Enforcement procedure",
]
"""Of the model statement, in its order: Commission Implementing Decision (EU) 2018/1523, annex."""


def test_the_accessibility_statement_has_the_form_that_is_prescribed(client, read):
    page = read(client.get("/accessibility"))

    assert page.one("h1").text == "Accessibility statement"
    assert [each.text for each in page.all("h2")] == HEADINGS
    assert "partially compliant" in page.text
    assert page.one("time").get("datetime") == PREPARED


def test_every_page_leads_to_the_accessibility_statement(client, read):
    assert read(client.get("/?lang=en")).link("Accessibility") == "/accessibility"


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("access@city.example", "mailto:access@city.example"),
        ("https://city.example/contact", "https://city.example/contact"),
        ("https://social.example/@city", "https://social.example/@city"),
    ],
)
def test_the_accessibility_statement_names_whom_to_ask(library, read, contact, address):
    body = "https://enforcement.example/"
    site = create_app(library, Settings(contact=contact, enforcement=body))

    page = read(site.test_client().get("/accessibility"))

    assert page.link(contact) == address
    assert page.link(body) == body


def test_the_accessibility_statement_does_not_hide_that_nobody_is_named(client):
    assert "have not given an address yet" in client.get("/accessibility").text
