from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.audit import Audit, Entry
from kb.database import Connections


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    opened = Connections(tmp_path / "kb.sqlite")
    yield opened
    opened.close()


def test_what_was_done_is_kept_the_newest_first(connections):
    audit = Audit(connections, now=lambda: 1_700_000_000.9)
    audit.note("p1", "accept", "d1", "a-case")
    audit.note("p2", "decline", "d2")

    assert audit.entries() == (
        Entry(2, 1_700_000_000, "p2", "decline", "d2", ""),
        Entry(1, 1_700_000_000, "p1", "accept", "d1", "a-case"),
    )


def test_one_can_read_on_from_an_entry(connections):
    audit = Audit(connections)
    for number in range(5):
        audit.note("p1", "look", str(number))
    first = audit.entries(2)

    assert [entry.object for entry in first] == ["4", "3"]
    assert [entry.object for entry in audit.entries(2, before=first[-1].seq)] == ["2", "1"]


def test_entries_of_one_person_are_told_apart(connections):
    audit = Audit(connections)
    audit.note("p1", "look", "a")
    audit.note("p2", "look", "b")

    assert [entry.object for entry in audit.entries(person_id="p2")] == ["b"]


def test_a_detail_is_short_and_in_one_line(connections):
    audit = Audit(connections)
    audit.note("p1", "look", "a", "first\r\nsecond " + "word " * 200)

    detail = audit.entries()[0].detail

    assert detail.startswith("first second word")
    assert len(detail) <= 200


def test_an_entry_is_undone_with_what_it_tells_of(connections):
    audit = Audit(connections)

    def fail():
        with connections.writing():
            audit.note("p1", "accept", "d1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert audit.entries() == ()
