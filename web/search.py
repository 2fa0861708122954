"""The search page, and the start page, which is the search page before anything is asked."""

from time import perf_counter

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from kb.completion import themes
from kb.query import Facet, FacetValue, Query, Result
from web import context, links
from web.args import OF_TOWN
from web.examples import questions
from web.labels import facet_language, number
from web.panel import fieldsets
from web.tallies import timed

pages = Blueprint("search", __name__)

BROWSED = ("target", "country")
"""The facets by which the start page lets people browse, besides the themes."""
_NEWS = 4
"""Cases that came in last, on the start page."""
_NONE = Facet("", "", ())
"""What a site without cases has of every facet."""
_NEWEST_COLLECTIONS = 5
"""Collections that the start page names; all are in their list."""
_NAMED_FILTERS = 3
"""More filters than that are counted in a page's title, not named."""
_KEPT = {"sort", "size", "expand", "lang", *OF_TOWN}
"""What the form on the page of results says again, because nothing in it can be chosen for it."""


@pages.get("/")
def start() -> str:
    """Introduce the site; with a question in the address, answer it."""
    if context.query() != Query(reader=context.reader()):
        return results()
    result = context.library().search(Query(reader=context.reader(), size=1))
    facets = {facet.name: facet for facet in result.facets}
    library = context.library()
    return render_template(
        "search/start.html",
        query=result.query,
        cases=result.total,
        countries=len(_used(facets.get("country", _NONE))),
        languages=len(_used(facets.get("language", _NONE))),
        completions=[each.text for each in themes(context.reader())],
        collections=library.collections()[:_NEWEST_COLLECTIONS],
        questions=[
            (each, links.search_url(Query(each.words))) for each in questions(context.reader())
        ],
        themes=_ways(facets.get("theme", _NONE)),
        lessons=library.lessons.first(),
        news=library.newest(Query(), _NEWS),
        browse=[(facets[name], _ways(facets[name])) for name in BROWSED if name in facets],
    )


@pages.get("/search")
def results() -> str:
    """Show what was found, why, and how to narrow or loosen the question."""
    result = _answer()
    query, filters = result.query, links.active_filters(result)
    return render_template(
        "search/results.html",
        query=query,
        result=result,
        headline=_headline(result),
        page_title=_page_title(result, filters),
        fieldsets=fieldsets(result.facets),
        filters=filters,
        filters_off=links.without_filters(query),
        sorts=links.sorts(query),
        relaxations=links.relaxations(result),
        corrections=[(each, links.corrected_url(query, each)) for each in result.corrections],
        pages=links.pages(result),
        api_url=links.api_url(query),
        export_url=links.export_url(query),
        feed_url=links.feed_url(query),
        fit_url=links.fit_url(query),
        follow_url=links.follow_url(query),
        pictures_url=links.pictures_url(query),
        canonical=context.public_url(links.lasting_url(query.for_anyone())),
        hidden=[pair for pair in links.pairs(query) if pair[0] in _KEPT],
        expansion=links.expansion(query),
    )


def _answer() -> Result:
    """Answer the question of the address, and count it if a person may have asked it."""
    library, query, began = context.library(), context.query(), perf_counter()
    result = timed("page", lambda: library.search(query))
    if request.method == "GET" and query.page == 1 and (query.text or query.filters):
        library.asked.note(result, perf_counter() - began)
    return result


def _used(facet: Facet) -> tuple[FacetValue, ...]:
    return tuple(value for value in facet.values if value.count)


def _ways(facet: Facet) -> list[tuple[links.Link, str]]:
    """Return a link for each value without a broader one, and the language of its label."""
    return [
        (
            links.Link(
                value.label,
                links.filter_url(facet.name, value.value),
                count=value.count,
            ),
            facet_language(facet.name, value.value),
        )
        for value in _used(facet)
        if not value.parent
    ]


def _headline(result: Result) -> str:
    total, question = result.total, result.query.text
    if not total and question:
        headline = _("No case for “%(question)s”", question=question)
    elif not total:
        headline = _("No case")
    elif question:
        headline = ngettext(
            "%(count)s case for “%(question)s”",
            "%(count)s cases for “%(question)s”",
            total,
            count=number(total),
            question=question,
        )
    else:
        headline = ngettext("%(count)s case", "%(count)s cases", total, count=number(total))
    return str(headline)


def _page_title(result: Result, filters: tuple[links.Link, ...]) -> str:
    named = [link.text for link in filters]
    if len(named) > _NAMED_FILTERS:
        named = [ngettext("%(num)s filter", "%(num)s filters", len(named))]
    page = [_("page %(number)s", number=result.query.page)] if result.query.page > 1 else []
    return ", ".join([_headline(result), *named, *page])
