"""Cases that tell what failed come in an order that can be said in one sentence."""

import pytest

from kb.database import Connections
from kb.lessons import MOST, Lessons
from kb.store import Store
from tests.kb.taken import record


@pytest.fixture
def connections(tmp_path):
    opened = Connections(tmp_path / "a.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def store(connections):
    return Store(connections)


@pytest.fixture
def lessons(connections):
    return Lessons(connections)


def put(store, name, *barriers, **fields):
    rows = [dict(zip(("code", "text", "changed"), row, strict=False)) for row in barriers]
    case = record(id=name, barriers_and_failures=rows, **fields).case
    store.save(case, file="", original="", contributor="")


def names(lessons):
    return [each.case.id for each in lessons.first()]


def test_the_stopped_come_first_then_those_that_changed_something_then_the_last(store, lessons):
    put(store, "stopped", ("low-take-up", "Few came."), stage="stopped")
    put(store, "changed", ("low-take-up", "Few came.", "We asked."))
    put(store, "old", ("low-take-up", "Few came."))
    put(store, "new", ("low-take-up", "Few came."))

    assert names(lessons) == ["stopped", "changed", "new", "old"]


@pytest.mark.parametrize("code", ["data-lacking", "could-not-measure", "unknown"])
def test_what_nobody_knows_is_no_lesson(store, lessons, code):
    put(store, "a", (code, "There are no figures."))

    assert lessons.first() == ()


def test_a_barrier_without_a_word_is_no_lesson(store, lessons):
    put(store, "a", ("low-take-up",))
    put(store, "b")

    assert lessons.first() == ()


def test_the_barrier_that_led_to_a_change_is_told(store, lessons):
    broken = ("technology", "It broke.", "Mended.")
    put(store, "a", ("data-lacking", "None."), ("low-take-up", "Few."), broken)

    (lesson,) = lessons.first()

    assert (lesson.barrier.code, lesson.failed, lesson.changed) == (
        "technology", "It broke.", "Mended.",
    )  # fmt: skip


def test_there_are_only_a_few_and_one_a_case(store, lessons):
    for number in range(MOST + 2):
        put(store, f"case-{number}", ("low-take-up", "Few."), ("technology", "It broke."))

    assert len(set(names(lessons))) == MOST


def test_a_case_that_is_retired_is_told_no_more(store, lessons):
    put(store, "a", ("low-take-up", "Few came."))
    assert names(lessons) == ["a"]

    store.retire("a", "archived", "Old.", "", 0)

    assert names(lessons) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Few came. They said why.", "Few came."),
        ("Fermé fin 2023. Une vingtaine d’emplois.", "Fermé fin 2023."),
        ("Das Fest am 5. Mai war leer. Es fehlte Geld.", "Das Fest am 5. Mai war leer."),
        ("It closed (for good.) Nobody came.", "It closed (for good.)"),
        ("Почему? Никто не знает.", "Почему?"),
        ("no full stop", "no full stop"),
        ("Budget of approx. 5 million, e.g. grants", "Budget of approx. 5 million, e.g. grants"),
    ],
)
def test_one_sentence_of_it_is_told(store, lessons, text, sentence):
    put(store, "a", ("low-take-up", text))

    assert lessons.first()[0].failed == sentence


def test_a_sentence_without_end_is_cut(store, lessons):
    put(store, "a", ("low-take-up", "word " * 200))

    assert len(lessons.first()[0].failed) <= 240
    assert lessons.first()[0].failed.endswith(" …")
