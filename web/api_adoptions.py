"""The answers for programs about who copied whom."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from flask import Blueprint, Response, jsonify, request, url_for
from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from kb import diffusion
from kb.adoption import STATES, Worked
from kb.adoption import State as Stage
from kb.diffusion import Edge, Node
from web import context, errors, samples
from web.api import refusal_of
from web.args import PARAMETERS as OF_SEARCH
from web.args import Parameter as Row
from web.args import Unreadable, number
from web.case_page import address
from web.operation import Answer, Operation, Parameter, described
from web.responses import conditional
from web.shapes import Url

pages = Blueprint("api_adoptions", __name__)

SIZE = 100
"""Rows of an answer."""

_told = with_config(ConfigDict(use_attribute_docstrings=True))


@_told
class Copied(TypedDict):
    """A case that is here, or a city, or what stands at an address elsewhere."""

    case: str
    """Id of the case; empty for what is not here."""
    title: str
    city: str
    country: str
    """ISO 3166-1, two letters; empty where it is unknown."""
    url: Url | None


@_told
class Adopted(TypedDict):
    """That one was taken over by the other."""

    original: Copied
    adopter: Copied
    year: str
    """EDTF, in which it began; empty where it is not said, as all below."""
    state: Stage | Literal[""]
    worked: Worked | Literal[""]
    result: str
    source: Url | None
    told_by: Literal["city", "case"]
    """Whether the city has recorded it, or a case says so in its relations."""


@_told
class Adoptions(TypedDict):
    """Some of who copied whom."""

    total: int
    """Of all pages."""
    items: list[Adopted]
    next: Url | None
    """Where the next page is; null on the last one."""


PARAMETERS: Mapping[str, Row] = MappingProxyType(
    {
        "q": Row("Words: city, case or country, from their beginning.", {"type": "string"}),
        "state": Row(
            "How far the city is that takes the case over.",
            {"type": "string", "enum": list(STATES)},
            lambda value: value in STATES,
            f"use one of {', '.join(STATES)}",
        ),
        "page": Row(
            "Which page.",
            {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1},
            OF_SEARCH["page"].readable,
            OF_SEARCH["page"].remedy,
        ),
    }
)


@pages.get("/api/v1/adoptions")
@described(
    Operation(
        "Who copied whom",
        "Which case was taken over by which city or case, how far that is, and whether it worked: "
        "what cities have recorded and a moderator has accepted, and what cases say of themselves.",
        (Answer("Some of it.", (Adoptions,), samples.ADOPTIONS),),
        tuple(Parameter(name, row.text, row.schema) for name, row in PARAMETERS.items()),
        (errors.FAULTS[400],),
    )
)
def adoptions() -> Response:
    """List who copied whom; nothing unreadable is passed over."""
    refused = list(_unreadable())
    if refused:
        return refusal_of(refused)
    asked, state = request.args.get("q", ""), request.args.get("state", "")
    page = number(request.args.get("page", "")) or 1
    found = diffusion.matching(context.library().transfer.graph(), asked, state)
    answer = Adoptions(
        total=len(found),
        items=[_item(edge) for edge in found[(page - 1) * SIZE : page * SIZE]],
        next=_next(asked, state, page + 1) if len(found) > page * SIZE else None,
    )
    return conditional(jsonify(answer))


def _unreadable() -> Iterator[Unreadable]:
    for name, row in PARAMETERS.items():
        values = request.args.getlist(name)
        if len(values) > 1:
            yield Unreadable(name, values[0], "can be given only once")
        elif values and not row.readable(values[0]):
            yield Unreadable(name, values[0], row.remedy)


def _next(asked: str, state: str, page: int) -> str:
    path = url_for("api_adoptions.adoptions", q=asked or None, state=state or None, page=page)
    return context.public_url(path)


def _item(edge: Edge) -> Adopted:
    return Adopted(
        original=_node(edge.source),
        adopter=_node(edge.target),
        year=edge.year,
        state=edge.state,
        worked=edge.worked,
        result=edge.result,
        source=address(edge.link)[0] or None,
        told_by=edge.told_by,
    )


def _node(node: Node) -> Copied:
    here = node.case_id and context.public_url(url_for("cases.case", case_id=node.case_id))
    return Copied(
        case=node.case_id,
        title=node.title,
        city=node.city,
        country=node.country,
        url=here or address(node.url)[0] or None,
    )
