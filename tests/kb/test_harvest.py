"""What changed since: nothing is missed, whatever the clock does and whoever writes meanwhile."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.database import Connections
from kb.evidence import Evidence, level
from kb.harvest import KINDS, Harvest, Span, set_name
from kb.model import Case
from kb.store import Store

FAR_AHEAD = 4_000_000_000


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    opened = Connections(tmp_path / "kb.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def store(connections: Connections) -> Store:
    return Store(connections)


@pytest.fixture
def harvest(connections: Connections) -> Harvest:
    return Harvest(connections)


def save(store: Store, case_id: str, **fields: object) -> None:
    told = {"title": case_id, "original_language": "en", **fields}
    case = Case.model_validate({"id": case_id, **told})
    assert store.save(case, file="a.md", original="0", contributor="x")


def all_of(harvest: Harvest, span: Span, limit: int = 2) -> dict[str, str | None]:
    """Harvest a span page by page, as a client does: id -> title, None if it is gone."""
    mirror: dict[str, str | None] = {}
    after, more = 0, True
    while more:
        found = harvest.since(span, after, limit)
        for record in found.records:
            mirror[record.case_id] = record.revision.case.title if record.revision else None
            after = record.seq
        more = found.more
    return mirror


def test_an_empty_base_has_nothing_to_harvest(harvest):
    assert (harvest.newest(), harvest.earliest(), harvest.sets()) == (0, 0, ())
    assert harvest.since(Span(), 0, 10).records == ()
    assert harvest.record("a") is None


def test_records_come_in_the_order_of_their_last_change(harvest, store):
    for case_id in ("a", "b", "c"):
        save(store, case_id)
    save(store, "a", title="Anew")

    assert list(all_of(harvest, Span())) == ["b", "c", "a"]


def test_changes_within_one_second_are_told_apart(harvest, store):
    for number in range(7):
        save(store, f"case-{number}")
    found = harvest.since(Span(), 0, 10)

    assert len({record.seq for record in found.records}) == 7
    assert len(all_of(harvest, Span(), limit=1)) == 7


def test_both_bounds_belong_to_the_span(harvest, store, connections):
    for at, case_id in enumerate(("a", "b", "c"), 100):
        save(store, case_id)
        put_clock(connections, case_id, at)

    assert list(all_of(harvest, Span(first=101))) == ["b", "c"]
    assert list(all_of(harvest, Span(last=101))) == ["a", "b"]
    assert list(all_of(harvest, Span(101, 101))) == ["b"]
    assert harvest.earliest() == 100


def put_clock(connections: Connections, case_id: str, at: int) -> None:
    connections.reading.execute("UPDATE datestamps SET at = ? WHERE case_id = ?", [at, case_id])


def test_a_datestamp_never_goes_back_when_the_clock_does(harvest, store, connections):
    for case_id in ("c", "a"):
        save(store, case_id)
    put_clock(connections, "a", FAR_AHEAD)  # as if the clock had been ahead then, and is right now
    told = harvest.newest()

    save(store, "b")

    assert told == FAR_AHEAD
    assert list(all_of(harvest, Span(first=told))) == ["a", "b"]


def test_the_newest_and_the_earliest_are_those_of_all(harvest, store, connections):
    for at, case_id in ((102, "a"), (100, "b"), (101, "c")):
        save(store, case_id)
        put_clock(connections, case_id, at)

    assert (harvest.newest(), harvest.earliest()) == (102, 100)


def test_going_on_from_the_newest_that_was_told_misses_nothing(harvest, store):
    """Also where the harvest ends in the very second of a change, or the clock was put forward."""
    save(store, "a")
    mirror = all_of(harvest, Span())
    for step in ("b", "c", "a"):
        told = harvest.newest()
        save(store, step, title=f"{step} anew")
        mirror |= all_of(harvest, Span(first=told))

    assert mirror == {"a": "a anew", "b": "b anew", "c": "c anew"}


def test_what_changes_between_two_pages_is_met_again(harvest, store):
    for case_id in ("a", "b", "c", "d"):
        save(store, case_id)
    first = harvest.since(Span(), 0, 2)
    save(store, "a", title="Given already")
    save(store, "c", title="Not given yet")

    rest = harvest.since(Span(), first.records[-1].seq, 10)

    assert [r.case_id for r in first.records] == ["a", "b"]
    assert [(r.case_id, r.revision.case.title) for r in rest.records] == [
        ("d", "d"),
        ("a", "Given already"),
        ("c", "Not given yet"),
    ]


def test_total_counts_the_whole_span(harvest, store):
    for case_id in ("a", "b", "c"):
        save(store, case_id)
    first = harvest.since(Span(), 0, 2)
    rest = harvest.since(Span(), first.records[-1].seq, 2)

    assert (first.total, first.more, rest.total, rest.more) == (3, True, 3, False)
    assert not harvest.since(Span(), 0, 3).more


def test_changes_are_counted_and_told_between_two_numbers(harvest, store):
    assert harvest.mark() == 0
    marks = []
    for case_id in ("a", "b", "c", "d"):
        save(store, case_id)
        marks.append(harvest.mark())
    every = ["a", "b", "c", "d", "none"]

    assert marks == sorted(set(marks))
    assert marks[0] > 0
    assert harvest.changed(every, marks[0], marks[2]) == ("c", "b")
    assert harvest.changed(["b", "d"], 0, marks[3]) == ("d", "b")
    store.retire("b", "archived", "Why", "mia", 5)
    assert harvest.mark() > marks[3]
    assert harvest.changed(every, 0, harvest.mark()) == ("d", "c", "a")


def test_every_case_that_ever_was_keeps_its_place(harvest, store):
    for case_id in ("b", "a", "c"):
        save(store, case_id)
    save(store, "b", title="Anew")
    store.retire("a", "archived", "Why", "mia", 5)

    assert harvest.ever() == ("b", "a", "c")


@pytest.mark.parametrize("kind", ["archived", "withdrawn"])
def test_a_retired_case_is_gone_and_still_in_its_sets(harvest, store, kind):
    save(store, "a", country="SE")
    save(store, "a", country="FI", themes=["06.1"])
    before = harvest.record("a")
    store.retire("a", kind, "Why", "mia", 5)
    after = harvest.record("a")

    assert (before.revision.case.id, after.revision) == ("a", None)
    assert after.sets == before.sets
    assert after.seq > before.seq
    assert all_of(harvest, Span(group="country:FI")) == {"a": None}
    assert list(harvest.listed()) == []


def test_of_a_case_that_was_taken_down_nothing_is_told_but_that_it_is_gone(harvest, store):
    save(store, "a", country="FI")
    save(store, "b", country="SE")
    store.take_down("a", "Why", "mia", 5)

    assert harvest.record("a").sets == ()
    assert harvest.record("a").revision is None
    # Who harvests one set only has the text too, and must learn it.
    for group in ("country:FI", "country:SE", "theme:06"):
        assert all_of(harvest, Span(group=group))["a"] is None
    assert harvest.sets() == (
        "country", "country:SE", "evidence", "evidence:not-assessed", "language", "language:en",
    )  # fmt: skip


def test_a_case_that_is_published_again_is_back(harvest, store):
    save(store, "a")
    store.retire("a", "withdrawn", "Why", "mia", 5)
    save(store, "a", title="Back")

    assert all_of(harvest, Span()) == {"a": "Back"}


def test_an_edit_that_says_the_same_is_no_change(harvest, store):
    save(store, "a")
    before = harvest.record("a")
    case = before.revision.case

    assert store.save(case, file="other.md", original="1", contributor="y") is None
    assert harvest.record("a") == before


def test_what_is_said_of_a_tag_is_no_change_of_the_record(harvest, store):
    save(store, "a")
    before = harvest.record("a")

    store.judge("a", "06.1", "rejected", "mia", 5)

    assert harvest.record("a") == before


def test_sets_are_those_of_the_author_with_what_is_wider(harvest, store):
    save(
        store, "a", country="FI", original_language="fi", themes=["06.1", "05"],
        evidence={"measured": True},
    )  # fmt: skip

    assert harvest.record("a").sets == (
        "theme:06:06.1", "theme:05", "country:FI", "language:fi", "evidence:E2",
    )  # fmt: skip
    for group in ("theme", "theme:06", "theme:06:06.1", "country", "evidence:E2"):
        assert list(all_of(harvest, Span(group=group))) == ["a"]
    for group in ("theme:0", "theme:06:06", "country:F", "evidence:E1", "nothing"):
        assert all_of(harvest, Span(group=group)) == {}
    assert "theme:06" in harvest.sets()
    assert {set_name(group)[0] for group in harvest.sets()} == set(KINDS)


@pytest.mark.parametrize("answers", [None, {}, {"theory_of_change": True}, {"comparison": "group"}])
def test_the_level_of_evidence_is_that_of_the_case(harvest, store, answers):
    save(store, "a", **({} if answers is None else {"evidence": answers}))
    told = level(None if answers is None else Evidence.model_validate(answers))

    assert f"evidence:{told}" in harvest.record("a").sets


def test_a_case_leaves_a_set_when_it_changes(harvest, store):
    save(store, "a", country="FI")
    assert list(all_of(harvest, Span(group="country:FI"))) == ["a"]

    save(store, "a", country="SE")

    assert all_of(harvest, Span(group="country:FI")) == {}
    assert list(all_of(harvest, Span(group="country:SE"))) == ["a"]


def test_the_latest_of_some_cases_come_last_changed_first(harvest, store):
    for case_id in ("a", "b", "c", "d"):
        save(store, case_id)
    save(store, "a", title="Anew")
    store.retire("c", "archived", "Why", "mia", 5)

    found = harvest.latest(["a", "b", "c", "none"], 5)

    assert [each.case.id for each in found] == ["a", "b"]
    assert [each.case.id for each in harvest.latest(["a", "b", "d"], 2)] == ["a", "d"]


def test_listed_says_where_there_is_a_whole_text_in_english(harvest, store):
    save(store, "b", original_language="fi", body="Koko teksti", licence="CC0-1.0", country="FI")
    save(store, "c", body="The whole text")
    save(store, "a", original_language="fi", body="Koko teksti", body_en="The whole text")

    assert [(e.case_id, e.has_english, e.licence, e.country) for e in harvest.listed()] == [
        ("a", True, "CC-BY-4.0", ""),
        ("b", False, "CC0-1.0", "FI"),
        ("c", False, "CC-BY-4.0", ""),
    ]


def test_a_datestamp_is_never_deleted(store, connections):
    save(store, "a")

    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        connections.reading.execute("DELETE FROM datestamps")


def test_who_harvests_while_others_write_ends_with_the_same_set(harvest, store):
    def write() -> None:
        for number in range(60):
            save(store, f"case-{number % 20}", title=f"Title {number}")
            if number % 7 == 0:
                store.retire(f"case-{number % 20}", "archived", "Why", "mia", 5)

    writer = threading.Thread(target=write)
    mirror: dict[str, str | None] = {}
    told = 0
    writer.start()
    while writer.is_alive():
        newest = harvest.newest()
        mirror |= all_of(harvest, Span(first=told))
        told = newest
    writer.join()
    mirror |= all_of(harvest, Span(first=told))

    assert mirror == all_of(harvest, Span(), limit=100)
    assert {key for key, title in mirror.items() if title} == set(store.ids())


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("theme", ("theme", "")),
        ("theme:06", ("theme", "06")),
        ("theme:06:06.1", ("theme", "06.1")),
        ("country:FI", ("country", "FI")),
    ],
)
def test_a_set_is_split_into_kind_and_value(name, parts):
    assert set_name(name) == parts
