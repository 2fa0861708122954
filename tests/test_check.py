"""A fault of each kind is found by the check, and a whole site has none."""

import json
import os
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kb import heartbeat, inventory, lock
from kb.checking import Checking, Report
from kb.frozen import Question
from kb.heartbeat import Beat
from kb.library import open_library
from kb.looks import LOOKS
from kb.query import Query
from tests.damage import current, zero_a_block
from tests.test_indexer import call

DAY_S = 24 * 3600

# Whoosh leaves a damaged file open; the collector closes it.
left_open = pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning",
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning",
)


@pytest.fixture
def site(library, write_case):
    """Two cases, a collection, a snapshot, and a file that somebody has sent in."""
    collection = write_case("other").with_suffix(".yaml")
    collection.write_text(
        "id: housing\ntitle: {en: Housing}\nintro: {en: All.}\noriginal_language: en\n"
        "made_by: {name: A network}\n"
        "parts: [{cases: [{case: one}]}]\n"
    )
    assert not library.ingest([write_case("one"), write_case("two"), collection]).refused
    library.sync()
    library.snapshots.freeze(Question(Query()))
    person = library.accounts.create("ana@people.example", "contributor")
    library.contributing.receive(person, "notes.md", b"# Notes", "")
    return library


def data(library) -> Path:
    return library.settings.data


def faults(report: Report) -> dict[str, tuple[str, ...]]:
    return {row.name: row.found for row in report.faults}


def check(library) -> dict[str, tuple[str, ...]]:
    return faults(library.checking.run(patience_s=0))


def a_file(library, folder: str) -> Path:
    return data(library) / next(iter(sorted(inventory.present(data(library), folder))))


def an_original_of_a_case(library) -> Path:
    return data(library) / "originals" / inventory.place(library._store.latest("one").original)


def write(library, sql: str, *values: object) -> None:
    """Write as nobody should: without triggers of ours, and without heed of foreign keys."""
    db = library._connections.reading
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute(sql, list(values))
    db.execute("PRAGMA foreign_keys = ON")


def age(path: Path, by_s: float) -> None:
    then = time.time() - by_s
    os.utime(path, (then, then))


def test_whole_site_has_no_faults_and_everything_was_looked_at(site):
    report = site.checking.run(patience_s=0)

    assert faults(report) == {}
    assert [row.name for row in report.rows] == [look.name for look in LOOKS]
    seen = {row.name: row.looked_at for row in report.rows}
    assert seen["originals-missing"] == "4 files that rows name"
    assert seen["originals-altered"] == "4 files, byte for byte"
    assert seen["packages-altered"] == "1 files, byte for byte"
    assert seen["revisions"] == "2 cases of the store"
    assert seen["unpublished"] == "2 cases of the index"


def test_empty_site_has_no_faults_once_it_is_indexed(library):
    library.sync()

    assert check(library) == {}


# What is made wrong -> which look says so, and what it says.


def rows_lost(library):
    write(library, "INSERT INTO sessions VALUES ('d', 'nobody', 1, 1)")


def original_lost(library):
    an_original_of_a_case(library).unlink()


def original_flipped(library):
    zero_a_block(an_original_of_a_case(library))


def package_lost(library):
    a_file(library, "snapshots").unlink()


def package_flipped(library):
    zero_a_block(a_file(library, "snapshots"))


def file_left_over(library):
    digest = library._originals.keep(b"nobody names me")
    age(data(library) / "originals" / inventory.place(digest), 3 * DAY_S)


def attempt_left_over(library):
    path = a_file(library, "originals").parent / ".half"
    path.write_bytes(b"half")
    age(path, 5 * 3600)


def take_down_broken_off(library):
    library._store.take_down("two", "", "someone", 1)
    library.sync()


def index_lost(library):
    (data(library) / "index" / "current").unlink()


def index_longer_than_it_was(library):
    with next(current(data(library) / "index").glob("*.seg")).open("ab") as file:
        file.write(b"more")


def change_not_indexed(library):
    write(library, "INSERT INTO changes (case_id) VALUES ('one')")


def revision_changed_in_secret(library):
    for event in ("update_is_a_change", "update_has_a_datestamp"):
        write(library, f"DROP TRIGGER case_{event}")
    write(library, "UPDATE cases SET revision = 2 WHERE id = 'one'")


def case_withdrawn_in_secret(library):
    for event in ("delete_is_a_change", "delete_has_a_datestamp"):
        write(library, f"DROP TRIGGER case_{event}")
    write(library, "DELETE FROM cases WHERE id = 'two'")


def worker_died(library):
    write(library, "UPDATE uploads SET state = 'parsing', leased = ?", int(time.time()) - 3600)


def clock_set_back(library):
    write(library, "UPDATE uploads SET state = 'parsing', leased = ?", int(time.time()) + DAY_S)


def vectors_flipped(library):
    library._meaning.close()
    path = data(library) / "vectors.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    path.write_bytes(path.read_bytes()[:4096] + os.urandom(path.stat().st_size - 4096))


def backups_stopped(library):
    heartbeat.beat(data(library), "backup", Beat(time.time() - 9 * DAY_S))


def backup_failed(library):
    heartbeat.beat(data(library), "backup", Beat(time.time(), fine=False, told="no room"))


def copy_kept_too_long(library):
    path = data(library) / "citypraxis.sqlite.before-m009_what_was_harvested"
    path.write_bytes(b"")
    age(path, 40 * DAY_S)


FAULTS = [
    (rows_lost, "references", "row 1 of sessions refers to none of people"),
    (original_lost, "originals-missing", "originals/"),
    (original_flipped, "originals-altered", "originals/"),
    (package_lost, "packages-missing", "snapshots/"),
    (package_flipped, "packages-altered", "snapshots/"),
    (file_left_over, "orphans", "3 days old"),
    (attempt_left_over, "orphans", ".half, 5 hours old"),
    (take_down_broken_off, "taken-down", "snapshot "),
    (index_lost, "index", "there is none of this database and this version"),
    (index_longer_than_it_was, "seal", "they are not as they were written"),
    (change_not_indexed, "behind", "1 cases have changed, and nobody indexes them"),
    (revision_changed_in_secret, "revisions", "one: revision 2, in the index 1"),
    (case_withdrawn_in_secret, "unpublished", "two"),
    (worker_died, "leases", "upload "),
    (clock_set_back, "leases", "upload "),
    (vectors_flipped, "vectors", ""),
    (backups_stopped, "backup", "9 days old"),
    (backup_failed, "backup", "it has gone wrong: no room"),
    (copy_kept_too_long, "copies", "40 days old"),
]


@left_open
@pytest.mark.parametrize(("make", "name", "told"), FAULTS, ids=[row[0].__name__ for row in FAULTS])
def test_fault_is_found_by_the_look_for_it_alone(site, make, name, told):
    make(site)

    found = check(site)

    assert list(found) == [name]
    assert told in found[name][0]


def test_every_look_has_found_a_fault_in_some_test():
    others = {"integrity", "disk"}  # below

    assert {name for _, name, _ in FAULTS} | others == {look.name for look in LOOKS}


def test_damage_within_the_database_is_found(site):
    path = data(site) / "citypraxis.sqlite"
    root = site._connections.reading.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'attempts_by_key'"
    ).fetchone()[0]
    site.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(os.urandom(4096))
    opened = open_library(site.settings)

    assert "integrity" in check(opened)
    opened.close()


def test_full_disk_is_foretold(site, monkeypatch):
    monkeypatch.setattr("kb.looks.around._SPARE_BYTES", 1 << 60)

    assert list(check(site)) == ["disk"]


def test_looking_changes_nothing(site):
    def state():
        dumped = list(site._connections.reading.conn.iterdump())
        return dumped, sorted(map(str, data(site).rglob("*")))

    site.checking.run()
    before = state()

    site.checking.run()

    assert state() == before


def test_file_whose_row_is_about_to_be_written_is_no_fault(site):
    site._originals.keep(b"young")

    assert check(site) == {}


def test_index_that_is_being_written_is_no_fault(site):
    change_not_indexed(site)

    with lock.held(data(site) / "sync.lock", 0):
        assert check(site) == {}


def test_case_that_is_to_be_indexed_is_told_of_as_that_alone(site, write_case):
    write_case("one", body="Changed.")
    site.ingest([write_case("one", body="Changed."), write_case("three")])

    assert list(check(site)) == ["behind"]


def test_faults_are_counted_where_they_are_too_many_to_be_told(site):
    for number in range(150):
        write(site, "INSERT INTO sessions VALUES (?, 'nobody', 1, 1)", str(number))

    (row,) = site.checking.run(patience_s=0).faults

    assert (row.count, len(row.found)) == (150, 100)


# The check of each day


def after(library, seconds: float) -> Checking:
    site = replace(library.checking._site, now=lambda: time.time() + seconds)
    return Checking(site)


def test_site_that_was_never_checked_says_so(site):
    assert site.checking.last().state == "never"


def test_worker_checks_once_a_day(site):
    assert site.checking.daily(bool) is not None

    assert site.checking.daily(bool) is None
    assert after(site, 23 * 3600).daily(bool) is None
    assert after(site, 25 * 3600).daily(bool) is not None


def test_check_that_is_told_to_stop_is_done_another_time(site):
    assert site.checking.daily(lambda: True) is None

    assert site.checking.last().state == "never"
    assert site.checking.daily(bool) is not None


def test_every_file_is_read_within_thirty_days(site):
    read = [after(site, day * DAY_S + day).daily(bool).rows for day in range(30)]

    seen = [row.looked_at for rows in read for row in rows if row.name == "originals-altered"]
    assert sum(int(told.split()[0]) for told in seen) == 4


def test_checker_that_has_stopped_is_noticed(site):
    site.checking.run(patience_s=0)

    assert after(site, 2 * DAY_S).last().state == "ok"
    assert after(site, 4 * DAY_S).last().state == "stale"


def test_faults_are_remembered_by_name_and_logged(site, caplog):
    original_lost(site)

    site.checking.daily(bool)

    assert (site.checking.last().state, site.checking.last().faults) == (
        "faults", "originals-missing",
    )  # fmt: skip
    assert "check: originals-missing: 1 (originals/" in caplog.text


@left_open
@pytest.mark.parametrize(
    "make", [index_longer_than_it_was, revision_changed_in_secret, case_withdrawn_in_secret]
)
def test_index_that_the_daily_check_finds_wrong_is_built_anew(site, make):
    make(site)
    if make is revision_changed_in_secret:  # there is one by now
        write(site, "INSERT INTO revisions SELECT case_id, 2, digest, content, file, original, "
                    "contributor, accepted FROM revisions WHERE case_id = 'one'")  # fmt: skip

    site.check_daily(bool)

    assert check(site) == {}


def test_take_down_that_was_broken_off_is_ended_by_the_daily_check(site):
    take_down_broken_off(site)

    site.check_daily(bool)

    assert check(site) == {}


def test_beat_that_cannot_be_written_stops_nobody(tmp_path):
    heartbeat.beat(tmp_path / "nowhere" / "deep", "check", Beat(1))

    assert heartbeat.last(tmp_path / "nowhere" / "deep", "check") is None


# At the command line


def test_command_says_what_is_wrong_and_what_to_do(site):
    site.close()
    well = call(data(site), "check", KB_ENCODER="off")
    original = an_original_of_a_case(site)
    site.close()
    original.unlink()

    ill = call(data(site), "check", KB_ENCODER="off")

    assert (well.exit_code, well.stdout.splitlines()[-1]) == (0, "No faults.")
    assert ill.exit_code == 1
    assert f"  originals/{inventory.place(original.name)}\n" in ill.stdout
    assert "-> bring the file back from a backup" in ill.stdout
    assert ill.stdout.splitlines()[-1] == "Faults: originals-missing."
    status = call(data(site), "status", KB_ENCODER="off").stdout.splitlines()[-1]
    assert status == "Last check faults, 0.0 hours ago: originals-missing."


def test_command_tells_programs_all_of_it(site):
    site.close()

    told = json.loads(call(data(site), "check", "--json", KB_ENCODER="off").stdout)

    assert set(told) == {"at", "seconds", "ok", "looks"}
    assert told["ok"] is True
    assert [row["name"] for row in told["looks"]] == [look.name for look in LOOKS]
    assert set(told["looks"][0]) == {"name", "looked_at", "found", "count", "remedy"}


def test_database_that_cannot_be_opened_is_a_fault_too(site):
    site.close()
    (data(site) / "citypraxis.sqlite").write_bytes(b"not a database" * 1000)

    told = call(data(site), "check", "--json", KB_ENCODER="off")

    assert told.exit_code == 1
    (row,) = json.loads(told.stdout)["looks"]
    assert row["name"] == "integrity"
    assert "cannot be opened" in row["found"][0]
