"""What was backed up is what is restored: with a writer going on, a take-down, damage, a kill."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from kb import bundles, inventory, manifest
from kb.errors import BackupError, NoRoomError
from kb.frozen import Question
from kb.library import open_library
from kb.manifest import DATABASE
from kb.progress import unwatched
from kb.query import Query
from kb.restoring import restore
from kb.settings import Settings
from tests.conftest import ROOT
from tests.damage import empty, truncate, zero
from tests.kb.test_adoptions import TOLD
from tests.test_indexer import call

COLLECTION = """\
id: housing
title: {en: Housing}
intro: {en: All of it.}
original_language: en
made_by: {name: A network}
parts: [{cases: [{case: one}]}]
"""
CANARY = b"Zebulon Quackenbush"

# Sends in files and changes a case until it is killed.
WRITER = """
import sys
from pathlib import Path
from kb.library import open_library
from kb.settings import Settings
library = open_library(Settings(data=Path(sys.argv[1]), encoder="off"))
person = library.accounts.by_email("ana@people.example")
text = Path(sys.argv[2]).read_text()
number = 0
while True:
    number += 1
    library.receive("one.md", text.replace("The full text", f"Text {number}").encode(), "writer")
    if number < 90:
        library.contributing.receive(person, f"{number}.md", f"# Note {number}".encode())
    print(number, flush=True)
"""


@pytest.fixture
def site(library, write_case, tmp_path):
    """Of everything something: cases, a collection, files, people, snapshots, adoptions."""
    path = tmp_path / "housing.yaml"
    path.write_text(COLLECTION)
    doomed = write_case("two", body=f"Told by {CANARY.decode()}.")
    assert not library.ingest([write_case("one"), doomed, path]).refused
    library.sync()
    people = {
        name: library.accounts.create(f"{name}@people.example", role, name.title())
        for name, role in (("ana", "contributor"), ("mia", "moderator"), ("zoe", "administrator"))
    }
    library.accounts.make_token(people["ana"], "a token", ["read"], 30)
    library.contributing.receive(people["ana"], "notes.md", b"# Notes\n\nA garden in Turku.")
    library.contributing.read_next()
    library.contributing.receive(people["ana"], "more.md", b"# More")
    record = library.transfer.record(people["ana"], "one", TOLD)
    library.transfer.decide(people["mia"], record.id, "accepted")
    library.snapshots.freeze(Question(Query()))
    return library


@pytest.fixture
def target(tmp_path):
    return tmp_path / "backups"


def state(data: Path) -> dict[str, list]:
    """Return all rows by table, without what a restored site has of its own."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}  # noqa: S608 - ours
    rows["meta"] = [row for row in rows["meta"] if row[0] != "database"]
    rows["audit"] = [row for row in rows["audit"] if "restore" not in row]
    return {
        name: sorted(map(repr, told)) for name, told in rows.items() if name != "sqlite_sequence"
    }


def files(data: Path) -> dict[str, bytes]:
    there = [name for folder in inventory.FOLDERS for name in inventory.present(data, folder)]
    return {name: (data / name).read_bytes() for name in there}


def holds_canary(path: Path) -> bool:
    """Tell whether a file says what was taken down, in an archive too."""
    if path.is_dir():
        return False
    if not zipfile.is_zipfile(path):
        return CANARY in path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return any(CANARY in archive.read(name) for name in archive.namelist())


def flip(path: Path) -> None:
    """Change the byte in the middle."""
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 255
    path.write_bytes(changed)


def restored(source: Path, into: Path, loose: Path | None = None):
    return restore(source, into, Settings(encoder="off"), loose)


def data(library) -> Path:
    return library.settings.data


def found(folder: Path, text: str) -> list[str]:
    with closing(open_library(Settings(data=folder, encoder="off"))) as opened:
        return [hit.id for hit in opened.search(Query(text)).hits]


@pytest.mark.parametrize("name", ["", "site.tar"], ids=["folder", "one file"])
def test_restored_site_is_the_one_that_was_backed_up(site, target, tmp_path, name):
    made = site.backups.make(target / name)

    done = restored(target / name, tmp_path / "again")

    assert done.report.faults == ()
    assert state(tmp_path / "again") == state(data(site))
    assert files(tmp_path / "again") == files(data(site))
    assert set(found(tmp_path / "again", "hostels")) == {"one", "two"}
    assert made.manifest.cases == done.manifest.cases == 2
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o700
    assert target.stat().st_mode & 0o777 == 0o700


def test_drill_while_others_write_and_a_case_is_taken_down(site, target, tmp_path, write_case):
    person = site.accounts.by_email("zoe@people.example")
    done = threading.Event()

    def take_down(step, items, total):
        """Come in between, once the database has been copied and before the files are."""
        assert step == "Backing up"
        if not done.is_set():
            done.set()
            site.contributing.take_down(person, "two", "")
        return unwatched(step, items, total)

    writer = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-W", "ignore", "-c", WRITER, str(data(site)), str(write_case("one"))],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        writer.stdout.readline()
        made = [site.backups.make(target, watch=take_down)]
        made += [site.backups.make(target) for _ in range(2)]
    finally:
        writer.kill()
        writer.communicate()

    for number, each in enumerate(made):
        assert each.manifest.missing == ()
        for path in each.path.rglob("*"):
            assert not holds_canary(path), path
        if number != 1:
            into = tmp_path / f"again-{number}"
            assert restored(each.path, into).report.faults == ()
            assert found(into, "hostels") == ["one"]


def test_backup_holds_nothing_that_is_derived(site, target):
    made = site.backups.make(target)

    there = {path.relative_to(made.path).parts[0] for path in made.path.rglob("*")}
    assert there == {DATABASE, manifest.FILE, "originals", "snapshots"}


def test_file_that_no_row_names_is_not_taken_along(site, target):
    digest = site._originals.keep(b"nobody names me")

    made = site.backups.make(target)

    assert f"originals/{inventory.place(digest)}" not in made.manifest.files


def test_second_backup_shares_its_files_with_the_first(site, target, write_case):
    first = site.backups.make(target)
    site.ingest([write_case("three")])

    second = site.backups.make(target)

    shared = first.manifest.files.keys() & second.manifest.files.keys() - {DATABASE}
    assert len(second.manifest.files) == len(first.manifest.files) + 1
    for name in shared:
        assert (first.path / name).samefile(second.path / name)


def test_backup_on_another_disk_is_copied_once_and_linked_from_then_on(site, target, monkeypatch):
    link = os.link

    def only_beside(source, to):
        if target not in Path(source).parents:
            raise OSError(18, "another disk")
        link(source, to)

    monkeypatch.setattr(os, "link", only_beside)

    first, second = site.backups.make(target), site.backups.make(target)

    for name in first.manifest.files.keys() - {DATABASE}:
        assert not (first.path / name).samefile(data(site) / name)
        assert (first.path / name).samefile(second.path / name)


def test_damaged_original_is_taken_from_the_backup_before(site, target):
    first = site.backups.make(target)
    name = next(name for name in first.manifest.files if name.startswith("originals"))
    (data(site) / name).unlink()
    (data(site) / name).write_bytes(b"flipped")

    second = site.backups.make(target)

    assert second.manifest.missing == ()
    assert (second.path / name).read_bytes() != b"flipped"


def test_file_that_is_lost_is_told_of_and_prevents_nothing(site, target, tmp_path):
    name = f"originals/{inventory.place(site._store.latest('one').original)}"
    (data(site) / name).unlink()

    made = site.backups.make(target)
    done = restored(target, tmp_path / "again")

    assert made.manifest.missing == (name,)
    assert [row.name for row in done.report.faults] == ["originals-missing"]
    assert found(tmp_path / "again", "hostels")


def test_so_many_backups_are_kept_as_were_asked_for(site, target):
    made = [site.backups.make(target, keep=2) for _ in range(4)]

    assert sorted(path.name for path in target.iterdir()) == [each.path.name for each in made[2:]]


def test_newest_backup_stays_the_newest_when_the_clock_is_set_back(site, target):
    first = site.backups.make(target)
    site.backups._now = lambda: 1_000_000_000.0

    second = site.backups.make(target, keep=1)

    assert second.path.name > first.path.name
    assert list(target.iterdir()) == [second.path]


def test_backup_that_is_killed_leaves_none_and_the_next_one_sweeps(site, target):
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from kb.library import open_library; from kb.settings import Settings\n"
        "def kill(step, items, total):\n"
        "    for number, item in enumerate(items):\n"
        "        yield item\n"
        "        if number == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "library = open_library(Settings(data=Path(sys.argv[1]), encoder='off'))\n"
        "library.backups.make(Path(sys.argv[2]), watch=kill)\n"
    )
    ended = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-W", "ignore", "-c", script, str(data(site)), str(target)],
        cwd=ROOT, check=False,
    )  # fmt: skip
    (left,) = target.iterdir()
    assert (ended.returncode, left.name[0], left.suffix) == (-signal.SIGKILL, ".", ".part")
    with pytest.raises(BackupError, match=r"manifest\.json is missing"):
        restored(target, target.parent / "again")

    made = site.backups.make(target)

    assert list(target.iterdir()) == [made.path]


def test_folders_of_others_beside_a_backup_are_left_alone(site, tmp_path):
    for name in (".mine.part", ".other.tar.part"):
        (tmp_path / name).mkdir()

    site.backups.make(tmp_path / "site.tar")

    assert {".mine.part", ".other.tar.part"} <= {path.name for path in tmp_path.iterdir()}


def test_backup_without_room_says_so_and_leaves_nothing(site, target, monkeypatch):
    full = shutil._ntuple_diskusage(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)

    with pytest.raises(NoRoomError, match="free some, or give another disk"):
        site.backups.make(target)

    assert list(target.iterdir()) == []
    assert [row.name for row in site.checking.run(patience_s=0).faults] == ["disk", "backup"]


def test_backup_of_a_damaged_database_is_refused_and_deletes_none(site, target):
    first = site.backups.make(target, keep=1)
    (root,) = site._connections.reading.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'people'"
    ).fetchone()
    site.close()
    with (data(site) / DATABASE).open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(os.urandom(4096))

    with pytest.raises(BackupError, match=r"cannot be written: .*; look at the disk and at"):
        site.backups.make(target, keep=1)

    assert list(target.iterdir()) == [first.path]


# What is refused


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A backup of a site with one case and one snapshot, that no test changes."""
    folder = tmp_path_factory.mktemp("whole")
    with closing(open_library(Settings(data=folder / "data", encoder="off"))) as opened:
        opened.ingest([ROOT / "corpus" / "ie" / "housing-first-dublin.md"])
        opened.sync()
        opened.snapshots.freeze(Question(Query()))
        return opened.backups.make(folder / "backups").path


@pytest.fixture
def backup(whole, target) -> Path:
    return shutil.copytree(whole, target / whole.name)


@pytest.fixture
def packed(whole, tmp_path) -> Path:
    bundles.pack(whole, tmp_path / "site.tar")
    return tmp_path / "site.tar"


def refused(source: Path, into: Path, match: str) -> None:
    with pytest.raises(BackupError, match=match):
        restored(source, into)
    assert not (into / DATABASE).exists()


@pytest.mark.parametrize("damage", [truncate, empty, zero, flip, Path.unlink])
@pytest.mark.parametrize("kind", ["originals", "snapshots", DATABASE, manifest.FILE])
def test_backup_that_is_damaged_is_refused_by_the_name_of_the_file(backup, tmp_path, kind, damage):
    path = next(path for path in sorted(backup.rglob("*")) if path.is_file() and
                kind in path.relative_to(backup).parts)  # fmt: skip
    damage(path)

    refused(backup, tmp_path / "again", rf"{path.name} is .*; take another backup")


def test_restoring_can_be_tried_again_in_the_same_folder(backup, tmp_path):
    shutil.copytree(backup, tmp_path / "whole")
    (backup / DATABASE).unlink()
    refused(backup, tmp_path / "again", "is missing")

    assert restored(tmp_path / "whole", tmp_path / "again").report.faults == ()
    assert not list((tmp_path / "again").glob(".restoring*"))


@pytest.mark.parametrize("name", ["index/current", "index/g-1/MAIN_1.toc", "originals/evil.py"])
def test_backup_with_an_index_or_with_what_is_not_ours_is_refused(backup, tmp_path, name):
    (backup / name).parent.mkdir(parents=True, exist_ok=True)
    (backup / name).write_bytes(b"cos\nsystem\n(S'echo'\ntR.")

    refused(backup, tmp_path / "again", rf"{name} is in no backup of ours; an index above all")


def told_otherwise(backup: Path, **changes: object) -> None:
    """Write a manifest that says something else, with a checksum that fits."""
    told = json.loads((backup / manifest.FILE).read_bytes())
    told |= changes
    del told["sha256"]
    (backup / manifest.FILE).write_text(json.dumps({**told, "sha256": manifest._sum(told)}))


@pytest.mark.parametrize(
    "name",
    ["../outside", "/etc/passwd", "originals/../../outside", "index/current", "originals/ab/cd",
     f"originals/ab/{'c' * 64}", f"originals/ab/ab{'c' * 62}/..", "vectors.sqlite"],
)  # fmt: skip
def test_manifest_that_leads_elsewhere_is_refused(backup, tmp_path, name):
    files = json.loads((backup / manifest.FILE).read_bytes())["files"]
    told_otherwise(backup, files={**files, name: ["c" * 64, 1]})

    refused(backup, tmp_path / "again", "which no backup of ours holds; take another backup")
    assert not (tmp_path / "outside").exists()


def test_file_that_is_a_link_is_refused(backup, tmp_path):
    path = next(path for path in backup.rglob("originals/*/*"))
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    refused(backup, tmp_path / "again", "is missing; take another backup")


def test_manifest_that_leaves_out_a_file_of_a_row_is_refused(backup, tmp_path):
    files = json.loads((backup / manifest.FILE).read_bytes())["files"]
    name = next(name for name in files if name.startswith("originals"))
    (backup / name).unlink()
    told_otherwise(backup, files={key: value for key, value in files.items() if key != name})

    refused(backup, tmp_path / "again", f"{name} is missing; take another backup")


def test_backup_of_a_newer_schema_is_refused(backup, tmp_path):
    told_otherwise(backup, schema="m900_later")

    refused(backup, tmp_path / "again", "'m900_later', which is newer than ours; start the version")


def test_archive_with_a_member_that_leads_elsewhere_is_refused(packed, tmp_path):
    (tmp_path / "evil").write_text("evil")
    with tarfile.open(packed, "a") as archive:
        archive.add(tmp_path / "evil", "../outside")

    refused(packed, tmp_path / "deep" / "again", r"\.\./outside is in no backup of ours")


@pytest.mark.parametrize("damage", [truncate, empty, zero, flip])
def test_archive_that_is_damaged_is_refused(packed, tmp_path, damage):
    damage(packed)

    refused(packed, tmp_path / "again", "; ")


def test_folder_that_is_not_empty_is_left_alone(backup, tmp_path):
    (tmp_path / "mine").write_text("mine")

    with pytest.raises(BackupError, match="is not empty; name an empty folder"):
        restored(backup, tmp_path)

    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / DATABASE).exists()


def test_what_is_no_backup_is_refused(tmp_path):
    (tmp_path / "nothing").mkdir()
    (tmp_path / "text").write_text("no tar")

    refused(tmp_path / "nothing", tmp_path / "again", "manifest.json is missing")
    refused(tmp_path / "text", tmp_path / "again", "is no backup")


# What a restored site is


def test_index_of_the_site_of_before_does_not_fit_the_restored_one(site, target, tmp_path):
    restored(site.backups.make(target).path, tmp_path / "again")
    shutil.rmtree(tmp_path / "again" / "index")
    shutil.copytree(data(site) / "index", tmp_path / "again" / "index", symlinks=True)

    with closing(open_library(Settings(data=tmp_path / "again", encoder="off"))) as opened:
        assert opened.status().index.state == "missing"
        opened.sync()
        assert opened.checking.run(patience_s=0).faults == ()


def test_case_that_was_taken_down_just_before_leaves_the_packages_when_restored(
    site, target, tmp_path
):
    site._store.take_down("two", "", "someone", 1)  # broken off before packages were seen to
    made = site.backups.make(target)
    assert any(map(holds_canary, made.path.rglob("*")))

    assert restored(made.path, tmp_path / "again").report.faults == ()
    assert not any(map(holds_canary, (tmp_path / "again").rglob("*")))


def test_database_alone_is_restored_with_the_files_of_the_site(site, tmp_path):
    copy = tmp_path / "copy.sqlite"
    site._connections.reading.execute("VACUUM INTO ?", [str(copy)])

    done = restored(copy, tmp_path / "again", loose=data(site))

    assert done.report.faults == ()
    assert state(tmp_path / "again") == state(data(site))
    assert files(tmp_path / "again") == files(data(site))


def test_commands_back_up_and_restore(site, target, tmp_path):
    site.close()

    made = call(data(site), "backup", target, "--keep", 3, KB_ENCODER="off")
    done = call(tmp_path / "x", "restore", target, "--into", tmp_path / "again", KB_ENCODER="off")
    again = call(tmp_path / "x", "restore", target, "--into", tmp_path / "again")
    wrong = call(data(site), "backup", tmp_path / "site.tar", "--keep", 3)

    assert made.exit_code == 0
    assert made.stdout.startswith("2 cases, 7 files, ")
    assert done.exit_code == 0
    assert "No faults.\nRestored into " in done.stdout
    assert (again.exit_code, "is not empty" in again.stderr) == (1, True)
    assert wrong.exit_code == 2
    status = call(data(site), "check", KB_ENCODER="off").stdout
    assert "backup                 ok  the last is 0 hours old" in status
