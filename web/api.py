"""The answers for programs: the same cases and the same search as the pages show."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from kb import model
from kb.query import Facet, FacetValue, Hit, Match, Result
from web import context, errors
from web.args import Unreadable, query_from, unreadable
from web.collections import provenance, whole_collection
from web.responses import conditional
from web.twin import twin

pages = Blueprint("api", __name__)

Json = dict[str, Any]


@pages.get("/api/v1/")
def index() -> Response:
    """Say what can be asked."""
    return jsonify(
        name=context.settings().site_name,
        cases=context.public_url(url_for("api.cases")),
        case=context.public_url(url_for("api.cases")) + "/{id}",
        collections=context.public_url(url_for("api.collections")),
        collection=context.public_url(url_for("api.collections")) + "/{id}",
        schema=context.public_url(url_for("api.case_schema")),
        about=context.public_url(url_for("about.about")) + "#api",
    )


@pages.get("/api/v1/cases")
def cases() -> Response:
    """Search with the parameters of the search page; nothing unreadable is passed over."""
    refused = [_refusal(each) for each in unreadable(request.args)]
    if refused:
        detail = "Some parameters cannot be read; see errors."
        return errors.problem(errors.FAULTS[400], detail=detail, errors=refused)
    return jsonify(_answer(context.library().search(query_from(request.args))))


@pages.get("/api/v1/cases/<slug:case_id>")
def case(case_id: str) -> Response:
    """Return one whole case."""
    return whole_case(case_id)


@pages.get("/api/v1/collections")
def collections() -> Response:
    """Return all collections, without their cases."""
    items = [
        {
            "id": revision.collection.id,
            "title": dict(revision.collection.title),
            "cases": len(revision.collection.cases),
            **provenance(revision),
        }
        for revision in context.library().collections()
    ]
    return conditional(jsonify(total=len(items), items=items))


@pages.get("/api/v1/collections/<slug:collection_id>")
def collection(collection_id: str) -> Response:
    """Return one whole collection."""
    return whole_collection(collection_id)


@pages.get("/api/v1/completions")
def completions() -> Response:
    """Return what someone who has typed ``q`` may be about to ask; to browsers as they want it."""
    typed = request.args.get("q", "")
    found = context.library().complete(typed, context.reader())
    if request.args.get("format") == "opensearch":
        response = jsonify([typed, [each.text for each in found]])
        response.mimetype = "application/x-suggestions+json"
    else:
        response = jsonify(items=[asdict(each) for each in found])
    response.headers["Cache-Control"] = "max-age=300"
    return conditional(response)


@pages.get("/schema/case.json")
def case_schema() -> Response:
    """Return the JSON Schema of a case file."""
    return jsonify(model.json_schema())


@pages.get("/healthz")
def health() -> Response:
    """Say whether the site works; without an index it still shows cases."""
    status = context.library().status()
    index, meaning = status.index, status.meaning
    response = jsonify(
        status="degraded" if index.state == "missing" else "ok",
        cases=status.cases,
        index={
            "state": index.state,
            "engine": index.engine,
            "cases": index.cases,
            "behind": index.behind,
        },
        meaning={
            "state": meaning.state,
            "done": meaning.done,
            "of": meaning.of,
            **({"reason": meaning.reason} if meaning.reason else {}),
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def whole_case(case_id: str) -> Response:
    """Return the case as JSON, or 304 to someone who has it already.

    Raises:
        CaseNotFoundError: there is no such case.
    """
    return conditional(jsonify(twin(context.library().page(case_id))))


def _answer(result: Result) -> Json:
    return {
        "total": result.total,
        "items": [_item(hit) for hit in result.hits],
        "facets": {facet.name: _values(facet) for facet in result.facets},
        "page": result.query.page,
        "size": result.query.size,
        "pages": result.pages,
        "notes": list(result.notes),
        "corrections": [asdict(correction) for correction in result.corrections],
    }


def _item(hit: Hit) -> Json:
    return {
        "id": hit.id,
        "title": hit.title,
        "title_en": hit.title_en,
        "language": hit.language,
        "city": hit.city,
        "country": hit.country,
        "start": hit.start,
        "score": hit.score,
        "matched": [_reason(match) for match in hit.matches],
        "snippet": hit.passage.text,
        "marks": [list(mark) for mark in hit.passage.marks],
        "url": context.public_url(url_for("cases.case", case_id=hit.id)),
    }


def _reason(match: Match) -> Json:
    return {
        "leg": match.leg,
        "asked": match.asked,
        "found": match.found,
        "concept": match.concept,
    }


def _values(facet: Facet) -> list[Json]:
    return [_value(value) for value in facet.values]


def _value(value: FacetValue) -> Json:
    return {
        "value": value.value,
        "label": value.label,
        "count": value.count,
        "selected": value.selected,
    }


def _refusal(refused: Unreadable) -> Json:
    return {"parameter": refused.parameter, "value": refused.value, "detail": refused.detail}
