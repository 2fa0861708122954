import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from kb import migrations
from kb.database import Connections
from kb.errors import DatabaseTooNewError
from kb.store import Analysis, Store

STEPS = [
    "m001_cases_and_revisions",
    "m002_what_is_derived",
    "m003_bodies_in_several_languages",
    "m004_collections",
    "m005_people",
    "m006_contributions",
    "m007_datestamps",
    "m008_snapshots",
    "m009_what_was_harvested",
    "m010_when_analyses_were_made",
    "m011_reasons_that_can_be_translated",
    "m012_followed_searches",
    "m013_adoptions",
    "m014_what_was_asked",
]


def applied(path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, applied_at FROM _sqlite_migrations").fetchall()
    connection.close()
    return rows


def tables(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return {name for (name,) in rows}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kb.sqlite"


@pytest.fixture
def broken_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a step that writes half of what it has to, and fails."""
    steps = [*migrations.HISTORY._migrations]
    monkeypatch.setattr(migrations.HISTORY, "_migrations", steps)

    @migrations.HISTORY()
    def m999_breaks(db: Database) -> None:
        db.execute("CREATE TABLE half (a TEXT) STRICT")
        db.execute("DELETE FROM meta")
        db.execute("no SQL")


def test_every_step_is_applied_in_order_to_a_new_database(path: Path) -> None:
    Connections(path).close()

    assert [name for name, _ in applied(path)] == STEPS
    assert {"cases", "revisions", "changes", "analyses", "meta"} <= tables(path)


def test_steps_are_applied_once(path: Path) -> None:
    Connections(path).close()
    before = applied(path)

    Connections(path).close()

    assert applied(path) == before


def test_identity_of_a_database_is_made_once(path: Path, tmp_path: Path) -> None:
    paths = (path, path, tmp_path / "other.sqlite")
    connections = [Connections(each) for each in paths]

    identities = [Store(each).identity for each in connections]
    for each in connections:
        each.close()

    assert identities[0] == identities[1] != identities[2]


@pytest.mark.parametrize("first_missing", STEPS[1:])
def test_an_older_database_gets_the_steps_it_lacks(path: Path, first_missing: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.HISTORY.apply(Database(connection), stop_before=first_missing)
    connection.close()
    assert first_missing not in {name for name, _ in applied(path)}

    connections = Connections(path)
    Store(connections).keep(Analysis("a", 1, "m/1", {"fi": "<p>1</p>"}, ()))
    connections.close()

    assert [name for name, _ in applied(path)] == STEPS


def test_database_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    Connections(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('kb', 'm900_later', '2030-01-01')"
        )
    connection.close()
    before = applied(path)

    with pytest.raises(DatabaseTooNewError, match=r"knows the step 'm900_later'.*newer"):
        Connections(path)

    assert applied(path) == before


@pytest.mark.usefixtures("broken_step")
def test_failed_step_leaves_nothing_in_a_new_database(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        Connections(path)

    assert tables(path) == set()


def test_failed_step_leaves_an_old_database_as_it_was(
    path: Path, request: pytest.FixtureRequest
) -> None:
    connections = Connections(path)
    identity = Store(connections).identity
    connections.close()
    before = applied(path), tables(path)
    request.getfixturevalue("broken_step")

    with pytest.raises(sqlite3.OperationalError):
        Connections(path)

    assert (applied(path), tables(path)) == before
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT value FROM meta").fetchone() == (identity,)
    connection.close()


def test_cases_of_before_get_datestamps_in_the_order_of_their_times(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.HISTORY.apply(Database(connection), stop_before="m007_datestamps")
    for case_id, accepted in (("b", "2026-01-01T00:00:02Z"), ("a", "2026-01-01T00:00:04Z")):
        connection.execute(
            "INSERT INTO revisions VALUES (?, 1, 'd', '{}', 'f', 'o', 'c', ?)", [case_id, accepted]
        )
        connection.execute("INSERT INTO cases VALUES (?, 1, 't', '', '', 'en')", [case_id])
    gone = "INSERT INTO retirements VALUES ('gone', 'taken-down', 'r', 'p', 1767225603)"
    connection.execute(gone)
    connection.close()

    connections = Connections(path)
    rows = connections.reading.execute(
        "SELECT case_id, at - 1767225600 FROM datestamps ORDER BY seq"
    ).fetchall()
    connections.close()

    assert rows == [("b", 2), ("gone", 3), ("a", 4)]
