"""The search page: what was found, why, and how to go on from there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.search.fields import FACETS
from kb.settings import Settings
from web import create_app
from web.examples import EXAMPLES


@pytest.fixture
def look(client, read):
    def ask(address: str):
        response = client.get(address)
        assert response.status_code == 200
        return read(response)

    return ask


def test_the_start_page_says_how_many_cases_there_are(look):
    assert "7 cases" in look("/").one("header").text


def test_the_start_page_lets_people_browse(look):
    page = look("/")

    assert page.link("Homelessness") == "/search?theme=06"
    assert page.link("Finland") == "/search?country=FI"


def test_the_start_page_speaks_of_things_in_the_readers_language(look):
    page = look("/?lang=fi")

    assert page.link("Suomi") == "/search?country=FI&lang=fi"


def test_the_start_page_answers_a_question(look):
    assert look("/?q=Dublin").one("h2", id="results").text == "1 case for “Dublin”"


@pytest.mark.parametrize("address", ["/?q=", "/?utm_source=letter", "/?lang=en"])
def test_the_start_page_stays_when_nothing_is_asked(look, address):
    assert look(address).one("h1").text.startswith("What cities tried")


def test_a_search_without_words_lists_all_cases(look):
    page = look("/search")

    assert page.one("h2", id="results").text == "7 cases"
    assert len(page.one("ol").all("h3")) == 7


def test_the_title_says_question_count_and_filters(look):
    page = look("/search?q=housing&country=IE")

    assert page.one("title").text == "1 case for “housing”, Country: Ireland – citypraxis"


def test_the_title_counts_filters_when_there_are_many(look):
    title = look("/search?country=IE&country=FI&stage=pilot&stage=ended").one("title").text

    assert ", 4 filters – " in title


def test_a_hit_tells_what_it_is_and_where(look):
    (hit,) = look("/search?q=Karditsa&country=GR").one("ol").all("li")
    title = hit.one("h3").one("a")

    assert title.get("href") == "/cases/esek-karditsa"
    assert (title.get("lang"), title.get("dir")) == ("el", "auto")
    assert hit.one("p", class_="english").text
    assert "Greece" in hit.one("p", class_="where").text


def test_a_hit_does_not_repeat_an_english_title(look):
    (hit,) = look("/search?q=Dublin&country=IE").one("ol").all("li")

    assert not hit.all("p", class_="english")


def test_a_hit_shows_the_passage_with_the_words_that_matched(look):
    (hit,) = look("/search?q=bezdomnych&city=Łódź&language=pl").one("ol").all("li")

    assert "bezdomny" in " ".join(mark.text.lower() for mark in hit.all("mark"))
    assert hit.all("mark")


def test_a_hit_says_by_which_word_it_was_found(look):
    why = look("/search?q=bezdomni&theme=06").text

    assert "Found by:" in why
    assert "the word ‘bezdomni’ → bezdomnych" in why


def test_a_hit_says_by_which_concept_it_was_found(look):
    assert "the concept Homelessness" in look("/search?q=bezdomność&country=IE").text


def test_a_concept_is_named_in_the_readers_language(look):
    page = look("/search?q=homelessness&country=IE&lang=de")

    assert page.one("html").get("lang") == "de"
    assert "Wohnungs- und Obdachlosigkeit" in page.one("p", class_="why").text


def test_every_facet_is_a_fieldset_with_a_legend(look):
    legends = {each.text for each in look("/search").all("legend")}

    assert {facet.label for facet in FACETS} <= legends


def test_a_count_stands_in_the_label_of_its_checkbox(look):
    labels = [each for each in look("/search").all("label") if each.all("input", name="country")]

    assert "Poland (2)" in {label.text for label in labels}


def test_a_selected_value_is_checked_and_in_sight(look):
    page = look("/search?country=SI")
    box = page.one("input", name="country", value="SI")
    folded = [
        inner for details in page.all("details", class_="more") for inner in details.all("input")
    ]

    assert "checked" in box.attributes
    assert box not in folded


def test_the_form_is_sent_only_on_request(look):
    form = look("/search").one("form")

    assert form.get("action") == "/search"
    assert form.get("method") in {"", "get"}
    assert [button.text for button in form.all("button")] == ["Search", "Apply filters"]


def test_the_form_carries_order_and_size(look):
    form = look("/search?sort=newest&size=2").one("form")

    assert form.one("input", name="sort").get("value") == "newest"
    assert form.one("input", name="size").get("value") == "2"


def test_a_filter_can_be_removed(look):
    page = look("/search?q=housing&country=FI&country=IE")

    assert page.link("Remove filter Country: Finland") == "/search?q=housing&country=IE"
    assert page.link("Remove all filters") == "/search?q=housing"


def test_a_filter_that_nothing_has_can_be_removed(look):
    assert look("/search?country=QQ").link("Remove filter Country: QQ") == "/search"


def test_results_can_be_put_in_another_order(look):
    page = look("/search?q=housing")

    assert page.link("City, A to Z") == "/search?q=housing&sort=city"


def test_the_present_order_is_marked(look):
    (current,) = [a for a in look("/search?sort=newest").all("a") if a.get("aria-current")]

    assert current.text == "Newest first"


def test_a_long_result_has_pages(look):
    page = look("/search?size=3&page=2")
    (current,) = [a for a in page.all("a") if a.get("aria-current") == "page"]

    assert page.one("a", rel="prev").get("href") == "/search?size=3"
    assert page.one("a", rel="next").get("href") == "/search?page=3&size=3"
    assert current.text == "Page 2"
    assert page.one("ol").get("start") == "4"


def test_pages_do_not_overlap_and_leave_nothing_out(look):
    pages = [look(f"/search?sort=city&size=3&page={n}") for n in (1, 2, 3)]
    titles = [each.text for page in pages for each in page.one("ol").all("h3")]

    assert len(titles) == len(set(titles)) == 7


def test_a_page_that_does_not_exist_says_so(look):
    page = look("/search?page=40")

    assert "There is no page 40" in page.text
    assert not page.all("ol")


def test_nothing_found_offers_looser_questions_that_find_something(look):
    page = look("/search?q=Dublin&country=FI")
    url = page.link("without Finland")

    assert page.one("h2", id="results").text == "No case for “Dublin”"
    assert look(url).one("ol").all("h3")


def test_nothing_found_gives_advice(look):
    assert "What often helps" in look("/search?q=xyzzyq").text


def test_a_question_that_is_too_long_is_cut_with_a_note(look):
    (note,) = look("/search?q=" + "housing+" * 100).all("div", role="status")

    assert "512" in note.text


def test_what_was_typed_is_shown_as_text(look):
    page = look("/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22%27")

    assert [script.text for script in page.all("script")] == [""]  # ours, from a file
    assert page.one("input", name="q").get("value") == "<script>alert(1)</script>\"'"


@pytest.mark.parametrize(
    "address",
    ["/search?page=abc", "/search?sort=x", "/search?size=1000", "/search?colour=red&lang=x"],
)
def test_a_page_forgives_what_cannot_be_read(look, address):
    assert len(look(address).one("ol").all("h3")) == 7


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.words)
def test_every_example_is_understood(client, example):
    answer = client.get("/api/v1/cases", query_string={"q": example.words}).get_json()

    assert answer["notes"] == []


@settings(max_examples=60)
@given(st.text(max_size=80), st.text(max_size=20))
def test_no_question_breaks_the_page(site, query, value):
    with site.test_client() as client:
        for path in ("/search", "/api/v1/cases"):
            response = client.get(path, query_string={"q": query, "city": value})
            assert response.status_code == 200


@pytest.mark.parametrize(
    "query",
    ["(" * 5000, "NOT " * 1000, "x" * 8000, '"' * 999, "*", "a* b* c* d*", "city:", "\0", "-"],
)
def test_known_hostile_questions_are_answered(client, query):
    assert client.get("/search", query_string={"q": query}).status_code == 200


def test_a_result_page_stays_small(client):
    assert len(client.get("/search").data) < 50_000


@pytest.mark.parametrize("lang", ["en", "el", "bg"])
@pytest.mark.parametrize("town", ["", "&town=658225&lacks=housing-stock&lacks=law-change&sort=fit"])
def test_all_cases_of_the_corpus_still_make_a_small_page(corpus_library, lang, town):
    site = create_app(corpus_library, Settings())

    assert len(site.test_client().get(f"/search?lang={lang}{town}").data) < 50_000
