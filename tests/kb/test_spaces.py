import numpy as np
import pytest

from kb.search.spaces import NameSpace, PassageSpace
from kb.search.vectors import Rows

# Two languages that lie apart in the first dimension; what is meant stands in the others.
DE, FI = np.array([1.0, 0, 0, 0]), np.array([-1.0, 0, 0, 0])
HOME, WORK = np.array([0, 2.0, 0, 0]), np.array([0, 0, 2.0, 0])
CONCEPTS = ["home", "work"]


def rows(*named):
    owners, positions, languages, vectors = zip(*named, strict=True)
    return Rows(owners, positions, languages, np.array(vectors, np.float32))


@pytest.fixture
def names():
    return NameSpace(
        rows(
            (":", 0, "de", DE + HOME),
            (":", 1, "de", DE + WORK),
            (":", 2, "fi", FI + HOME),
            (":", 3, "fi", FI + WORK),
        ),
        CONCEPTS,
    )


@pytest.fixture
def passages():
    many = [(f"de-{n}", 0, "de", DE + WORK) for n in range(40)]
    more = [(f"fi-{n}", 0, "fi", FI + WORK) for n in range(40)]
    return PassageSpace(
        rows(*many, ("de-home", 0, "de", DE + WORK), ("de-home", 1, "de", DE + HOME), *more,
             ("fi-home", 0, "fi", FI + HOME))
    )  # fmt: skip


def test_a_question_finds_what_it_means_in_another_language(names, passages):
    question = names.place((DE + HOME).astype(np.float32), {"de": 0.9, "fi": 0.1})

    found = passages.nearest(question)

    assert {found.cases[row] for row in found.cosines.argsort()[-2:]} == {"de-home", "fi-home"}
    assert found.passages[list(found.cases).index("de-home")] == 1


def test_a_question_is_placed_by_the_languages_that_it_may_be_in(names):
    vector = (DE + HOME).astype(np.float32)

    sure = names.place(vector, {"de": 1.0})
    unsure = names.place(vector, {"de": 0.5, "fi": 0.5})

    assert abs(sure[0]) < 1e-6
    assert unsure[0] > 0.3


def test_the_nearest_names_say_the_concept(names):
    question = names.place((FI + HOME).astype(np.float32), {"fi": 1.0})

    assert list(names.concepts(question, {"fi": 1.0})) == ["home"]


def test_languages_without_names_are_left_out(names):
    vector = (DE + HOME).astype(np.float32)

    assert names.place(vector, {"de": 0.2, "tlh": 0.8}) == pytest.approx(
        names.place(vector, {"de": 1.0})
    )
    assert names.concepts(vector, {"tlh": 1.0}) == {}


def test_nothing_is_near_where_there_is_nothing():
    empty = Rows((), (), (), np.empty((0, 0), np.float32))

    assert PassageSpace(empty).nearest(np.zeros(4, np.float32)).cases == ()
    assert NameSpace(empty, CONCEPTS).concepts(np.zeros(4, np.float32), {"de": 1.0}) == {}
