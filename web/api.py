"""The answers for programs: the same cases and the same search as the pages show."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.datastructures import MultiDict

from kb import model
from kb.collection import Collection
from kb.fitting import Fit
from kb.moments import utc
from kb.pages import CasePage
from kb.query import Facet, FacetValue, Hit, Match, Result
from web import context, cursor, errors, links, samples, shapes
from web.args import OF_TOWN, Unreadable, query_from, unreadable
from web.collections import provenance, whole_collection
from web.converters import SlugConverter
from web.operation import Answer, Operation, Parameter, described, filters, in_path, of_search
from web.responses import conditional
from web.tallies import timed
from web.twin import twin

pages = Blueprint("api", __name__)

Json = dict[str, Any]

_SLUG = f"^{SlugConverter.regex}$"
_CASE_ID = in_path(
    "case_id", "Id of the case; it never changes.", "housing-first-dublin", pattern=_SLUG
)
_COLLECTION_ID = in_path(
    "collection_id", "Id of the collection.", "social-affairs-forum-2021", pattern=_SLUG
)
_LANGUAGE = of_search("lang")
_SUGGESTIONS = "application/x-suggestions+json"


@pages.get("/api/v1/", strict_slashes=False)  # a router sends on to the host that was asked for
@described(
    Operation(
        "What there is",
        "Addresses to begin with.",
        (Answer("Addresses.", (shapes.Start,), samples.START),),
    )
)
def index() -> Response:
    """Say what can be asked."""
    told = jsonify(
        name=context.settings().site_name,
        cases=context.public_url(url_for("api.cases")),
        case=context.public_url(url_for("api.cases")) + "/{id}",
        collections=context.public_url(url_for("api.collections")),
        collection=context.public_url(url_for("api.collections")) + "/{id}",
        schema=context.public_url(url_for("api.case_schema")),
        openapi=context.public_url(url_for("openapi.document")),
        about=context.public_url(url_for("api_page.page")),
    )
    return conditional(told)


@pages.get("/api/v1/cases")
@described(
    Operation(
        "Find cases",
        "Ask as on the search page; without parameters all cases are found. What cannot be read "
        "is refused, not passed over. Follow `next` until it is null: that gives every case that "
        "is found throughout exactly once, also while cases are added, changed and withdrawn.",
        (
            Answer(
                "A page of cases, and exact numbers for all.",
                (shapes.Found,),
                samples.FOUND,
                headers=("Link",),
            ),
        ),
        (
            *of_search("q", "sort", "page", "size", "lang", "expand", *OF_TOWN),
            Parameter(
                "cursor",
                "Where to go on, as `next` says it; without `page`, and with the same question.",
                {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
            ),
            *filters(),
        ),
        (errors.FAULTS[400], errors.REBUILDING),
    )
)
def cases() -> Response:
    """Search with the parameters of the search page; nothing unreadable is passed over."""
    asked = MultiDict([each for each in request.args.items(multi=True) if each[0] != "cursor"])
    query, ever = query_from(asked), context.library().harvest.ever()
    refused, seen = list(unreadable(asked)), frozenset[str]()
    if "cursor" in request.args and not refused:
        seen = cursor.read(request.args["cursor"], query, ever) or seen
        refused = _unusable(seen)
    if refused:
        return refusal_of(refused)
    found = timed("api", lambda: context.library().search(query, seen))
    further = _further(found, seen, ever)
    response = jsonify(_answer(found, len(seen) // query.size, further))
    if further:
        response.headers["Link"] = f'<{further}>; rel="next"'
    return conditional(response)


@pages.get("/api/v1/cases/<slug:case_id>")
@described(
    Operation(
        "Read a case",
        "The fields of the case that have a value, and what the knowledge base adds to them.",
        (
            Answer(
                "The case.", (model.Case, shapes.Added), samples.CASE, headers=("Last-Modified",)
            ),
        ),
        (_CASE_ID, *_LANGUAGE),
        (errors.FAULTS[400], errors.NO_CASE, errors.RETIRED),
    )
)
def case(case_id: str) -> Response:
    """Return one whole case."""
    return _unreadable("lang") or whole_case(case_id)


@pages.get("/api/v1/collections")
@described(
    Operation(
        "List collections",
        "All collections, without their cases.",
        (Answer("The collections.", (shapes.Collections,), samples.COLLECTIONS),),
    )
)
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
@described(
    Operation(
        "Read a collection",
        "Its fields, the cases that are here, and the ids of those that are not.",
        (Answer("The collection.", (Collection, shapes.CollectionAdded), samples.COLLECTION),),
        (_COLLECTION_ID,),
        (errors.NO_COLLECTION,),
    )
)
def collection(collection_id: str) -> Response:
    """Return one whole collection."""
    return whole_collection(collection_id)


@pages.get("/api/v1/completions")
@described(
    Operation(
        "Complete a question",
        "Themes, cities and titles that hold what was typed.",
        (
            Answer("What may be meant.", (shapes.Completions,), samples.COMPLETIONS),
            Answer(
                "With `format=opensearch`: what was typed, and the texts, as browsers expect it.",
                (list[Any],),
                samples.SUGGESTIONS,
                (_SUGGESTIONS,),
            ),
        ),
        (
            Parameter("q", "What was typed.", {"type": "string"}, "dub"),
            *_LANGUAGE,
            Parameter("format", "`opensearch` for browsers.", {"enum": ["json", "opensearch"]}),
        ),
        (errors.FAULTS[400],),
    )
)
def completions() -> Response:
    """Return what someone who has typed ``q`` may be about to ask; to browsers as they want it."""
    if refusal := _unreadable("lang"):
        return refusal
    if (form := request.args.get("format", "json")) not in {"json", "opensearch"}:
        return refusal_of([Unreadable("format", form, "use one of json, opensearch")])
    typed = request.args.get("q", "")
    found = context.library().complete(typed, context.reader())
    if form == "opensearch":
        response = jsonify([typed, [each.text for each in found]])
        response.mimetype = _SUGGESTIONS
    else:
        response = jsonify(items=[asdict(each) for each in found])
    response.headers["Cache-Control"] = "max-age=300"
    return conditional(response)


@pages.get("/schema/case.json")
@described(
    Operation(
        "The schema of a case",
        "JSON Schema (draft 2020-12) of a case file, with every vocabulary.",
        (Answer("The schema.", (dict[str, Any],), {"title": "Citypraxis case"}),),
        limited=False,
    )
)
def case_schema() -> Response:
    """Return the JSON Schema of a case file."""
    return conditional(jsonify(model.json_schema()))


@pages.get("/healthz")
@described(
    Operation(
        "Whether the site works",
        "Without an index, `status` is `degraded`: cases can be read and not searched.",
        (Answer("How it is.", (shapes.Health,), samples.HEALTH),),
        tagged=False,
        limited=False,
    )
)
def health() -> Response:
    """Say whether the site works; without an index it still shows cases."""
    status, check = context.library().status(), context.library().checking.last()
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
        check={
            "state": check.state,
            "at": None if check.at is None else utc(check.at),
            "age_s": check.age_s,
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def whole_case(case_id: str) -> Response:
    """Return the case as JSON, or 304 to someone who has it already.

    Raises:
        CaseNotFoundError: there is no such case.
    """
    page = context.library().page(case_id)
    return conditional(jsonify(twin(page)), _changed(page))


def _changed(page: CasePage) -> int:
    """Return when the answer of a case last changed; 0 while its tags are still to be read.

    What its words mean, and how it is laid out, comes with the program, which was started since.
    """
    accepted = int(datetime.fromisoformat(page.revision.accepted).timestamp())
    return max(accepted, page.read, context.started()) if page.read else 0


def refusal_of(refused: Sequence[Unreadable]) -> Response:
    """Return what to answer where some parameters cannot be read."""
    detail = "Some parameters cannot be read; see errors."
    return errors.problem(errors.FAULTS[400], detail=detail, errors=[*map(_refusal, refused)])


def _unreadable(*names: str) -> Response | None:
    """Return what to answer where one of these parameters cannot be read."""
    asked = [each for each in request.args.items(multi=True) if each[0] in names]
    refused = list(unreadable(MultiDict(asked)))
    return refusal_of(refused) if refused else None


def _unusable(seen: frozenset[str]) -> list[Unreadable]:
    """Say why a cursor cannot be used, if so."""
    text = request.args["cursor"]
    reasons = (
        (len(request.args.getlist("cursor")) > 1, "can be given only once"),
        ("page" in request.args, "cannot be given beside page; leave one of them out"),
        (not seen, "is none of ours for this question; begin again without it, and follow next"),
    )
    return [Unreadable("cursor", text, detail) for holds, detail in reasons if holds][:1]


def _further(result: Result, seen: frozenset[str], ever: Sequence[str]) -> str | None:
    """Return where the next page is, or None after the last."""
    if not result.more:
        return None
    given = seen.union(result.passed)
    return context.public_url(
        links.api_url(replace(result.query, page=1), cursor.written(result.query, given, ever))
    )


def _answer(result: Result, before: int, further: str | None) -> Json:
    return {
        "total": result.total,
        "items": [_item(hit) for hit in result.hits],
        "facets": {facet.name: _values(facet) for facet in result.facets},
        "page": before + result.query.page,
        "size": result.query.size,
        "pages": result.pages,
        "next": further,
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
        "fit": _fit(hit.fit) if hit.fit else None,
        "url": context.public_url(url_for("cases.case", case_id=hit.id)),
    }


def _reason(match: Match) -> Json:
    return {
        "leg": match.leg,
        "asked": match.asked,
        "found": match.found,
        "concept": match.concept,
    }


def _fit(fit: Fit) -> Json:
    reasons = [
        {
            "kind": each.kind,
            "points": each.points,
            "condition": each.condition,
            "words": each.words,
        }
        for each in fit.reasons
    ]
    return {"score": fit.score, "reasons": reasons}


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
