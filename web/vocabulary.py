"""The vocabularies: what concepts mean, what they are called, how many cases are about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response, jsonify, make_response, render_template

from kb import skos
from kb.errors import IndexUnavailableError
from kb.languages import LANGUAGES
from kb.query import Query
from kb.saying import term
from kb.search.fields import FACETS
from kb.vocabulary import Concept, Scheme, scheme, scheme_names
from web import context
from web.links import filter_url
from web.responses import conditional, shown_file

pages = Blueprint("vocabulary", __name__)

THEMES = "themes"
TITLES = (
    term("Barriers and failures"),
    term("City sizes"),
    term("Conditions"),
    term("Cost bands"),
    term("Evidence levels"),
    term("Funding"),
    term("Innovation types"),
    term("Organisation types"),
    term("Participation levels"),
    term("Partner roles"),
    term("Periods"),
    term("Relation types"),
    term("Scales"),
    term("Source types"),
    term("Stages"),
    term("Target groups"),
    term("Themes"),
    term("Transferability"),
)
"""What the schemes are called; it stands in their files, which nothing is extracted from."""
_FACETS = {row.scheme: row.name for row in FACETS if row.scheme}


@dataclass(frozen=True, slots=True)
class Called:
    """What a concept is called in a language."""

    language: str
    endonym: str
    preferred: str
    others: tuple[str, ...]
    confirmed: bool


@pages.get("/vocabulary")
def index() -> str:
    """Show all vocabularies, the themes as a tree."""
    return render_template(
        "vocabulary/index.html",
        themes=scheme(THEMES),
        others=[scheme(name) for name in scheme_names() if name != THEMES],
        narrower=_narrower(scheme(THEMES)),
        counts=_counts(THEMES),
    )


@pages.get("/vocabulary/<scheme_name>/<concept_id>")
def concept(scheme_name: str, concept_id: str) -> str:
    """Show one concept.

    Raises:
        UnknownConceptError: there is no such concept.
    """
    found = _scheme(scheme_name)
    shown = found[concept_id]
    facet = _FACETS.get(scheme_name, "")
    return render_template(
        "vocabulary/concept.html",
        concept=shown,
        scheme=found,
        line=[found[each] for each in reversed(found.lineage(concept_id)[1:])],
        narrower=_narrower(found).get(concept_id, ()),
        called=_called(shown),
        counts=_counts(scheme_name),
        cases_url=filter_url(facet, concept_id) if facet else "",
        eurovoc=skos.EUROVOC,
        url=skos.concept_uri(context.settings().public_url, shown),
    )


@pages.get("/vocabulary.ttl")
def turtle() -> Response:
    """Return all vocabularies as SKOS in Turtle."""
    body = _turtle(context.settings().public_url)
    return shown_file(make_response(body), "text/turtle; charset=utf-8", "vocabulary.ttl")


@pages.get("/vocabulary.jsonld")
def jsonld() -> Response:
    """Return all vocabularies as SKOS in JSON-LD."""
    response = jsonify(skos.jsonld(context.settings().public_url))
    response.headers["Content-Type"] = "application/ld+json"
    return conditional(response)


_turtle = cache(skos.turtle)


def _scheme(name: str) -> Scheme:
    # A name of a scheme becomes a name of a file: only those that are there.
    return scheme(name) if name in scheme_names() else Scheme(name, "This vocabulary", {})


def _narrower(found: Scheme) -> Mapping[str, list[Concept]]:
    narrower: dict[str, list[Concept]] = {}
    for each in found:
        narrower.setdefault(each.broader, []).append(each)
    return narrower


def _called(shown: Concept) -> list[Called]:
    return [
        Called(
            row.code,
            row.endonym,
            shown.pref[row.code],
            shown.alt.get(row.code, ()),
            row.code in shown.confirmed,
        )
        for row in LANGUAGES.values()
        if row.code in shown.pref
    ]


def _counts(scheme_name: str) -> Mapping[str, int]:
    """Return how many cases have a concept; nothing while there is no index."""
    name = _FACETS.get(scheme_name)
    if name is None:
        return {}
    try:
        facets = context.library().search(Query(size=1)).facets
    except IndexUnavailableError:
        return {}
    return {v.value: v.count for facet in facets if facet.name == name for v in facet.values}
