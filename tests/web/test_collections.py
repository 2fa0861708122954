"""Collections: their list, their pages, and what can be taken away."""

import io
import json
import zipfile

import pytest

from kb.library import open_library
from kb.settings import Settings
from web import create_app

PAGE = "/collections/a-forum"


@pytest.fixture
def page(client, read):
    return read(client.get(PAGE))


def test_the_list_leads_to_each_collection(client, read):
    page = read(client.get("/collections"))

    assert page.one("ul", class_="hits").link("What forums ask") == PAGE
    assert "2 cases" in page.text


def test_the_start_page_leads_to_collections(client, read):
    page = read(client.get("/"))

    assert page.link("What forums ask") == PAGE
    assert page.one("nav").link("Collections") == "/collections"


def test_the_page_shows_the_event(page):
    event = page.one("section", id="event")

    assert event.one("h2").text == "A forum"
    for said in ("15 November 2021", "17 November 2021", "Berlin, Germany", "Senat", "online"):
        assert said in event.text
    assert [each.text for each in event.one("ol").all("li")] == ["Learn Together.", "Share"]


def test_cases_stand_in_the_order_of_the_collection_with_their_notes(page):
    cases = page.one("section", id="part-1").one("ol").all("li")

    assert cases[0].link("Każde pole <b>wypełnione</b>") == "/cases/every-field"
    assert "Look at what failed." in cases[0].text
    assert "The case not-here is not in this knowledge base." in cases[1].text


@pytest.mark.usefixtures("only_english")
def test_texts_are_shown_in_the_language_of_the_reader(client, read):
    page = read(client.get(PAGE + "?lang=de"))

    assert page.one("h1").text == "Was Foren fragen"
    assert page.one("h1").one("span").get("lang") == "de"
    assert "Wozu es sie gibt." in page.one("section", id="intro").text
    assert page.one("section", id="part-1").link("Każde pole <b>wypełnione</b>") == (
        "/cases/every-field?lang=de"
    )


def test_a_translation_is_marked_as_ours_and_the_original_is_not(client, read):
    marked = "Our translation, not yet confirmed by a native reader."

    assert marked in read(client.get(PAGE)).one("section", id="intro").text
    assert marked not in read(client.get(PAGE + "?lang=de")).one("section", id="intro").text


def test_a_language_without_a_text_shows_what_there_is(client, read):
    assert read(client.get(PAGE + "?lang=fi")).one("h1").text == "What forums ask"


def test_the_languages_can_be_switched(page):
    switch = page.one("nav", class_="languages")

    assert switch.link("Deutsch (original)") == PAGE + "?lang=de"
    assert switch.link("English (translation)") == PAGE


def test_a_case_names_its_collections(client, read):
    page = read(client.get("/cases/every-field"))

    assert page.one("section", id="collections").link("What forums ask") == PAGE


@pytest.mark.parametrize("address", ["/api/v1/collections/a-forum", PAGE + ".json"])
def test_json_holds_the_collection_and_its_cases(client, address):
    answer = client.get(address).json

    assert answer["title"] == {"de": "Was Foren fragen", "en": "What forums ask"}
    assert answer["parts"][0]["cases"][0]["case"] == "every-field"
    assert [each["id"] for each in answer["present"]] == ["every-field"]
    assert answer["missing"] == ["not-here"]
    assert answer["url"].endswith(PAGE)
    assert answer["revision"] == 1


def test_api_lists_collections(client):
    answer = client.get("/api/v1/collections").json

    assert answer["total"] == 1
    assert answer["items"][0]["id"] == "a-forum"
    assert answer["items"][0]["cases"] == 2
    assert client.get("/api/v1/").json["collections"].endswith("/api/v1/collections")


def test_the_archive_can_be_taken_in_elsewhere(client, tmp_path):
    response = client.get(PAGE + ".zip")
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        archive.extractall(tmp_path / "taken")

    library = open_library(Settings(data=tmp_path / "data"))
    result = library.ingest([tmp_path / "taken"])

    assert response.headers["Content-Disposition"] == 'attachment; filename="a-forum.zip"'
    assert (result.new, result.collections, result.refused) == (["every-field"], ["a-forum"], [])
    here = create_app(library, Settings()).test_client().get(PAGE + ".json").json
    there = client.get(PAGE + ".json").json
    library.close()
    assert json.dumps(here["parts"]) == json.dumps(there["parts"])


def test_the_file_is_the_collection(client, tmp_path):
    path = tmp_path / "a-forum.yaml"
    path.write_bytes(client.get(PAGE + ".yaml").data)
    library = open_library(Settings(data=tmp_path / "data"))

    assert library.ingest([path]).collections == ["a-forum"]
    library.close()


@pytest.mark.parametrize("end", ["", ".json", ".yaml", ".zip"])
def test_a_collection_that_is_not_there_is_said_to_be_none(client, end):
    response = client.get(f"/collections/none{end}")

    assert response.status_code == 404
    assert "There is no such collection" in response.text


def test_without_collections_the_pages_say_so(client_without_index, read):
    assert "There is no collection here yet." in read(client_without_index.get("/collections")).text


@pytest.mark.parametrize("end", [".json", ".yaml", ".zip"])
def test_what_a_client_has_already_is_not_sent_again(client, end):
    tag = client.get(PAGE + end).headers["ETag"]

    assert client.get(PAGE + end, headers={"If-None-Match": tag}).status_code == 304
