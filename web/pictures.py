"""A whole result as pictures, each with its table: a map, a time line, themes by country."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from flask import Blueprint, render_template

from kb import exporting
from kb.europe import HEIGHT, WIDTH
from kb.pictured import MOST_CITIES
from kb.query import Query
from web import context, drawing, links
from web.i18n import page_language, translated

pages = Blueprint("pictures", __name__)

_LONGEST = 500
"""Characters of an address that the page repeats in a link for every number."""
_AHEAD = 5
"""Years from now for which the time line has bars: nobody plans longer."""


@pages.get("/pictures")
def index() -> str:
    """Show where the cases of a question are, when they began, and what they are about where."""
    query = context.query().unordered()
    found = context.library().pictured(query)
    years = [year for period in found.periods for year in period.years]
    return render_template(
        "pictures/index.html",
        found=found,
        chosen=exporting.described(query, "", page_language(), translated),
        back=links.search_url(query),
        narrowed=_ways(query),
        map_size=(WIDTH, HEIGHT),
        most_cities=MOST_CITIES,
        circles=list(drawing.circles(found.cities)),
        bars=drawing.bars(years, datetime.now(UTC).year + _AHEAD),
        shades=drawing.shades(
            count for theme in found.themes for count in theme.countries.values()
        ),
    )


def _ways(query: Query) -> Callable[[Mapping[str, str]], str]:
    """Return what gives the address of a part of the result; none where it would be too long."""
    if len(links.search_url(query)) > _LONGEST:
        return lambda _chosen: ""
    return lambda chosen: links.narrowed_url(query, chosen)
