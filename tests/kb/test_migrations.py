import shutil
import sqlite3
import subprocess
import sys
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from kb import migrations
from kb.copying import integrity, reading
from kb.database import Connections
from kb.errors import DatabaseTooNewError, NoRoomError, StoreUnavailableError
from kb.store import Analysis, Store
from tests.conftest import ROOT

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
    "m015_cards",
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


DERIVED = {"analyses"}
"""Made again from the rest, so a step may empty it."""


def at_step(path: Path, last: str) -> None:
    """Make a database as the version with this newest step left it, with rows in every table."""
    later = (*STEPS, "")[STEPS.index(last) + 1]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.HISTORY.apply(Database(connection), stop_before=later or None)
        for table in sorted(tables(path) - {"meta"}):
            if not table.startswith(("_", "sqlite")):
                fill(connection, table)


def fill(connection: sqlite3.Connection, table: str) -> None:
    """Put two rows into a table; what a trigger has put there already may stay."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    for number in (1, 2):
        kinds = {"INTEGER": number, "BLOB": str(number).encode()}
        values = [kinds.get(kind, f"{name} {number}") for _, name, kind, *_ in columns]
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)  # noqa: S608 - ours


def rows(path: Path, like: dict | None = None) -> dict[str, list]:
    """Return all rows by table; of each, only the columns that a database of before had too."""
    with closing(sqlite3.connect(path)) as connection:
        found = {}
        for table in sorted(tables(path)):
            if table.startswith(("_", "sqlite")) or (like is not None and table not in like):
                continue
            told = connection.execute(f"PRAGMA table_info({table})").fetchall()
            names = [name for _, name, *_ in told]
            if like is not None:
                names = [name for name in names if name in like[table][0]]
            told = connection.execute(f"SELECT {', '.join(names)} FROM {table}")  # noqa: S608 - ours
            chosen = told.fetchall()
            found[table] = (names, sorted(chosen))
    return found


@pytest.mark.parametrize("last", STEPS[:-1])
def test_every_row_of_an_older_database_is_there_after_the_upgrade(path: Path, last: str) -> None:
    at_step(path, last)
    before = rows(path)
    assert len(before["cases"][1]) == len(before["revisions"][1]) == 2

    Connections(path).close()

    after = rows(path, like=before)
    for table in before.keys() - DERIVED:
        assert after[table] == before[table], table
    with closing(reading(path)) as connection:
        assert integrity(connection) == []


@pytest.mark.parametrize("last", [STEPS[0], STEPS[-2]])
def test_database_is_copied_as_it_was_before_the_upgrade(path: Path, last: str, caplog) -> None:
    at_step(path, last)
    before = rows(path)

    Connections(path).close()

    (copy,) = path.parent.glob("kb.sqlite.before-*")
    assert copy.name == f"kb.sqlite.before-{STEPS[STEPS.index(last) + 1]}"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert str(copy) in caplog.text
    assert rows(copy) == before


def test_copy_of_before_an_upgrade_can_take_the_place_of_the_database(path: Path) -> None:
    at_step(path, STEPS[5])
    before = rows(path)
    Connections(path).close()

    (copy,) = path.parent.glob("kb.sqlite.before-*")
    copy.replace(path)
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)

    assert rows(path) == before
    assert [name for name, _ in applied(path)] == STEPS[:6]


def test_nothing_is_copied_where_there_is_nothing_to_upgrade_or_to_lose(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.HISTORY.apply(Database(connection), stop_before=STEPS[5])
    connection.close()

    Connections(path).close()
    Connections(path).close()

    assert [name for name, _ in applied(path)] == STEPS
    assert list(path.parent.glob("*.before-*")) == []


def test_database_is_not_upgraded_where_there_is_no_room_for_the_copy(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_step(path, STEPS[3])
    full = namedtuple("Usage", "total used free")(10**9, 10**9, 1000)  # noqa: PYI024 - as shutil's
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)

    with pytest.raises(NoRoomError, match="0 MB left, and 10 MB are needed; free some"):
        Connections(path)

    assert [name for name, _ in applied(path)] == STEPS[:4]


def test_failed_upgrade_leaves_the_copy_and_the_database_as_it_was(
    path: Path, request: pytest.FixtureRequest
) -> None:
    at_step(path, STEPS[-1])
    before = rows(path)
    request.getfixturevalue("broken_step")

    with pytest.raises(sqlite3.OperationalError):
        Connections(path)

    assert rows(path) == rows(path.with_name("kb.sqlite.before-m999_breaks")) == before


def test_of_processes_that_open_an_old_database_at_once_one_upgrades_it(path: Path) -> None:
    at_step(path, STEPS[4])
    script = (
        "import sys; from pathlib import Path; from kb.database import Connections\n"
        "sys.stdin.readline(); Connections(Path(sys.argv[1])).close()"
    )
    running = [
        subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-c", script, str(path)],
            cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for each in running:
        each.stdin.write("go\n")
        each.stdin.flush()
    told = [each.communicate()[1] for each in running]

    assert [each.returncode for each in running] == [0, 0, 0]
    assert sum("it is kept in" in each for each in told) == 1
    assert [name for name, _ in applied(path)] == STEPS
    assert len(list(path.parent.glob("kb.sqlite.before-*"))) == 1


def test_damaged_database_is_told_of_with_a_remedy(path: Path) -> None:
    Connections(path).close()
    data = bytearray(path.read_bytes())
    data[100:4096] = bytes(3996)  # the page that says which tables there are
    path.write_bytes(data)

    with pytest.raises(
        StoreUnavailableError, match=r"cannot be opened, .*; stop everything, and restore"
    ):
        Connections(path)
