"""Going through an answer by its cursors: every case that is found throughout, exactly once."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.model import Case
from kb.query import Query
from kb.settings import Settings
from tests.conftest import COMPLETE
from tests.web.conftest import PUBLIC
from web import create_app, cursor

EVER = tuple(f"case-{number}" for number in range(40))


@given(st.sets(st.sampled_from(EVER), min_size=1))
def test_a_cursor_says_which_cases_were_given(given_cases):
    text = cursor.written(Query("x"), given_cases, EVER)

    assert cursor.read(text, Query("x"), EVER) == given_cases
    assert text.isascii()
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.sets(st.sampled_from(EVER), min_size=1))
def test_a_cursor_holds_while_cases_are_added(given_cases):
    text = cursor.written(Query("x"), given_cases, EVER)

    assert cursor.read(text, Query("x"), (*EVER, "a-new-one")) == given_cases


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_none(text):
    assert cursor.read(text, Query("x"), EVER) is None


@given(st.sets(st.sampled_from(EVER), min_size=1), st.data())
def test_a_cursor_that_was_cut_or_changed_is_none(given_cases, data):
    text = cursor.written(Query("x"), given_cases, EVER)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_")) if data.draw(st.booleans()) else ""
    changed = text[:place] + letter + text[place + 1 :]

    if changed != text:
        assert cursor.read(changed, Query("x"), EVER) is None


@pytest.mark.parametrize(
    "other",
    [Query("y"), Query("x", sort="city"), Query("x", filters={"country": ("FI",)})],
)
def test_the_cursor_of_another_question_is_none(other):
    text = cursor.written(Query("x"), EVER[:3], EVER)

    assert cursor.read(text, other, EVER) is None
    assert cursor.read(text, Query("x"), EVER[::-1]) is None


def test_size_and_language_may_change_on_the_way():
    text = cursor.written(Query("x", size=5, reader="de"), EVER[:3], EVER)

    assert cursor.read(text, Query("x", size=50), EVER) == frozenset(EVER[:3])


def test_a_cursor_of_ten_thousand_cases_fits_into_an_address():
    ever = tuple(f"case-{number}" for number in range(10_000))
    given_cases = [each for number, each in enumerate(ever) if hash((number, "half")) % 2]

    assert len(cursor.written(Query("x"), given_cases, ever)) < 2_000


def walked(client, address):
    """Yield the answers from ``address`` on, as somebody gets them who follows ``next``."""
    while address:
        told = client.get(address).get_json()
        yield told
        address = told["next"] and told["next"].removeprefix(PUBLIC)


@pytest.mark.parametrize("question", ["", "q=housing&", "sort=city&", "expand=no&q=dom&"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_following_next_gives_what_one_page_gives_in_its_order(client, question, size):
    whole = client.get(f"/api/v1/cases?{question}size=100").get_json()
    answers = list(walked(client, f"/api/v1/cases?{question}size={size}"))

    found = [item["id"] for each in answers for item in each["items"]]
    assert found == [item["id"] for item in whole["items"]]
    assert {each["total"] for each in answers} == {whole["total"]}
    assert [each["page"] for each in answers] == list(range(1, len(answers) + 1))


def test_one_can_go_on_from_any_page(client):
    whole = client.get("/api/v1/cases?size=100").get_json()
    answers = list(walked(client, "/api/v1/cases?size=2&page=2"))

    found = [item["id"] for each in answers for item in each["items"]]
    assert found == [item["id"] for item in whole["items"]][2:]


def test_the_header_says_what_next_says(client):
    response = client.get("/api/v1/cases?size=2")

    assert response.headers["Link"] == f'<{response.get_json()["next"]}>; rel="next"'
    assert "Link" not in client.get("/api/v1/cases?size=100").headers


@pytest.mark.parametrize(
    ("added", "detail"),
    [
        ("&page=2", "beside page"),
        ("&q=other", "for this question"),
        ("&cursor=x", "only once"),
        ("x", "for this question"),
    ],
)
def test_a_cursor_that_cannot_be_used_is_a_problem(client, added, detail):
    address = client.get("/api/v1/cases?size=2").get_json()["next"].removeprefix(PUBLIC)
    response = client.get(address + added)
    (error,) = response.get_json()["errors"]

    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert error["parameter"] == "cursor"
    assert detail in error["detail"]


def test_an_empty_cursor_is_a_problem(client):
    assert client.get("/api/v1/cases?cursor=").status_code == 400


def test_beyond_the_last_page_a_cursor_finds_nothing(client):
    everything = [item["id"] for item in client.get("/api/v1/cases").get_json()["items"]]
    ever = client.application.extensions["library"].harvest.ever()
    text = cursor.written(Query(), everything, ever)

    told = client.get(f"/api/v1/cases?cursor={text}").get_json()
    assert (told["items"], told["next"], told["total"]) == ([], None, len(everything))


WORDS = ("housing", "youth", "care", "food")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "withdraw", "read"]),
        st.integers(0, 11),
        st.sampled_from(WORDS),
        st.integers(1990, 2025),
    ),
    max_size=8,
)


def put(library, number, word, year):
    fields = {
        **{name: value for name, value in COMPLETE.items() if value is not None},
        "title": f"The {word} case {number}",
        "start": str(year),
        "city": f"{word.title()}ville",
    }
    block = "\n".join(f"{key}: {value}" for key, value in fields.items())
    text = f"---\nid: case-{number}\n{block}\n---\n\nA text on {word}, {word} and housing.\n"
    library.receive(f"case-{number}.md", text.encode(), "test")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, sort=st.sampled_from(["relevance", "newest", "city"]))
def test_whatever_changes_meanwhile_who_is_found_throughout_is_given_once(
    tmp_path_factory, steps, sort
):
    from kb.library import open_library

    data = tmp_path_factory.mktemp("walk")
    library = open_library(Settings(data=data, encoder="off"))
    client = create_app(library, Settings(site_url=PUBLIC, rate_api=None)).test_client()
    moderator = library.accounts.create("m@people.example", "moderator")
    for number in range(6):
        put(library, number, WORDS[number % 4], 2000 + number)
    library.sync()
    address = f"/api/v1/cases?q=housing&sort={sort}&size=2"
    throughout = set(Case.model_fields) and {f"case-{number}" for number in range(6)}
    given_ids = []

    steps = [*steps, *[("read", 0, "", 0)] * 12]
    for step, number, word, year in steps:
        if step == "read" and address:
            told = client.get(address).get_json()
            given_ids += [item["id"] for item in told["items"]]
            address = told["next"] and told["next"].removeprefix(PUBLIC)
        elif step in {"add", "change"}:
            put(library, number, word, year)
            library.sync()
        elif step == "withdraw" and f"case-{number}" in library.languages():
            throughout -= {f"case-{number}"}
            library.contributing.retire(moderator, f"case-{number}", "withdrawn", "x")
            library.sync()
    library.close()

    assert not address
    assert len(given_ids) == len(set(given_ids))
    assert throughout <= set(given_ids)


def test_the_cursor_stands_alone_in_its_address(client):
    address = client.get("/api/v1/cases?q=housing&size=2&lang=de").get_json()["next"]

    assert parse_qs(urlsplit(address).query).keys() == {"q", "size", "lang", "cursor"}
