"""The catalogue for open-data portals: DCAT-AP, read by rdflib."""

import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, URIRef

from kb.exports import EXPORTS
from kb.languages import LANGUAGES
from kb.settings import Settings
from web import create_app
from web.catalog import _LANGUAGES

SITE = "https://praxis.example"
CASES = URIRef(f"{SITE}/catalog.ttl#cases")
AUTHORITY = "http://publications.europa.eu/resource/authority"
# What DCAT-AP 3 demands, by class.
MANDATORY = {
    DCAT.Catalog: {DCTERMS.title, DCTERMS.description, DCTERMS.publisher},
    DCAT.Dataset: {DCTERMS.title, DCTERMS.description},
    DCAT.Distribution: {DCAT.accessURL},
    DCAT.DataService: {DCTERMS.title, DCAT.endpointURL},
    FOAF.Agent: {FOAF.name},
}


@pytest.fixture
def graph(client) -> Graph:
    return Graph().parse(data=client.get("/catalog.ttl").text, format="turtle")


# rdflib 7.6 reads JSON-LD into a class of its own that it calls deprecated.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_both_forms_say_the_same(client, graph):
    response = client.get("/catalog.jsonld")
    other = Graph().parse(data=response.text, format="json-ld")

    assert response.mimetype == "application/ld+json"
    assert client.get("/catalog.ttl").mimetype == "text/turtle"
    assert set(other) == set(graph)
    assert len(graph) > 80


def test_everything_has_what_the_profile_demands(graph):
    for kind, demanded in MANDATORY.items():
        things = list(graph.subjects(RDF.type, kind))
        assert things
        for thing in things:
            assert demanded <= set(graph.predicates(thing)), thing


def test_nothing_hangs_in_the_air(graph):
    """Whatever of ours is named is described, and what is a thing is no text."""
    ours = {o for o in graph.objects() if isinstance(o, URIRef) and "#" in o and SITE in o}

    assert ours <= set(graph.subjects())
    for name in (DCTERMS.license, DCTERMS.rights, DCTERMS.language, DCTERMS.spatial, DCAT.theme):
        assert not [o for o in graph.objects(None, name) if isinstance(o, Literal)]


def test_every_format_is_a_distribution_that_can_be_fetched(client, graph):
    addresses = {str(each) for each in graph.objects(CASES, DCAT.distribution)}

    assert addresses == {f"{SITE}/export/{row.name}" for row in EXPORTS.values() if row.installed}
    for address in addresses:
        with client.get(address.removeprefix(SITE)) as response:
            media_type = graph.value(URIRef(address), DCAT.mediaType)
            assert response.status_code == 200, address
            assert media_type.endswith(f"/{response.mimetype}")


def test_all_addresses_within_the_site_lead_somewhere(client, graph):
    for name in (DCAT.endpointURL, DCAT.landingPage, DCAT.downloadURL, FOAF.homepage):
        for address in set(graph.objects(None, name)):
            with client.get(str(address).removeprefix(SITE)) as response:
                assert response.status_code == 200, address


def test_languages_and_countries_are_those_of_the_cases(graph):
    languages = {str(each).rpartition("/")[2] for each in graph.objects(CASES, DCTERMS.language)}
    countries = {str(each).rpartition("/")[2] for each in graph.objects(CASES, DCTERMS.spatial)}

    assert languages == {"CAT", "FIN", "ELL", "ENG", "POL", "SLV"}
    assert countries == {"ESP", "FIN", "GRC", "IRL", "POL", "SVN"}
    assert list(graph.objects(CASES, DCAT.theme)) == [URIRef(f"{AUTHORITY}/data-theme/SOCI")]


def test_a_mixed_licence_is_said_as_such(graph):
    (rights,) = set(graph.objects(None, DCTERMS.rights))

    assert str(graph.value(rights, DCTERMS.description)) == (
        "Each case has its own licence: CC-BY-4.0, CC-BY-SA-4.0."
    )
    assert not list(graph.objects(None, DCTERMS.license))


def test_one_licence_for_all_is_said_of_each_distribution(library, write_case):
    library.ingest([write_case("one"), write_case("two")])
    client = create_app(library, Settings()).test_client()
    graph = Graph().parse(data=client.get("/catalog.ttl").text, format="turtle")

    assert set(graph.objects(None, DCTERMS.license)) == {
        URIRef("https://creativecommons.org/licenses/by/4.0/")
    }


def test_an_empty_base_has_a_catalogue(library):
    client = create_app(library, Settings()).test_client()

    assert client.get("/catalog.ttl").status_code == 200
    assert client.get("/catalog.jsonld").status_code == 200


def test_who_has_it_already_is_told_only_that(client):
    for address in ("/catalog.ttl", "/catalog.jsonld"):
        tag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_every_language_has_a_name_in_the_authority_table():
    assert set(_LANGUAGES) == set(LANGUAGES)
