"""What follows and finds the cases from outside, each read by what is made to read it."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib import robotparser

import feedparser
import pytest
from flask.testing import FlaskClient
from lxml import etree

from kb.library import Library
from kb.settings import Settings
from web import create_app, feeds

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
XHTML = "{http://www.w3.org/1999/xhtml}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FEED = "/feeds/search.atom"


@pytest.fixture
def own(library: Library, write_case: Callable[..., Path]) -> FlaskClient:
    """Return a client of a site with three cases that a test may change."""
    cases = [write_case(name, title=f"Title of {name}") for name in ("one", "two", "three")]
    assert not library.ingest(cases).refused
    library.sync()
    return create_app(library, Settings(site_url="https://praxis.example")).test_client()


def feed(client: FlaskClient, address: str = FEED) -> feedparser.FeedParserDict:
    response = client.get(address)
    assert (response.status_code, response.mimetype) == (200, "application/atom+xml")
    read = feedparser.parse(
        response.get_data(), response_headers={"content-type": response.content_type}
    )
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return read


# Atom


def test_a_feed_has_what_the_search_finds(client):
    found = client.get("/api/v1/cases?q=homeless&country=FI").get_json()["items"]
    entries = feed(client, f"{FEED}?q=homeless&country=FI").entries

    assert {entry.id for entry in entries} == {each["url"] for each in found}


def test_an_entry_says_the_case(client):
    (entry,) = feed(client, f"{FEED}?country=PL&stage=stopped&lang=de").entries

    assert entry.id == entry.link == "https://praxis.example/cases/every-field"
    assert entry.title == "Każde pole <b>wypełnione</b>"
    assert entry.author == "Urząd Miasta"
    assert entry.summary == "Podsumowanie po polsku."
    assert entry.summary_detail.language == entry.title_detail.language == "pl"
    assert [(tag.term, tag.scheme) for tag in entry.tags] == [
        ("06.1", "https://praxis.example/vocabulary/themes")
    ]
    assert {link.rel for link in entry.links} == {"alternate", "license"}


def test_a_feed_says_what_it_follows(client):
    told = feed(client, f"{FEED}?q=homeless&country=FI&page=2&sort=city").feed
    links = {link.rel: link.href for link in told.links}

    assert told.id == links["self"] == f"https://praxis.example{FEED}?q=homeless&country=FI"
    assert links["alternate"].startswith("https://praxis.example/search?q=homeless&country=FI")


def test_a_feed_of_nothing_is_a_feed(client):
    read = feed(client, f"{FEED}?country=ZZ")

    assert read.entries == []
    assert read.feed.updated == "1970-01-01T00:00:00Z"


def test_what_changed_last_comes_first_and_nothing_else_is_newer(own, library, write_case):
    before = {entry.id: entry.updated for entry in feed(own).entries}
    library.ingest([write_case("two", title="Edited")])
    library.sync()

    entries = feed(own).entries

    assert [entry.title for entry in entries] == ["Edited", "Title of three", "Title of one"]
    assert entries[0].updated == library.page("two").revision.accepted
    for entry in entries[1:]:
        assert entry.updated == before[entry.id]


def test_a_change_that_says_the_same_changes_nothing(own, library, write_case):
    before = own.get(FEED).get_data()
    library.ingest([write_case("two", title="Title of two")])
    library.rebuild()

    assert own.get(FEED).get_data() == before


def test_a_feed_ends_with_the_newest(own, library, write_case):
    library.ingest([write_case(f"n{number}") for number in range(60)])
    library.sync()

    entries = feed(own).entries

    assert len(entries) == feeds.ENTRIES == 50
    assert entries[0].id.endswith("/cases/n59")


def test_a_retired_case_is_no_entry(own, library):
    mia = library.accounts.create("mia@people.example", "moderator")
    library.contributing.retire(mia, "two", "archived", "x")

    # Before the index is in step and after.
    assert not any(entry.id.endswith("/two") for entry in feed(own).entries)
    library.sync()
    assert len(feed(own).entries) == 2


@pytest.mark.parametrize("name", ["If-None-Match", "If-Modified-Since"])
def test_who_has_the_feed_is_told_only_that(own, library, write_case, name):
    first = own.get(FEED)
    tag = {"If-None-Match": first.headers["ETag"]}
    date = {"If-Modified-Since": first.headers["Last-Modified"]}
    headers = tag if name == "If-None-Match" else date
    assert own.get(FEED, headers=headers).status_code == 304

    library._connections.reading.execute("UPDATE datestamps SET at = at + 5")  # later, as it were
    library.ingest([write_case("two", title="Edited")])
    library.sync()

    assert own.get(FEED, headers=headers).status_code == 200


def test_while_the_index_is_behind_no_date_is_given(own, library, write_case):
    library.ingest([write_case("two", title="Edited")])

    assert "Last-Modified" not in own.get(FEED).headers


def test_control_characters_of_authors_harm_no_feed(library, write_case):
    path = write_case("one")
    path.write_text(path.read_text().replace("Housing First", '"Housing\\u000b\\u0001 First"', 1))
    assert not library.ingest([path]).refused
    library.sync()

    (entry,) = feed(create_app(library, Settings()).test_client()).entries

    assert entry.title == "Housing First"


def test_a_result_page_leads_to_its_feed(client, read):
    page = read(client.get("/search?q=homeless&country=FI&sort=city"))
    link = page.one("link", type="application/atom+xml").get("href")

    assert link == f"{FEED}?q=homeless&country=FI"
    assert feed(client, link).entries


def test_without_an_index_a_feed_asks_to_come_again(client_without_index):
    response = client_without_index.get(FEED)

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


# A browser's search box


def test_every_page_names_the_description_of_the_search(client, read):
    for address in ("/", "/search", "/cases/every-field", "/about"):
        link = read(client.get(address)).one("link", rel="search")
        response = client.get(link.get("href"))
        assert response.mimetype == link.get("type") == "application/opensearchdescription+xml"


def test_the_description_leads_to_search_feed_and_suggestions(client):
    told = etree.fromstring(client.get("/opensearch.xml").get_data())
    templates = {url.get("type"): url.get("template") for url in told.iter(f"{OPENSEARCH}Url")}

    assert len(told.findtext(f"{OPENSEARCH}ShortName")) <= 16
    assert set(templates) == {
        "text/html", "application/atom+xml", "application/x-suggestions+json",
    }  # fmt: skip
    for media_type, template in templates.items():
        assert template.count("{searchTerms}") == 1
        path = template.removeprefix("https://praxis.example").replace(
            "{searchTerms}", "hous%C3%A9"
        )
        response = client.get(path)
        assert (response.status_code, response.mimetype) == (200, media_type)


def test_suggestions_are_as_browsers_expect_them(client):
    response = client.get("/api/v1/completions?q=housing&format=opensearch")
    usual = client.get("/api/v1/completions?q=housing").get_json()["items"]

    typed, offered = json.loads(response.get_data())

    assert typed == "housing"
    assert offered == [each["text"] for each in usual]
    assert offered


def test_a_long_name_of_the_site_is_cut(site_library):
    app = create_app(site_library, Settings(site_name="A name that is far too long"))
    told = etree.fromstring(app.test_client().get("/opensearch.xml").get_data())

    assert told.findtext(f"{OPENSEARCH}ShortName") == "A name that is f"


# Crawlers


def addresses(client: FlaskClient) -> list[etree._Element]:
    index = etree.fromstring(client.get("/sitemap.xml").get_data())
    found = []
    for location in index.iter(f"{SITEMAP}loc"):
        response = client.get(location.text.removeprefix("https://praxis.example"))
        assert response.mimetype == "application/xml"
        found += list(etree.fromstring(response.get_data()).iter(f"{SITEMAP}url"))
    return found


def test_the_sitemap_names_every_case_and_leads_somewhere(client, site_library):
    found = [each.findtext(f"{SITEMAP}loc") for each in addresses(client)]

    assert len(found) == len(set(found))
    for case_id in site_library.languages():
        assert f"https://praxis.example/cases/{case_id}" in found
    assert "https://praxis.example/collections/a-forum" in found
    for address in found:
        response = client.get(address.removeprefix("https://praxis.example"))
        assert response.status_code == 200, address


def test_both_languages_of_a_case_name_each_other(client, read):
    told = {each.findtext(f"{SITEMAP}loc"): each for each in addresses(client)}
    address = "https://praxis.example/cases/every-field"
    for each in (address, f"{address}?text=en"):
        links = told[each].findall(f"{XHTML}link")
        assert {link.get("hreflang"): link.get("href") for link in links} == {
            "pl": address, "en": f"{address}?text=en",
        }  # fmt: skip
        page = read(client.get(each.removeprefix("https://praxis.example")))
        assert page.one("link", rel="canonical").get("href") == each


def test_the_last_change_is_that_of_the_revision(client, site_library):
    told = {each.findtext(f"{SITEMAP}loc"): each for each in addresses(client)}
    entry = told["https://praxis.example/cases/every-field"]

    assert entry.findtext(f"{SITEMAP}lastmod") == site_library.page("every-field").revision.accepted


def test_a_long_list_has_several_pages(monkeypatch, client):
    whole = [each.findtext(f"{SITEMAP}loc") for each in addresses(client)]
    monkeypatch.setattr(feeds, "ADDRESSES", 50)

    assert [each.findtext(f"{SITEMAP}loc") for each in addresses(client)] == whole
    assert len(whole) > 100


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999999"])
def test_a_page_beyond_the_end_of_the_list_is_not_there(client, number):
    assert client.get(f"/sitemap/{number}.xml").status_code == 404


def test_retired_cases_are_not_listed(own, library):
    mia = library.accounts.create("mia@people.example", "moderator")
    library.contributing.retire(mia, "two", "archived", "x")

    assert not [e for e in addresses(own) if e.findtext(f"{SITEMAP}loc").endswith("/two")]


def test_crawlers_may_read_all_but_what_is_for_people_with_accounts(client):
    text = client.get("/robots.txt").text
    rules = robotparser.RobotFileParser()
    rules.parse(text.splitlines())

    assert rules.site_maps() == ["https://praxis.example/sitemap.xml"]
    for path in ("/", "/search", "/search?q=a", "/cases/every-field", "/oai", "/export/csv"):
        assert rules.can_fetch("*", f"https://praxis.example{path}"), path
    for path in ("/drafts/x", "/account", "/sign-in", "/review", "/people", "/link/x"):
        assert not rules.can_fetch("*", f"https://praxis.example{path}"), path
    assert "Disallow: /export/*?*&" in text
