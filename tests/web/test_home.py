"""What somebody meets who comes for the first time: the box, questions, themes, lessons, news."""

import json
from statistics import median
from time import perf_counter

import pytest

from kb.languages import LANGUAGES
from kb.query import Query
from kb.settings import Settings
from tests.conftest import ROOT
from web import create_app
from web.examples import OTHERS, OWN, questions

JUDGED = [
    json.loads(row) for row in (ROOT / "bench/questions.jsonl").read_text("utf-8").splitlines()
]
GRADES = {
    (row["language"], row["query"]): {each["slug"]: each["grade"] for each in row["relevant"]}
    for row in JUDGED
}


@pytest.fixture
def home(client, read):
    return lambda address="/": read(client.get(address))


@pytest.fixture(scope="module")
def corpus_site(corpus_library):
    app = create_app(corpus_library, Settings())
    app.testing = True
    return app


def test_three_questions_can_be_clicked_the_first_in_the_readers_language(home):
    links = home("/?lang=fi").one("ul", class_="tries").all("a")

    assert [link.get("lang") for link in links] == ["fi", "pl", "pt"]
    assert all(link.get("href").startswith("/search?q=") for link in links)
    assert all(link.get("href").endswith("&lang=fi") for link in links)


def test_a_question_in_another_language_says_in_which_and_what_it_is_about(home):
    assert "Polish: Vacant homes & temporary use" in home().one("ul", class_="tries").text


@pytest.mark.parametrize("reader", LANGUAGES)
def test_every_reader_gets_three_questions_in_three_languages(reader):
    languages = [each.language for each in questions(reader)]

    assert len(set(languages)) == 3
    assert (languages[0] == reader) or reader not in {each.language for each in OWN}


@pytest.mark.parametrize("question", [*OWN, *OTHERS], ids=lambda each: each.words)
def test_every_question_is_judged_and_finds_good_cases_first(corpus_library, question):
    grades = GRADES[question.language, question.words]

    hits = corpus_library.search(Query(question.words, size=3)).hits

    assert sum(grades.get(hit.id, 0) >= 2 for hit in hits) >= min(2, len(grades))


def test_it_says_how_many_cases_countries_and_languages_there_are(home):
    assert [each.text for each in home().one("ul", class_="tallies").all("li")] == [
        "7 cases", "6 countries", "6 languages",
    ]  # fmt: skip


def test_it_tells_what_failed_in_the_words_of_the_case(home):
    section = home().one("section", **{"aria-labelledby": "lessons"})
    told = section.one("ul").all("li")[0]

    assert told.one("h3").text == "Każde pole <b>wypełnione</b>"  # the only one that was stopped
    assert "Funding ended." in told.text
    assert {each.text for each in told.all("span", lang="pl")} == {
        "Skończyły się pieniądze.", "Przeniesiono umowy.",
    }  # fmt: skip


def test_it_says_by_which_rule_these_cases_were_chosen(home):
    assert "more than missing figures: first those that were stopped" in home().text


def test_it_shows_what_came_in_last_with_the_day(home, site_library):
    section = home().one("section", **{"aria-labelledby": "news"})
    (last, *_) = site_library.newest(Query(), 1)

    assert len(section.all("h3")) == 4
    assert section.all("h3")[0].text == last.case.title
    assert section.all("time")[0].get("datetime") == last.accepted[:10]


def test_it_names_the_collections(home):
    section = home().one("section", **{"aria-labelledby": "news"})

    assert section.link("What forums ask") == "/collections/a-forum"


def test_themes_stand_there_with_their_counts(home):
    (housing,) = [each for each in home().all("li") if each.text.startswith("Homelessness")]

    assert housing.text == "Homelessness 4"


@pytest.mark.parametrize("reader", ["en", "el", "bg", "uk"])
def test_it_is_small_with_all_cases_of_the_corpus(corpus_site, reader):
    assert len(corpus_site.test_client().get(f"/?lang={reader}").data) <= 50_000


def test_it_is_quick_and_asks_no_model(corpus_site, corpus_library, monkeypatch):
    def open_model(*_):
        raise AssertionError("the start page has opened the model")

    monkeypatch.setattr(corpus_library._meaning, "nearest", open_model)
    client, took_s = corpus_site.test_client(), []
    for _ in range(9):
        began = perf_counter()
        assert client.get("/").status_code == 200
        took_s.append(perf_counter() - began)

    assert median(took_s) < 0.25  # 20 ms on a quiet machine; other tests run beside this one


def test_an_empty_site_has_a_start_page(library):
    library.sync()
    page = create_app(library, Settings()).test_client().get("/")

    assert page.status_code == 200
    assert "What failed" not in page.text
