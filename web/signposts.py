"""FAIR Signposting: typed links from a page to what programs need of it (signposting.org/FAIR).

They stand in the header ``Link`` (level 1) and, with those of the other documents, in a link set
(RFC 9264, level 2). A collection of many cases names them in its link set only.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, url_for

from web import context
from web.citation import licence_url
from web.oai_records import case_url
from web.responses import conditional

if TYPE_CHECKING:
    from kb.collection import CollectionRevision
    from kb.pages import CasePage, CollectionPage

pages = Blueprint("signposts", __name__)

LINKSET = "application/linkset+json"
_MOST_ITEMS = 20
"""With more the header grows beyond what servers in between let through."""
_SCHEMA = "https://schema.org/"


@dataclass(frozen=True, slots=True)
class Signpost:
    """A typed link."""

    rel: str
    href: str
    media_type: str = ""


@pages.get("/cases/<slug:case_id>/linkset.json")
def case_links(case_id: str) -> Response:
    """Return all links of a case and of its twins for machines."""
    page = context.library().page(case_id)
    return _linkset(case_url(case_id), list(of_case(page)))


@pages.get("/collections/<slug:collection_id>/linkset.json")
def collection_links(collection_id: str) -> Response:
    """Return all links of a collection, to each of its cases."""
    page = context.library().collection(collection_id)
    return _linkset(_collection_url(page.revision), list(of_collection(page)))


def of_case(page: "CasePage") -> Iterator[Signpost]:
    """Yield the links of the page of a case."""
    case = page.revision.case
    yield Signpost("cite-as", case_url(case.id))
    yield Signpost("type", f"{_SCHEMA}AboutPage")
    yield Signpost("type", f"{_SCHEMA}Report")
    yield from _licence(case.licence)
    yield Signpost("describedby", _at("cases.case_json", case_id=case.id), "application/json")
    if not page.retirement:
        address = _at("cases.case_markdown", case_id=case.id)
        yield Signpost("describedby", address, "text/markdown")
    for each in page.collections:
        yield Signpost("collection", _collection_url(each), "text/html")
    yield Signpost("linkset", _at("signposts.case_links", case_id=case.id), LINKSET)


def of_collection(page: "CollectionPage") -> Iterator[Signpost]:
    """Yield the links of the page of a collection."""
    told = page.revision.collection
    address = _collection_url(page.revision)
    yield Signpost("cite-as", address)
    yield Signpost("type", f"{_SCHEMA}AboutPage")
    yield Signpost("type", f"{_SCHEMA}Collection")
    yield from _licence(told.licence)
    yield Signpost("describedby", f"{address}.json", "application/json")
    for case_id in told.cases:
        if case_id in page.cases:
            yield Signpost("item", case_url(case_id), "text/html")
    yield Signpost("linkset", f"{address}/linkset.json", LINKSET)


def header(links: Iterable[Signpost]) -> str:
    """Write links for the header ``Link`` (RFC 8288)."""
    told = list(links)
    if sum(each.rel == "item" for each in told) > _MOST_ITEMS:
        told = [each for each in told if each.rel != "item"]
    return ", ".join(map(_written, told))


def _written(link: Signpost) -> str:
    kind = f'; type="{link.media_type}"' if link.media_type else ""
    return f'<{link.href}>; rel="{link.rel}"{kind}'


def _linkset(anchor: str, links: list[Signpost]) -> Response:
    own: dict[str, Any] = defaultdict(list)
    for link in links:
        if link.rel != "linkset":
            own[link.rel].append(_target(link))
    back = [_target(Signpost("describes", anchor, "text/html"))]
    twins = [
        {"anchor": link.href, "describes": back} for link in links if link.rel == "describedby"
    ]
    response = jsonify(linkset=[{"anchor": anchor, **own}, *twins])
    response.mimetype = LINKSET
    return conditional(response)


def _target(link: Signpost) -> dict[str, str]:
    return {"href": link.href, **({"type": link.media_type} if link.media_type else {})}


def _licence(licence: str) -> Iterator[Signpost]:
    if licence_url(licence):
        yield Signpost("license", licence_url(licence))


def _collection_url(revision: "CollectionRevision") -> str:
    return _at("collections.collection", collection_id=revision.collection.id)


def _at(endpoint: str, **values: Any) -> str:  # Any: as url_for takes them
    return context.public_url(url_for(endpoint, **values))
