"""A case as JSON: everything the page shows, under the names of the model."""

from typing import TYPE_CHECKING, Any

from flask import url_for

from kb.model import Place, Tag
from kb.vocabulary import scheme
from web import context

if TYPE_CHECKING:
    from kb.pages import CasePage

Json = dict[str, Any]


def twin(page: "CasePage") -> Json:
    """Return the case's own fields, then what the knowledge base adds to them."""
    revision, case = page.revision, page.revision.case
    return {
        **case.as_dict(),
        "url": context.public_url(url_for("cases.case", case_id=case.id)),
        "revision": revision.number,
        "accepted": revision.accepted,
        "evidence_level": case.evidence_level,
        "completeness": case.completeness,
        "gaps": list(case.gaps),
        "tags": [_tag(tag, page.place) for tag in page.tags],
        "place": _place(page.place) if page.place else None,
    }


def tag_label(tag: Tag, place: Place | None) -> str:
    """Name what a tag stands for: its concept, the case's own place, or the words read."""
    if tag.kind == "place":
        return place.name if place and place.id == tag.value else tag.matched or tag.value
    concept = scheme("themes").concepts.get(tag.value)
    return concept.label(context.reader()) if concept else tag.value


def _tag(tag: Tag, place: Place | None) -> Json:
    return {
        "kind": tag.kind,
        "value": tag.value,
        "label": tag_label(tag, place),
        "origin": tag.origin,
        "strength": tag.strength,
        "matched": tag.matched,
        "passage": tag.passage,
        "tagger": tag.tagger,
    }


def _place(place: Place) -> Json:
    return {
        "id": place.id,
        "name": place.name,
        "country": place.country,
        "region": place.region,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "population": place.population,
    }
