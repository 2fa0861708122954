"""What was asked is counted by the day, and what nobody can be known by is all that is kept."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.asked import KEPT_DAYS, LONGEST, MOST_A_DAY, SLOW_MS, Asked, Missed, Tally
from kb.database import Connections
from kb.query import Query, Result

DAY = 24 * 3600
FIRST = "2026-09-21"
"""The day on which the clock of the tests stands."""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.sqlite"


@pytest.fixture
def connections(path):
    opened = Connections(path)
    yield opened
    opened.close()


@pytest.fixture
def asked(connections, clock):
    return Asked(connections, now=clock)


def found(text="", total=0, reader="en", **filters):
    return Result(Query(text, filters=filters, reader=reader), total, ())


def ask(asked, clock, *texts, days=2):
    """Ask in vain on some days, the last of which is today."""
    clock.at -= days * DAY
    for _ in range(days):
        clock.at += DAY
        for text in texts:
            asked.note(found(text), 0)


def told(path) -> bytes:
    """Return all that lies on the disk."""
    return b"".join(each.read_bytes() for each in path.parent.glob("a.sqlite*"))


def test_searches_are_counted_by_day_and_language(asked, clock):
    asked.note(found("housing", total=3), 0)
    asked.note(found("monorail", reader="fi"), SLOW_MS / 1000)
    clock.at += DAY
    asked.note(found("housing", total=3), SLOW_MS / 1000 - 0.001)

    assert asked.days() == (Tally("2026-09-22", "", 1, 0, 0), Tally(FIRST, "", 2, 1, 1))
    assert asked.languages() == (Tally("", "en", 2, 0, 0), Tally("", "fi", 1, 1, 1))
    assert asked.all() == (
        Tally("2026-09-22", "en", 1, 0, 0),
        Tally(FIRST, "en", 1, 0, 0),
        Tally(FIRST, "fi", 1, 1, 1),
    )


def test_a_question_is_shown_once_it_has_been_asked_on_two_days(asked, clock):
    ask(asked, clock, "monorail", "monorail", days=1)
    assert asked.missed() == ()

    clock.at += DAY
    asked.note(found("Monorail!"), 0)
    assert asked.missed() == (Missed("Monorail!", 2, "2026-09-22"),)


def test_until_then_its_words_are_nowhere_on_the_disk(asked, clock, path):
    ask(asked, clock, "quackenbushel", "quackenbushel", days=1)
    assert b"quackenbushel" not in told(path)

    ask(asked, clock, "quackenbushel")
    assert b"quackenbushel" in told(path)


def test_all_spellings_of_a_question_are_one(asked, clock):
    ask(asked, clock, "Cable-cars", days=1)
    clock.at += DAY
    asked.note(found('"cable cars"'), 0)

    assert [each.days for each in asked.missed()] == [2]


def test_the_one_asked_on_most_days_comes_first(asked, clock):
    ask(asked, clock, "trams", days=2)
    ask(asked, clock, "monorail", days=5)

    assert [each.text for each in asked.missed()] == ["monorail", "trams"]


@pytest.mark.parametrize(
    "text",
    [
        "ana@people.example",
        "ana\uff20people.example",
        "12345",
        "call 0170 12 34 5",
        "tel. 01.23.45",
        "\u0661\u0662\u0663\u0664\u0665",
        "https://example.org",
        "www.example.org",
        "example.org/page",
        "x" * (LONGEST + 1),
        "?!",
        "\0",
        "",
    ],
)
def test_what_may_tell_of_a_person_is_counted_and_not_kept(asked, clock, connections, text):
    ask(asked, clock, text)

    assert sum(each.empty for each in asked.days()) == 2
    assert asked.missed() == ()
    assert connections.reading.table("missed").count == 0


@pytest.mark.parametrize("text", ["monorail 2030", "x" * LONGEST, "Łódź: тролейбус", "a\0b"])
def test_what_may_be_kept_is(asked, clock, text):
    ask(asked, clock, text)

    assert [each.days for each in asked.missed()] == [2]


def test_a_question_with_filters_tells_nothing_of_what_is_missing(asked, clock):
    clock.at -= DAY
    for _ in range(2):
        asked.note(found("monorail", country=("MT",)), 0)
        clock.at += DAY

    assert asked.missed() == ()


def test_a_question_that_finds_something_is_not_kept(asked, connections):
    asked.note(found("housing", total=1), 0)

    assert connections.reading.table("missed").count == 0


def test_what_is_too_old_is_deleted(asked, clock, connections):
    ask(asked, clock, "monorail")
    clock.at += (KEPT_DAYS - 1) * DAY
    asked.forget()
    assert asked.days()

    clock.at += DAY
    assert (asked.days(), asked.missed()) == ((), ())
    asked.forget()
    clock.at += DAY
    asked.forget()
    assert [connections.reading.table(name).count for name in ("asked", "missed")] == [0, 0]


def test_switched_off_it_keeps_nothing_and_deletes_what_was_kept(asked, clock, connections):
    ask(asked, clock, "monorail")
    off = Asked(connections, on=False, now=clock)

    off.note(found("monorail"), 0)
    assert sum(each.searches for each in off.days()) == 2
    off.forget()
    assert (off.days(), off.missed()) == ((), ())


def test_a_flood_of_questions_fills_no_disk(asked, connections):
    for number in range(MOST_A_DAY + 5):
        asked.note(found(f"word {number} of many"), 0)

    assert connections.reading.table("missed").count == MOST_A_DAY
    assert asked.days()[0].searches == MOST_A_DAY + 5


def test_while_others_write_nothing_is_counted_and_nobody_waits(asked, path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    asked.note(found("monorail"), 0)  # ten seconds, were it to wait, which is more than a test has
    other.execute("ROLLBACK")
    other.close()

    assert asked.days() == ()
    asked.note(found("monorail"), 0)
    assert asked.days()


def test_where_nothing_can_be_written_nothing_breaks(asked, connections):
    connections.reading.execute("PRAGMA query_only = ON")

    asked.note(found("monorail"), 0)

    assert asked.days() == ()


def test_after_a_hurried_write_the_others_are_durable_again(asked, connections):
    asked.note(found("monorail"), 0)

    (durable,) = connections.reading.execute("PRAGMA synchronous").fetchone()
    (wait_ms,) = connections.reading.execute("PRAGMA busy_timeout").fetchone()
    assert (durable, wait_ms) == (2, 10_000)


@given(st.lists(st.text(max_size=100), max_size=5), st.floats(0, 10))
def test_whatever_is_asked_is_counted_once(tmp_path_factory, texts, took_s):
    connections = Connections(tmp_path_factory.mktemp("asked") / "a.sqlite")
    asked = Asked(connections)
    for text in texts:
        asked.note(found(text), took_s)

    assert sum(each.searches for each in asked.days()) == len(texts)
    assert asked.missed() == ()
    connections.close()
