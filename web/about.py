"""What this site is, where its facts come from, how to ask it, and who can use it."""

from flask import Blueprint, render_template

from kb.query import Query
from kb.search.fields import FACET_NAMES
from web import errors, links
from web.catalogues import unconfirmed
from web.examples import EXAMPLES
from web.language import in_order

pages = Blueprint("about", __name__)

PREPARED = "2026-11-23"
"""The day of the accessibility statement, which is looked over once a year, and with new pages."""


@pages.get("/about")
def about() -> str:
    """Explain the site to those who use it, and its errors to those who program against it."""
    return render_template(
        "about/about.html",
        examples=[(each, links.search_url(Query(each.words))) for each in EXAMPLES],
        facet_names=FACET_NAMES,
        faults=errors.listed(),
        unconfirmed=in_order(unconfirmed()),
    )


@pages.get("/accessibility")
def accessibility() -> str:
    """Say in the form of Decision (EU) 2018/1523 how accessible the site is."""
    return render_template("about/accessibility.html", prepared=PREPARED)
