import numpy as np
import pytest

from kb.errors import RefusedFileError
from kb.search.engine import Checkpoint
from kb.search.vectors import Vectors

MODEL = "a-model"
AT_1 = Checkpoint("a database", "a version", 1)
KEY, OTHER = b"k" * 16, b"o" * 16
UNIT = np.array([0.6, -0.8, 0.0], np.float32)


@pytest.fixture
def vectors(tmp_path):
    opened = Vectors(tmp_path / "vectors.sqlite")
    yield opened
    opened.close()


def test_what_is_wanted_is_missing_until_it_is_kept(vectors):
    vectors.note([("a-case", [("de", KEY), ("en", OTHER)])], [], AT_1, anew=True)

    vectors.keep(MODEL, {KEY: UNIT})

    assert vectors.progress(MODEL) == (1, 2)
    assert vectors.missing(MODEL, "a-case") == {OTHER}
    assert vectors.incomplete(MODEL) == ["a-case"]
    assert vectors.checkpoint() == AT_1


def test_a_vector_comes_back_nearly_as_it_was(vectors):
    vectors.note([("a-case", [("de", KEY)])], [], AT_1, anew=True)
    vectors.keep(MODEL, {KEY: UNIT})

    rows = vectors.rows(MODEL)

    assert (rows.owners, rows.positions, rows.languages) == (("a-case",), (0,), ("de",))
    assert rows.matrix == pytest.approx(UNIT[None, :], abs=0.004)


def test_vectors_of_another_model_do_not_count(vectors):
    vectors.note([("a-case", [("de", KEY)])], [], AT_1, anew=True)

    vectors.keep("another-model", {KEY: UNIT})

    assert vectors.progress(MODEL) == (0, 1)
    assert not vectors.rows(MODEL).owners


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
