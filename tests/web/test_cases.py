"""The page of a case shows everything that is known, and says what is not."""

import json
import re

import pytest

from kb.model import REQUIRED, Case
from kb.settings import Settings
from web import case_page, create_app

PAGE = "/cases/every-field"


@pytest.fixture
def page(client, read):
    return read(client.get(PAGE))


@pytest.fixture
def in_english(client, read):
    return read(client.get(PAGE + "?text=en"))


@pytest.fixture
def full_case(site_library) -> Case:
    return site_library.page("every-field").revision.case


SAID_OTHERWISE = {
    "id": "Citypraxis case every-field",
    "translation_status": "not yet confirmed by a native reader",
    "original_language": "Polish",
    "country": "Poland",
    "scale": "District",
    "themes": "Housing First",
    "target_groups": "Homeless people",
    "innovation_type": "New service",
    "novelty": "the country",
    "stage": "Stopped",
    "start": "about 2016",
    "end": "June 2019",
    "lead_organisation": "Municipality",
    "partners": "Foundation",
    "participation_level": "Collaborate",
    "evidence": "evaluated independently",
    "cost_band": "€1 million to €5 million",
    "cost": "PLN\N{NO-BREAK SPACE}1,250,000.50",
    "funding_programmes": "EUR\N{NO-BREAK SPACE}900,000",
    "conditions": "Wolne lokale gminne.",
    "transferability": "Adapted by another city",
    "relations": "Przyjęto zasady.",
    "policy_links": "Principle 19. Housing and assistance for the homeless",
    "contact": "Welcomes visits.",
    "imported_from": "Taken over from",
    "last_verified": "20 November 2026",
    "review_by": "20 November 2027",
    "body": "Akapit z pogrubieniem",
    "body_en": "A paragraph with bold letters",
}
"""How the page says what the model holds as a code, a number or a date."""


@pytest.mark.parametrize("name", list(Case.model_fields))
def test_the_page_shows_every_field(page, in_english, full_case, name):
    value = getattr(full_case, name)
    assert value, f"the made-up case must fill {name}"

    expected = SAID_OTHERWISE.get(name, value if isinstance(value, str) else "")

    shown = in_english if name.endswith("_en") else page
    assert " ".join(expected.split()).casefold() in shown.text.casefold()


def leaves(value: object):
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str):
        yield value


CODE = re.compile(
    r"[a-z]{2}|[a-z0-9]+(-[a-z0-9]+)*|[A-Z]{2,3}|T3|[\d.~-]+|doi:.*|https://.*|##.*", re.DOTALL
)


def test_the_page_shows_every_word_that_is_no_code(page, in_english, full_case):
    words = [text for text in leaves(full_case.as_dict()) if not CODE.fullmatch(text)]

    shown = page.text + in_english.text
    assert [text for text in words if " ".join(text.split()) not in shown] == []
    assert len(words) > 30


def test_the_title_is_shown_as_text_in_its_language(page):
    title = page.one("h1")

    assert title.text == "Każde pole <b>wypełnione</b>"
    assert (title.get("lang"), title.get("dir")) == ("pl", "auto")


def test_the_reader_can_switch_to_the_translation_and_back(page, in_english):
    switch = page.one("nav", class_="languages")
    back = in_english.one("nav", class_="languages")

    assert switch.link("English (translation)") == PAGE + "?text=en"
    assert back.link("polski (original)") == PAGE
    assert [each.text for each in switch.all("a") if each.get("aria-current")] == [
        "polski (original)"
    ]


def test_the_translation_is_shown_in_its_language_and_marked_as_ours(in_english):
    assert (in_english.one("h1").text, in_english.one("h1").get("lang")) == (
        "Every field filled in", "en",
    )  # fmt: skip
    text = in_english.one("section", id="text")
    assert text.one("div", class_="body").get("lang") == "en"
    assert text.one("h3").text == "The whole text"
    summary = in_english.one("section", id="summary").text
    assert "A summary in English." in summary
    assert "Podsumowanie" not in summary
    assert "not yet confirmed by a native reader" in summary


def test_what_is_not_translated_is_shown_as_it_was_written():
    case = Case(
        id="x", title="Asunto", summary="Koti.", original_language="fi", body="Kaikki.",
        title_en="A flat", solution_en="Homes.",
    )  # fmt: skip

    told = case_page.telling(case, "en")

    assert {name: (each.text, each.language) for name, each in told.items()} == {
        "title": ("A flat", "en"), "summary": ("Koti.", "fi"), "body": ("Kaikki.", "fi"),
        "solution": ("Homes.", "en"),
    }  # fmt: skip
    assert case_page.languages(case) == ("fi",)


def test_an_unknown_language_of_the_text_shows_the_original(client, read):
    assert read(client.get(PAGE + "?text=tlh")).one("h1").get("lang") == "pl"


def test_a_case_that_is_not_translated_offers_no_switch(client, read):
    assert read(client.get("/cases/latarnicy-lodz")).all("nav", class_="languages") == []


def test_a_figure_links_to_the_source_that_says_so(page):
    target = page.one("section", id="outcomes").link("Raport końcowy")

    assert (
        page.one("li", id=target.removeprefix("#")).link("Raport końcowy")
        == "https://www.first.example/a"
    )


def test_an_address_that_cannot_be_taken_apart_is_still_a_link():
    case = Case(
        id="x",
        title="X",
        original_language="en",
        sources_and_media=[{"id": "s1", "url": "https://[::x].example"}],
    )

    assert case_page.sources(case)["s1"].url == "https://[::x].example"


def test_a_source_shows_where_it_leads(page):
    (source, by_doi) = page.one("section", id="sources").all("li")

    assert "first.example" in source.text
    assert source.one("a").get("rel") == "noopener"
    assert by_doi.one("a").get("href") == "https://doi.org/10.1234/abc"


def test_headings_of_the_text_lie_beneath_the_heading_of_its_section(page):
    text = page.one("section", id="text")

    assert text.one("h2").text == "The case in full"
    assert text.one("h3").text == "Pełny tekst"


def test_what_failed_stands_before_the_full_text(page):
    sections = [each.get("id") for each in page.all("section")]

    assert sections.index("barriers") < sections.index("text")
    assert "What was changed" in page.one("section", id="barriers").text


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Housing First", "/search?theme=06.1"),
        ("Homeless people", "/search?target=homeless-people"),
        ("New service", "/search?type=new-service"),
    ],
)
def test_subjects_lead_to_other_cases(page, text, url):
    assert page.one("section", id="subjects").link(text) == url


def test_a_machines_tag_shows_the_words_it_was_read_from(client, read):
    tags = read(client.get("/cases/kralji-ulice-ljubljana")).one("details", class_="tags")

    assert "said by the author" in tags.text
    assert "read by the machine" in tags.text
    assert "brezdomne ljudi" in {mark.text for mark in tags.all("mark")}


def test_a_passage_of_our_translation_is_marked_as_english(client, read):
    tags = read(client.get("/cases/kralji-ulice-ljubljana")).one("details", class_="tags")
    passage = next(quote for quote in tags.all("blockquote") if "housing support" in quote.text)

    assert passage.get("lang") == "en"


def test_a_related_case_is_linked(page):
    relation = page.one("section", id="relations")

    assert relation.link("housing-first-dublin") == "/cases/housing-first-dublin"


def test_fields_that_the_model_does_not_know_are_shown(page):
    record = page.one("section", id="record").text

    assert "mood hopeful" in record
    assert '"heating": "12"' in record


def test_the_citation_is_ready_to_use(page):
    year = re.search(r"accepted \d+ \w+ (\d{4})", page.text)[1]

    assert page.one("p", class_="citation").text == (
        f"Urząd Miasta ({year}). Każde pole <b>wypełnione</b> [Every field filled in]. "
        "Łódź, Poland. Citypraxis case every-field, revision 1. "
        "https://praxis.example/cases/every-field. CC-BY-SA-4.0."
    )


def test_a_known_licence_is_linked(page):
    cite = page.one("section", id="cite")

    assert cite.link("CC-BY-SA-4.0") == "https://creativecommons.org/licenses/by-sa/4.0/"


def test_names_follow_the_readers_language(client, read):
    page = read(client.get(PAGE + "?lang=de"))

    assert "Polen" in page.text
    assert page.one("section", id="subjects").link("Housing First") == "/search?theme=06.1&lang=de"


def test_an_unknown_answer_is_shown_as_such(client, read):
    page = read(client.get("/cases/latarnicy-lodz"))

    assert "Asked, and not known." in page.one("section", id="barriers").text


def test_the_contents_lead_to_every_section(page):
    contents = page.one("nav", class_="contents").all("a")
    sections = page.one("div", class_="telling").all("section")

    assert [a.get("href") for a in contents] == [f"#{each.get('id')}" for each in sections]


def test_a_case_with_gaps_says_what_is_missing(library, tmp_path, read):
    file = tmp_path / "a-note.txt"
    file.write_text("A note on homes\n\nThe city gave people a home of their own.\n", "utf-8")
    library.ingest([file])
    page = read(create_app(library, Settings()).test_client().get("/cases/a-note"))

    assert "Not yet answered:" in page.text
    assert "lead organisation" in page.one("section", id="record").text
    assert "Not answered yet" in page.one("section", id="barriers").text
    assert page.one("p", class_="citation").text.startswith("Citypraxis contributors (")


def test_a_text_that_has_not_been_rendered_yet_is_shown_as_it_was_written(
    client_without_index, read
):
    page = read(client_without_index.get("/cases/a-case"))

    assert "The full text." in page.one("section", id="text").text


def test_every_field_that_can_be_missing_has_a_name():
    assert {str(case_page.FIELDS[name]) for name in REQUIRED} == {
        name.replace("_", " ") for name in REQUIRED
    }


def test_the_page_names_its_twins(page):
    links = {link.get("type"): link.get("href") for link in page.all("link", rel="alternate")}

    assert links == {
        "application/json": "/cases/every-field.json",
        "text/markdown": "/cases/every-field.md",
    }


def test_the_markdown_twin_can_be_handed_in_again(client, library, full_case):
    response = client.get(PAGE + ".md")
    library.receive("every-field.md", response.data, contributor="a reader")

    assert response.mimetype == "text/markdown"
    assert library.page("every-field").revision.case == full_case


def test_the_json_twin_is_the_apis_case(client):
    twin, api = client.get(PAGE + ".json"), client.get("/api/v1/cases/every-field")

    assert twin.get_json() == api.get_json()


def test_the_json_twin_holds_the_case_and_what_was_made_of_it(client, full_case):
    twin = client.get(PAGE + ".json").get_json()

    assert {name: twin[name] for name in full_case.as_dict()} == full_case.as_dict()
    assert twin["url"] == "https://praxis.example/cases/every-field"
    assert (twin["revision"], twin["evidence_level"], twin["gaps"]) == (1, "E4", [])
    assert twin["completeness"] == 100
    assert twin["place"]["name"] == "Łódź"
    assert twin["place"]["country"] == "PL"
    assert set(twin["tags"][0]) == {
        "kind", "value", "label", "origin", "strength", "matched", "passage", "tagger",
    }  # fmt: skip
    assert twin["tags"][0]["label"] == "Housing First"


def test_json_is_written_in_the_letters_of_its_language(client):
    text = client.get(PAGE + ".json").get_data(as_text=True)

    assert "Łódź" in text
    assert next(iter(json.loads(text))) == "id"


def test_a_client_that_has_the_case_gets_no_second_copy(client):
    for path in (PAGE + ".json", PAGE + ".md", "/api/v1/cases/every-field"):
        first = client.get(path)
        second = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

        assert (second.status_code, second.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/cases/no-such-case",
        "/cases/no-such-case.json",
        "/cases/no-such-case.md",
        "/cases/UPPER",
        "/cases/..%2f..%2fetc%2fpasswd",
        "/cases/..%5c",
        "/cases/a%00b",
        "/cases/" + "a" * 101,
        "/cases/",
    ],
)
def test_what_is_no_case_is_not_found(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert "passwd" not in response.text
    assert "no-such-case" not in response.text.split("<main")[-1]


def test_similar_cases_say_what_they_share(client, read):
    page = read(client.get("/cases/kralji-ulice-ljubljana"))

    section = page.one("section", id="similar")

    assert section.all("li")
    assert all("Shares:" in each.text for each in section.all("p", **{"class": "why"}))


def at_a_glance(page) -> dict[str, str]:
    facts = page.one("section", class_="facts")
    return {dt.text: dd.text for dt, dd in zip(facts.all("dt"), facts.all("dd"), strict=True)}


def test_the_top_says_what_a_case_is_judged_by(client, read):
    told = at_a_glance(read(client.get("/cases/every-field")))

    assert told["What it is"] == "New service"
    assert told["Where"].startswith("Łódź, Poland")
    assert told["Stage"] == "Stopped or failed"
    assert told["Cost"] == "€1 million to €5 million"


def test_the_grounds_of_the_evidence_lead_to_their_source(client, read):
    page = read(client.get("/cases/every-field"))
    link = page.one("section", class_="facts").link("source 2")

    assert "a comparison group" in at_a_glance(page)["Evidence"]
    assert page.one("li", id=link.removeprefix("#")).all("a")[0].text == "Article"


def test_gaps_are_shown_as_gaps_at_the_top(library, tmp_path, read):
    (tmp_path / "bare.txt").write_text("A bare text\n\nOf which nothing else is known yet.")
    assert not library.ingest([tmp_path / "bare.txt"]).refused
    app = create_app(library, Settings())

    told = at_a_glance(read(app.test_client().get("/cases/bare")))

    asked = ("What it is", "Where", "Stage", "Cost", "Transfer")
    assert [told[name] for name in asked] == ["not answered"] * 5
    assert (told["Began"], told["Last verified"]) == ("not known", "not yet")
    assert told["Adopted by"] == "nobody that we know of"
    assert told["Evidence"].endswith("nobody has assessed it yet")


def test_those_who_took_a_case_over_are_named_at_the_top(library, write_case, read):
    relations = (
        '[{type: adapted-by, city: Cork, country: IE, year: "2019"}, {type: part-of, city: X}]'
    )
    library.ingest([write_case("copied", relations=relations)])

    page = read(create_app(library, Settings()).test_client().get("/cases/copied"))

    assert at_a_glance(page)["Adopted by"] == "Cork, Ireland (2019)"


def test_a_result_stands_with_the_sentence_that_tells_it(library, write_case, read):
    outcomes = (
        '[{indicator: Families housed, value: "84", source: s1}, {indicator: Jobs, value: "3"}]'
    )
    library.ingest([write_case("told", body="It housed 84 families.", outcomes=outcomes)])

    page = read(create_app(library, Settings()).test_client().get("/cases/told"))

    (quote,) = page.one("section", id="outcomes").all("blockquote")
    assert quote.text == "It housed 84 families."
    assert quote.one("mark").text == "84"
