"""The cases and questions that figures are made with: the same in every run, and like real ones."""

import re
from itertools import product

import numpy as np
import pytest

from bench import corpus, figures, lexis
from bench.asking import Asked, Drawing, worst
from bench.kept import row
from kb.model import Case
from kb.search.parse import MAX_ATOMS, parse


@pytest.fixture(scope="module")
def maker():
    """A maker with made-up words in place of dictionaries, which take 15 s to read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "lexes", _without_dictionaries)
        yield corpus.Maker(corpus.real())


def _without_dictionaries(texts):
    made_up = ["".join(letters) for letters in product("bdklmnrst", "aeiou", "bdklmnrst", "aeiou")]
    return {code: lexis.lexis(code, texts[code], made_up) for code in lexis.SPOKEN}


def made(maker, number):
    return [maker.case(n, np.random.default_rng((corpus.SEED, n))) for n in range(number)]


def test_generated_cases_are_the_same_in_every_run(maker):
    assert [each.digest for each in made(maker, 5)] == [each.digest for each in made(maker, 5)]


def test_generated_cases_differ_from_each_other(maker):
    assert len({each.body for each in made(maker, 50)}) == 50


def test_generated_case_could_be_published(maker):
    assert all(each.gaps == () for each in made(maker, 30) if isinstance(each, Case))


def test_generated_cases_are_as_long_as_real_ones(maker):
    lengths = [len(each.body.split()) for each in made(maker, 60)]

    assert 350 < np.median(lengths) < 650


def test_vocabulary_grows_with_the_number_of_cases(maker):
    words = [set(lexis.WORD.findall(each.body.lower())) for each in made(maker, 100)]

    assert len(set().union(*words)) > 2 * len(set().union(*words[:20]))


def test_questions_are_the_same_in_every_run(maker):
    rows = [row(each) for each in made(maker, 100)]

    assert Drawing(rows).questions() == Drawing(rows).questions()


def test_worst_questions_use_up_what_the_parser_lets_through(maker):
    asked = worst(Drawing([row(each) for each in made(maker, 100)]))

    parsed = parse(asked["32 commonest words, OR"].text)
    assert sum(len(clause.atoms) for clause in parsed.clauses) == MAX_ATOMS
    assert parsed.notes == ()


def test_filtered_question_is_typed_as_its_words():
    asked = Asked("two words", ("a", "b"), "any", {"country": ("FR",)})

    assert asked.query.text == "a OR b"
    assert asked.query.filters == {"country": ("FR",)}


def test_figures_replace_those_between_their_marks_only(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(figures, "PAGE", page)

    figures.publish("x", "new", "make x")

    assert re.fullmatch(
        r"before\n<!-- bench:x -->\nnew\n\n.+`make x`\n<!-- /bench:x -->\nafter\n",
        page.read_text(encoding="utf-8"),
    )
