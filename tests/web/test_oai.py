"""OAI-PMH: every answer has the shape of the protocol, and a real client ends with what is here."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sickle
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from werkzeug.serving import make_server

from kb.accounts import Person
from kb.library import Library
from kb.model import Case
from kb.settings import Settings
from tests.conftest import ROOT
from web import create_app
from web.oai import PAGE
from web.oai_records import case_xsd

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
OURS = "{urn:citypraxis:case:1}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PREFIX = "oai:praxis.example:"
SHAPE = etree.RelaxNG(etree.parse(Path(__file__).with_name("oai.rng")))


def ask(client: FlaskClient, **given: str) -> etree._Element:
    """Ask with GET; the word ``from`` is written ``from_``."""
    sent = {name.rstrip("_"): value for name, value in given.items()}
    return read(client.get(f"/oai?{urlencode(sent)}"))


def read(response) -> etree._Element:
    assert response.status_code == 200
    assert response.content_type == "text/xml; charset=utf-8"
    answer = etree.fromstring(response.get_data())
    SHAPE.assertValid(answer)
    return answer


def code(answer: etree._Element) -> str:
    return answer.find(f"{OAI}error").get("code")


def texts(answer: etree._Element, name: str) -> list[str]:
    return [each.text for each in answer.iter(name)]


# Each verb


def test_the_base_says_what_it_is(client):
    answer = ask(client, verb="Identify")

    assert texts(answer, f"{OAI}baseURL") == ["https://praxis.example/oai"]
    assert texts(answer, f"{OAI}deletedRecord") == ["persistent"]
    assert texts(answer, f"{OAI}adminEmail") == ["postmaster@praxis.example"]
    (sample,) = answer.iter("{http://www.openarchives.org/OAI/2.0/oai-identifier}sampleIdentifier")
    assert sample.text.startswith(PREFIX)


def test_the_address_of_letters_is_that_of_the_site_where_there_is_one(site_library):
    settings = Settings(smtp="smtp://a", mail_from="kb@city.example")
    client = create_app(site_library, settings).test_client()

    assert texts(ask(client, verb="Identify"), f"{OAI}adminEmail") == ["kb@city.example"]


def test_every_record_can_be_had_in_every_format(client):
    formats = texts(ask(client, verb="ListMetadataFormats"), f"{OAI}metadataPrefix")
    ids = texts(ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc"), f"{OAI}identifier")

    assert formats == ["oai_dc", "citypraxis"]
    assert len(ids) == 7
    for identifier in ids:
        told = ask(client, verb="ListMetadataFormats", identifier=identifier)
        assert texts(told, f"{OAI}metadataPrefix") == formats
        for prefix in formats:
            ask(client, verb="GetRecord", identifier=identifier, metadataPrefix=prefix)


def test_sets_are_told_each_after_the_wider_one(client):
    sets = texts(ask(client, verb="ListSets"), f"{OAI}setSpec")

    assert {"theme:06", "country:FI", "language:fi", "evidence:E4"} <= set(sets)
    for name in sets:
        assert ":" not in name or sets.index(name.rpartition(":")[0]) < sets.index(name)


def test_a_set_holds_what_search_finds_by_its_facet(client):
    for name in texts(ask(client, verb="ListSets"), f"{OAI}setSpec"):
        if ":" not in name:
            continue
        kind, value = name.split(":")[0], name.rpartition(":")[2]
        answer = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", set=name)
        found = client.get("/api/v1/cases", query_string={kind: value}).get_json()["items"]
        assert {each["id"] for each in found} == {
            each.removeprefix(PREFIX) for each in texts(answer, f"{OAI}identifier")
        }, name


def test_dublin_core_says_the_case_with_languages_and_addresses(client):
    answer = ask(
        client, verb="GetRecord", metadataPrefix="oai_dc", identifier=f"{PREFIX}every-field"
    )

    assert [(e.text, e.get(LANG)) for e in answer.iter(f"{DC}title")] == [
        ("Każde pole <b>wypełnione</b>", "pl"),
        ("Every field filled in", "en"),
    ]
    assert texts(answer, f"{DC}creator") == ["Urząd Miasta"]
    assert texts(answer, f"{DC}identifier") == ["https://praxis.example/cases/every-field"]
    assert texts(answer, f"{DC}language") == ["pl", "en"]
    assert texts(answer, f"{DC}rights") == ["https://creativecommons.org/licenses/by-sa/4.0/"]
    assert {"Housing First", "https://praxis.example/vocabulary/themes/06.1"} <= set(
        texts(answer, f"{DC}subject")
    )
    assert {"Łódź", "Poland"} <= set(texts(answer, f"{DC}coverage"))
    assert all(each.text for each in answer.iter(f"{DC}*"))


def values(element: etree._Element) -> object:
    """Read back what stands in elements of ours."""
    if not len(element):
        return element.text or {}  # nothing is written of an empty text, only of an empty group
    names = [child.get("name") or etree.QName(child).localname for child in element]
    if set(names) == {"item"}:
        return [values(child) for child in element]
    return {name: values(child) for name, child in zip(names, element, strict=True)}


def test_the_format_of_ours_loses_nothing(client, site_library):
    schema = etree.XMLSchema(etree.fromstring(client.get("/schema/case.xsd").get_data()))
    answer = ask(client, verb="ListRecords", metadataPrefix="citypraxis")

    cases = answer.findall(f".//{OAI}metadata/{OURS}case")
    assert len(cases) == 7
    for element in cases:
        schema.assertValid(element)
        case = Case.model_validate(values(element))
        original = site_library.page(case.id).revision
        assert without_types(case.as_dict()) == without_types(original.case.as_dict())
        assert element.get("revision") == str(original.number)
        assert element.get("accepted") == original.accepted


def without_types(value: object) -> object:
    """Make texts of what fields that the model does not know hold: XML has no numbers."""
    if isinstance(value, dict):
        return {name: without_types(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_types(part) for part in value]
    return value.strip() if isinstance(value, str) else str(value)


def test_the_schema_is_where_the_format_says(client):
    answer = ask(client, verb="ListMetadataFormats")
    address = texts(answer, f"{OAI}schema")[1].removeprefix("https://praxis.example")

    assert client.get(address).status_code == 200


def test_a_name_that_is_no_name_of_xml_and_a_control_character_are_told(library, write_case):
    path = write_case("a-case", **{'"two words & <b>"': '"1"', "nested": '{"a b": 2, fine: 3}'})
    text = path.read_text().replace("Flats without conditions.", '"Flats\\u000b with\\u0007 it"')
    path.write_text(text)
    assert not library.ingest([path]).refused
    client = create_app(library, Settings()).test_client()

    for prefix in ("oai_dc", "citypraxis"):
        answer = ask(client, verb="ListRecords", metadataPrefix=prefix)
        if prefix == "oai_dc":
            continue
        (case,) = answer.iter(f"{OURS}case")
        etree.XMLSchema(case_xsd_of(client)).assertValid(case)
        told = values(case)
        assert told["solution"] == "Flats with it"
        assert told["two words & <b>"] == "1"
        assert told["nested"] == {"a b": "2", "fine": "3"}


def case_xsd_of(client: FlaskClient) -> etree._Element:
    with client.application.test_request_context():
        return case_xsd()


# Each error


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=listrecords", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=theme", "badArgument"),
        ("verb=Identify&colour=red", "badArgument"),
        ("verb=Identify&%00=1", "badArgument"),
        ("verb=GetRecord", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-03T25:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-03T05:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=٢٠٢٦-02-03", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=0000-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-03&until=2026-02-02", "badArgument"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-03&until=2026-02-03T00:00:00Z",
            "badArgument",
        ),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=theme::06", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        (
            "verb=GetRecord&identifier=oai:praxis.example:every-field&metadataPrefix=x",
            "cannotDisseminateFormat",
        ),
        ("verb=GetRecord&identifier=none&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=every-field&metadataPrefix=oai_dc", "idDoesNotExist"),
        (
            "verb=GetRecord&identifier=oai:evil.example:every-field&metadataPrefix=oai_dc",
            "idDoesNotExist",
        ),
        ("verb=ListMetadataFormats&identifier=oai:praxis.example:x", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=country:ZZ", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=2001-01-01", "noRecordsMatch"),
        ("verb=ListIdentifiers&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=bnVsbA", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
    ],
)
def test_what_breaks_the_protocol_is_told_in_its_words(client, query, expected):
    answer = read(client.get(f"/oai?{query}"))

    assert code(answer) == expected
    if expected in {"badVerb", "badArgument"}:
        assert answer.find(f"{OAI}request").attrib == {}


def test_what_was_asked_is_said_again(client):
    answer = ask(client, verb="ListRecords", metadataPrefix="oai_dc", set="country:ZZ")

    assert dict(answer.find(f"{OAI}request").attrib) == {
        "verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "country:ZZ",
    }  # fmt: skip


def test_posting_asks_the_same_and_needs_no_form_of_ours(client):
    sent = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": f"{PREFIX}every-field"}

    posted = client.post("/oai", data=sent, headers={"Origin": "https://elsewhere.example"})

    assert read(posted).find(f"{OAI}GetRecord") is not None
    assert posted.get_data() == client.get(f"/oai?{urlencode(sent)}").get_data()


def test_who_has_an_answer_already_is_told_only_that(client):
    first = client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc")
    again = client.get(
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        headers={"If-None-Match": first.headers["ETag"]},
    )

    assert again.status_code == 304


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.dictionaries(
        st.sampled_from(
            ["verb", "from", "until", "set", "metadataPrefix", "identifier", "resumptionToken"]
        ),
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(["ListRecords", "oai_dc", "2026-01-01", "theme:06", "GetRecord"]),
        ),
    )
)
def test_whatever_is_sent_is_answered_in_the_protocol(client, sent):
    answer = client.get(f"/oai?{urlencode(sent, errors='replace')}")

    assert answer.status_code == 200
    etree.fromstring(answer.get_data())


def test_every_address_of_the_documentation_is_answered(client):
    text = (ROOT / "docs" / "harvesting.md").read_text(encoding="utf-8")
    shown = re.findall(r"http://127\.0\.0\.1:8000(/[^\s\"]*)", text)

    assert len(shown) > 8
    for address in shown:
        response = client.get(address.replace("oai:127.0.0.1:", PREFIX))
        assert response.status_code == 200, address
        assert (b"<error" in response.get_data()) == (address == "/oai"), address


# Lists in pieces


@pytest.fixture
def small(site: Flask) -> Iterator[FlaskClient]:
    """Return a client of the site while its lists come in pieces of two."""
    site.config[PAGE] = 2
    yield site.test_client()
    site.config.pop(PAGE)


def test_a_list_comes_in_pieces_with_its_size_and_where_it_is(small):
    answer = ask(small, verb="ListIdentifiers", metadataPrefix="oai_dc")
    ids, places = texts(answer, f"{OAI}identifier"), []
    while True:
        (token,) = answer.iter(f"{OAI}resumptionToken")
        places.append((token.get("completeListSize"), token.get("cursor")))
        if not token.text:
            break
        answer = ask(small, verb="ListIdentifiers", resumptionToken=token.text)
        ids += texts(answer, f"{OAI}identifier")

    assert len(ids) == len(set(ids)) == 7
    assert places == [("7", "0"), ("7", "2"), ("7", "4"), ("7", "6")]


def test_a_list_in_one_piece_has_no_token(client):
    answer = ask(client, verb="ListRecords", metadataPrefix="oai_dc")

    assert not list(answer.iter(f"{OAI}resumptionToken"))


def token_of(client: FlaskClient, **more: str) -> str:
    answer = ask(client, verb="ListRecords", metadataPrefix="oai_dc", **more)
    return texts(answer, f"{OAI}resumptionToken")[0]


def test_a_token_keeps_what_the_list_was_of(small):
    token = token_of(small, set="theme:06", from_="2020-01-01")
    rest = ask(small, verb="ListRecords", resumptionToken=token)

    for header in rest.iter(f"{OAI}header"):
        assert any(each.text.startswith("theme:06") for each in header.iter(f"{OAI}setSpec"))
    assert list(rest.iter(f"{DC}title"))


def test_a_token_is_good_for_its_verb_only_and_as_it_was_given(small):
    token = token_of(small)

    assert code(ask(small, verb="ListIdentifiers", resumptionToken=token)) == "badResumptionToken"
    for wrong in (token[:-1], token + "A", token + "=", f" {token}", token.swapcase()):
        assert code(ask(small, verb="ListRecords", resumptionToken=wrong)) == "badResumptionToken"


# A real client


@dataclass
class Server:
    """A site on a port, and those who change its cases."""

    library: Library
    write_case: Callable[..., Path]
    mia: Person
    url: str

    def save(self, name: str, **fields: str) -> None:
        assert not self.library.ingest([self.write_case(name, **fields)]).refused

    def bring_back(self, name: str, **fields: str) -> None:
        data = self.write_case(name, **fields).read_bytes()
        assert self.library.receive(f"{name}.md", data, "somebody")

    def harvest(self, **given: str) -> dict[str, str | None]:
        """Harvest with a client that others wrote: id -> title, None if it is gone."""
        given.setdefault("metadataPrefix", "oai_dc")
        mirror: dict[str, str | None] = {}
        try:
            for record in sickle.Sickle(self.url).ListRecords(ignore_deleted=False, **given):
                gone = record.header.deleted
                mirror[record.header.identifier] = None if gone else record.metadata["title"][0]
        except sickle.oaiexceptions.NoRecordsMatch:
            pass
        return mirror

    def told(self) -> str:
        """Return the date that a client takes as its next ``from``."""
        answer = sickle.Sickle(self.url).Identify()
        return answer.xml.getparent().findtext(f"{OAI}responseDate")


@pytest.fixture
def server(library, write_case) -> Iterator[Server]:
    site = create_app(library, Settings(site_url="https://praxis.example"))
    site.config[PAGE] = 2
    running = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    mia = library.accounts.create("mia@people.example", "administrator")
    yield Server(library, write_case, mia, f"http://127.0.0.1:{running.server_port}/oai")
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_client_harvests_all_then_increments_and_ends_with_the_same_set(server):
    for number in range(5):
        server.save(f"case-{number}", title=f"Title {number}")
    mirror = server.harvest()
    assert len(mirror) == 5

    steps = (
        lambda: server.save("case-0", title="Edited"),
        lambda: server.save("case-9", title="New"),
        lambda: server.library.contributing.retire(server.mia, "case-1", "withdrawn", "x"),
        lambda: server.library.contributing.retire(server.mia, "case-2", "archived", "x"),
        lambda: server.library.contributing.take_down(server.mia, "case-3", "x"),
        lambda: server.bring_back("case-2", title="Back"),
        lambda: None,
    )
    for step in steps:
        since = server.told()
        step()
        mirror |= server.harvest(**{"from": since})

    assert mirror == server.harvest()
    assert mirror == {
        f"{PREFIX}case-0": "Edited",
        f"{PREFIX}case-1": None,
        f"{PREFIX}case-2": "Back",
        f"{PREFIX}case-3": None,
        f"{PREFIX}case-4": "Title 4",
        f"{PREFIX}case-9": "New",
    }


def test_a_client_of_one_set_learns_what_is_gone_from_it(server):
    server.save("one", country="FI", city="Helsinki")
    server.save("two", country="FI", city="Turku")
    server.save("three", country="IE", city="Dublin")
    mirror = server.harvest(set="country:FI")
    since = server.told()
    server.library.contributing.retire(server.mia, "one", "withdrawn", "x")
    server.library.contributing.take_down(server.mia, "two", "x")

    mirror |= server.harvest(set="country:FI", **{"from": since})

    assert mirror == {f"{PREFIX}one": None, f"{PREFIX}two": None}


def test_a_client_that_asks_for_one_second_gets_all_of_it(server):
    for number in range(5):
        server.save(f"case-{number}")
    connection = server.library._connections.reading
    connection.execute("UPDATE datestamps SET at = 1800000000")

    second = "2027-01-15T08:00:00Z"
    assert len(server.harvest(**{"from": second, "until": second})) == 5
    assert len(server.harvest(**{"from": "2027-01-15", "until": "2027-01-15"})) == 5
    assert server.harvest(**{"from": "2027-01-15T08:00:01Z"}) == {}
    assert server.harvest(until="2027-01-15T07:59:59Z") == {}


def test_a_client_misses_nothing_when_the_clock_was_ahead(server):
    server.save("one")
    server.library._connections.reading.execute("UPDATE datestamps SET at = 4000000000")
    mirror, since = server.harvest(), server.told()
    server.save("two", title="Two")

    mirror |= server.harvest(**{"from": since})

    assert set(mirror) == {f"{PREFIX}one", f"{PREFIX}two"}


def test_a_client_may_ask_by_post_and_in_the_rich_format(server):
    server.save("one")
    client = sickle.Sickle(server.url, http_method="POST")

    (record,) = client.ListRecords(metadataPrefix="citypraxis")

    assert record.xml.find(f".//{OURS}title").text == "Housing First"
    assert [each.setSpec for each in client.ListSets()][:4] == [
        "theme", "country", "language", "evidence",
    ]  # fmt: skip


def test_a_retired_case_leaves_no_word_of_it(server):
    server.save("one", title="Unmistakable", summary="Nobody may read this any more, ever.")
    server.library.contributing.retire(server.mia, "one", "withdrawn", "x")
    client = create_app(server.library, Settings()).test_client()

    for query in (
        "verb=ListRecords&metadataPrefix=oai_dc",
        "verb=ListRecords&metadataPrefix=citypraxis",
        "verb=GetRecord&metadataPrefix=citypraxis&identifier=oai:127.0.0.1:one",
    ):
        text = client.get(f"/oai?{query}").text
        assert 'status="deleted"' in text
        assert "Unmistakable" not in text
        assert "Nobody may read" not in text


def test_a_list_whose_rest_has_changed_says_that_it_must_begin_again(library, write_case):
    site = create_app(library, Settings())
    site.config[PAGE] = 1
    client = site.test_client()
    library.ingest([write_case("one"), write_case("two")])
    library._connections.reading.execute("UPDATE datestamps SET at = 1000")
    token = token_of(client, until="2001-01-01")
    library.ingest([write_case("two", title="Later")])

    answer = ask(client, verb="ListRecords", resumptionToken=token)

    assert code(answer) == "badResumptionToken"
