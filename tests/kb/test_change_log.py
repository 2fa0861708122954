"""The change log holds what changes a case, once and in order; and what changes leave behind."""

import sqlite3
from pathlib import Path

import pytest

from kb.database import Connections
from kb.errors import CaseNotFoundError
from kb.harvest import Harvest
from kb.model import Case
from kb.store import Analysis, Retirement, Store

OF_A_CASE = ("revisions", "analyses", "verdicts", "answers", "drafts", "adoptions")


@pytest.fixture
def connections(tmp_path: Path):
    opened = Connections(tmp_path / "kb.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def store(connections):
    return Store(connections)


@pytest.fixture
def harvest(connections):
    return Harvest(connections)


def save(store, case_id="a", original="0", **fields):
    told = {"title": case_id, "original_language": "en", **fields}
    case = Case.model_validate({"id": case_id, **told})
    return store.save(case, file="a.md", original=original, contributor="x")


def rows(connections, sql, *values):
    return [tuple(row) for row in connections.reading.execute(sql, values).fetchall()]


def log(connections):
    return rows(connections, "SELECT seq, case_id FROM changes ORDER BY seq")


def stamps(connections):
    return dict(rows(connections, "SELECT case_id, seq FROM datestamps"))


def fill(connections, table, **given):
    """Put a row into a table; what is not given is empty."""
    columns = rows(connections, "SELECT name, type FROM pragma_table_info(?)", table)
    empty = {name: 0 if kind == "INTEGER" else "" for name, kind in columns}
    connections.reading.table(table).insert({**empty, **given})


# What fills it


def test_each_event_is_one_change_and_one_datestamp(connections, store):
    save(store)
    save(store, title="Anew")
    store.retire("a", "archived", "Why", "mia", 5)

    assert log(connections) == [(1, "a"), (2, "a"), (3, "a")]
    assert stamps(connections) == {"a": 3}


def test_the_changes_of_several_cases_stand_in_their_order(connections, store):
    for case_id in ("b", "a", "b", "c"):
        save(store, case_id, title=f"Title {len(log(connections))}")

    assert log(connections) == [(1, "b"), (2, "a"), (3, "b"), (4, "c")]
    assert stamps(connections) == {"a": 2, "b": 3, "c": 4}


def test_a_case_that_is_renamed_past_the_store_is_a_change_of_its_new_name(connections, store):
    save(store)

    connections.reading.execute("UPDATE cases SET id = 'b'")

    assert log(connections) == [(1, "a"), (2, "b")]
    assert stamps(connections) == {"a": 1, "b": 2}


def test_what_changed_is_told_once_with_the_newest_number(store):
    assert (store.newest_change(), store.changed_since(0)) == (0, (0, []))
    save(store, "b")
    save(store, "a")
    save(store, "b", title="Anew")

    assert store.newest_change() == 3
    assert store.changed_since(0) == (3, ["b", "a"])
    assert store.changed_since(1) == (3, ["a", "b"])
    assert store.changed_since(3) == (3, [])
    assert store.changed_since(9) == (9, [])


def test_the_number_of_a_change_is_never_given_again(connections, store):
    save(store)
    connections.reading.execute("DELETE FROM changes")
    save(store, title="Anew")

    assert log(connections) == [(2, "a")]


@pytest.mark.parametrize("kind", [None, "archived", "withdrawn"])
def test_a_revision_is_not_deleted_but_by_a_take_down(connections, store, kind):
    save(store)
    save(store, "b")
    store.take_down("b", "Why", "mia", 5)
    if kind:
        store.retire("a", kind, "Why", "mia", 5)

    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        connections.reading.execute("DELETE FROM revisions")
    assert store.newest("a") == 1


def test_a_revision_is_neither_edited_nor_replaced(connections, store):
    save(store)
    again = "INSERT OR REPLACE INTO revisions SELECT * FROM revisions"

    for sql, done in (("UPDATE revisions SET number = number", "edited"), (again, "replaced")):
        with pytest.raises(sqlite3.IntegrityError, match=f"never {done}"):
            connections.reading.execute(sql)
    assert save(store, "b").number == 1
    assert save(store, title="Anew").number == 2


def test_every_database_has_an_identity_of_its_own(store, tmp_path):
    other = Connections(tmp_path / "other.sqlite")

    assert store.identity
    assert Store(other).identity != store.identity
    other.close()


# What writes to it


def test_the_list_says_what_the_newest_revision_says(connections, store):
    for fields in (
        {"title": "One", "city": "Turku", "country": "FI", "original_language": "fi"},
        {"title": "Two", "city": "Oslo", "country": "NO", "original_language": "no"},
        {"title": "Three", "city": "Oslo", "original_language": "en"},
    ):
        revision = save(store, **fields)

        told = ("a", revision.number, fields["title"], fields["city"], fields.get("country", ""),
                fields["original_language"])  # fmt: skip
        assert rows(connections, "SELECT * FROM cases") == [told]


def test_a_case_that_was_retired_comes_back_with_the_next_number(store):
    save(store)
    store.retire("a", "withdrawn", "Why", "mia", 5)
    save(store, "b")
    store.retire("b", "withdrawn", "Why", "mia", 5)

    assert save(store).number == 2
    assert store.retirement("a") is None
    assert store.retirement("b") == Retirement("b", "withdrawn", "Why", 5)


def test_a_retirement_says_why_and_who_and_when(connections, store):
    save(store)
    store.retire("a", "archived", "Over", "mia", 5)
    assert store.retirement("a") == Retirement("a", "archived", "Over", 5)
    assert store.ids() == []

    store.retire("a", "withdrawn", "Wrong", "zoe", 6)

    assert store.retirement("a") == Retirement("a", "withdrawn", "Wrong", 6)
    assert rows(connections, "SELECT person FROM retirements") == [("zoe",)]


def test_what_is_not_there_is_not_retired(store):
    with pytest.raises(CaseNotFoundError):
        store.retire("a", "archived", "Why", "mia", 5)
    save(store)
    store.retire("a", "withdrawn", "Why", "mia", 5)

    with pytest.raises(CaseNotFoundError):
        store.retire("a", "archived", "Why", "mia", 6)
    assert store.retirement("a") == Retirement("a", "withdrawn", "Why", 5)


def test_a_verdict_on_a_tag_is_a_change_for_the_index_alone(connections, store):
    for case_id in ("a", "b"):
        save(store, case_id)
        store.keep(Analysis(case_id, 1, "1", {"en": ""}, ()))
    before = stamps(connections)

    store.judge("a", "06.1", "accepted", "mia", 5)
    store.judge("a", "06.1", "rejected", "zoe", 6)

    assert rows(connections, "SELECT * FROM verdicts") == [("a", "06.1", "rejected", "zoe", 6)]
    assert list(store.analyses(["a", "b"])) == ["b"]
    assert store.changed_since(2) == (4, ["a"])
    assert stamps(connections) == before
    with pytest.raises(CaseNotFoundError):
        store.judge("none", "06.1", "accepted", "mia", 5)


# Taking down


@pytest.fixture
def told(connections, store):
    """Two cases of which everything is kept that can be."""
    for case_id in ("a", "b"):
        save(store, case_id, original=f"of-{case_id}")
        store.judge(case_id, "06.1", "rejected", "mia", 5)
        store.keep(Analysis(case_id, 1, "1", {"en": ""}, ()))
        for table in ("answers", "drafts", "adoptions"):
            given = {} if table == "answers" else {"id": f"{table}-{case_id}"}
            fill(connections, table, case_id=case_id, **given)
    return store


def test_of_a_case_that_is_taken_down_nothing_is_left_in_any_table(connections, told):
    identity = told.identity

    assert told.take_down("a", "Why", "mia", 5) == ["of-a"]

    for table in (*OF_A_CASE, "cases"):
        name = "id" if table == "cases" else "case_id"
        left = connections.reading.table(table).rows
        assert [row[name] for row in left] == ["b"], table
    assert told.retirement("a") == Retirement("a", "taken-down", "Why", 5)
    assert rows(connections, "SELECT person FROM retirements") == [("mia",)]
    assert told.identity not in {"", identity}
    assert told.changed_since(4) == (5, ["a"])


def test_an_original_of_another_case_is_kept(store):
    save(store, "a", original="both")
    save(store, "a", original="of-a", title="Anew")
    save(store, "b", original="both")

    assert store.take_down("a", "Why", "mia", 5) == ["of-a"]
    assert store.take_down("b", "Why", "mia", 5) == ["both"]


def test_what_others_made_of_the_same_file_goes_and_its_name_is_forgotten(connections, store):
    save(store, "a", original="of-a")
    for number, (original, state) in enumerate(
        [("of-a", "queued"), ("of-a", "parsing"), ("of-a", "done"), ("other", "queued")]
    ):
        name = f"u{number}"
        fill(connections, "uploads", id=name, person=name, file="f", original=original, state=state)
        fill(connections, "drafts", id=f"d{number}", upload=name)

    store.take_down("a", "Why", "mia", 5)

    assert rows(connections, "SELECT id FROM drafts") == [("d3",)]
    assert rows(connections, "SELECT file, original, reason, state FROM uploads ORDER BY id") == [
        ("", "", "taken down", "refused"),
        ("", "", "taken down", "refused"),
        ("", "", "taken down", "done"),
        ("f", "other", "", "queued"),
    ]


def test_the_file_of_a_draft_of_the_case_goes_too(connections, store):
    save(store, "a", original="")
    fill(connections, "uploads", id="u", person="p", original="of-draft", state="done")
    fill(connections, "drafts", id="d", upload="u", case_id="a")

    assert store.take_down("a", "Why", "mia", 5) == ["of-draft"]


def test_no_word_of_it_is_left_in_the_files_of_the_database(connections, store):
    save(store, title="Heliotrope")
    store.take_down("a", "Why", "mia", 5)

    for path in connections.path.parent.iterdir():
        assert b"Heliotrope" not in path.read_bytes(), path.name
