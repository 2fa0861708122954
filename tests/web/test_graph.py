"""The drawing of who copied whom: nothing on nothing, arrows to the right, always the same."""

from hypothesis import given
from hypothesis import strategies as st

from kb.diffusion import Edge, Node
from web.graph import BOX_HEIGHT, BOX_WIDTH, MOST_DRAWN, drawing

pairs = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda p: p[0] != p[1]))


def edge(source, target, told_by="city"):
    nodes = (Node(f"{number}", f"City {number}") for number in (source, target))
    return Edge(*nodes, told_by, "x")


def column(drawn, key):
    return next(box.x for box in drawn.boxes if box.node.key == str(key))


def test_nothing_is_drawn_of_nothing():
    drawn = drawing([])

    assert (drawn.boxes, drawn.arrows, drawn.width, drawn.height) == ((), (), 0, 0)


def test_whoever_copies_stands_right_of_all_that_they_have_copied():
    drawn = drawing([edge(1, 2), edge(2, 3), edge(1, 3)])

    assert column(drawn, 1) < column(drawn, 2) < column(drawn, 3)


def test_what_is_told_twice_is_drawn_once_as_the_city_says_it():
    drawn = drawing([edge(1, 2, "case"), edge(1, 2), edge(1, 2, "case")])

    assert [arrow.edge.told_by for arrow in drawn.arrows] == ["city"]


def test_who_was_copied_most_comes_first_and_no_more_is_drawn_than_can_be_taken_in():
    few, many = [edge(0, 1)], [edge(500, number) for number in range(100, 200)]

    drawn = drawing([*few, *many])

    assert len(drawn.arrows) == MOST_DRAWN
    assert {arrow.edge.source.key for arrow in drawn.arrows} == {"500"}


@given(pairs)
def test_no_box_lies_on_another_or_outside(told):
    drawn = drawing([edge(*pair) for pair in told])

    for number, one in enumerate(drawn.boxes):
        assert 0 <= one.x <= drawn.width - BOX_WIDTH
        assert 0 <= one.y <= drawn.height - BOX_HEIGHT
        for other in drawn.boxes[number + 1 :]:
            apart = abs(one.x - other.x) >= BOX_WIDTH, abs(one.y - other.y) >= BOX_HEIGHT
            assert any(apart)
    assert len(drawn.arrows) == len(set(told)) or len(drawn.arrows) == MOST_DRAWN
    assert len({box.node.key for box in drawn.boxes}) == len(drawn.boxes)


@given(pairs)
def test_the_same_edges_make_the_same_drawing(told):
    assert drawing([edge(*each) for each in told]) == drawing([edge(*each) for each in told])
