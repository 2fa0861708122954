"""What is said of a case in RDF: Dublin Core terms, schema.org, SKOS. Turtle and JSON-LD write it.

Statements are made for one case at a time, because a graph of ten thousand cases in rdflib takes
more memory than the site may.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from kb import edtf
from kb.exports import Context, Record
from kb.exports.citing import licence_url
from kb.model import ENGLISH, Case, Place
from kb.moments import utc
from kb.skos import EUROVOC
from kb.vocabulary import Concept, scheme

PREFIXES = {
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
}
_GEONAMES = "https://sws.geonames.org/"
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


@dataclass(frozen=True, slots=True)
class Iri:
    """An address, or a name with one of our prefixes."""

    address: str = ""
    name: str = ""
    """Such as ``dcterms:title``."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text with its language, or a value with its type."""

    text: str
    language: str = ""
    type: str = ""
    """Such as ``xsd:date``."""


@dataclass(frozen=True, slots=True)
class Nested:
    """Something without an address of its own."""

    statements: tuple["Statement", ...]


Node = Iri | Literal | Nested
Statement = tuple[str, Node]
Subject = tuple[str, tuple[Statement, ...]]
"""An address and what is said of it."""


def subjects(records: Iterable[Record], context: Context) -> Iterator[Subject]:
    """Yield the set, each case, and at the end the concepts that the cases are about."""
    yield context.address, tuple(_set(context))
    used: dict[tuple[str, str], None] = {}
    for record in records:
        used |= dict.fromkeys(_concepts(record.case))
        yield context.url(record.case.id), tuple(_case(record, context))
    for scheme_name, notation in sorted(used):
        concept = scheme(scheme_name)[notation]
        yield _uri(context, scheme_name, notation), tuple(_concept(concept, context))


def _set(context: Context) -> Iterator[Statement]:
    yield "rdf:type", Iri(name="schema:Dataset")
    yield "schema:name", Literal(f"{context.site_name}: {context.query}", ENGLISH)
    yield "dcterms:created", Literal(utc(context.taken), type="xsd:dateTime")


def _case(record: Record, context: Context) -> Iterator[Statement]:
    case = record.case
    yield "rdf:type", Iri(name="schema:CreativeWork")
    yield "dcterms:identifier", Literal(case.id)
    yield from _texts(case)
    yield "dcterms:language", Literal(case.original_language, type="dcterms:RFC5646")
    yield from _about(case, context)
    yield from _where_and_when(record)
    yield from _who(case)
    yield from _from(case, context)
    accepted = Literal(record.revision.accepted, type="xsd:dateTime")
    yield "dcterms:modified", accepted
    yield "schema:version", Literal(str(record.revision.number), type="xsd:integer")
    yield "dcterms:isPartOf", Iri(context.address)


def _texts(case: Case) -> Iterator[Statement]:
    yield "dcterms:title", Literal(case.title, case.original_language)
    if case.title_en and case.original_language != ENGLISH:
        yield "dcterms:title", Literal(case.title_en, ENGLISH)
    if case.summary:
        yield "dcterms:abstract", Literal(case.summary, case.original_language)
    if case.summary_en and case.original_language != ENGLISH:
        yield "dcterms:abstract", Literal(case.summary_en, ENGLISH)


_SAID_BY = {
    "themes": "dcterms:subject",
    "target_groups": "dcterms:audience",
    "innovation_types": "dcterms:type",
    "stages": "schema:creativeWorkStatus",
}

_EVIDENCE = "evidence_levels"


def _concepts(case: Case) -> Iterator[tuple[str, str]]:
    yield from (("themes", each) for each in case.themes)
    yield from (("target_groups", each) for each in case.target_groups)
    yield from (("innovation_types", each) for each in case.innovation_type)
    if case.stage:
        yield "stages", case.stage
    yield _EVIDENCE, case.evidence_level


def _about(case: Case, context: Context) -> Iterator[Statement]:
    for scheme_name, notation in dict.fromkeys(_concepts(case)):
        concept = Iri(_uri(context, scheme_name, notation))
        if scheme_name == _EVIDENCE:
            yield "schema:additionalProperty", _property("evidence_level", concept)
        else:
            yield _SAID_BY[scheme_name], concept


def _property(name: str, value: Node) -> Nested:
    return Nested(
        (
            ("rdf:type", Iri(name="schema:PropertyValue")),
            ("schema:propertyID", Literal(name)),
            ("schema:valueReference", value),
        )
    )


def _where_and_when(record: Record) -> Iterator[Statement]:
    case = record.case
    if case.city or case.country:
        yield "schema:spatialCoverage", Nested(tuple(_place(case, record.place)))
    if record.place:
        yield "dcterms:spatial", Iri(f"{_GEONAMES}{record.place.id}/")
    if case.start != edtf.UNKNOWN:
        yield "schema:temporalCoverage", Literal(case.start, type="edtf:EDTF")


def _place(case: Case, place: Place | None) -> Iterator[Statement]:
    yield "rdf:type", Iri(name="schema:Place")
    if case.city:
        yield "schema:name", Literal(case.city)
    yield "schema:address", Nested(tuple(_postal(case)))
    if place:
        yield "schema:latitude", Literal(str(place.latitude), type="xsd:decimal")
        yield "schema:longitude", Literal(str(place.longitude), type="xsd:decimal")


def _postal(case: Case) -> Iterator[Statement]:
    yield "rdf:type", Iri(name="schema:PostalAddress")
    if case.city:
        yield "schema:addressLocality", Literal(case.city)
    if case.country:
        yield "schema:addressCountry", Literal(case.country)


def _who(case: Case) -> Iterator[Statement]:
    if case.lead_organisation:
        yield "dcterms:creator", _organisation(case.lead_organisation.name)
    for name in dict.fromkeys(each.name for each in case.partners):
        yield "dcterms:contributor", _organisation(name)


def _organisation(name: str) -> Nested:
    return Nested((("rdf:type", Iri(name="schema:Organization")), ("schema:name", Literal(name))))


def _from(case: Case, context: Context) -> Iterator[Statement]:
    licence = licence_url(case.licence)
    yield "dcterms:license", Iri(licence) if licence else Literal(case.licence)
    urls = (each.url for each in case.sources_and_media if each.url)
    yield from (("dcterms:source", Iri(_address(each))) for each in dict.fromkeys(urls))
    related = (each.case for each in case.relations if each.case)
    for each in dict.fromkeys(related):
        yield "dcterms:relation", Iri(context.url(each))


def _concept(concept: Concept, context: Context) -> Iterator[Statement]:
    yield "rdf:type", Iri(name="skos:Concept")
    yield "skos:notation", Literal(concept.id)
    yield "skos:inScheme", Iri(f"{context.public_url}/vocabulary/{concept.scheme}")
    for language in dict.fromkeys((ENGLISH, context.language)):
        if language in concept.pref:
            yield "skos:prefLabel", Literal(concept.pref[language], language)
    for number in concept.eurovoc:
        yield "skos:closeMatch", Iri(EUROVOC + number)


def _uri(context: Context, scheme_name: str, notation: str) -> str:
    return f"{context.public_url}/vocabulary/{scheme_name}/{notation}"


def _address(url: str) -> str:
    """Return the address of a source as an IRI may be written."""
    if url.startswith("doi:"):
        url = f"https://doi.org/{url.removeprefix('doi:')}"
    return _NOT_IN_IRI.sub(lambda found: quote(found.group()), url)
