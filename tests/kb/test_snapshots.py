"""A frozen result stays what it was, whatever becomes of its cases; only the law changes it."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from kb.errors import (
    CollectionNotFoundError,
    FullStoreError,
    IndexUnavailableError,
    PackageLostError,
    SnapshotNotFoundError,
    TooManyAttemptsError,
)
from kb.exports import removing
from kb.frozen import Question
from kb.library import open_library
from kb.query import WORDS, Query
from kb.quoting import FORMATS, quoted, sentence
from kb.settings import Settings
from kb.snapshots import MOST_AN_HOUR, Snapshots
from tests.conftest import ROOT
from tests.kb.taken import HARD, record
from tests.kb.test_exports_package import LENIENT, problems, unpack

ALL = Question(Query())
CANARY = "Zebulon Quackenbush"


def put(library, case_id, **fields):
    library._store.save(
        record(id=case_id, **fields).case, file="", original="", contributor="operator"
    )


@pytest.fixture
def people(library):
    return {
        name: library.accounts.create(f"{name}@people.example", role)
        for name, role in (("ana", "contributor"), ("mia", "moderator"), ("zoe", "administrator"))
    }


@pytest.fixture
def full(library, write_case):
    """Three cases, of which the second says much that must be able to vanish."""
    assert not library.ingest(
        [
            write_case("first", title="First housing"),
            write_case(
                "second",
                title=f"Second housing of {CANARY}",
                body=f"{CANARY} says:\n\n\"quoted, with 'commas'\"\n\nand more lines",
                outcomes=f'[{{indicator: "{CANARY}", value: "3", source: s1}}]',
                licence="CC-BY-SA-4.0",
            ),
            write_case("third", title="Third housing"),
        ]
    ).refused
    library.sync()
    return library


def package(library, snapshot) -> bytes:
    with library.snapshots.package(snapshot) as file:
        return file.read()


def tables(data: bytes) -> dict[str, pd.DataFrame]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".csv")]
        return {name[:-4]: pd.read_csv(archive.open(name), keep_default_na=False) for name in names}


def left_of(library, word: str) -> list[str]:
    """Return the files of snapshots in which a word stands, also compressed."""
    found = []
    for path in (library.settings.data / "snapshots").rglob("*"):
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found += [
                    f"{path.name}/{name}"
                    for name in archive.namelist()
                    if word.encode() in archive.read(name)
                ]
    return found


def files(library) -> set[str]:
    return {p.name for p in (library.settings.data / "snapshots").rglob("*") if p.is_file()}


def test_a_snapshot_says_what_was_asked_and_which_revisions_were_found(full):
    question = Question(Query("housing", {"country": ("IE",)}, sort="city"))

    made = full.snapshots.freeze(question)

    assert full.snapshots.get(made.id) == made
    assert made.question == question
    assert made.words == "Cases found for “housing”; Country: Ireland"
    assert made.address.endswith("/search?q=housing&country=IE&sort=city")
    listed = full.snapshots.cases(made.id)
    assert {(each.case_id, each.kept.revision) for each in listed} == {
        ("first", 1), ("second", 1), ("third", 1)
    }  # fmt: skip
    assert listed[0].kept.digest == full.page(listed[0].case_id).revision.case.digest
    assert made.count == made.held == 3
    assert made.licences == {"CC-BY-4.0": 2, "CC-BY-SA-4.0": 1}


def test_the_hash_is_that_of_the_package(full):
    made = full.snapshots.freeze(ALL)
    data = package(full, made)

    assert hashlib.sha256(data).hexdigest() == made.sha256
    assert len(data) == made.size_bytes
    assert list(tables(data)["cases"]["id"]) == [e.case_id for e in full.snapshots.cases(made.id)]


@pytest.mark.parametrize(
    "question",
    [
        ALL,
        Question(Query("housing", {"country": ("IE", "FI")}, reader="fi", legs=WORDS)),
        Question(Query('x:y "“', {"theme": ("06.1",)}, sort="newest")),
    ],
)
def test_a_question_is_read_back_as_it_was_asked(full, question):
    made = full.snapshots.freeze(question)

    assert full.snapshots.get(made.id).question == question


def test_the_page_of_a_result_plays_no_part(full):
    first = full.snapshots.freeze(Question(Query("housing", page=2, size=1)))

    assert full.snapshots.freeze(Question(Query("housing"))) == first


def test_the_same_result_frozen_again_is_the_same_snapshot(full, clock):
    full.snapshots._now = clock
    first = full.snapshots.freeze(ALL)
    clock.at += 1_000_000

    again = full.snapshots.freeze(ALL)

    assert again == first
    assert again.taken == int(clock.at) - 1_000_000
    assert full.snapshots.count() == 1
    assert files(full) == {first.sha256}


@pytest.mark.parametrize(
    "other",
    [
        Question(Query("housing")),
        Question(Query(sort="city")),
        Question(Query(reader="fi")),
        Question(Query(legs=WORDS)),
        Question(Query(filters={"country": ("IE",)})),
    ],
)
def test_another_question_or_language_is_another_snapshot(full, other):
    assert full.snapshots.freeze(ALL).id != full.snapshots.freeze(other).id


def test_another_revision_is_another_snapshot(full, write_case):
    before = full.snapshots.freeze(ALL)
    full.ingest([write_case("first", title="Changed housing")])
    full.sync()

    assert full.snapshots.freeze(ALL).id != before.id


def test_an_id_is_the_same_in_another_database(full, tmp_path, clock):
    full.snapshots._now = clock
    made = full.snapshots.freeze(ALL)
    full.close()
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "citypraxis.sqlite").write_bytes(
        (full.settings.data / "citypraxis.sqlite").read_bytes()
    )
    other = open_library(Settings(data=copy, encoder="off"))
    with other._connections.writing() as db:
        db.execute("DELETE FROM snapshot_cases")
        db.execute("DELETE FROM snapshots")
    other.sync()

    other.snapshots._now = clock
    again = other.snapshots.freeze(ALL)
    other.close()

    assert (again.id, again.sha256) == (made.id, made.sha256)


_IN_A_PROCESS = """
import hashlib, locale, sys
try: locale.setlocale(locale.LC_ALL, "")
except locale.Error: pass
from tests.kb.taken import everything, taken
sys.stdout.write(hashlib.sha256(taken("package", *everything())).hexdigest())
"""


def test_a_package_is_the_same_bytes_in_any_process():
    told = set()
    for seed, zone, locale in (
        ("0", "UTC", "C"),
        ("7", "Pacific/Auckland", "de_DE.UTF-8"),
        ("99", "America/Bogota", "tr_TR.UTF-8"),
    ):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-c", _IN_A_PROCESS],
            cwd=ROOT, env=env, check=True, capture_output=True, text=True,
        )  # fmt: skip
        told.add(done.stdout)

    assert len(told) == 1


def test_after_edits_the_bytes_are_the_same_and_the_changes_are_told(full, people, write_case):
    made = full.snapshots.freeze(Question(Query("housing")))
    before = package(full, made)
    assert full.snapshots.changes(made).none

    work = full.contributing
    draft = work.revise(people["ana"], "first")
    said = {**draft.values, "title": "First housing, revised"}  # noqa: PD011 - no data frame
    draft = work.write(people["ana"], draft.id, draft.version, said)
    draft = work.submit(people["ana"], draft.id, draft.version)
    work.accept(people["mia"], draft.id, draft.version)
    full.ingest([write_case("fourth", title="Fourth housing")])
    work.retire(people["mia"], "second", "withdrawn", "x")
    work.retire(people["mia"], "third", "archived", "x")
    full.sync()

    changes = full.snapshots.changes(made)
    assert changes.added == ("fourth",)
    assert changes.changed == ("first",)
    assert changes.withdrawn == ("second",)
    assert changes.archived == ("third",)
    assert changes.lost == changes.taken_down == ()
    assert package(full, full.snapshots.get(made.id)) == before


def test_a_case_that_the_question_no_longer_finds_is_lost(full, write_case):
    made = full.snapshots.freeze(Question(Query("first", legs=WORDS)))
    full.ingest([write_case("first", title="Other", summary="Something of a different kind.")])
    full.sync()

    changes = full.snapshots.changes(made)

    assert changes.lost == changes.changed == ("first",)


def test_an_index_that_lags_behind_names_no_case_that_is_gone(full, people):
    made = full.snapshots.freeze(Question(Query("first", legs=WORDS)))
    full.contributing.retire(people["mia"], "first", "withdrawn", "x")

    changes = full.snapshots.changes(made)

    assert (changes.added, changes.withdrawn, changes.lost) == ((), ("first",), ())


def test_what_nobody_found_can_be_frozen_and_be_found_later(full, write_case):
    made = full.snapshots.freeze(Question(Query("lighthouse", legs=WORDS)))
    full.ingest([write_case("light", title="A lighthouse")])
    full.sync()

    assert made.count == 0
    assert full.snapshots.changes(made).added == ("light",)
    assert len(tables(package(full, made))["cases"]) == 0


def test_a_collection_can_be_frozen(full, tmp_path):
    path = tmp_path / "ours.yaml"
    text = (
        "title: {en: Ours}\nintro: {en: Why.}\noriginal_language: en\nmade_by: {name: We}\n"
        "parts: [{cases: [{case: third}, {case: first}, {case: absent}]}]\n"
    )
    path.write_text(text, encoding="utf-8")
    assert not full.ingest([path]).refused

    made = full.snapshots.freeze(Question(Query("ignored"), "ours"))

    assert [each.case_id for each in full.snapshots.cases(made.id)] == ["third", "first"]
    assert made.words == "The cases of the collection “ours”"
    assert full.snapshots.changes(made).none
    with pytest.raises(CollectionNotFoundError):
        full.snapshots.freeze(Question(Query(), "none"))


def test_freezing_by_several_at_once_gives_one_snapshot(full):
    together, made, failed = threading.Barrier(4), [], []

    def freeze():
        together.wait()
        try:
            made.append(full.snapshots.freeze(ALL))
        except Exception as err:  # noqa: BLE001 - the test names it
            failed.append(err)

    threads = [threading.Thread(target=freeze) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert len({each.id for each in made}) == len({each.sha256 for each in made}) == 1
    assert full.snapshots.count() == 1
    assert files(full) == {made[0].sha256}
    assert hashlib.sha256(package(full, made[0])).hexdigest() == made[0].sha256


# Taking down


def take_down(library, people, case_id="second"):
    library.contributing.take_down(people["zoe"], case_id, "A court has ordered it.")


@LENIENT
def test_of_a_case_that_is_taken_down_no_byte_stays_in_any_package(full, people, tmp_path):
    made = full.snapshots.freeze(ALL)
    other = full.snapshots.freeze(Question(Query("third", legs=WORDS)))
    before = package(full, made)
    assert left_of(full, CANARY)

    take_down(full, people)

    assert left_of(full, CANARY) == []
    now = full.snapshots.get(made.id)
    data = package(full, now)
    assert hashlib.sha256(data).hexdigest() == now.sha256 != made.sha256
    assert [each.sha256 for each in now.former] == [made.sha256]
    assert (now.count, now.held, now.licences) == (3, 2, {"CC-BY-4.0": 2})
    assert files(full) == {now.sha256, other.sha256}
    assert full.snapshots.get(other.id) == other
    unpack(data, tmp_path / "package")
    assert problems(tmp_path / "package") == []
    assert full.snapshots.changes(now).taken_down == ("second",)
    assert before != data


def test_rows_of_other_cases_stay_byte_for_byte(full, people):
    made = full.snapshots.freeze(ALL)
    with zipfile.ZipFile(io.BytesIO(package(full, made))) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}

    take_down(full, people)

    with zipfile.ZipFile(io.BytesIO(package(full, full.snapshots.get(made.id)))) as archive:
        for name in ("concepts.csv", "codebook.csv"):
            assert archive.read(name) == before[name]
        for name in ("cases.csv", "outcomes.csv", "sources.csv", "case_concepts.csv"):
            left = list(removing._lines(io.BytesIO(archive.read(name))))
            there = list(removing._lines(io.BytesIO(before[name])))
            rest = iter(there)
            assert all(line in rest for line in left)  # in the same order
            assert len(left) < len(there)


def test_both_descriptions_say_what_was_removed_and_no_title(full, people):
    made = full.snapshots.freeze(ALL)

    take_down(full, people)

    now = full.snapshots.get(made.id)
    with zipfile.ZipFile(io.BytesIO(package(full, now))) as archive:
        told = json.loads(archive.read("datapackage.json"))
        croissant = json.loads(archive.read("croissant.json"))
        for resource in told["resources"]:
            data = archive.read(resource["path"])
            assert resource["bytes"] == len(data)
            assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        for row in croissant["distribution"]:
            assert row["sha256"] == hashlib.sha256(archive.read(row["name"])).hexdigest()
    for text in (told["description"], croissant["description"]):
        assert text.startswith("2 cases of")
        assert "The case second was removed on 20" in text
        assert "by law" in text
    assert "(2 cases" in told["citation"]
    assert [row["name"] for row in told["licenses"]] == ["CC-BY-4.0"]
    assert croissant["license"] == ["https://creativecommons.org/licenses/by/4.0/"]


def test_of_a_case_that_was_taken_down_not_even_the_digest_is_kept(full, people):
    made = full.snapshots.freeze(ALL)
    digest = full.page("second").revision.case.digest

    take_down(full, people)

    listed = {each.case_id: each for each in full.snapshots.cases(made.id)}
    assert (listed["second"].state, listed["second"].kept.digest) == ("taken-down", "")
    assert listed["first"].kept.digest != ""
    assert digest not in str(full.snapshots.cases(made.id))


def test_one_after_the_other_can_be_taken_down(full, people):
    made = full.snapshots.freeze(ALL)
    for case_id in ("second", "first", "third"):
        take_down(full, people, case_id)

    now = full.snapshots.get(made.id)

    assert (now.held, now.licences, len(now.former)) == (0, {}, 3)
    assert now.former[0].sha256 == made.sha256
    assert len(tables(package(full, now))["cases"]) == 0


def test_texts_of_all_kinds_are_cut_out_whole(library, people):
    put(library, "before", title="Before", body=HARD * 3)
    put(library, "hard", title=f"{CANARY} “x”", body=f'{CANARY}\n"\r\n"",""\n{HARD}' * 2_000)
    put(library, "behind", title='"', body='"\n""')
    library.sync()
    made = library.snapshots.freeze(Question(Query(sort="newest")))
    rows = tables(package(library, made))["cases"].set_index("id")

    take_down(library, people, "hard")

    left = tables(package(library, library.snapshots.get(made.id)))["cases"].set_index("id")
    assert left_of(library, "Quackenbush") == []
    pd.testing.assert_frame_equal(left, rows.drop("hard"))


def test_a_kill_between_take_down_and_mending_heals(full):
    made = full.snapshots.freeze(ALL)
    full._store.take_down("second", "x", "p", 1_800_000_000)
    assert left_of(full, CANARY)

    now = full.snapshots.get(made.id)

    assert left_of(full, CANARY) == []
    assert now.held == 2
    assert CANARY.encode() not in package(full, now)


_KILLED = """
import sys
from pathlib import Path
from kb.frozen import Question
from kb.library import open_library
from kb.query import Query
from kb.settings import Settings
library = open_library(Settings(data=Path(sys.argv[1]), encoder="off"))
mine = library.snapshots
mine._find_ids = lambda _query: library._store.ids()
print("ready", flush=True)
for number in range(3):
    mine.freeze(Question(Query(f"{sys.argv[2]} {number}")))
library._store.take_down(sys.argv[2], "x", "p", 1_800_000_000)
mine.mend()
"""


def test_a_kill_at_any_moment_leaves_nothing_wrong(library):
    words = [f"kbqx{number}zzyq" for number in range(8)]
    for number in range(60):
        put(library, f"c{number}", title=f"Case {number}", body=HARD * 20)
    for word in words:
        put(library, word, title=word, body=f"{word} " * 200)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for step, word in enumerate(words):
        with subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-c", _KILLED, str(library.settings.data), word],
            env=env, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout.readline() == "ready\n"
            if word != words[-1]:
                time.sleep(0.03 * 2**step)
                process.kill()

        library.snapshots.mend()

        gone = {each.case_id for each in library._store.retirements(words).values()}
        for each in gone:
            assert [
                name for name in left_of(library, f"{each} {each}") if not name.startswith(".")
            ] == []
        for snapshot in library.snapshots.newest():
            data = package(library, snapshot)
            assert hashlib.sha256(data).hexdigest() == snapshot.sha256
            assert list(tables(data)["cases"]["id"]) == [
                each.case_id
                for each in library.snapshots.cases(snapshot.id)
                if each.state != "taken-down"
            ]
    assert 0 < len(gone) < len(words)
    assert library.snapshots.count() > 2


def test_a_kill_before_the_old_file_is_deleted_heals(full, people):
    made = full.snapshots.freeze(ALL)
    path = full.settings.data / "snapshots" / made.sha256[:2] / made.sha256
    old = path.read_bytes()
    take_down(full, people)
    path.write_bytes(old)  # as if it had never been deleted, or had come back with a backup

    full.snapshots.mend()

    assert not path.exists()


def test_a_file_to_which_nothing_refers_goes_after_an_hour(full):
    made = full.snapshots.freeze(ALL)
    folder = full.settings.data / "snapshots" / "00"
    folder.mkdir(exist_ok=True)
    for name in (".broken-off", "0" * 64, "00" + "1" * 62):
        (folder / name).write_bytes(b"x")
    old = (folder / "x").parent.stat().st_mtime - 4_000
    for name in (".broken-off", "0" * 64):
        os.utime(folder / name, (old, old))

    full.snapshots.mend()

    assert files(full) == {made.sha256, "00" + "1" * 62}


def test_what_is_taken_down_while_it_is_frozen_is_not_in_the_package(full, monkeypatch):
    keep, calls = full.snapshots._keep, []

    def slowly(made, cases):
        calls.append(made.sha256)
        return keep(made, cases)

    made_before = full.snapshots._made

    def and_then(question):
        made = made_before(question)
        if not calls:
            full._store.take_down("second", "x", "p", 1_800_000_000)
        return made

    monkeypatch.setattr(full.snapshots, "_keep", slowly)
    monkeypatch.setattr(full.snapshots, "_made", and_then)

    made = full.snapshots.freeze(ALL)

    assert len(calls) == 2
    assert made.count == 2
    assert left_of(full, CANARY) == []


def test_a_case_that_comes_back_under_its_name_does_not_come_back_into_the_package(full, people):
    made = full.snapshots.freeze(ALL)
    take_down(full, people)
    put(full, "second", title="Another case")
    full.sync()

    now = full.snapshots.get(made.id)

    assert now.held == 2
    assert full.snapshots.changes(now).taken_down == ("second",)
    assert full.snapshots.changes(now).added == ("second",)


# Room


def test_more_than_the_room_is_refused_and_leaves_nothing(full):
    full.snapshots._settings = replace(full.settings, snapshots_mb=0)

    with pytest.raises(FullStoreError, match="KB_SNAPSHOTS_MB"):
        full.snapshots.freeze(ALL)

    assert files(full) == set()
    assert full.snapshots.count() == 0


def test_a_full_disk_is_said_and_leaves_nothing(full, monkeypatch):
    def full_disk(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("kb.originals.os.fsync", full_disk)
        with pytest.raises(FullStoreError, match="No space left"):
            full.snapshots.freeze(ALL)

    assert files(full) == set()
    assert full.snapshots.freeze(ALL).count == 3


def test_one_address_freezes_so_often_in_an_hour(full, clock):
    mine = Snapshots(
        full.settings, full._connections, full._store, full._shelf, full.snapshots._files,
        full._engine.ids, clock,
    )  # fmt: skip
    for _ in range(MOST_AN_HOUR):
        mine.freeze(ALL, "203.0.113.1")

    with pytest.raises(TooManyAttemptsError):
        mine.freeze(ALL, "203.0.113.1")
    mine.freeze(ALL, "203.0.113.2")
    mine.freeze(ALL)
    clock.at += 3601
    mine.freeze(ALL, "203.0.113.1")


# Reading


def test_what_was_never_frozen_is_not_found(full):
    for ask in (full.snapshots.get, lambda name: full.snapshots.newest(1, name)):
        with pytest.raises(SnapshotNotFoundError):
            ask("none")


def test_a_lost_package_is_said(full, people):
    made = full.snapshots.freeze(ALL)
    path = full.settings.data / "snapshots" / made.sha256[:2] / made.sha256
    path.unlink()

    with pytest.raises(PackageLostError, match="backup"):
        full.snapshots.package(made)
    take_down(full, people)
    assert full.snapshots.get(made.id).count == 3


def test_the_list_goes_on_where_it_stopped(full, clock):
    full.snapshots._now = clock
    made = []
    for number in range(7):
        clock.at += number % 2
        made.append(full.snapshots.freeze(Question(Query(f"housing -word{number}"))).id)

    seen, after = [], ""
    while page := full.snapshots.newest(2, after):
        seen += [each.id for each in page]
        after = seen[-1]

    assert sorted(seen) == sorted(made)
    assert [each.id for each in full.snapshots.newest()] == seen
    taken = [each.taken for each in full.snapshots.newest()]
    assert taken == sorted(taken, reverse=True)


def test_without_an_index_nothing_is_frozen(library, write_case):
    library.ingest([write_case("a-case")])

    with pytest.raises(IndexUnavailableError):
        library.snapshots.freeze(ALL)


def test_a_citation_names_address_day_and_hash_in_every_format(full, clock):
    full.snapshots._now = clock
    made = full.snapshots.freeze(Question(Query("housing & {more} -x")))
    url = f"https://praxis.example/snapshots/{made.id}"

    told = sentence(made, url)
    assert told.startswith("citypraxis (2026, September 21). Cases found for “housing & {more} -x”")
    assert made.sha256 in told
    assert told.endswith(url)
    for name in FORMATS:
        text = quoted(made, url, name).decode()
        assert url in text
        assert made.sha256 in text
        assert "2026" in text


def test_citations_are_read_by_what_reads_citations(full):
    import bibtexparser
    import rispy

    made = full.snapshots.freeze(ALL)
    url = f"https://praxis.example/snapshots/{made.id}"

    (entry,) = bibtexparser.parse_string(quoted(made, url, "bibtex").decode()).entries
    (row,) = rispy.loads(quoted(made, url, "ris").decode())
    (item,) = json.loads(quoted(made, url, "csl"))

    assert entry["url"] == url
    assert (row["type_of_reference"], row["urls"]) == ("DATA", [url])
    assert (item["type"], item["URL"]) == ("dataset", url)
    assert entry["title"] == f"{{{item['title']}}}" or entry["title"] == item["title"]


def test_writing_to_the_database_goes_on_while_a_result_is_frozen(full):
    made_before = full.snapshots._made
    done = []

    def meanwhile(question):
        made = made_before(question)
        thread = threading.Thread(target=put, args=(full, "new"), kwargs={"title": "New"})
        thread.start()
        thread.join(5)
        done.append(not thread.is_alive())
        return made

    full.snapshots._made = meanwhile
    made = full.snapshots.freeze(ALL)

    assert done == [True]
    assert made.count == 3
