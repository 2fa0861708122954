"""Every result page is data: whole, without log-in, in each of the formats."""

import csv
import io
import json
import zipfile

import pandas as pd
import pytest

from kb.exports import EXPORTS
from web import export as view

ALL = 7
"""Cases of the site of the tests."""


def ids(response) -> list[str]:
    return [row["id"] for row in csv.DictReader(io.StringIO(response.text, newline=""))]


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_is_a_file_with_its_count(client, name):
    response = client.get(f"/export/{name}")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == EXPORTS[name].media_type
    assert response.headers["X-Total-Count"] == str(ALL)
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="citypraxis-20')
    assert disposition.endswith(f'-7-cases{EXPORTS[name].suffix}"')
    assert len(response.data) > 1_000


def test_it_takes_the_question_of_the_search_page_and_its_order(client):
    asked = "q=housing&country=IE&country=FI&sort=city"
    shown = client.get(f"/api/v1/cases?{asked}").get_json()

    response = client.get(f"/export/csv?{asked}")

    assert ids(response) == [item["id"] for item in shown["items"]]
    assert response.headers["X-Total-Count"] == str(shown["total"]) != "0"


def test_pages_limit_nothing(client):
    assert len(ids(client.get("/export/csv?page=2&size=1"))) == ALL
    assert len(ids(client.get("/export/csv?page=99999&size=1"))) == ALL


def test_labels_come_in_the_language_of_the_reader(client):
    frame = pd.read_csv(io.BytesIO(client.get("/export/csv?lang=fi&country=IE").data))

    assert list(frame["country_name"]) == ["Irlanti"]


def test_options_of_csv(client):
    assert client.get("/export/csv?bom=1").data.startswith(b"\xef\xbb\xbf")
    assert not client.get("/export/csv?bom=0").data.startswith(b"\xef\xbb\xbf")
    assert client.get("/export/csv?raw=1").status_code == 200


def test_addresses_in_a_file_are_public_ones(client):
    (line,) = client.get("/export/jsonl?q=every-field&country=PL&city=Łódź&type=new-service",
                         base_url="http://127.0.0.1:8000").text.splitlines()[:1]  # fmt: skip

    assert json.loads(line)["url"].startswith("https://praxis.example/cases/")
    assert "127.0.0.1" not in line


@pytest.mark.parametrize("name", ["pdf", "CSV", "csv.exe", "..", "%2e%2e"])
def test_a_format_that_there_is_not_is_a_problem(client, name):
    response = client.get(f"/export/{name}")

    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    if name == "pdf":
        told = response.get_json()
        assert told["formats"] == list(EXPORTS)
        assert "pdf" in told["detail"]


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("colour=red", "colour"),
        ("sort=best", "sort"),
        ("bom=perhaps", "bom"),
        ("raw=2", "raw"),
        ("lang=xx", "lang"),
        ("collection=a-forum&q=housing", "q"),
    ],
)
def test_what_cannot_be_read_is_said(client, asked, parameter):
    response = client.get(f"/export/csv?{asked}")

    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert [each["parameter"] for each in response.get_json()["errors"]] == [parameter]


@pytest.mark.parametrize("name", EXPORTS)
def test_a_filter_that_matches_nothing_gives_an_empty_file(client, name):
    response = client.get(f"/export/{name}?country=XX")

    assert response.status_code == 200
    assert response.headers["X-Total-Count"] == "0"


def test_a_format_that_is_not_installed_is_a_problem(client, monkeypatch):
    monkeypatch.setattr("kb.exports.find_spec", lambda _name: None)

    response = client.get("/export/parquet")

    assert response.status_code == 501
    assert "pyarrow" in response.get_json()["detail"]
    assert "not installed here" in client.get("/export").text


def test_head_says_how_many_without_making_the_file(client):
    response = client.head("/export/package")

    assert response.headers["X-Total-Count"] == str(ALL)
    assert response.data == b""


def test_without_an_index_it_is_a_problem_to_try_again(client_without_index):
    response = client_without_index.get("/export/csv")

    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"
    assert response.headers["Retry-After"]
    assert client_without_index.get("/export").status_code == 503


def test_a_file_is_sent_in_pieces_worth_sending():
    pieces = list(view._in_pieces([b"x" * 1000] * 200))

    assert b"".join(pieces) == b"x" * 200_000
    assert all(len(piece) >= view._PIECE_BYTES for piece in pieces[:-1])


def test_a_collection_is_taken_in_its_order(client, read):
    response = client.get("/export/csv?collection=a-forum")
    page = read(client.get("/export?collection=a-forum"))

    assert ids(response) == ["every-field"]
    assert page.link("CSV") == "/export/csv?collection=a-forum"
    assert page.link("Back to these cases") == "/collections/a-forum"
    assert client.get("/export/csv?collection=none").status_code == 404
    assert client.get("/export?collection=none").status_code == 404


def test_the_collections_page_leads_there(client, read):
    page = read(client.get("/collections/a-forum"))

    assert page.link("as CSV, Excel, BibTeX and more") == "/export?collection=a-forum"


def test_the_result_page_leads_there_with_its_count(client, read):
    page = read(client.get("/search?q=housing&page=1&sort=city"))
    count = client.get("/api/v1/cases?q=housing").get_json()["total"]

    assert page.link(f"Take these {count} cases away") == "/export?q=housing&sort=city"
    assert "/export" not in client.get("/search?country=XX").text


def test_the_page_lists_every_format_with_its_question(client, read):
    page = read(client.get("/export?q=housing&country=IE&page=3"))

    links = {each.get("href") for each in page.all("a")}
    assert {f"/export/{name}?q=housing&country=IE" for name in EXPORTS} <= links
    assert page.link("Back to these cases") == "/search?q=housing&country=IE"
    assert page.one("h1").text == "Take 1 case away"


def test_the_page_says_which_licences_there_are(client, read):
    page = read(client.get("/export"))

    assert "CC-BY-SA-4.0: 1 case" in page.text
    assert "under different licences" in page.text
    assert "under different licences" not in client.get("/export?country=IE").text
    assert "Of these 1 is to be shared alike." in page.text
    assert "Of these" not in client.get("/export?country=IE").text


def test_the_page_says_where_there_is_nothing(client):
    assert "nothing to take away" in client.get("/export?country=XX").text


def test_what_is_asked_is_harmless_on_the_page(client):
    shown = client.get('/export?q=<script>alert(1)</script>&country="><b>').text

    assert "<script>alert" not in shown
    assert '"><b>' not in shown


def test_the_name_of_a_file_is_harmless(client):
    name = client.get("/export/csv?q=%22%0d%0aSet-Cookie:x").headers["Content-Disposition"]

    assert name.count('"') == 2
    assert "\n" not in name


def test_an_archive_holds_a_file_for_each_case(client):
    with zipfile.ZipFile(io.BytesIO(client.get("/export/md").data)) as archive:
        assert len(archive.namelist()) == ALL
        assert archive.testzip() is None
