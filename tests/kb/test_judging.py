from kb.judging import Record, judged
from kb.model import Tag

AUTHOR = Tag(kind="concept", value="06.1", origin="author", strength=1.0)
MACHINE = Tag(kind="concept", value="15.3", origin="machine", strength=0.6)
PLACE = Tag(kind="place", value="1", origin="machine", strength=0.6)


def test_tags_that_nobody_has_judged_stay_as_they_are():
    assert judged((AUTHOR, MACHINE, PLACE), {}, {}) == (AUTHOR, MACHINE, PLACE)


def test_a_rejected_tag_goes_and_an_accepted_one_counts_fully():
    assert judged((MACHINE,), {"15.3": "rejected"}, {}) == ()
    (kept,) = judged((MACHINE,), {"15.3": "accepted"}, {"15.3": Record(0, 9)})
    assert kept.strength == 1.0


def test_an_authors_tag_is_never_touched():
    assert judged((AUTHOR,), {"06.1": "rejected"}, {"06.1": Record(0, 9)}) == (AUTHOR,)


def test_what_was_rejected_elsewhere_is_believed_less_and_what_was_accepted_more():
    (once,) = judged((MACHINE,), {}, {"15.3": Record(0, 1)})
    (often,) = judged((MACHINE,), {}, {"15.3": Record(0, 8)})
    (both,) = judged((MACHINE,), {}, {"15.3": Record(8, 1)})

    assert MACHINE.strength > both.strength > once.strength > often.strength > 0
