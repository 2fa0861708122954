"""The index may be deleted or damaged at any moment: the library builds it again from the cases."""

import shutil
from pathlib import Path

import pytest

from kb.errors import IndexUnavailableError
from kb.library import Library, open_library
from kb.query import Query
from tests.damage import current, empty, flip, truncate, zero, zero_a_block

# Whoosh leaves a damaged file open; the collector closes it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning",
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning",
)


@pytest.fixture
def receive(library, write_case):
    def receive(name: str, body: str = "The full text.") -> None:
        path = write_case(name, body)
        library.receive(path.name, path.read_bytes(), "tester")

    return receive


@pytest.fixture
def filled(library, receive):
    receive("one", "There is an orchard.")
    receive("two", "There is a greenhouse.")
    library.sync()
    assert found(library) == {"one", "two"}
    return library


@pytest.fixture
def index(filled):
    return filled.settings.data / "index"


def found(library: Library, text: str = "") -> set[str]:
    return {hit.id for hit in library.search(Query(text, size=100)).hits}


DAMAGES = pytest.mark.parametrize(
    "damage",
    [truncate, empty, zero, zero_a_block, flip, Path.unlink],
    ids=lambda each: each.__name__,
)


def test_search_answers_while_the_index_is_gone(filled, index):
    shutil.rmtree(index)

    assert found(filled, "orchards") == {"one"}
    assert found(filled, "sans-abri") == {"one", "two"}


def test_deleted_index_is_missing(filled, index):
    shutil.rmtree(index)

    assert filled.status().index.state == "missing"


def test_sync_builds_a_deleted_index_again(filled, index):
    shutil.rmtree(index)

    assert filled.sync() == 2

    assert found(filled, "orchard") == {"one"}
    assert filled.status().index.state == "ready"


def test_case_received_while_the_index_was_gone_is_found(filled, index, receive):
    shutil.rmtree(index)
    receive("three", "There is a library.")

    filled.sync()

    assert found(filled, "libraries") == {"three"}
    assert found(filled) == {"one", "two", "three"}


def test_index_deleted_before_the_start_is_built_again(filled, index):
    filled.close()
    shutil.rmtree(index)
    fresh = open_library(filled.settings)
    with pytest.raises(IndexUnavailableError):
        fresh.search(Query("orchard"))

    fresh.sync()

    assert found(fresh, "orchard") == {"one"}
    fresh.close()


def test_index_rebuilt_by_another_process_is_seen(filled, index):
    shutil.rmtree(index)
    other = open_library(filled.settings)
    other.sync()
    other.close()

    assert found(filled, "orchard") == {"one"}
    assert filled.sync() == 0


def test_link_to_nothing_is_mended(filled, index):
    shutil.rmtree(current(index))

    filled.sync()

    assert found(filled, "orchard") == {"one"}


@DAMAGES
@pytest.mark.parametrize("kind", ["*.seg", "*.toc"])
def test_damaged_file_is_mended_at_the_start(filled, index, kind, damage):
    filled.close()
    damage(next(current(index).glob(kind)))

    fresh = open_library(filled.settings)
    fresh.check_index()
    fresh.sync()

    assert found(fresh, "orchards") == {"one"}
    assert found(fresh, "sans-abri") == {"one", "two"}
    fresh.close()


@pytest.mark.parametrize(
    "damage", [truncate, empty, zero, Path.unlink], ids=lambda each: each.__name__
)
def test_damaged_lexicon_is_mended_at_the_start(filled, index, damage):
    filled.close()
    damage(current(index) / "lexicon.sqlite")

    fresh = open_library(filled.settings)
    fresh.check_index()
    fresh.sync()

    assert found(fresh, "sans-abri") == {"one", "two"}
    fresh.close()


@pytest.mark.parametrize("kind", ["*.seg", "*.toc", "lexicon.sqlite"])
def test_file_lost_while_the_index_is_open_is_mended_by_the_next_change(
    filled, index, receive, kind
):
    next(current(index).glob(kind)).unlink()
    receive("three", "There is a library.")

    filled.sync()

    assert found(filled, "libraries") == {"three"}
    assert found(filled, "sans-abri") == {"one", "two", "three"}


def test_whole_index_is_left_alone(filled, index):
    before = current(index)

    filled.check_index()

    assert current(index) == before


def test_missing_index_is_left_to_sync(library):
    library.check_index()

    assert not (library.settings.data / "index").exists()


def test_leftover_of_a_rebuild_that_was_killed_is_removed(filled, index):
    leftover = index / "g-1.new"
    leftover.mkdir()
    (leftover / "half.seg").write_bytes(b"x")

    filled.rebuild()

    assert not leftover.exists()


def test_lost_tags_and_pages_are_made_again(filled):
    with filled._connections.writing() as db:
        db.execute("DELETE FROM analyses")
    assert filled.page("one").tags == ()

    filled.sync()

    assert "<p>There is an orchard.</p>" in filled.page("one").bodies["en"]
    assert filled.page("one").tags


def test_failure_that_is_no_damage_is_told_and_the_index_kept(filled, index, receive):
    before = current(index)
    receive("three")

    def failing(step, items, _total):
        if step == "Indexing":
            raise ZeroDivisionError
        return items

    with pytest.raises(ZeroDivisionError):
        filled.sync(failing)

    assert current(index) == before
    assert filled.sync() == 1
    assert found(filled) == {"one", "two", "three"}
