"""Administrators see what people did not find, and nobody's name is in it."""

import csv
import io

import pytest

from kb.library import open_library
from kb.settings import Settings
from web import create_app

DAY = 24 * 3600


@pytest.fixture
def library(library, write_case, clock):
    library.asked._now = clock
    library.ingest([write_case("housing-first")])
    library.sync()
    return library


@pytest.fixture
def clock():
    class Clock:
        at = 1_790_000_000.0

        def __call__(self):
            return self.at

    return Clock()


@pytest.fixture
def app(library):
    made = create_app(library, Settings(rate_api=None))
    made.testing = True
    return made


@pytest.fixture
def visitor(app):
    return app.test_client()


@pytest.fixture
def ada(app, library):
    person = library.accounts.create("ada@people.example", "administrator", "Ada")
    client = app.test_client()
    client.set_cookie("session", library.accounts.begin_session(person.id, "test"))
    return client


def ask_on_two_days(visitor, clock, path):
    for _ in range(2):
        assert visitor.get(path).status_code == 200
        clock.at += DAY
    clock.at -= DAY


def searches(library):
    return sum(each.searches for each in library.asked.days())


def test_what_people_did_not_find_is_shown_and_leads_to_the_search(visitor, ada, clock, read):
    ask_on_two_days(visitor, clock, "/search?q=monorail&lang=fi")

    page = read(ada.get("/reports/searches"))

    assert page.link("monorail") == "/search?q=monorail"
    assert "2 days" in page.text
    assert (
        page.one("section", **{"aria-labelledby": "languages"}).one("tbody").text == "Finnish 2 2 0"
    )


def test_what_was_asked_on_one_day_only_is_not_shown(visitor, ada):
    visitor.get("/search?q=monorail")

    assert "monorail" not in ada.get("/reports/searches").text


def test_what_is_shown_is_text(visitor, ada, clock, read):
    ask_on_two_days(visitor, clock, "/search?q=%3Cb%3Exyzzyq%3C/b%3E")

    page = read(ada.get("/reports/searches"))
    (row,) = page.one("section", **{"aria-labelledby": "missed"}).all("th", scope="row")
    assert row.text == "<b>xyzzyq</b>"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search",
        "/search?q=monorail&page=2",
        "/api/v1/cases?q=monorail",
        "/feeds/search.atom?q=monorail",
        "/export/csv?q=monorail",
    ],
)
def test_only_the_first_page_of_a_search_on_the_site_counts(visitor, library, path):
    assert visitor.get(path).status_code == 200

    assert searches(library) == 0


def test_asking_whether_a_page_is_there_is_no_search(visitor, library):
    visitor.head("/search?q=monorail")

    assert searches(library) == 0


@pytest.mark.parametrize("path", ["/search?q=monorail", "/?q=monorail", "/search?country=IE"])
def test_a_search_counts_once(visitor, library, path):
    visitor.get(path)

    assert searches(library) == 1


def test_a_search_is_answered_while_the_database_is_being_written(visitor, library):
    with library._connections.writing():
        pass
    other = library._connections._connect()
    other.execute("BEGIN IMMEDIATE")

    assert visitor.get("/search?q=housing").status_code == 200

    other.execute("ROLLBACK")
    assert searches(library) == 0


def test_the_counts_can_be_taken_away(visitor, ada):
    visitor.get("/search?q=housing")

    answer = ada.get("/reports/searches.csv")

    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="searches.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["day", "language", "searches", "without_result", "slow"],
        ["2026-09-21", "en", "1", "0", "0"],
    ]


def test_a_question_becomes_no_formula(visitor, ada, clock):
    ask_on_two_days(visitor, clock, "/search?q=%3Dmonorail")

    (_, row) = csv.reader(io.StringIO(ada.get("/reports/missed.csv").text))
    assert row == ["'=monorail", "2", "2026-09-22"]


def test_where_it_is_switched_off_nothing_is_counted_and_the_pages_say_so(tmp_path, write_case):
    settings = Settings(data=tmp_path / "off", encoder="off", search_report=False)
    library = open_library(settings)
    library.ingest([write_case("housing-first")])
    library.sync()
    app = create_app(library, settings)
    person = library.accounts.create("ada@people.example", "administrator", "Ada")
    client = app.test_client()
    client.set_cookie("session", library.accounts.begin_session(person.id, "test"))

    client.get("/search?q=monorail")

    assert searches(library) == 0
    assert "switched off" in client.get("/reports/searches").text
    assert "we count searches" not in client.get("/about").text
    library.close()


def test_the_help_page_says_what_is_counted(visitor):
    told = " ".join(visitor.get("/about").text.split())

    assert "we count searches by the day" in told
    assert "90 days" in told
