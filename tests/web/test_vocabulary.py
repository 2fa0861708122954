"""The pages of the vocabularies, and what machines get of them."""

import pytest
from markupsafe import escape
from rdflib import Dataset, Graph, Literal, Namespace, URIRef
from rdflib.namespace import SKOS

from kb.languages import LANGUAGES
from kb.vocabulary import scheme, scheme_names
from web.vocabulary import TITLES

SITE = Namespace("https://praxis.example/vocabulary/")


@pytest.fixture(scope="module")
def turtle(site):
    text = site.test_client().get("/vocabulary.ttl").get_data(as_text=True)
    return Graph().parse(data=text, format="turtle")


def test_the_title_of_every_vocabulary_is_in_the_catalogues():
    assert {scheme(name).title for name in scheme_names()} == set(TITLES)


def test_every_concept_has_a_page(client):
    for name in scheme_names():
        concept = next(iter(scheme(name)))
        assert client.get(f"/vocabulary/{name}/{concept.id}").status_code == 200


def test_the_index_leads_to_every_theme(client):
    page = client.get("/vocabulary").get_data(as_text=True)

    for concept in scheme("themes"):
        assert f'href="/vocabulary/themes/{concept.id}"' in page


def test_a_concept_says_what_it_is_called_in_every_language(client):
    page = client.get("/vocabulary/themes/06").get_data(as_text=True)

    for code in LANGUAGES:
        assert str(escape(scheme("themes")["06"].pref[code])) in page


def test_a_concept_leads_to_its_cases_and_to_what_is_narrower(client):
    page = client.get("/vocabulary/themes/06").get_data(as_text=True)

    assert "/search?theme=06" in page
    assert "/vocabulary/themes/06.1" in page


def test_a_heading_stands_in_the_readers_language(client):
    page = client.get("/vocabulary/themes/06?lang=de").get_data(as_text=True)

    assert f"<h1>{scheme('themes')['06'].pref['de']}" in page


@pytest.mark.parametrize("address", ["themes/99", "nothing/06", "..%2fthemes/06", "themes/06/x"])
def test_what_does_not_exist_is_not_found(client, address):
    assert client.get(f"/vocabulary/{address}").status_code == 404


def test_pages_stand_without_an_index(client_without_index):
    assert client_without_index.get("/vocabulary/themes/06").status_code == 200


def test_turtle_says_all_that_the_vocabulary_does(turtle):
    for name in scheme_names():
        for concept in scheme(name):
            told = {(label.language, str(label)) for label in turtle.objects(SITE[f"{name}/{concept.id}"], SKOS.prefLabel)}  # fmt: skip  # noqa: E501
            assert told == set(concept.pref.items())


def test_turtle_tells_what_is_broader_and_what_is_the_same_elsewhere(turtle):
    concept = next(each for each in scheme("themes") if each.eurovoc and each.broader)
    subject = SITE[f"themes/{concept.id}"]

    assert (subject, SKOS.broader, SITE[f"themes/{concept.broader}"]) in turtle
    assert (subject, SKOS.closeMatch, URIRef(f"http://eurovoc.europa.eu/{concept.eurovoc[0]}")) in turtle  # fmt: skip  # noqa: E501


def test_no_label_is_preferred_and_alternative_at_once(turtle):
    preferred = set(turtle.subject_objects(SKOS.prefLabel))

    assert not preferred & set(turtle.subject_objects(SKOS.altLabel))
    assert not preferred & set(turtle.subject_objects(SKOS.hiddenLabel))


# rdflib's own parser uses what rdflib has deprecated.
@pytest.mark.filterwarnings("ignore:.*is deprecated, use Dataset")
def test_json_ld_says_the_same_as_turtle(client, turtle):
    response = client.get("/vocabulary.jsonld")
    graph = Dataset(default_union=True)
    graph.parse(data=response.get_data(as_text=True), format="json-ld")

    for relation in (SKOS.prefLabel, SKOS.altLabel, SKOS.broader, SKOS.closeMatch):
        assert set(graph.subject_objects(relation)) == set(turtle.subject_objects(relation))
    assert response.mimetype == "application/ld+json"
    assert isinstance(next(graph.objects(None, SKOS.prefLabel)), Literal)
