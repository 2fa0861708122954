from itertools import groupby
from operator import itemgetter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.meaning.centring import Means
from kb.search.meaning.levels import Rows, packed, unit
from kb.search.meaning.spaces import NameSpace, Passages, PassageSpace

# Two languages that lie apart in the first dimension; what is meant stands in the others.
DE, FI = np.array([2.0, 0, 0, 0]), np.array([-2.0, 0, 0, 0])
HOME, WORK = np.array([0, 2.0, 0, 0]), np.array([0, 0, 2.0, 0])
CONCEPTS = ["home", "work"]


def rows(*named):
    owners, positions, languages, vectors = zip(*named, strict=True)
    return Rows(owners, positions, languages, *packed(np.array(vectors, np.float32)))


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
    assert PassageSpace(Rows()).nearest(np.zeros(4, np.float32)).cases == ()
    assert NameSpace(Rows(), CONCEPTS).concepts(np.zeros(4, np.float32), {"de": 1.0}) == {}


WIDE = 24


@st.composite
def some_rows(draw, prefix="case"):
    """Draw passages of cases in order: clustered by language, some of them equal."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=40))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    named = [(f"{prefix}-{n:03}", place) for n, size in enumerate(sizes) for place in range(size)]
    languages = chance.choice(["de", "fi", "mt"], len(named), p=[0.6, 0.3, 0.1])
    centres = {language: chance.normal(size=WIDE) for language in ("de", "fi", "mt")}
    topics = chance.normal(size=(4, WIDE))
    vectors = [
        centres[language] + topics[chance.integers(4)] + spread * chance.normal(size=WIDE)
        for language, spread in zip(languages, chance.choice([0, 0.3], len(named)), strict=True)
    ]
    owners, positions = zip(*named, strict=True)
    return Rows(owners, positions, languages.tolist(), *packed(np.array(vectors, np.float32)))


def question(seed):
    return unit(np.random.default_rng(seed).normal(size=(1, WIDE)).astype(np.float32))[0]


def directions(rows):
    """Return the directions as plainly as they can be computed."""
    exact, languages = rows.matrix.astype(np.float64), np.array(rows.languages)
    for language in set(rows.languages):
        own = languages == language
        share = own.sum() / (own.sum() + 30)
        mean = share * rows.matrix[own].mean(axis=0, dtype=np.float64)
        exact[own] -= mean + (1 - share) * rows.matrix.mean(axis=0, dtype=np.float64)
    return exact / np.maximum(np.linalg.norm(exact, axis=1), 1e-9)[:, None]


@given(some_rows(), st.integers(0, 2**32))
def test_an_answer_is_that_of_comparing_each_passage_within_half_a_level(rows, seed):
    asked = question(seed)
    cosines = directions(rows) @ asked.astype(np.float64)
    half_a_level = np.sqrt(WIDE) / 254 + 1e-5

    found = PassageSpace(rows).nearest(asked)

    expected = {}
    for owner, position, cosine in zip(rows.owners, rows.positions, cosines, strict=True):
        expected.setdefault(owner, {})[position] = cosine
    assert list(found.cases) == list(expected)
    for case_id, cosine, passage in zip(found.cases, found.cosines, found.passages, strict=True):
        assert abs(cosine - max(expected[case_id].values())) <= half_a_level
        assert expected[case_id][passage] >= max(expected[case_id].values()) - 2 * half_a_level


@given(some_rows(), st.integers(0, 2**32))
def test_of_passages_that_are_equally_near_the_first_is_meant(rows, seed):
    passages = Passages.of(rows, Means.of_nothing().with_rows(rows))
    cosines = passages._cosines(question(seed))

    _, found = passages.nearest(question(seed))

    ranked = zip(rows.owners, -cosines, rows.positions, strict=True)
    expected = [min(own)[2] for _, own in groupby(ranked, itemgetter(0))]
    assert found.tolist() == expected


@given(some_rows(), some_rows("more"), st.sets(st.integers(0, 39)), st.integers(0, 2**32))
def test_what_stands_beside_a_file_and_what_is_gone_of_it_make_one_space(rows, more, old, seed):
    means = Means.of_nothing().with_rows(rows)
    made = Passages.of(rows, means)
    gone = [f"case-{n:03}" for n in old]
    asked = question(seed)

    found = PassageSpace(more, made, means, gone).nearest(asked)

    alone, beside = PassageSpace(Rows(), made, means), Passages.of(more, means.with_rows(more))
    expected = told(alone.nearest(asked))
    for case_id in gone:
        expected.pop(case_id, None)
    expected |= zip(beside.cases, zip(*beside.nearest(asked), strict=True), strict=True)
    assert told(found) == expected
    assert len(found.cases) == len(expected)


@given(some_rows(), st.integers(1, 60), st.integers(0, 2**32))
def test_means_are_the_same_in_whatever_pieces_the_passages_come(rows, size, seed):
    means = Means.of_nothing()
    for start in range(0, len(rows), size):
        piece = slice(start, start + size)
        means = means.with_rows(
            Rows(rows.owners[piece], rows.positions[piece], rows.languages[piece],
                 rows.levels[piece], rows.scales[piece])
        )  # fmt: skip

    whole = PassageSpace(rows).nearest(question(seed))
    pieces = PassageSpace(Rows(), Passages.of(rows, means), means).nearest(question(seed))

    assert pieces.cosines == pytest.approx(whole.cosines, abs=0.02)


def told(found):
    return dict(zip(found.cases, zip(found.cosines, found.passages, strict=True), strict=True))


def test_cases_are_the_same_object_from_question_to_question():
    space = PassageSpace(rows(("a", 0, "de", DE + HOME), ("b", 0, "de", DE + WORK)))

    assert space.nearest(np.float32(HOME)).cases is space.nearest(np.float32(WORK)).cases
