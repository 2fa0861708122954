import sqlite3
import threading
from contextlib import closing

import numpy as np
import pytest

from kb.errors import IndexUnavailableError, RefusedFileError
from kb.search.engine import Checkpoint
from kb.search.meaning.tables import NAMES
from kb.search.meaning.vectors import Vectors
from tests.damage import empty, truncate, zero

MODEL = "a-model"
AT_1 = Checkpoint("a database", "a version", 1)
KEY, OTHER = b"k" * 16, b"o" * 16
UNIT = np.array([0.6, -0.8, 0.0], np.float32)


@pytest.fixture
def vectors(tmp_path):
    opened = Vectors(tmp_path / "vectors.sqlite")
    yield opened
    opened.close()


def laid_out(vectors):
    with vectors.view() as view:
        return list(view.all_passages(MODEL))


def touched(vectors):
    with vectors.view() as view:
        return view.touched()


def forget_touched(vectors):
    with vectors.view() as view:
        turn = view.turn()
    vectors.lay_out(MODEL, "a-file", turn)


def test_what_is_wanted_is_missing_until_it_is_kept(vectors):
    vectors.note([("a-case", [("de", KEY), ("en", OTHER)])], [], AT_1, anew=True)

    vectors.keep(MODEL, {KEY: UNIT})

    assert vectors.progress(MODEL) == (1, 2)
    assert vectors.missing(MODEL, "a-case") == {OTHER}
    assert vectors.incomplete(MODEL) == ("a-case",)
    assert vectors.checkpoint() == AT_1


def test_a_vector_comes_back_nearly_as_it_was(vectors):
    vectors.note([("a-case", [("de", KEY)])], [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT})

    (rows,) = laid_out(vectors)

    assert (rows.owners, rows.positions, rows.languages) == (("a-case",), (0,), ("de",))
    assert rows.matrix == pytest.approx(UNIT[None, :], abs=0.004)


def test_vectors_of_another_model_do_not_count(vectors):
    vectors.note([("a-case", [("de", KEY)])], [], AT_1, anew=True)

    vectors.keep("another-model", {KEY: UNIT})

    assert vectors.progress(MODEL) == (0, 1)
    assert laid_out(vectors) == []


def test_a_changed_case_keeps_what_it_still_says(vectors):
    vectors.note([("a-case", [("de", KEY)])], [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT})

    vectors.note([("a-case", [("de", OTHER), ("de", KEY)])], [], AT_1, anew=False)

    assert vectors.missing(MODEL, "a-case") == {OTHER}


def test_dropped_and_forgotten_owners_are_wanted_no_more(vectors):
    vectors.note([("a", [("de", KEY)]), ("b", [("de", KEY)])], [], AT_1, anew=True)

    vectors.note([], ["a"], AT_1, anew=False)
    left = vectors.owners()
    vectors.note([], [], AT_1, anew=True)

    assert (left, vectors.owners()) == (["b"], [])


def test_every_write_changes_the_version_also_for_others(vectors, tmp_path):
    other = Vectors(tmp_path / "vectors.sqlite")
    before = vectors.version, other.version

    vectors.keep(MODEL, {KEY: UNIT})

    assert vectors.version != before[0]
    assert other.version != before[1]
    other.close()


def test_written_vectors_are_adopted_elsewhere(vectors, tmp_path):
    vectors.note([("a-case", [("de", KEY)])], [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT, OTHER: UNIT})
    vectors.write(tmp_path / "one.npz", MODEL, ["a-case"])
    vectors.write(tmp_path / "two.npz", MODEL, ["a-case"])
    elsewhere = Vectors(tmp_path / "elsewhere.sqlite")
    elsewhere.note([("x", [("de", KEY), ("de", OTHER)])], [], AT_1, anew=True)

    elsewhere.adopt(tmp_path / "one.npz")

    assert elsewhere.missing(MODEL, "x") == {OTHER}
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    elsewhere.close()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_holds_no_vectors_is_refused_by_name(vectors, tmp_path, content):
    (tmp_path / "vectors.npz").write_bytes(content)

    with pytest.raises(RefusedFileError, match=r"vectors\.npz"):
        vectors.adopt(tmp_path / "vectors.npz")


def test_vectors_of_another_shape_are_refused(vectors, tmp_path):
    np.savez(
        tmp_path / "vectors.npz",
        model=np.array(MODEL),
        keys=np.zeros((2, 16), np.uint8),
        scales=np.zeros(2, "<f4"),
        vectors=np.zeros((2, 3), np.float64),
    )

    with pytest.raises(RefusedFileError, match="float64"):
        vectors.adopt(tmp_path / "vectors.npz")


def test_a_damaged_file_is_begun_anew(tmp_path):
    (tmp_path / "vectors.sqlite").write_bytes(b"not a database" * 100)

    vectors = Vectors(tmp_path / "vectors.sqlite")

    assert vectors.checkpoint() is None
    vectors.close()


@pytest.mark.parametrize("damage", [truncate, empty, zero], ids=lambda each: each.__name__)
def test_a_file_damaged_while_it_is_open_is_begun_anew_and_followed_from_the_start(
    tmp_path, damage
):
    path = tmp_path / "vectors.sqlite"
    vectors = Vectors(path)
    keys = [n.to_bytes(16) for n in range(500)]
    vectors.note([(f"case-{n}", [("de", key)]) for n, key in enumerate(keys)], [], AT_1, anew=True)
    vectors.keep(MODEL, dict.fromkeys(keys, UNIT))
    vectors.close()  # so that all of it is in this one file
    assert vectors.progress(MODEL) == (500, 500)
    damage(path)

    for _ in range(2):  # the first may only have found the damage
        vectors.close()
        begun = vectors.checkpoint()
    vectors.note([("a", [("de", KEY)])], [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT})

    assert begun is None
    assert vectors.progress(MODEL) == (1, 1)
    vectors.close()


def test_damage_is_told_in_words_and_mended_by_whoever_meets_it(tmp_path):
    path = tmp_path / "vectors.sqlite"
    vectors, other = Vectors(path), Vectors(path)
    vectors.note([("a", [("de", KEY)])], [], AT_1, anew=True)
    before = vectors.version, other.version
    vectors.close()
    other.close()
    zero(path)

    with pytest.raises(IndexUnavailableError, match="begun anew"):
        vectors.progress(MODEL)

    assert vectors.progress(MODEL) == (0, 0)
    assert other.progress(MODEL) == (0, 0)
    assert before[1] != other.version
    vectors.close()
    other.close()


def test_a_file_deleted_while_it_is_open_is_followed_to_its_successor(vectors, tmp_path):
    vectors.note([("a", [("de", KEY)])], [], AT_1, anew=True)
    before = vectors.version
    for path in tmp_path.glob("vectors.sqlite*"):
        path.unlink()

    vectors.note([("b", [("de", KEY)])], [], AT_1, anew=True)

    assert vectors.owners() == ["b"]
    assert vectors.version != before


def test_a_file_of_the_former_version_is_taken_over(tmp_path):
    with closing(sqlite3.connect(tmp_path / "vectors.sqlite")) as former, former:
        former.execute("CREATE TABLE followed (database TEXT, version TEXT, seq INTEGER)")
        former.execute(
            "CREATE TABLE wanted (owner TEXT, position INTEGER, language TEXT, key BLOB, "
            "PRIMARY KEY (owner, position)) WITHOUT ROWID"
        )
        former.execute(
            "CREATE TABLE vectors (model TEXT, key BLOB, scale REAL, vector BLOB, "
            "PRIMARY KEY (key, model)) WITHOUT ROWID"
        )
        former.execute("INSERT INTO wanted VALUES ('a', 0, 'de', ?)", [KEY])
        former.execute("INSERT INTO vectors VALUES (?, ?, 0.01, ?)", [MODEL, KEY, b"abc"])

    vectors = Vectors(tmp_path / "vectors.sqlite")

    assert vectors.progress(MODEL) == (1, 1)
    assert laid_out(vectors)[0].owners == ("a",)
    vectors.close()


def test_what_was_said_again_touches_nothing(vectors):
    both = [("a", [("de", KEY)]), ("b", [("de", OTHER)])]
    vectors.note(both, [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT, OTHER: UNIT})
    forget_touched(vectors)

    vectors.note(both, [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT})

    assert touched(vectors) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda v: v.note([("a", [("de", OTHER)])], [], AT_1, anew=False), ["a"]),
        (lambda v: v.note([("a", [("fi", KEY)])], [], AT_1, anew=False), ["a"]),
        (lambda v: v.note([("new", [("de", KEY)])], [], AT_1, anew=False), ["new"]),
        (lambda v: v.note([], ["b"], AT_1, anew=False), ["b"]),
        (lambda v: v.note([("a", [("de", KEY)])], [], AT_1, anew=True), ["b"]),
        (lambda v: v.keep(MODEL, {OTHER: UNIT}), ["b"]),
        (lambda v: v.note([(NAMES, [("de", KEY)])], [], AT_1, anew=False), []),
    ],
)
def test_every_change_touches_the_cases_that_it_is_of(vectors, change, expected):
    vectors.note([("a", [("de", KEY)]), ("b", [("de", OTHER)])], [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT})
    forget_touched(vectors)

    change(vectors)

    assert touched(vectors) == expected


def test_what_is_touched_while_a_file_is_made_stays_touched(vectors):
    vectors.note([("a", [("de", KEY)]), ("b", [("de", OTHER)])], [], AT_1, anew=True)
    with vectors.view() as view:
        turn = view.turn()
        vectors.note([("a", [("de", OTHER)])], [], AT_1, anew=False)
        seen = view.wanted("a")

    vectors.lay_out(MODEL, "a-file", turn)

    assert seen == [("de", KEY)]
    assert touched(vectors) == ["a"]


def test_nobody_who_reads_waits_for_one_who_writes(vectors):
    vectors.note([("a", [("de", KEY)])], [], AT_1, anew=True)
    began, read = threading.Event(), threading.Event()

    def texts():
        began.set()
        read.wait(60)
        yield "b", [("de", KEY)]

    writer = threading.Thread(target=vectors.note, args=(texts(), [], AT_1), kwargs={"anew": False})
    writer.start()
    began.wait(60)

    seen = vectors.version, vectors.progress(MODEL), vectors.owners()
    read.set()
    writer.join()

    assert seen[1:] == ((0, 1), ["a"])
    assert vectors.owners() == ["a", "b"]
