"""The links of a result page: each is the question that was asked with one thing changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from kb.query import ALL_LEGS, SORTS, WORDS, Correction, Query, Result, Sort
from kb.saying import term
from web.args import args_of
from web.i18n import translated
from web.labels import carried

if TYPE_CHECKING:
    from collections.abc import Mapping

SORT_LABELS: "Mapping[Sort, str]" = {
    "relevance": term("Best match"),
    "newest": term("Newest first"),
    "city": term("City, A to Z"),
    "fit": term("Fits my city"),
}
_NEIGHBOURS = 2
"""Page numbers shown on each side of the present one."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link and what it says; ``current`` when it leads to where the reader is."""

    text: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    """The ways through a long result. A gap in ``numbers`` is None."""

    previous: Link | None
    numbers: tuple[Link | None, ...]
    next: Link | None


def search_url(query: Query) -> str:
    """Return the address of the result page for ``query``, as this reader goes on to it."""
    return _with_pairs(url_for("search.results"), pairs(query))


def lasting_url(query: Query) -> str:
    """Return the address of the result page for ``query`` that says the same to everybody."""
    return _with_pairs(url_for("search.results"), args_of(query))


def pairs(query: Query) -> list[tuple[str, str]]:
    """Write the question for a link inside the site: its language only where that is needed."""
    asked = [pair for pair in args_of(query) if pair[0] != "lang"]
    return [*asked, *carried().items()]


def api_url(query: Query, cursor: str = "") -> str:
    """Return the address of the same result for programs, or of what comes after ``cursor``."""
    asked = [*args_of(query), *([("cursor", cursor)] if cursor else [])]
    return _with_pairs(url_for("api.cases"), asked)


def feed_url(query: Query) -> str:
    """Return the address of the feed of a question; order and page play no part in it."""
    return _with_pairs(url_for("feeds.atom"), args_of(query.unordered()))


def follow_url(query: Query, endpoint: str = "following.follow") -> str:
    """Return the address at which a question is followed, or saved; order and page play no part."""
    return _with_pairs(url_for(endpoint), pairs(query.unordered()))


def export_url(query: Query) -> str:
    """Return the address of the page on which all cases of the result are taken away."""
    return _with_pairs(url_for("export.index"), pairs(query.unpaged()))


def fit_url(query: Query) -> str:
    """Return the address of the page on which a reader says which city the cases are to fit."""
    return _with_pairs(url_for("fit.index"), pairs(replace(query, page=1)))


def pictures_url(query: Query) -> str:
    """Return the address of the page that shows the whole result as pictures."""
    return _with_pairs(url_for("pictures.index"), pairs(query.unordered()))


def narrowed_url(query: Query, chosen: "Mapping[str, str]") -> str:
    """Return the address of the result with these values, in place of others of their facets."""
    filters = {**query.filters, **{name: (value,) for name, value in chosen.items()}}
    return search_url(replace(query, filters=filters, page=1))


def filter_url(name: str, value: str) -> str:
    """Return the address of all cases that have one value of one facet."""
    return search_url(Query(filters={name: (value,)}))


def active_filters(result: Result) -> tuple[Link, ...]:
    """Return one link for each filter in force; it leads to the result without it."""
    known = {
        (facet.name, value.value): (label, value.label)
        for facet in result.facets
        for label in (translated(facet.label),)
        for value in facet.values
    }
    return tuple(
        Link(_said(*known.get((name, value), (name, value))), search_url(without))
        for name, values in result.query.filters.items()
        for value in values
        for without in (result.query.without(name, value),)
    )


def without_filters(query: Query) -> str:
    """Return the address of the same words without any filter."""
    return search_url(replace(query, filters={}, page=1))


def sorts(query: Query) -> tuple[Link, ...]:
    """Return the orders in which the result can stand; without words nothing matches best."""
    offered = [sort for sort in SORTS if query.text or sort != "relevance"]
    present = query.sort if query.sort in offered else offered[0]
    return tuple(
        Link(translated(SORT_LABELS[sort]), _sorted_url(query, sort), sort == present)
        for sort in offered
    )


def _sorted_url(query: Query, sort: Sort) -> str:
    """Return the result in another order; for that by fit one first has to say which city."""
    if sort == "fit" and not query.town.is_known:
        return fit_url(query)
    return search_url(replace(query, sort=sort, page=1))


def expansion(query: Query) -> Link | None:
    """Return the way to the same question by words only, or back; none without words."""
    if not query.text:
        return None
    by_words = query.legs == WORDS
    text = _("Search by meaning too") if by_words else _("Search for these words only")
    return Link(text, search_url(replace(query, legs=ALL_LEGS if by_words else WORDS, page=1)))


def corrected_url(query: Query, correction: Correction) -> str:
    """Return the address of the question with the word that was probably meant."""
    text = query.text.replace(correction.typed, correction.meant)
    return search_url(replace(query, text=text, page=1))


def relaxations(result: Result) -> tuple[Link, ...]:
    """Return the looser questions that would find something."""
    return tuple(
        Link(translated(each.label), search_url(each.query), count=each.total)
        for each in result.relaxations
    )


def pages(result: Result) -> Pages | None:
    """Return the ways to the other pages, or None where there is only one."""
    if result.pages == 1:
        return None
    here = result.query.page
    return Pages(
        previous=_page(result, here - 1) if 1 < here <= result.pages + 1 else None,
        numbers=tuple(_numbers(result)),
        next=_page(result, here + 1) if here < result.pages else None,
    )


def _said(facet: str, value: str) -> str:
    return str(_("%(facet)s: %(value)s", facet=facet, value=value))


def _numbers(result: Result) -> Iterator[Link | None]:
    here, last, before = result.query.page, result.pages, 0
    near = range(max(1, here - _NEIGHBOURS), min(last, here + _NEIGHBOURS) + 1)
    for number in sorted({1, *near, last}):
        if number > before + 1:
            yield None
        yield _page(result, number)
        before = number


def _page(result: Result, number: int) -> Link:
    url = search_url(replace(result.query, page=number))
    return Link(str(number), url, number == result.query.page)


def _with_pairs(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path
