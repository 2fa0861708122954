"""The address of a result is the question: nothing is lost on the way there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from kb.fitting import COSTS, NEEDS, Town, town_of
from kb.languages import LANGUAGES
from kb.nlp.gazetteer import gazetteer
from kb.query import ALL_LEGS, MAX_DEPTH, MAX_SIZE, SORTS, WORDS, Query
from kb.search.fields import FACET_NAMES
from web.args import args_of, query_from, unreadable

MEANS = {
    "affords": st.sampled_from(["", *COSTS]),
    "lacks": st.lists(st.sampled_from(NEEDS), unique=True).map(tuple),
}
TOWNS = st.one_of(
    st.builds(Town, inhabitants=st.none() | st.integers(1, 10**9 - 1),
              country=st.sampled_from(["", "AT", "XK"]), **MEANS),
    st.builds(town_of, st.sampled_from(list(gazetteer())[:50]), **MEANS),
)  # fmt: skip
QUERIES = st.builds(
    Query,
    text=st.text(),
    filters=st.dictionaries(
        st.sampled_from(FACET_NAMES), st.lists(st.text(min_size=1), max_size=3).map(tuple)
    ),
    sort=st.sampled_from(SORTS),
    page=st.integers(1, MAX_DEPTH),
    size=st.integers(1, MAX_SIZE),
    reader=st.sampled_from(list(LANGUAGES)),
    legs=st.sampled_from([ALL_LEGS, WORDS]),
    town=TOWNS,
)


@given(QUERIES)
def test_a_query_survives_the_way_through_an_address(query):
    assert query_from(MultiDict(args_of(query))) == query


@given(QUERIES)
def test_the_address_of_a_query_has_nothing_unreadable(query):
    assert not list(unreadable(MultiDict(args_of(query))))


def test_what_goes_without_saying_is_not_in_the_address():
    assert args_of(Query()) == []


def test_args_stand_in_an_order_a_person_would_choose():
    query = Query("rent", {"country": ("FI", "IE")}, sort="newest", page=2, reader="de")

    assert args_of(query) == [
        ("q", "rent"),
        ("country", "FI"),
        ("country", "IE"),
        ("sort", "newest"),
        ("page", "2"),
        ("lang", "de"),
    ]


@pytest.mark.parametrize("page", ["abc", "0", "-1", "1.5", "", "²", "9" * 5000, "1_0", " 2"])
def test_a_page_that_is_no_number_is_the_first(page):
    assert query_from(MultiDict({"page": page})).page == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("expand", "maybe"), ("sort", "random"), ("size", "many"), ("lang", "tlh"), ("colour", "red")],
)
def test_what_cannot_be_read_is_as_if_not_said(name, value):
    assert query_from(MultiDict({name: value})) == Query()


def test_an_empty_value_is_no_filter():
    assert query_from(MultiDict({"country": ""})) == Query()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "abc"),
        ("page", "0"),
        ("size", "1000"),
        ("size", "0"),
        ("sort", "x"),
        ("lang", "xx"),
        ("colour", "red"),
        ("Q", "rent"),
    ],
)
def test_a_program_is_told_what_cannot_be_read(name, value):
    refused = list(unreadable(MultiDict({name: value})))

    assert [(each.parameter, each.value) for each in refused] == [(name, value)]
    assert refused[0].detail


def test_a_page_beyond_the_reachable_ones_is_refused_with_the_last_one():
    refused = list(unreadable(MultiDict({"page": "51", "size": "20"})))

    assert "50" in refused[0].detail


def test_a_single_value_given_twice_is_refused():
    assert len(list(unreadable(MultiDict([("page", "1"), ("page", "2")])))) == 2


def test_a_facet_given_twice_is_two_filters():
    args = MultiDict([("country", "FI"), ("country", "IE")])

    assert not list(unreadable(args))
    assert query_from(args).filters == {"country": ("FI", "IE")}


def test_a_refused_value_is_not_said_again_at_length():
    refused = list(unreadable(MultiDict({"page": "x" * 5000, "y" * 5000: "1"})))

    assert all(len(each.value) <= 100 and len(each.parameter) <= 100 for each in refused)
