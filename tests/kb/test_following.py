"""Searches that somebody follows: what is new in them, and for whom."""

import json
import random
from dataclasses import replace

import pytest

from kb.errors import AccountError, FollowedNotFoundError
from kb.following import MOST
from kb.query import WORDS, Query
from tests.kb.taken import record

HOUSING = Query("housing", {"country": ("IE",)})


@pytest.fixture
def ana(library):
    return library.accounts.create("ana@people.example", "contributor", "Ana")


@pytest.fixture
def publish(library):
    """Publish cases, or change them, and let the index know."""

    def save(*case_ids, **fields):
        for case_id in case_ids:
            case = record(id=case_id, title="Housing", country="IE", **fields).case
            library._store.save(case, file="", original="", contributor="")
        library.sync()

    return save


@pytest.fixture
def new(library, ana):
    """What is new for Ana in a search."""

    def ask(search_id):
        followed = library.following.get(ana, search_id)
        return library.following.news(followed, followed.looked).new

    return ask


def test_what_was_there_is_not_new_what_is_published_or_changed_is(library, ana, publish, new):
    publish("old", "changed")
    followed = library.following.save(ana, HOUSING, "", "never")
    assert new(followed.id) == ()

    publish("added")
    publish("changed", summary="Another summary, which is long enough to be one, and says more.")

    assert new(followed.id) == ("changed", "added")


def test_a_search_that_finds_nothing_learns_of_the_first_case(library, ana, publish, new):
    library.sync()
    followed = library.following.save(ana, HOUSING, "", "never")

    publish("first")

    assert new(followed.id) == ("first",)


def test_a_case_of_another_search_is_not_new_in_this(library, ana, publish, new):
    library.sync()
    followed = library.following.save(
        ana, replace(HOUSING, filters={"country": ("FI",)}), "", "never"
    )

    publish("irish")

    assert new(followed.id) == ()


def test_what_says_the_same_again_is_not_new(library, ana, publish, new):
    publish("same")
    followed = library.following.save(ana, HOUSING, "", "never")

    publish("same")

    assert new(followed.id) == ()


def test_what_is_withdrawn_or_archived_is_not_told_as_new(library, ana, publish, new):
    library.sync()
    followed = library.following.save(ana, HOUSING, "", "never")
    publish("stays", "withdrawn", "archived")
    for kind in ("withdrawn", "archived"):
        library._store.retire(kind, kind, "A reason", "", 1)

    before_the_index_knows = new(followed.id)
    library.sync()

    assert before_the_index_knows == new(followed.id) == ("stays",)


def test_a_tag_that_somebody_judges_makes_no_case_new(library, ana, publish, new):
    publish("tagged")
    followed = library.following.save(ana, HOUSING, "", "never")

    library._store.judge("tagged", "06.1", "rejected", ana.id, 1)
    library.sync()

    assert new(followed.id) == ()


def test_who_has_looked_has_seen_it(library, ana, publish, new):
    library.sync()
    followed = library.following.save(ana, HOUSING, "", "never")
    publish("a")

    library.following.look(followed, library.following.news(followed, followed.looked))

    assert new(followed.id) == ()
    publish("b")
    assert new(followed.id) == ("b",)


def test_a_case_that_the_index_does_not_know_yet_is_not_passed_over(library, ana, publish, new):
    publish("old")
    followed = library.following.save(ana, HOUSING, "", "never")
    late = record(id="late", title="Housing", country="IE").case
    library._store.save(late, file="", original="", contributor="")

    library.following.look(followed, library.following.news(followed, followed.looked))
    library.sync()

    assert new(followed.id) == ("late",)


def test_however_changes_and_looks_follow_each_other_each_change_is_seen_once(
    library, ana, publish, new
):
    publish("old")
    followed = library.following.save(ana, HOUSING, "", "never")
    chance, seen, made = random.Random(8), [], []  # noqa: S311 - chance, no secret
    for number in range(16):
        if chance.random() < 0.5:
            made.append(f"case-{number}")
            case = record(id=made[-1], title="Housing", country="IE").case
            library._store.save(case, file="", original="", contributor="")
        if chance.random() < 0.25:
            library.sync()
        told = library.following.get(ana, followed.id)
        news = library.following.news(told, told.looked)
        library.following.look(told, news)
        seen += news.new if news.mark > told.looked else ()
    library.sync()

    assert sorted([*seen, *new(followed.id)]) == sorted(made)


def test_a_search_is_kept_as_it_was_asked(library, ana):
    query = Query('"a b" -c', {"theme": ("06",), "city": ("Łódź",)}, "newest", 3, 50, "pl", WORDS)

    library.following.save(ana, query, "  My\nsearch ", "weekly")

    (kept,) = library.following.of(ana)
    assert kept.query == replace(query, sort="relevance", page=1, size=20)
    assert (kept.name, kept.often) == ("My search", "weekly")


def test_the_same_question_is_followed_once_under_the_last_name(library, ana):
    first = library.following.save(ana, HOUSING, "One", "never")
    again = library.following.save(ana, replace(HOUSING, sort="city", reader="fr"), "Two", "daily")

    assert library.following.of(ana) == (again,)
    assert (again.id, again.name, again.often) == (first.id, "Two", "daily")


@pytest.mark.parametrize(
    ("name", "often", "field"),
    [("x" * 201, "never", "name"), ("a\0b", "never", "name"), ("", "hourly", "often")],
)
def test_what_cannot_be_is_refused_and_nothing_kept(library, ana, name, often, field):
    with pytest.raises(AccountError) as refused:
        library.following.save(ana, HOUSING, name, often)

    assert refused.value.field == field
    assert library.following.of(ana) == ()


def test_nobody_follows_without_end(library, ana):
    for number in range(MOST):
        library.following.save(ana, Query(f"word{number}"), "", "never")

    with pytest.raises(AccountError, match="delete one"):
        library.following.save(ana, HOUSING, "", "never")
    library.following.save(ana, Query("word7"), "Named", "never")
    assert len(library.following.of(ana)) == MOST


def test_a_search_belongs_to_one_person(library, ana):
    ben = library.accounts.create("ben@people.example", "administrator")
    followed = library.following.save(ana, HOUSING, "", "never")

    for attempt in (
        lambda: library.following.get(ben, followed.id),
        lambda: library.following.change(ben, followed.id, "Mine", "daily"),
        lambda: library.following.delete(ben, followed.id),
    ):
        with pytest.raises(FollowedNotFoundError):
            attempt()
    assert library.following.of(ana) == (followed,)


def test_a_search_is_renamed_and_deleted_and_both_are_on_record(library, ana):
    followed = library.following.save(ana, HOUSING, "", "never")

    library.following.change(ana, followed.id, "Renamed", "daily")
    assert library.following.get(ana, followed.id).name == "Renamed"
    library.following.delete(ana, followed.id)

    assert library.following.of(ana) == ()
    done = [(each.action, each.object) for each in library.audit.entries(person_id=ana.id)]
    assert done == [(f"search.{what}", followed.id) for what in ("delete", "change", "save")]


def test_a_copy_of_ones_data_holds_the_searches_and_they_go_with_the_person(library, ana):
    library.following.save(ana, HOUSING, "Mine", "weekly")

    (told,) = library.accounts.export(ana.id)["searches"]
    assert (told["name"], told["often"], told["question"]["q"]) == ("Mine", "weekly", "housing")
    json.dumps(told)
    library.contributing.erase(ana, keep_credit=False)

    assert library.following.of(ana) == ()
