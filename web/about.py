"""What this site is, where its facts come from, and how to ask it."""

from flask import Blueprint, render_template

from kb.query import Query
from kb.search.fields import FACET_NAMES
from web import errors, links
from web.catalogues import unconfirmed
from web.examples import EXAMPLES
from web.language import in_order

pages = Blueprint("about", __name__)


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
