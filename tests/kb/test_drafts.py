import pytest

from kb.database import Connections
from kb.document import Block, Document, Receipt
from kb.drafts import Drafts
from kb.errors import DraftNotFoundError, StaleDraftError
from kb.saying import packed, said


@pytest.fixture
def drafts(tmp_path):
    connections = Connections(tmp_path / "a.sqlite")
    yield Drafts(connections)
    connections.close()


def test_a_draft_comes_back_with_its_receipts_and_its_document(drafts):
    note = said("{count} lines were left out", count=3)
    document = Document((Block("In Łódź", "heading", 2, 3),), notes=(note,), pages=3)
    receipts = (Receipt("city", "Łódź", "In Łódź", 0, 7),)

    made = drafts.add("p", {"city": "Łódź"}, receipts=receipts, document=document, upload="u")

    found = drafts.get(made.id)
    assert found == made
    assert (found.document, found.receipts, found.values) == (document, receipts, {"city": "Łódź"})
    assert drafts.made_of("u") == (found,)
    assert packed(found.document.notes[0]) == packed(note)


def test_whoever_saves_must_have_seen_what_they_change(drafts):
    draft = drafts.add("p", {"title": "A"})
    drafts.write(draft.id, draft.version, {"title": "B"})

    with pytest.raises(StaleDraftError, match="changed since you opened it"):
        drafts.write(draft.id, draft.version, {"title": "C"})

    assert drafts.get(draft.id).values == {"title": "B"}


def test_what_was_submitted_first_waits_first(tmp_path):
    connections = Connections(tmp_path / "a.sqlite")
    times = iter(range(100, 200))
    drafts = Drafts(connections, lambda: next(times))
    first, second = drafts.add("p", {}), drafts.add("q", {})

    drafts.submit(second.id, 1)
    drafts.submit(first.id, 1)

    assert [draft.id for draft in drafts.in_state("submitted")] == [second.id, first.id]
    connections.close()


def test_comments_are_told_in_order_and_go_with_the_draft(drafts):
    draft = drafts.add("p", {})
    drafts.comment(draft.id, "title", "m", "Too long.")
    drafts.comment(draft.id, "", "p", "Better now?")

    assert [(each.field, each.text) for each in drafts.comments(draft.id)] == [
        ("title", "Too long."),
        ("", "Better now?"),
    ]
    drafts.remove(draft.id)
    assert drafts.comments(draft.id) == ()
    with pytest.raises(DraftNotFoundError):
        drafts.get(draft.id)
