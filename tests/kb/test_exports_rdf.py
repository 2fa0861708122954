"""Turtle and JSON-LD say the same, in terms that others know."""

from dataclasses import replace

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.compare import to_isomorphic
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD, Namespace

from tests.kb.taken import CONTEXT, HARD, PUBLIC, TURKU, every_field, everything, record, taken

SCHEMA = Namespace("https://schema.org/")
A_CASE = URIRef(f"{PUBLIC}/cases/a")

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
"""rdflib 7 warns of what its own reader of JSON-LD uses."""


def graph(name: str, *records, context=CONTEXT) -> Graph:
    kinds = {"turtle": "turtle", "jsonld": "json-ld"}
    return Graph().parse(data=taken(name, *records, context=context), format=kinds[name])


def test_both_say_the_same():
    some = (*everything()[:6], *everything()[-3:])

    assert to_isomorphic(graph("turtle", *some)) == to_isomorphic(graph("jsonld", *some))


@pytest.mark.parametrize("name", ["turtle", "jsonld"])
def test_every_case_is_a_work_with_a_title_in_its_language(name):
    read = graph(name, *everything())

    assert len(list(read.subjects(RDF.type, SCHEMA.CreativeWork))) == len(everything())
    for each in everything():
        title = Literal(each.case.title, lang=each.case.original_language)
        assert (URIRef(f"{PUBLIC}/cases/{each.case.id}"), DCTERMS.title, title) in read


@pytest.mark.parametrize("name", ["turtle", "jsonld"])
def test_a_case_is_said_in_terms_of_dublin_core_and_schema_org(name):
    told = record(place=TURKU, city="Turku", country="FI", themes=["06.1"], start="2011",
                  lead_organisation={"name": "Turun kaupunki"}, licence="CC-BY-SA-4.0",
                  sources_and_media=[{"id": "s", "url": "doi:10.1234/abc"}])  # fmt: skip
    read = graph(name, told)
    theme = URIRef(f"{PUBLIC}/vocabulary/themes/06.1")

    assert read.value(A_CASE, DCTERMS.subject) == theme
    assert read.value(theme, RDF.type) == SKOS.Concept
    assert read.value(theme, SKOS.inScheme) == URIRef(f"{PUBLIC}/vocabulary/themes")
    assert read.value(theme, SKOS.prefLabel).language == "en"
    assert read.value(A_CASE, DCTERMS.license) == URIRef(
        "https://creativecommons.org/licenses/by-sa/4.0/"
    )
    assert read.value(A_CASE, DCTERMS.source) == URIRef("https://doi.org/10.1234/abc")
    assert read.value(A_CASE, DCTERMS.spatial) == URIRef("https://sws.geonames.org/633679/")
    assert read.value(A_CASE, DCTERMS.modified) == Literal(
        "2026-11-22T10:11:12Z", datatype=XSD.dateTime
    )
    lead = read.value(A_CASE, DCTERMS.creator)
    assert read.value(lead, SCHEMA.name) == Literal("Turun kaupunki")
    where = read.value(A_CASE, SCHEMA.spatialCoverage)
    assert str(read.value(where, SCHEMA.latitude)) == "60.45148"


@pytest.mark.parametrize("name", ["turtle", "jsonld"])
def test_labels_of_concepts_come_in_the_language_of_the_reader_too(name):
    read = graph(name, every_field(), context=replace(CONTEXT, language="fi"))
    labels = read.objects(URIRef(f"{PUBLIC}/vocabulary/themes/06.1"), SKOS.prefLabel)

    assert {label.language for label in labels} == {"en", "fi"}


@pytest.mark.parametrize("name", ["turtle", "jsonld"])
def test_no_text_breaks_a_statement(name):
    read = graph(name, record(summary=HARD))

    assert read.value(A_CASE, DCTERMS.abstract) == Literal(HARD, lang="en")


def test_no_address_breaks_a_statement():
    url = "https://x.example/{a}|b\\c?d=`e`^"
    read = graph("turtle", record(sources_and_media=[{"id": "s", "url": url}]))

    assert str(read.value(A_CASE, DCTERMS.source)) == (
        "https://x.example/%7Ba%7D%7Cb%5Cc?d=%60e%60%5E"
    )
