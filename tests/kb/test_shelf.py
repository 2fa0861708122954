import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.collection import Collection, CollectionRevision
from kb.database import Connections
from kb.errors import CollectionNotFoundError
from kb.shelf import Shelf


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    opened = Connections(tmp_path / "kb.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def shelf(connections: Connections) -> Shelf:
    return Shelf(connections)


def collection(collection_id: str = "a", *cases: str, title: str = "Title") -> Collection:
    return Collection.model_validate(
        {
            "id": collection_id,
            "title": {"en": title},
            "intro": {"en": "Why."},
            "original_language": "en",
            "made_by": {"name": "A network"},
            "parts": [{"cases": [{"case": case} for case in cases or ("one",)]}],
        }
    )


def save(shelf: Shelf, saved: Collection) -> CollectionRevision | None:
    return shelf.save(saved, file="a.yaml", original="0" * 64, contributor="tester")


def test_saved_collection_is_the_current_one(shelf: Shelf) -> None:
    saved = save(shelf, collection())

    assert saved is not None
    assert shelf.latest("a") == saved
    assert (saved.number, saved.collection) == (1, collection())


def test_each_change_makes_a_revision_and_keeps_the_older_ones(
    shelf: Shelf, connections: Connections
) -> None:
    save(shelf, collection(title="First"))

    changed = save(shelf, collection(title="Second"))

    assert changed is not None
    assert changed.number == 2
    assert shelf.latest("a").collection.title == {"en": "Second"}
    assert connections.reading.execute("SELECT count(*) FROM collections").fetchone() == (2,)


def test_same_content_makes_no_revision(shelf: Shelf) -> None:
    save(shelf, collection())

    assert save(shelf, collection()) is None


def test_missing_collection_is_not_found(shelf: Shelf) -> None:
    with pytest.raises(CollectionNotFoundError, match="there is no collection 'none'"):
        shelf.latest("none")


def test_collections_of_a_case_are_those_that_name_it_now(shelf: Shelf) -> None:
    save(shelf, collection("b", "one", "two"))
    save(shelf, collection("a", "two"))
    save(shelf, collection("c", "two"))
    save(shelf, collection("c", "three"))

    assert [each.collection.id for each in shelf.with_case("two")] == ["a", "b"]
    assert shelf.with_case("four") == ()


def test_all_are_listed_once(shelf: Shelf) -> None:
    save(shelf, collection("a"))
    save(shelf, collection("a", title="Changed"))
    save(shelf, collection("b"))

    assert sorted(each.collection.id for each in shelf.all()) == ["a", "b"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE collections SET title = ''", "DELETE FROM collections",
     "INSERT OR REPLACE INTO collections SELECT * FROM collections"],
)  # fmt: skip
def test_revision_cannot_be_changed_past_the_shelf(
    shelf: Shelf, connections: Connections, statement: str
) -> None:
    save(shelf, collection())

    with pytest.raises(sqlite3.DatabaseError), connections.writing() as db:
        db.execute(statement.replace("title = ''", "content = ''"))

    assert shelf.latest("a").collection == collection()
