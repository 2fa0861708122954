import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from kb import lock
from kb.database import Connections
from kb.errors import (
    CaseNotFoundError,
    IndexBusyError,
    StoreUnavailableError,
    UnsupportedSystemError,
)
from kb.model import Case, Revision, Tag
from kb.store import Analysis, Store

ROOT = Path(__file__).parent.parent.parent

SAVE_30_TIMES = """
import sys
from pathlib import Path
from kb.model import Case
from kb.database import Connections
from kb.store import Store

connections = Connections(Path(sys.argv[1]))
store = Store(connections)
for number in range(30):
    case = Case(id="shared", title=f"{sys.argv[2]} {number}", original_language="en")
    assert store.save(case, file="a.md", original="0", contributor="x") is not None
connections.close()
"""

HOLD_THE_LOCK = """
import sys
from pathlib import Path
from kb import lock

with lock.held(Path(sys.argv[1]), 0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kb.sqlite"


@pytest.fixture
def connections(path: Path) -> Iterator[Connections]:
    opened = Connections(path)
    yield opened
    opened.close()


@pytest.fixture
def store(connections: Connections) -> Store:
    return Store(connections)


@pytest.fixture
def sql(connections: Connections) -> Iterator[sqlite3.Connection]:
    """Open the database past the store, as an operator may."""
    connection = sqlite3.connect(connections.path, isolation_level=None)
    yield connection
    connection.close()


def case(case_id: str = "a-case", **fields: object) -> Case:
    return Case.model_validate(
        {"id": case_id, "title": "Title", "original_language": "en", **fields}
    )


def save(store: Store, saved: Case) -> Revision | None:
    return store.save(saved, file="a.md", original="0" * 64, contributor="operator")


def test_a_new_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"

    Connections(folder / "kb.sqlite").close()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_save_makes_the_first_revision(store: Store) -> None:
    revision = save(store, case(title="Łódź 🏠", country="PL", status="kept"))

    assert revision is not None
    assert (revision.number, revision.contributor, revision.file) == (1, "operator", "a.md")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", revision.accepted)
    assert store.latest("a-case") == revision


def test_save_of_the_same_content_is_no_revision(store: Store) -> None:
    save(store, case(country="UK"))

    assert save(store, case(country="GB", title=" Title ")) is None
    assert len(store.history("a-case")) == 1
    assert store.newest_change() == 1


def test_save_of_other_content_is_the_next_revision(store: Store) -> None:
    save(store, case(title="One"))

    revision = save(store, case(title="Two"))

    assert revision is not None
    assert revision.number == 2
    assert store.latest("a-case").case.title == "Two"
    assert [each.case.title for each in store.history("a-case")] == ["One", "Two"]


def test_save_of_earlier_content_is_a_revision_again(store: Store) -> None:
    for title in ("One", "Two", "One"):
        save(store, case(title=title))

    assert [each.case.title for each in store.history("a-case")] == ["One", "Two", "One"]


def test_latest_of_no_case_is_refused(store: Store) -> None:
    with pytest.raises(CaseNotFoundError, match="there is no case 'nothing'"):
        store.latest("nothing")


def test_history_of_no_case_is_empty(store: Store) -> None:
    assert store.history("nothing") == ()


def test_revisions_returns_those_that_exist(store: Store) -> None:
    for case_id in ("a", "b", "it-s"):
        save(store, case(case_id))

    assert set(store.revisions(["b", "nothing", "it-s", "b"])) == {"b", "it-s"}
    assert store.revisions([]) == {}


def test_ids_are_in_order_and_counted(store: Store) -> None:
    for case_id in ("b", "a", "c"):
        save(store, case(case_id))

    assert (store.ids(), store.count()) == (["a", "b", "c"], 3)


def test_what_is_stored_is_there_after_closing(connections: Connections) -> None:
    store = Store(connections)
    save(store, case())

    connections.close()

    assert store.ids() == ["a-case"]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE revisions SET title = 'x'", "no such column"),
        ("UPDATE revisions SET content = '{}'", "a revision is never edited"),
        ("UPDATE revisions SET accepted = '2000'", "a revision is never edited"),
        ("DELETE FROM revisions", "a revision is never deleted"),
        ("DELETE FROM revisions WHERE number = 1", "a revision is never deleted"),
        ("INSERT INTO revisions SELECT * FROM revisions", "a revision is never replaced"),
        ("REPLACE INTO revisions SELECT * FROM revisions", "a revision is never replaced"),
    ],
)  # fmt: skip
def test_revision_cannot_be_changed_even_by_sql(
    store: Store, sql: sqlite3.Connection, statement: str, message: str
) -> None:
    saved = save(store, case())

    with pytest.raises(sqlite3.Error, match=message):
        sql.execute(statement)

    assert store.history("a-case") == (saved,)


def test_every_save_is_a_change(store: Store) -> None:
    save(store, case("a"))
    save(store, case("b"))
    seq = store.newest_change()
    save(store, case("a", title="Two"))
    save(store, case("b"))

    assert store.changed_since(0) == (3, ["a", "b"])
    assert store.changed_since(seq) == (3, ["a"])
    assert store.changed_since(3) == (3, [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET revision = 1 WHERE id = 'b'",
        "DELETE FROM cases WHERE id = 'b'",
        "INSERT OR REPLACE INTO cases SELECT * FROM cases WHERE id = 'b'",
    ],
)
def test_sql_past_the_store_is_a_change_too(
    store: Store, sql: sqlite3.Connection, statement: str
) -> None:
    for case_id in ("a", "b"):
        save(store, case(case_id))
    seq = store.newest_change()

    sql.execute(statement)

    newest, changed = store.changed_since(seq)
    assert newest > seq
    assert changed == ["b"]


def test_number_of_a_change_is_never_used_again(store: Store, sql: sqlite3.Connection) -> None:
    save(store, case())
    sql.execute("DELETE FROM changes")

    save(store, case(title="Two"))

    assert store.newest_change() == 2


def test_failed_save_leaves_nothing(store: Store, sql: sqlite3.Connection) -> None:
    sql.execute(
        "CREATE TRIGGER full BEFORE INSERT ON cases BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )

    with pytest.raises(sqlite3.Error, match="disk full"):
        save(store, case())

    assert (store.history("a-case"), store.ids(), store.newest_change()) == ((), [], 0)
    sql.execute("DROP TRIGGER full")
    assert save(store, case()) is not None


def test_analysis_is_kept_and_replaced(store: Store) -> None:
    tag = Tag("concept", "06.1", "machine", 0.5, "asunto", "Asunto ensin.", "fi", "t/1")
    store.keep(Analysis("a", 1, "m/1", {"fi": "<p>1</p>"}, ()))

    newer = Analysis("a", 2, "m/2", {"fi": "<p>2</p>", "en": "<p>II</p>"}, (tag,))
    store.keep(newer)

    assert store.analyses(["a", "b"]) == {"a": newer}


def test_cards_are_those_of_current_revisions(store: Store) -> None:
    for case_id in ("current", "older", "none"):
        save(store, case(case_id))
    for case_id, card in (("current", b"1"), ("older", b"2"), ("none", b"")):
        store.keep(Analysis(case_id, 1, "m", {}, (), card))
    save(store, case("older", title="Two"))

    assert store.cards(["current", "older", "none", "missing"]) == {"current": (b"1", ())}


def test_made_otherwise_names_what_is_to_be_made(store: Store) -> None:
    for case_id in ("none", "older", "other", "same"):
        save(store, case(case_id))
    store.keep(Analysis("older", 1, "m", "", ()))
    store.keep(Analysis("other", 1, "m/0", "", ()))
    store.keep(Analysis("same", 1, "m", "", ()))
    save(store, case("older", title="Two"))

    assert store.made_otherwise("m") == ["none", "older", "other"]


def test_threads_use_one_store(store: Store) -> None:
    def write(name: str) -> None:
        for number in range(10):
            save(store, case(name, title=str(number)))

    threads = [Thread(target=write, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(store.history(f"t{number}")) for number in range(4)] == [10] * 4


def test_processes_that_write_at_once_all_succeed(path: Path) -> None:
    # No database is there yet: creating it is part of the race.
    command = [sys.executable, "-c", SAVE_30_TIMES, str(path)]

    writers = [
        subprocess.Popen([*command, name], cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own code
        for name in ("one", "two", "three")
    ]
    errors = [writer.communicate(timeout=120)[1] for writer in writers]

    assert errors == ["", "", ""]
    connections = Connections(path)
    history = Store(connections).history("shared")
    connections.close()
    assert [revision.number for revision in history] == list(range(1, 91))
    assert len({revision.case.title for revision in history}) == 90


def test_database_is_durable_and_shared(connections: Connections, sql: sqlite3.Connection) -> None:
    save(Store(connections), case())

    assert sql.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connections.reading.execute("PRAGMA synchronous").fetchone() == (2,)


def test_content_is_readable_json(store: Store, sql: sqlite3.Connection) -> None:
    save(store, case(title="Łódź"))

    (content,) = sql.execute("SELECT content FROM revisions").fetchone()

    assert "Łódź" in content
    assert json.loads(content) == case(title="Łódź").as_dict()


def test_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(UnsupportedSystemError, match=r"install Python with SQLite 3\.37"):
        Connections(path)

    assert not path.exists()


def test_lock_held_by_another_process_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "data" / "sync.lock"
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(path)]
    with subprocess.Popen(  # noqa: S603 - our own code
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"

        with pytest.raises(IndexBusyError, match="another process"), lock.held(path, 0):
            pass

        other.kill()
    with lock.held(path, 0):
        assert os.path.exists(path)  # noqa: PTH110 - released however the other process ended


def test_lock_is_free_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "sync.lock"

    with pytest.raises(ValueError, match="inside"), lock.held(path, 0):
        raise ValueError("inside")

    with lock.held(path, 0):
        pass


def test_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "kb.sqlite").write_text("no database at all, but long enough to be looked at" * 99)

    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        Connections(tmp_path / "kb.sqlite")
