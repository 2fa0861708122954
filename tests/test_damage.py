"""A full disk, a read-only folder, damage, a busy database, a clock set back: told, and healed.

What a kill does stands in `tests.test_crash`, an index that is damaged at the start in
`tests.test_heal`.
"""

import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

import pytest

from kb import worker
from kb.accounts import Throttle
from kb.adoption import Report
from kb.adoptions import Adoptions
from kb.errors import (
    DamagedStoreError,
    FullDiskError,
    FullStoreError,
    IndexUnavailableError,
    ReadOnlyStoreError,
    StoreBusyError,
    StoreUnavailableError,
    TooManyAttemptsError,
)
from kb.followed import Followed, FollowedSearches
from kb.frozen import Question
from kb.library import open_library
from kb.query import Query
from kb.settings import Settings
from kb.uploads import LEASE_S, Uploads
from tests.crash.acts import case_file
from tests.damage import current, empty, flip, truncate, zero, zero_a_block
from web import create_app

# Whoosh leaves a damaged file open; the collector closes it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning",
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning",
)

DISK_MB = 160
HOUR_S = 3600
YEAR_S = 365 * 24 * HOUR_S


def mounted(place: Path, *options: str) -> Path:
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, place], capture_output=True, check=False)  # noqa: S603, S607 - our own
    if done.returncode:
        pytest.skip("a disk of its own can be mounted by root alone: run as root, as CI does")
    return place


def unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S603, S607 - our own


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Mount a folder read-only over itself."""
    mounted(place, "--bind", str(place))
    try:
        mounted(place, "-o", "remount,bind,ro")
        yield
    finally:
        unmount(place)


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own."""
    place = mounted(tmp_path / "disk", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs")
    yield place
    unmount(place)


@pytest.fixture
def on_disk(disk):
    """A library with one case on the small disk."""
    opened = open_library(Settings(data=disk / "data", encoder="off"))
    receive(opened, "one", 1)
    opened.sync()
    assert found(opened, "mark1") == ["one"]
    yield opened
    opened.close()


@pytest.fixture
def filled(library):
    receive(library, "one", 1)
    receive(library, "two", 2)
    library.sync()
    assert found(library, "mark1") == ["one"]
    return library


@pytest.fixture
def index(filled):
    return filled.settings.data / "index"


def receive(library, case_id, number):
    return library.receive(f"{case_id}.md", case_file(case_id, number), "tester")


def found(library, text):
    return [hit.id for hit in library.search(Query(text)).hits]


def fill(disk: Path) -> Path:
    """Leave not a byte of a disk free."""
    filler = disk / "filler"
    for size in (1 << 20, 1 << 12, 1):
        with suppress(OSError), filler.open("ab", buffering=0) as file:
            while file.write(bytes(size)) == size:
                pass
    return filler


def person(library, role="contributor"):
    return library.accounts.create(f"{role}@example.org", role, "Ana")


def sent(library, client, file=b"Flats for homeless people."):
    """Send a file in by program, and return the answer."""
    ana = library.accounts.by_email("contributor@example.org") or person(library)
    token = library.accounts.make_token(ana, "a program", ["submit"], 1)
    return lambda: client.post(
        "/api/v1/uploads",
        data={"file": (BytesIO(file), "a.txt")},
        headers={"Authorization": f"Bearer {token}"},
    )


# Disk full


def test_on_a_full_disk_a_file_is_refused_in_words_and_nothing_of_it_is_left(on_disk, disk):
    ana, work = person(on_disk), on_disk.contributing
    filler = fill(disk)

    with pytest.raises(FullDiskError, match=r"originals.* cannot be written: .*free the disk"):
        work.receive(ana, "a.txt", b"Flats" * 1000)

    assert not list((disk / "data").glob("originals/??/.*"))
    filler.unlink()
    upload = work.receive(ana, "a.txt", b"Flats" * 1000)
    assert [each.id for each in work.files(ana)] == [upload.id]


def test_on_a_full_disk_the_site_answers_507_and_goes_on_when_there_is_room(on_disk, disk):
    client = create_app(on_disk, on_disk.settings).test_client()
    send = sent(on_disk, client, b"Flats" * 1000)
    filler = fill(disk)

    refused = send()

    assert (refused.status_code, refused.json["title"]) == (507, "There is no room on our disk")
    assert client.get("/cases/one").status_code == 200
    assert client.get("/search?q=mark1").status_code == 200
    filler.unlink()
    assert send().status_code == 202


def test_on_a_full_disk_a_draft_stays_as_it_was(on_disk, disk):
    ana, work = person(on_disk), on_disk.contributing
    draft = work.begin(ana)
    filler = fill(disk)

    with pytest.raises(FullDiskError, match=r"citypraxis\.sqlite"):  # noqa: PT012 - see below
        while True:  # the log of the database may have some room of its own
            draft = work.write(ana, draft.id, draft.version, {"title": "x" * 20_000})

    assert work.draft(ana, draft.id) == draft
    filler.unlink()
    assert work.write(ana, draft.id, draft.version, {"title": "y"}).title == "y"


def test_on_a_full_disk_a_new_case_is_not_half_published(on_disk, disk):
    filler = fill(disk)

    with pytest.raises(FullDiskError):
        receive(on_disk, "two", 2)

    assert on_disk._store.ids() == ["one"]
    filler.unlink()
    receive(on_disk, "two", 2)
    on_disk.sync()
    assert found(on_disk, "mark2") == ["two"]


@pytest.mark.parametrize("step", ["sync", "rebuild"])
def test_on_a_full_disk_the_index_stays_as_it_was_and_catches_up_later(on_disk, disk, step):
    receive(on_disk, "two", 2)
    before = {path.name for path in (disk / "data" / "index").glob("g-*")}
    filler = fill(disk)

    with pytest.raises(FullDiskError):
        getattr(on_disk, step)()

    assert found(on_disk, "mark1") == ["one"]
    assert {path.name for path in (disk / "data" / "index").glob("g-*")} == before
    filler.unlink()
    on_disk.sync()
    assert found(on_disk, "mark2") == ["two"]
    assert on_disk.status().index.state == "ready"


def test_on_a_full_disk_no_snapshot_is_half_frozen(on_disk, disk):
    filler = fill(disk)

    with pytest.raises((FullDiskError, FullStoreError)):
        on_disk.snapshots.freeze(Question(Query("flats")))

    assert not [path for path in (disk / "data" / "snapshots").rglob("*") if path.is_file()]
    filler.unlink()
    assert on_disk.snapshots.freeze(Question(Query("flats"))).count == 1


# Read-only


def test_a_read_only_folder_of_data_is_told_at_the_start(filled):
    data = filled.settings.data
    filled.close()

    with (
        read_only(data),
        pytest.raises(ReadOnlyStoreError, match=r"citypraxis\.sqlite cannot be written"),
    ):
        open_library(filled.settings)

    fresh = open_library(filled.settings)
    assert found(fresh, "mark1") == ["one"]
    fresh.close()


def test_under_a_read_only_index_search_goes_on_and_the_index_catches_up_later(filled, index):
    receive(filled, "three", 3)

    with read_only(index):
        with pytest.raises(ReadOnlyStoreError):
            filled.sync()
        assert found(filled, "mark1") == ["one"]
        assert filled.status().index.state == "behind"

    with suppress(ReadOnlyStoreError):  # what is still open of it may not be written once more
        filled.sync()
    filled.sync()
    assert found(filled, "mark3") == ["three"]


# Damaged while it is open


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        *(("*.seg", damage) for damage in (truncate, empty, zero, zero_a_block, flip)),
        *(("*.toc", damage) for damage in (truncate, zero, Path.unlink)),
        *(("lexicon.sqlite", damage) for damage in (truncate, empty, zero, zero_a_block)),
        *(("seal.json", damage) for damage in (empty, flip)),
    ],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_an_index_damaged_while_it_is_open_answers_rightly_or_503_and_is_built_anew(
    filled, index, kind, damage
):
    client = create_app(filled, filled.settings).test_client()
    damage(next(current(index).glob(kind)))

    for question in ("mark1", "sans-abri", "flats conditions"):
        answer = client.get("/api/v1/cases", query_string={"q": question})
        assert answer.status_code in {200, 503}
        if answer.status_code == 503:
            assert answer.headers["Retry-After"]
    filled.sync()
    filled.check_index()

    assert found(filled, "mark1") == ["one"]
    assert sorted(found(filled, "sans-abri")) == ["one", "two"]
    assert filled._engine.verify()
    assert filled.status().index.state == "ready"


def test_a_file_of_the_index_that_was_cut_while_it_is_open_is_not_read(filled, index):
    truncate(next(current(index).glob("*.seg")))  # reading it would end the process

    with pytest.raises(IndexUnavailableError, match="is damaged"):
        found(filled, "mark1")

    assert filled.status().index.state == "missing"
    assert filled.sync() == 2


def test_what_fails_while_the_index_is_whole_is_no_damage(filled, index):
    before = current(index)

    with (
        pytest.raises(ZeroDivisionError),
        filled._engine._reading(),
    ):
        raise ZeroDivisionError

    assert filled.sync() == 0
    assert current(index) == before


def test_the_worker_finds_damage_that_nobody_met(filled, index, monkeypatch):
    monkeypatch.setattr(worker, "_CHECK_S", -1)
    before, stop = current(index), threading.Event()
    working = threading.Thread(target=worker.keep_in_step, args=[filled, 0.05, stop])
    working.start()
    path = next(before.glob("*.seg"))
    path.write_bytes(bytes(path.stat().st_size))

    deadline = time.monotonic() + 60
    while current(index) == before and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    working.join()

    assert current(index) != before
    assert found(filled, "mark1") == ["one"]


@pytest.mark.parametrize("damage", [truncate, empty, zero, flip, Path.unlink])
def test_vectors_damaged_while_they_are_open_are_begun_anew(filled, damage):
    with sqlite3.connect(filled.settings.data / "vectors.sqlite") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    damage(filled.settings.data / "vectors.sqlite")
    receive(filled, "three", 3)

    for _ in range(2):
        with suppress(IndexUnavailableError):
            filled.sync()

    assert found(filled, "mark3") == ["three"]
    assert filled._meaning.checkpoint().seq == filled._store.newest_change()


@pytest.mark.parametrize("damage", [truncate, empty, zero, Path.unlink])
def test_vectors_damaged_before_the_start_are_begun_anew(filled, damage):
    filled.close()
    damage(filled.settings.data / "vectors.sqlite")

    fresh = open_library(filled.settings)
    receive(fresh, "three", 3)
    fresh.sync()

    assert fresh._meaning.checkpoint().seq == fresh._store.newest_change()
    fresh.close()


# A damaged database


def test_a_database_that_is_none_is_refused_with_its_name_and_the_remedy(filled):
    path = filled.settings.data / "citypraxis.sqlite"
    filled.close()
    path.write_bytes(b"no database" * 1000)

    with pytest.raises(DamagedStoreError, match=r"citypraxis\.sqlite cannot be opened.* restore"):
        open_library(filled.settings)

    assert path.read_bytes() == b"no database" * 1000


@pytest.mark.parametrize("damage", [empty, Path.unlink])
def test_a_lost_database_is_never_silently_begun_anew(filled, damage):
    path = filled.settings.data / "citypraxis.sqlite"
    filled.close()
    damage(path)

    with pytest.raises(StoreUnavailableError, match=r"missing or empty.* restore a backup"):
        open_library(filled.settings)

    assert not path.exists() or path.stat().st_size == 0


def test_a_database_damaged_within_is_told_before_a_site_is_served_from_it(filled):
    path = filled.settings.data / "citypraxis.sqlite"
    filled.close()
    wreck(path)

    fresh = open_library(filled.settings)
    with pytest.raises(DamagedStoreError, match=r"citypraxis\.sqlite.* restore a backup"):
        fresh.check_store()
    fresh.close()


def test_a_page_that_meets_damage_of_the_database_says_so_with_503(filled, caplog):
    filled.close()
    wreck(filled.settings.data / "citypraxis.sqlite")
    fresh = open_library(filled.settings)
    client = create_app(fresh, fresh.settings).test_client()

    answer = client.get("/cases/one")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "has to be repaired" in answer.text
    assert "citypraxis.sqlite" in caplog.text
    fresh.close()


def wreck(path: Path) -> None:
    """Overwrite the page on which the table of revisions begins."""
    with sqlite3.connect(path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name='revisions'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


# A busy database


@pytest.fixture
def busy(filled, monkeypatch):
    """Another process writes, and does not end."""
    monkeypatch.setattr("kb.database._BUSY_S", 0.1)
    filled.close()  # with connections that wait less long
    filled.accounts.by_email("nobody@example.org")
    holder = sqlite3.connect(filled.settings.data / "citypraxis.sqlite", isolation_level=None)
    yield holder
    holder.close()


def test_while_the_database_is_busy_pages_go_on_and_what_writes_is_asked_to_come_again(
    filled, busy
):
    client = create_app(filled, filled.settings).test_client()
    send = sent(filled, client)
    busy.execute("BEGIN IMMEDIATE")

    for page in (
        "/",
        "/search?q=mark1",
        "/cases/one",
        "/api/v1/cases?q=flats",
        "/oai?verb=Identify",
    ):
        assert client.get(page).status_code == 200, page
    refused = send()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    with pytest.raises(StoreBusyError, match="try again"):
        receive(filled, "three", 3)

    busy.execute("ROLLBACK")
    assert send().status_code == 202
    receive(filled, "three", 3)
    assert filled.sync() == 1


# A clock that was set back


@pytest.fixture
def clock():
    class Clock:
        at = time.time()

        def __call__(self) -> float:
            return self.at

    return Clock()


def test_a_lease_of_before_the_clock_was_set_back_runs_out(library, clock):
    uploads = Uploads(library._connections, clock)
    sent = uploads.add("p", "a.pdf", "0" * 64, 10)
    clock.at += YEAR_S
    uploads.lease()

    clock.at -= YEAR_S

    assert uploads.lease().id == sent.id
    assert uploads.lease() is None
    clock.at += LEASE_S + 1
    assert uploads.lease() is None
    assert uploads.get(sent.id).state == "failed"


def test_attempts_of_before_the_clock_was_set_back_keep_nobody_out(library, clock):
    throttle = Throttle(library._connections, clock)
    clock.at += YEAR_S
    throttle.take("sign-in", "ana", most=1)
    with pytest.raises(TooManyAttemptsError):
        throttle.take("sign-in", "ana", most=1)

    clock.at -= YEAR_S

    throttle.take("sign-in", "ana", most=1)


def test_a_session_of_before_the_clock_was_set_back_does_not_live_for_long(library, clock):
    ana = person(library)
    library.accounts._clock = clock
    clock.at += YEAR_S
    secret = library.accounts.begin_session(ana.id, "password")
    assert library.accounts.session(secret)

    clock.at -= YEAR_S

    assert library.accounts.session(secret) is None


def test_letters_of_before_the_clock_was_set_back_hold_up_no_other(library, clock):
    ana, searches = person(library), FollowedSearches(library._connections)
    in_a_year = int(clock.at + YEAR_S)
    searches.add(
        Followed("f1", ana.id, "", Query("flats"), "daily", 0, 0, in_a_year, in_a_year),
        Question(Query("flats")).written(),
    )

    assert [each.id for (each,) in searches.due(1, int(clock.at))] == ["f1"]
    searches.tell("f1", 0, int(clock.at))
    assert not list(searches.due(1, int(clock.at)))


def test_the_newest_record_of_an_adoption_is_the_last_one_whatever_the_clock_says(library, clock):
    adoptions = Adoptions(library._connections, clock)
    told = {
        "city": "Ghent", "country": "BE", "year": 2020, "organisation": "Office",
        "contact": "office@ghent.example", "agreed": "yes",
    }  # fmt: skip
    first = adoptions.add(
        Report(**told, state="running"), person="p", case_id="one", adoption="", language=""
    )
    clock.at -= YEAR_S
    adoptions.add(
        Report(**told, state="stopped"), person="p", case_id="one", adoption=first.id, language=""
    )

    assert [each.state for each in adoptions.records(first.id)] == ["running", "stopped"]


def test_generations_of_before_the_clock_was_set_back_are_tidied_away(filled, index, monkeypatch):
    now = time.time_ns()
    monkeypatch.setattr("kb.search.embedded.engine.time.time_ns", lambda: now + YEAR_S * 10**9)
    filled.rebuild()
    monkeypatch.setattr("kb.search.embedded.engine.time.time_ns", lambda: now)
    receive(filled, "three", 3)

    filled.sync()
    filled.rebuild()

    assert found(filled, "mark3") == ["three"]
    filled._engine.tidy()
    assert current(index) in set(index.glob("g-*"))
    assert len(set(index.glob("g-*"))) <= 2


def test_datestamps_and_changes_stay_in_order_when_the_clock_is_set_back(filled):
    with filled._connections.writing() as db:
        db.execute("UPDATE datestamps SET at = at + ?", [YEAR_S])  # told by a clock that was fast
    before, mark = filled.harvest.newest(), filled.harvest.mark()

    receive(filled, "one", 9)

    record = filled.harvest.record("one")
    assert record.at >= before
    assert record.seq > mark
    assert filled.sync() == 1
