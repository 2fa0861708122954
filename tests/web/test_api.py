"""The API is a promise: these are its names."""

import time

import pytest

from kb.model import json_schema
from kb.search.fields import FACET_NAMES
from kb.settings import Settings
from web import create_app


def test_a_search_answers_in_the_promised_shape(client):
    answer = client.get("/api/v1/cases?q=homelessness&country=SI").get_json()
    (item,) = answer["items"]

    assert list(answer) == [
        "total",
        "items",
        "facets",
        "page",
        "size",
        "pages",
        "next",
        "notes",
        "corrections",
    ]
    assert list(item) == [
        "id", "title", "title_en", "language", "city", "country", "start", "score", "matched",
        "snippet", "marks", "fit", "url",
    ]  # fmt: skip
    assert list(item["matched"][0]) == ["leg", "asked", "found", "concept"]
    assert item["url"] == "https://praxis.example/cases/kralji-ulice-ljubljana"
    assert (item["country"], item["start"]) == ("SI", "2008")


def test_marks_say_where_the_words_stand(client):
    (item,) = client.get("/api/v1/cases?q=tenancies&country=IE").get_json()["items"]

    assert "tenancy" in {item["snippet"][start:end] for start, end in item["marks"]}


def test_facets_have_the_names_of_the_parameters(client):
    answer = client.get("/api/v1/cases?country=FI").get_json()

    assert list(answer["facets"]) == list(FACET_NAMES)
    assert {"value": "FI", "label": "Finland", "count": 1, "selected": True} in answer["facets"][
        "country"
    ]


def test_every_count_is_what_choosing_the_value_finds(client):
    facets = client.get("/api/v1/cases").get_json()["facets"]

    for name, values in facets.items():
        for value in values:
            found = client.get("/api/v1/cases", query_string={name: value["value"]}).get_json()
            assert found["total"] == value["count"], (name, value)


def test_the_page_and_the_api_find_the_same(client, read):
    address = "?q=housing&sort=city&size=2&page=2"
    page = read(client.get("/search" + address))
    items = client.get("/api/v1/cases" + address).get_json()["items"]

    assert [h.text for h in page.one("ol").all("h3")] == [item["title"] for item in items]


def test_what_cannot_be_read_is_a_problem(client):
    response = client.get("/api/v1/cases?page=abc&size=1000&sort=x&colour=red&q=a")
    problem = response.get_json()

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert list(problem) == ["type", "title", "status", "detail", "errors"]
    assert problem["type"] == "https://praxis.example/about#problem-unreadable"
    assert [(e["parameter"], e["value"]) for e in problem["errors"]] == [
        ("page", "abc"),
        ("size", "1000"),
        ("sort", "x"),
        ("colour", "red"),
    ]
    assert all(e["detail"] for e in problem["errors"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/cases/none", 404),
        ("/api/v1/nothing", 404),
        ("/api/v2/", 404),
        ("/cases/none.json", 404),
        ("/schema/none.json", 404),
    ],
)
def test_errors_are_problem_details(client, path, status):
    response = client.get(path)

    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.get_json()["status"] == status


def test_only_reading_is_allowed(client):
    response = client.post("/api/v1/cases")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.mimetype == "application/problem+json"


def test_other_sites_may_read(client):
    assert client.get("/api/v1/cases").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/search").headers


def test_the_index_leads_to_the_rest(client):
    index = client.get("/api/v1/").get_json()

    assert client.get(index["schema"].removeprefix("https://praxis.example")).status_code == 200
    assert client.get(index["cases"].removeprefix("https://praxis.example")).status_code == 200


def test_the_schema_is_the_models(client):
    assert client.get("/schema/case.json").get_json() == json_schema()


def test_health_says_that_all_is_well(client):
    assert client.get("/healthz").get_json() == {
        "status": "ok",
        "cases": 7,
        "index": {"state": "ready", "engine": "whoosh", "cases": 7, "behind": 0},
        "meaning": {"state": "off", "done": 0, "of": 0, "reason": "KB_ENCODER is off"},
        "check": {"state": "never", "at": None, "age_s": None},
    }


def test_health_says_when_there_is_no_index(client_without_index):
    response = client_without_index.get("/healthz")

    assert response.status_code == 200
    assert response.get_json()["status"] == "degraded"
    assert response.get_json()["cases"] == 1


def test_a_search_without_an_index_is_a_problem_that_passes(client_without_index):
    response = client_without_index.get("/api/v1/cases")

    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert response.headers["Retry-After"] == "5"


def test_completions_are_themes_cities_and_titles(client):
    items = client.get("/api/v1/completions?q=dub").get_json()["items"]

    assert items[0] == {"text": "Dublin", "kind": "city", "id": "Dublin", "language": ""}


def test_completions_speak_the_readers_language(client):
    items = client.get("/api/v1/completions?q=obdach&lang=de").get_json()["items"]

    assert ("theme", "de") in {(item["kind"], item["language"]) for item in items}


@pytest.fixture
def settled(library, write_case, monkeypatch):
    """Give a case whose last change has settled, and a clock that can be put forward."""
    clock = [time.time() + 60]
    library.ingest([write_case("a-case")])
    library.sync()
    site = create_app(library, Settings()).test_client()
    monkeypatch.setattr("web.responses.time.time", lambda: clock[0])
    return site


def test_who_has_a_case_already_is_told_only_that(settled):
    headers = settled.get("/api/v1/cases/a-case").headers

    for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = settled.get("/api/v1/cases/a-case", headers={name: headers[value]})
        assert (again.status_code, again.data) == (304, b"")


def test_who_has_a_list_already_is_told_only_that(client):
    address = "/api/v1/cases?q=housing"
    tag = client.get(address).headers["ETag"]

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(address + "&size=1", headers={"If-None-Match": tag}).status_code == 200
    assert "Last-Modified" not in client.get(address).headers


def test_a_case_that_changed_just_now_has_no_date(library, write_case):
    library.ingest([write_case("a-case")])
    library.sync()
    headers = create_app(library, Settings()).test_client().get("/api/v1/cases/a-case").headers

    assert "Last-Modified" not in headers
    assert headers["ETag"]


def test_a_case_whose_tags_are_still_to_be_read_has_no_date(library, write_case, monkeypatch):
    monkeypatch.setattr("web.responses.time.time", lambda: time.time_ns() / 10**9 + 60)
    library.ingest([write_case("a-case")])
    headers = create_app(library, Settings()).test_client().get("/api/v1/cases/a-case").headers

    assert "Last-Modified" not in headers


def test_tags_that_are_read_anew_are_a_change(settled, library):
    dated = settled.get("/api/v1/cases/a-case").headers["Last-Modified"]
    with library._connections.writing() as db:
        db.execute("UPDATE analyses SET at = at + 5")

    again = settled.get("/api/v1/cases/a-case", headers={"If-Modified-Since": dated})
    assert again.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/",
        "/api/v1/cases/every-field",
        "/api/v1/collections",
        "/api/v1/collections/a-forum",
        "/api/v1/completions?q=h",
        "/schema/case.json",
    ],
)
def test_every_answer_has_a_tag(client, path):
    tag = client.get(path).headers["ETag"]

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
