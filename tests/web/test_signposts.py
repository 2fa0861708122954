"""What programs are told of a case and of a collection beside the page, and that it is the same."""

import json
import re

import pytest
from rdflib import Graph

from kb.settings import Settings
from tests.web.browsing import launched, needs_chromium, served
from web import create_app, signposts
from web.signposts import Signpost

CASE = "https://praxis.example/cases/every-field"
FORUM = "https://praxis.example/collections/a-forum"
LINK = re.compile(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?')


def links(response) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for href, rel, kind in LINK.findall(response.headers["Link"]):
        found.setdefault(rel, []).append((href, kind))
    return found


def path(address: str) -> str:
    return address.removeprefix("https://praxis.example")


# Links


def test_a_case_names_its_address_type_licence_and_twins(client):
    found = links(client.get(path(CASE)))

    assert found["cite-as"] == [(CASE, "")]
    assert ("https://schema.org/AboutPage", "") in found["type"]
    assert found["license"] == [("https://creativecommons.org/licenses/by-sa/4.0/", "")]
    assert found["describedby"] == [
        (f"{CASE}.json", "application/json"), (f"{CASE}.md", "text/markdown"),
    ]  # fmt: skip
    assert found["collection"] == [(FORUM, "text/html")]
    assert found["linkset"] == [(f"{CASE}/linkset.json", "application/linkset+json")]


def test_a_collection_names_its_cases(client):
    found = links(client.get(path(FORUM)))

    assert found["cite-as"] == [(FORUM, "")]
    assert found["item"] == [(CASE, "text/html")]  # and not the one that is not here


@pytest.mark.parametrize("address", [CASE, FORUM])
def test_every_link_within_the_site_leads_to_what_it_says(client, address):
    for rel, targets in links(client.get(path(address))).items():
        for href, kind in targets:
            if href.startswith("https://praxis.example"):
                response = client.get(path(href))
                assert response.status_code == 200, href
                assert kind in {"", response.mimetype}, (rel, href)


@pytest.mark.parametrize("address", [CASE, FORUM])
def test_the_link_set_says_what_the_header_says_and_of_the_twins(client, address):
    response = client.get(path(f"{address}/linkset.json"))
    own, *twins = response.get_json()["linkset"]
    header = links(client.get(path(address)))
    header.pop("linkset")

    assert response.mimetype == "application/linkset+json"
    assert own.pop("anchor") == address
    assert {
        rel: [(each["href"], each.get("type", "")) for each in targets]
        for rel, targets in own.items()
    } == header
    assert [each["anchor"] for each in twins] == [href for href, _ in header["describedby"]]
    for each in twins:
        assert each["describes"] == [{"href": address, "type": "text/html"}]


def test_many_cases_of_a_collection_stand_in_its_link_set_only():
    items = [Signpost("item", f"https://praxis.example/cases/{n}") for n in range(30)]
    first = Signpost("cite-as", FORUM)

    assert signposts.header([first, *items]) == f'<{FORUM}>; rel="cite-as"'
    assert signposts.header([first, *items[:20]]).count('rel="item"') == 20


def test_an_unknown_licence_is_no_link(library, write_case):
    library.ingest([write_case("one", licence="EUPL-1.2")])
    client = create_app(library, Settings()).test_client()

    assert "license" not in links(client.get("/cases/one"))


@pytest.mark.parametrize("kind", ["archived", "withdrawn"])
def test_a_retired_case_leads_to_nothing_that_is_gone(library, write_case, kind):
    library.ingest([write_case("one")])
    mia = library.accounts.create("mia@people.example", "moderator")
    library.contributing.retire(mia, "one", kind, "x")
    client = create_app(library, Settings(site_url="https://praxis.example")).test_client()
    response = client.get("/cases/one")

    if kind == "withdrawn":
        assert "Link" not in response.headers
        assert client.get("/cases/one/linkset.json").status_code == 410
    else:
        for href, _ in links(response)["describedby"]:
            assert client.get(path(href)).status_code == 200


def test_there_is_no_link_set_of_nothing(client):
    for address in ("/cases/none/linkset.json", "/collections/none/linkset.json"):
        response = client.get(address)
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")


# What stands in the page


def schema_org(page) -> dict[str, object]:
    return json.loads(page.one("script", type="application/ld+json").raw)


def test_schema_org_says_what_the_page_says(client, read, site_library):
    page = read(client.get(path(CASE)))
    told = schema_org(page)
    revision = site_library.page("every-field").revision

    assert (told["@context"], told["@type"]) == ("https://schema.org", "Report")
    assert told["url"] == page.one("link", rel="canonical").get("href") == CASE
    assert told["headline"] == page.one("h1").text == revision.case.title
    assert told["alternativeHeadline"] == revision.case.title_en
    assert told["inLanguage"] == ["pl", "en"]
    assert told["dateModified"] == revision.accepted
    assert told["version"] == revision.number
    assert told["license"] == page.one("link", rel="license").get("href")
    assert told["author"]["name"] in page.text
    assert told["spatialCoverage"]["name"] == "Łódź"
    assert told["spatialCoverage"]["containedInPlace"]["name"] in page.text
    assert [each["name"] for each in told["about"]] == [
        "Housing First",
        "Homeless people",
        "Families",
    ]
    for each in told["about"]:
        assert each["name"] in page.text
        assert client.get(path(each["@id"])).status_code == 200
    assert told["citation"] == ["https://www.first.example/a", "doi:10.1234/abc"]
    assert "temporalCoverage" not in told  # "about 2016" is no date of ISO 8601


def test_nothing_is_invented_for_a_case_that_says_little(library, tmp_path, read):
    (tmp_path / "bare.txt").write_text("Bare words\n\nThis is all that there is to say of it.\n")
    assert not library.ingest([tmp_path / "bare.txt"]).refused
    (case_id,) = library.languages()
    client = create_app(library, Settings()).test_client()
    page = read(client.get(f"/cases/{case_id}"))

    assert set(schema_org(page)) == {
        "@context", "@type", "url", "headline", "inLanguage", "publisher", "dateModified",
        "version", "license",
    }  # fmt: skip
    assert not [
        each
        for each in page.all("meta")
        if not each.get(
            "content",
        )
        and each.get("name")
    ]


def test_no_text_of_an_author_ends_the_script(library, write_case, read):
    evil = '"</script><script>alert(1)</script><!-- & \\u2028"'
    library.ingest([write_case("one", title=evil)])
    client = create_app(library, Settings()).test_client()
    response = client.get("/cases/one")

    assert response.text.count("</script>") == 2  # that of the page, and the data
    assert schema_org(read(response))["headline"].startswith("</script><script>alert(1)")


# rdflib 7.6 reads JSON-LD into a class of its own that it calls deprecated.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_it_is_json_ld(client, read):
    told = schema_org(read(client.get(path(CASE))))
    told["@context"] = {"@vocab": "https://schema.org/", "url": {"@type": "@id"}}  # no network

    graph = Graph().parse(data=json.dumps(told), format="json-ld")

    assert len(graph) > 15


def test_reference_managers_find_what_to_cite(client, read, site_library):
    page = read(client.get(path(CASE)))
    told = {each.get("name"): each.get("content") for each in page.all("meta")}
    accepted = site_library.page("every-field").revision.accepted

    assert told["citation_title"] == "Każde pole <b>wypełnione</b>"
    assert told["citation_author"] == "Urząd Miasta"
    assert told["citation_publication_date"] == accepted[:10].replace("-", "/")
    assert told["citation_language"] == "pl"
    assert told["citation_public_url"] == CASE
    assert told["citation_technical_report_institution"] == "citypraxis"
    assert told["DC.rights"] == "https://creativecommons.org/licenses/by-sa/4.0/"


def test_a_draft_is_no_data(library, write_case):
    mia = library.accounts.create("mia@people.example", "contributor")
    upload = library.contributing.receive(mia, "a.md", write_case("one").read_bytes())
    library.contributing.read_next()
    (draft,) = library.contributing.sent(mia, upload.id).drafts
    client = create_app(library, Settings()).test_client()
    client.set_cookie("session", library.accounts.begin_session(mia.id, "test"))

    response = client.get(f"/drafts/{draft.id}/preview")

    assert response.status_code == 200
    assert "ld+json" not in response.text
    assert "citation_title" not in response.text
    assert "Link" not in response.headers


# No test of its own for each case of corpus/: the largest of them grew by 2,700 bytes.
@pytest.mark.parametrize("address", ["/cases/every-field", "/cases/helsinki-asunto-ensin"])
def test_what_is_added_to_a_page_is_small(client, address):
    text = client.get(address).text
    added = re.findall(
        r'<meta name="(?:citation_|DC).*?>|<script type="application/ld.*?</script>', text
    )

    assert len("".join(added).encode()) < 3_000


@needs_chromium
def test_a_browser_takes_it_as_data_and_runs_nothing(site):
    with served(site) as address, launched() as browser:
        page = browser.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{address}/cases/every-field")
        told = page.evaluate(
            "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)"
        )

    assert said == []
    assert told["@type"] == "Report"
