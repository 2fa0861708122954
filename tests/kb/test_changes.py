import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.changes import Piece, between, pieces


def test_words_that_were_put_in_and_taken_out_are_told_apart():
    assert pieces("one two three", "one four three") == (
        Piece("kept", "one "),
        Piece("removed", "two "),
        Piece("added", "four "),
        Piece("kept", "three"),
    )


def test_only_fields_that_differ_are_told():
    changes = between({"title": "A", "city": "Brno"}, {"title": "B", "city": "Brno"})

    assert [change.field for change in changes] == ["title"]


def test_a_field_that_came_and_one_that_went_are_told_in_the_order_of_the_later_case():
    changes = between({"end": "2020"}, {"start": "2010"})

    assert [change.field for change in changes] == ["start", "end"]


def test_rows_are_told_line_by_line():
    before = {"outcomes": [{"indicator": "flats", "value": "10"}]}
    after = {"outcomes": [{"indicator": "flats", "value": "12"}]}

    (change,) = between(before, after)

    assert [(piece.kind, piece.text) for piece in change.pieces if piece.kind != "kept"] == [
        ("removed", "10"),
        ("added", "12"),
    ]


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_pieces_make_up_both_texts(before, after):
    found = pieces(before, after)

    assert "".join(each.text for each in found if each.kind != "added") == before
    assert "".join(each.text for each in found if each.kind != "removed") == after


def test_no_text_takes_long():
    numbers = [str(n * n % 151) for n in range(100_000)]
    before, after = "\n".join(numbers), "\n".join(reversed(numbers))
    begun = time.process_time()

    found = pieces(before, after)

    assert [piece.text for piece in found] == [before, after]
    assert pieces("", after) == (Piece("added", after),)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("size", [3_000, 9_000])
def test_long_texts_are_compared_too(size):
    before = "\n".join(f"word{n % 700} other" for n in range(size // 2))

    found = pieces(before, f"{before}\nlast")

    assert found[-1].text.strip().endswith("last")


def test_yes_and_no_are_said_in_the_words_of_the_reader():
    (change,) = between({"visits": False}, {"visits": True}, {"yes": "oui", "no": "non"}.get)

    assert [(piece.kind, piece.text) for piece in change.pieces] == [
        ("removed", "non"),
        ("added", "oui"),
    ]
