"""Collections: the list, the page of each, and what machines and other knowledge bases take."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, Response, jsonify, make_response, render_template, url_for
from flask_babel import lazy_gettext as _l

from kb import diffusion
from kb.collection import CollectionRevision
from kb.pages import CollectionPage
from web import case_page, context, signposts
from web.adoptions import NAMES
from web.responses import conditional, download

pages = Blueprint("collections", __name__)

PHASES: Mapping[str, str] = MappingProxyType(
    {
        "learn": _l("Learn from"),
        "share": _l("Who shares"),
        "create": _l("Who is adapting"),
    }
)
"""The pages of a collection by the phases in which cities work: learn, share, create."""


@pages.get("/collections")
def index() -> str:
    """Show all collections."""
    return render_template("collections/index.html", revisions=context.library().collections())


@pages.get("/collections/<slug:collection_id>")
def collection(collection_id: str) -> Response:
    """Show one collection: why it was made, and its cases in its order."""
    page = context.library().collection(collection_id)
    told = page.revision.collection
    shown = render_template(
        "collections/collection.html",
        page=page,
        revision=page.revision,
        collection=told,
        languages=tuple(dict.fromkeys((told.original_language, *told.title))),
        phases=PHASES,
        url=context.public_url(url_for("collections.collection", collection_id=told.id)),
    )
    response = make_response(shown)
    response.headers["Link"] = signposts.header(signposts.of_collection(page))
    return response


@pages.get("/collections/<slug:collection_id>/<any(learn, share, create):phase>")
def phase(collection_id: str, phase: str) -> str:
    """Show a collection for one phase of working together."""
    page = context.library().collection(collection_id)
    told = page.revision.collection
    return render_template(
        f"collections/{phase}.html",
        page=page,
        collection=told,
        phases=PHASES,
        phase=phase,
        adoptions=_adoptions(page) if phase == "create" else {},
        grounds=case_page.grounds,
        copies=diffusion.copies,
        url=context.public_url(url_for("collections.phase", collection_id=told.id, phase=phase)),
        **NAMES,
    )


@pages.get("/collections/<slug:collection_id>.json")
def collection_json(collection_id: str) -> Response:
    """Return the collection as the API does."""
    return whole_collection(collection_id)


@pages.get("/collections/<slug:collection_id>.yaml")
def collection_yaml(collection_id: str) -> Response:
    """Return the collection as a file that `ingest` reads back."""
    data = context.library().collection_file(collection_id)
    return download(make_response(data), "application/yaml", f"{collection_id}.yaml")


@pages.get("/collections/<slug:collection_id>.zip")
def collection_zip(collection_id: str) -> Response:
    """Return the collection with all its cases as files that `ingest` reads back."""
    data = context.library().collection_archive(collection_id)
    return download(make_response(data), "application/zip", f"{collection_id}.zip")


def _adoptions(page: CollectionPage) -> dict[str, tuple[diffusion.Edge, ...]]:
    """Return who has copied each of the cases that are here, by the id of the case."""
    graph = context.library().transfer.graph()
    return {key: diffusion.from_case(graph, key) for key in page.cases}


def whole_collection(collection_id: str) -> Response:
    """Return the collection as JSON, or 304 to someone who has it already.

    Raises:
        CollectionNotFoundError: there is no such collection.
    """
    page = context.library().collection(collection_id)
    present = [page.cases[key] for key in page.revision.collection.cases if key in page.cases]
    return conditional(
        jsonify(
            {
                **page.revision.collection.as_dict(),
                **provenance(page.revision),
                "present": [
                    {
                        "id": case.id,
                        "title": case.title,
                        "title_en": case.title_en,
                        "language": case.original_language,
                        "city": case.city,
                        "country": case.country,
                        "url": context.public_url(url_for("cases.case", case_id=case.id)),
                    }
                    for case in present
                ],
                "missing": list(page.missing),
            }
        )
    )


def provenance(revision: CollectionRevision) -> dict[str, object]:
    """Return what the knowledge base knows of a collection beside its own fields."""
    path = url_for("collections.collection", collection_id=revision.collection.id)
    return {
        "url": context.public_url(path),
        "revision": revision.number,
        "accepted": revision.accepted,
    }
