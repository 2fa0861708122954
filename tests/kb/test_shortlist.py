import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import ShortlistError
from kb.shortlist import LONGEST_NOTE, MOST_CASES, Entry, Shortlist, unpacked

IDS = st.lists(st.from_regex(r"[a-z]{1,4}", fullmatch=True), max_size=MOST_CASES, unique=True)
LISTS = st.builds(
    lambda ids, note: Shortlist(tuple(Entry(each, note) for each in ids)), IDS, st.text(max_size=9)
)


def listed(*ids):
    return Shortlist(tuple(Entry(each) for each in ids))


@given(LISTS)
def test_what_is_packed_is_read_back_equal(told):
    assert unpacked(told.packed()) == told


@given(LISTS, st.text(max_size=4), st.integers(-40, 40))
def test_moving_changes_only_the_order(told, case_id, steps):
    moved = told.moved(case_id, steps)

    assert sorted(moved.ids) == sorted(told.ids)
    assert [each for each in moved.ids if each != case_id] == [
        each for each in told.ids if each != case_id
    ]


@given(LISTS, LISTS)
def test_joining_keeps_ones_own_list_as_it_is_or_changes_nothing(mine, theirs):
    try:
        joined = mine.joined(theirs.entries)
    except ShortlistError:
        assert len({*mine.ids, *theirs.ids}) > MOST_CASES
    else:
        assert joined.entries[: len(mine.entries)] == mine.entries
        assert set(joined.ids) == {*mine.ids, *theirs.ids}
        assert len(set(joined.ids)) == len(joined.ids)


def test_a_case_moves_up_and_down_and_stays_at_the_ends():
    told = listed("a", "b", "c")

    assert told.moved("c", -1).ids == ("a", "c", "b")
    assert told.moved("a", -1).ids == ("a", "b", "c")
    assert told.moved("c", 1).ids == ("a", "b", "c")


def test_the_case_that_is_too_many_is_named_with_what_to_do():
    full = listed(*(f"case-{number}" for number in range(MOST_CASES)))

    with pytest.raises(ShortlistError, match="at most 30 cases; remove some"):
        full.joined([Entry("one-more")])
    assert full.joined([Entry("case-3")]) == full


def test_a_note_is_kept_without_what_cannot_be_shown_and_taken_away_again():
    told = listed("a").noted("a", " Ask\0 Łódź.\r\nTwice. ")

    assert told.notes == {"a": "Ask Łódź.\nTwice."}
    assert told.noted("a", "  ").notes == {}


def test_a_note_that_is_too_long_says_how_long_it_is():
    with pytest.raises(ShortlistError, match="500 characters, and this one has 501; shorten it"):
        listed("a").noted("a", "x" * (LONGEST_NOTE + 1))


@pytest.mark.parametrize("told", [None, {}, "a", [[]], [["a", 1]], ["a"], [[["a"]]]])
def test_what_is_no_list_is_refused(told):
    with pytest.raises(ValueError, match="is no shortlist"):
        unpacked(told)
