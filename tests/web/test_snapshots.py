"""A result is frozen by a button, and then read, cited and fetched by people and programs."""

import hashlib

import pytest
from pydantic import TypeAdapter
from rdflib import DCAT, DCTERMS, RDF, Graph, Namespace, URIRef

from kb.frozen import Question
from kb.library import open_library
from kb.query import Query
from kb.settings import Settings
from kb.snapshots import MOST_AN_HOUR
from tests.kb.taken import record
from web import create_app, session
from web.api_snapshots import FrozenList, FrozenWhole

SITE = "https://praxis.example"
SPDX = Namespace("http://spdx.org/rdf/terms#")


@pytest.fixture
def own(library, write_case):
    """A site of its own, because freezing changes it."""
    files = [write_case(name, title=f"{name} housing") for name in ("first", "second", "third")]
    assert not library.ingest(files).refused
    library.sync()
    return library


@pytest.fixture
def browser(own):
    app = create_app(own, Settings(site_url="", data=own.settings.data))
    app.testing = True
    return app.test_client()


def package(browser, address):
    with browser.get(f"{address}/package") as response:
        return response, response.data


def press(browser, read, question=""):
    """Press the button on the page of the export; return the answer."""
    page = read(browser.get(f"/export{question}"))
    form = page.one("form", method="post")
    sent = {field.get("name"): field.get("value") for field in form.all("input")}
    return browser.post(form.get("action"), data=sent)


def put(library, case_id, title):
    case = record(id=case_id, title=title).case
    library._store.save(case, file="", original="", contributor="")


def test_the_button_leads_to_the_frozen_result(browser, read):
    response = press(browser, read, "?q=housing&country=IE&page=2")

    assert response.status_code == 303
    page = read(browser.get(response.location))
    assert page.one("h1").text == "Cases found for “housing”; Country: Ireland (3 cases)"
    assert page.link("Ask the same today") == "/search?q=housing&country=IE"
    assert "Nothing: the same question finds the same revisions today." in page.text
    assert page.link("first housing") == "/cases/first/history/1"
    assert browser.get("/cases/first/history/1").status_code == 200


def test_pressed_again_it_leads_to_the_same(browser, read):
    assert press(browser, read).location == press(browser, read).location
    assert browser.get("/api/v1/snapshots").get_json()["total"] == 1


def test_what_nobody_found_can_be_frozen(browser, read):
    page = read(browser.get(press(browser, read, "?country=XX").location))

    assert "The question found no case. That is a result too." in page.text


def test_without_our_form_nothing_is_frozen(browser):
    assert browser.post("/snapshots?q=housing").status_code == 400
    assert browser.get("/api/v1/snapshots").get_json()["total"] == 0


@pytest.mark.parametrize("asked", ["colour=red", "sort=best", "lang=xx", "page=0", "q=a&q=b"])
def test_what_cannot_be_read_is_not_frozen(browser, asked):
    browser.set_cookie("form", "x")

    response = browser.post(f"/snapshots?{asked}", data={"csrf": session._derived("x")})

    assert response.status_code == 400
    assert browser.get("/api/v1/snapshots").get_json()["total"] == 0


def test_the_package_is_sent_as_it_was_kept(browser, own, read):
    address = press(browser, read).location
    response, data = package(browser, address)
    told = browser.get(f"/api/v1{address}").get_json()

    assert hashlib.sha256(data).hexdigest() == told["sha256"]
    assert response.headers["ETag"] == f'"{told["sha256"]}"'
    assert response.headers["Content-Length"] == str(len(data)) == str(told["bytes"])
    assert response.mimetype == "application/zip"
    put(own, "first", "Changed")
    own.sync()
    assert package(browser, address)[1] == data
    with browser.get(
        f"{address}/package", headers={"If-None-Match": response.headers["ETag"]}
    ) as again:
        assert (again.status_code, again.data) == (304, b"")
    with browser.head(f"{address}/package") as head:
        assert head.headers["Content-Length"] == str(told["bytes"])


def test_the_page_tells_what_has_changed_since(browser, own, read):
    address = press(browser, read, "?q=housing").location
    mia = own.accounts.create("mia@people.example", "moderator")
    put(own, "first", "First housing, again")
    put(own, "fourth", "Fourth housing")
    own.contributing.retire(mia, "second", "withdrawn", "x")
    own.contributing.retire(mia, "third", "archived", "x")
    own.sync()

    page = read(browser.get(address))
    headings = [each.text for each in page.all("h3")]

    assert headings == [
        "Found now, and not then: 1 case",
        "Changed: there is a newer revision: 1 case",
        "Archived: still to be read, and no longer found: 1 case",
        "Withdrawn: 1 case",
    ]
    assert page.link("First housing, again") == "/cases/first/history/2"
    assert page.link("Fourth housing") == "/cases/fourth"
    assert "second housing" not in page.text
    assert page.link("second") == "/cases/second"
    assert browser.get("/cases/second").status_code == 410


def test_the_page_says_what_was_taken_down_and_the_first_hash(browser, own, read):
    address = press(browser, read).location
    first = browser.get(f"/api/v1{address}").get_json()["sha256"]
    zoe = own.accounts.create("zoe@people.example", "administrator")
    own.contributing.take_down(zoe, "second", "A court has ordered it.")
    own.sync()

    page, told = read(browser.get(address)), browser.get(f"/api/v1{address}").get_json()

    assert "1 case was taken down by law" in page.text
    assert f"Its first SHA-256 was {first}" in page.text
    assert "second housing" not in page.text
    assert told["sha256"] != first
    assert [each["sha256"] for each in told["former"]] == [first]
    assert (told["count"], told["held"]) == (3, 2)
    assert [each["state"] for each in told["cases"] if each["id"] == "second"] == ["taken-down"]
    assert told["changes"]["taken_down"] == ["second"]
    _, data = package(browser, address)
    assert hashlib.sha256(data).hexdigest() == told["sha256"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("bibtex", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("csl", "application/vnd.citationstyles.csl+json"),
    ],
)
def test_citations_are_files(browser, read, name, media_type):
    address = press(browser, read).location

    response = browser.get(f"{address}/citation/{name}")

    assert response.mimetype == media_type
    assert address in response.text
    assert browser.get(f"{address}/citation/word").status_code == 404


def test_the_page_shows_the_citation_in_three_formats(browser, read):
    page = read(browser.get(press(browser, read).location))

    shown = [each.text for each in page.all("p") if "citation" in each.get("class")]
    assert len(shown) == 3
    assert shown[1].startswith("@misc{snapshot-")
    assert shown[2].startswith("TY - DATA")


def test_the_answers_for_programs_have_the_shape_that_they_say(browser, read):
    address = press(browser, read, "?q=housing").location
    whole, listed = browser.get(f"/api/v1{address}"), browser.get("/api/v1/snapshots")

    assert TypeAdapter(FrozenWhole).validate_json(whole.data, extra="forbid")
    assert TypeAdapter(FrozenList).validate_json(listed.data, extra="forbid")
    assert [each["id"] for each in listed.get_json()["items"]] == [address.rpartition("/")[2]]
    assert whole.headers["ETag"]
    assert browser.get(f"/api/v1{address}", headers={"If-None-Match": whole.headers["ETag"]}
                       ).status_code == 304  # fmt: skip


def test_lists_go_on_until_the_end(browser, own, read, monkeypatch):
    monkeypatch.setattr("web.snapshots.SHOWN", 2)
    monkeypatch.setattr("web.api_snapshots.SHOWN", 2)
    made = {own.snapshots.freeze(Question(Query(f"housing -x{n}"))).id for n in range(5)}

    seen, address = [], "/api/v1/snapshots"
    while address:
        told = browser.get(address).get_json()
        seen += [each["id"] for each in told["items"]]
        address = told["next"]
    linked, address = [], "/snapshots"
    while address:
        page = read(browser.get(address))
        linked += [a.get("href") for h2 in page.all("h2") for a in h2.all("a")]
        older = page.all("a", rel="next")
        address = older[0].get("href") if older else ""

    assert len(seen) == len(made)
    assert set(seen) == made
    assert linked == [f"/snapshots/{each}" for each in seen]


def test_many_cases_stand_on_several_pages(browser, read, monkeypatch):
    monkeypatch.setattr("web.snapshots.SHOWN", 2)
    address = press(browser, read).location

    first = read(browser.get(address))
    second = read(browser.get(first.link("Next").partition("#")[0]))

    assert second.link("Previous").startswith(f"{address}?page=1")
    assert second.one("ol").get("start") == "3"
    assert "third housing" in second.text
    assert browser.get(f"{address}?page=3").status_code == 404
    assert browser.get(f"{address}?page=x").status_code == 200


@pytest.mark.parametrize("path", ["", "/package", "/citation/ris"])
def test_what_was_never_frozen_is_a_clear_answer(browser, path):
    response = browser.get(f"/snapshots/0123456789abcdef{path}")

    assert response.status_code == 404
    assert "There is no such snapshot" in response.text


def test_programs_get_a_problem(browser):
    for address in ("/api/v1/snapshots/none", "/api/v1/snapshots?after=none"):
        response = browser.get(address)

        assert response.status_code == 404
        assert response.mimetype == "application/problem+json"
        assert response.get_json()["type"].endswith("#problem-no-snapshot")


def test_too_often_is_said(browser, read):
    for _ in range(MOST_AN_HOUR):
        assert press(browser, read, "?country=XX").status_code == 303

    response = press(browser, read, "?country=XX")

    assert response.status_code == 429
    assert response.headers["Retry-After"]


def test_no_room_is_said(tmp_path, write_case, read):
    library = open_library(Settings(data=tmp_path / "small", encoder="off", snapshots_mb=0))
    library.ingest([write_case("first")])
    library.sync()
    browser = create_app(library, library.settings).test_client()

    response = press(browser, read)
    library.close()

    assert response.status_code == 507
    assert "no room for another snapshot" in response.text


def test_a_lost_package_is_said(browser, own, read):
    address = press(browser, read).location
    for path in (own.settings.data / "snapshots").glob("??/*"):
        path.unlink()

    response = browser.get(f"{address}/package")

    assert response.status_code == 404
    assert "a backup has it" in response.text
    assert browser.get(address).status_code == 200


def test_while_the_index_is_built_the_rest_can_be_read(browser, own, read):
    address = press(browser, read).location
    for path in (own.settings.data / "index").rglob("*"):
        if path.is_file():
            path.unlink()
    own._engine.close()

    page = read(browser.get(address))

    assert "That cannot be said at present" in page.text
    assert browser.get(f"/api/v1{address}").get_json()["changes"] is None
    assert browser.get("/export").status_code == 503


def test_what_is_asked_is_harmless_on_the_page(browser, own):
    made = own.snapshots.freeze(Question(Query('<script>alert(1)</script>"><b>')))

    for address in (f"/snapshots/{made.id}", "/snapshots"):
        shown = browser.get(address).text
        assert "<script>alert" not in shown
        assert '"><b>' not in shown


def test_the_catalogue_has_it_with_its_checksum(browser, read):
    address = press(browser, read).location
    told = browser.get(f"/api/v1{address}").get_json()
    graph = Graph().parse(data=browser.get("/catalog.ttl").text, format="turtle")
    (made,) = (each for each in graph.subjects(RDF.type, DCAT.Dataset) if address in str(each))
    (package,) = graph.objects(made, DCAT.distribution)
    (checksum,) = graph.objects(package, SPDX.checksum)

    assert str(graph.value(checksum, SPDX.checksumValue)) == told["sha256"]
    assert int(graph.value(package, DCAT.byteSize)) == told["bytes"]
    assert graph.value(made, DCTERMS.title)
    assert (URIRef(str(made).partition("/snapshots")[0] + "/catalog.ttl#catalogue"), DCAT.dataset,
            made) in graph  # fmt: skip


def test_the_sitemap_has_it(browser, read):
    address = press(browser, read).location

    assert f"{address}</loc>" in browser.get("/sitemap/1.xml").text


def test_the_page_of_a_collection_can_be_frozen(own, browser, read, tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text(
        "title: {en: Ours}\nintro: {en: Why.}\noriginal_language: en\nmade_by: {name: We}\n"
        "parts: [{cases: [{case: third}, {case: first}]}]\n",
        encoding="utf-8",
    )
    assert not own.ingest([path]).refused

    page = read(browser.get(press(browser, read, "?collection=ours").location))

    assert page.one("h1").text == "The cases of the collection “ours” (2 cases)"
    assert page.link("Ask the same today") == "/collections/ours"


def test_what_is_unlisted_stays_at_its_address_and_in_no_list(browser, own, read):
    address = press(browser, read, "?q=housing").location
    other = press(browser, read, "?q=first").location
    snapshot_id = address.rsplit("/", 1)[1]

    own.snapshots.unlist(snapshot_id)

    assert browser.get(address).status_code == 200
    assert press(browser, read, "?q=housing").location == address
    for where in ("/snapshots", "/api/v1/snapshots", "/catalog.ttl", "/sitemap/1.xml"):
        listed = browser.get(where).text
        assert snapshot_id not in listed
        assert other.rsplit("/", 1)[1] in listed
    assert browser.get("/api/v1/snapshots").json["total"] == 1
