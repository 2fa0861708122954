import json
from pathlib import Path

import pytest

from kb.errors import RefusedFileError
from kb.evaluation import Question, evaluate, means, measure, questions, report
from kb.query import WORDS


def test_perfect_ranking_measures_one() -> None:
    found = measure(["a", "b"], {"a": 3, "b": 1})

    assert (found.ndcg, found.mrr, found.recall) == (1.0, 1.0, 1.0)


def test_nothing_found_measures_zero() -> None:
    found = measure([], {"a": 3})

    assert (found.ndcg, found.mrr, found.recall) == (0.0, 0.0, 0.0)


def test_later_place_and_lower_grade_measure_less() -> None:
    right = measure(["a", "b", "x"], {"a": 3, "b": 1})
    turned = measure(["b", "a", "x"], {"a": 3, "b": 1})
    late = measure(["x", "y", "a"], {"a": 3, "b": 1})

    assert right.ndcg > turned.ndcg > late.ndcg > 0
    assert late.mrr == pytest.approx(1 / 3)
    assert late.recall == 0.5


def test_ndcg_is_that_of_the_formula() -> None:
    # (2^1 - 1) / log2(2) + (2^2 - 1) / log2(3), over the same with the grades in order.
    assert measure(["b", "a"], {"a": 2, "b": 1}).ndcg == pytest.approx(0.7967, abs=1e-4)


def test_only_the_first_ten_count() -> None:
    found = measure([f"x{n}" for n in range(10)] + ["a"], {"a": 1})

    assert (found.ndcg, found.mrr, found.recall) == (0.0, 0.0, 0.0)


def test_questions_are_read_from_lines(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    row = {"id": "q1", "query": "bezdomni", "language": "pl", "features": ["cross"],
           "relevant": [{"slug": "a", "grade": 3}]}  # fmt: skip
    path.write_text(json.dumps(row) + "\n\n", encoding="utf-8")

    assert questions(path) == (Question("q1", "bezdomni", "pl", {"a": 3}, ("cross",)),)


@pytest.mark.parametrize("line", ["{", '{"id": "q"}', "[]", '{"id": 1, "relevant": 4}'])
def test_line_that_is_no_question_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")

    with pytest.raises(RefusedFileError, match=r"q\.jsonl:2: is no question"):
        questions(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError, match="cannot be read"):
        questions(tmp_path / "none.jsonl")


def test_questions_are_asked_of_the_library(library, write_case) -> None:
    library.ingest([write_case("a-case")])
    library.sync()
    asked = [
        Question("q1", "housing first", "en", {"a-case": 3, "not-here": 3}),
        Question("q2", "obdachlos", "de", {"a-case": 2}, ("cross",)),
        Question("q3", "nothing of it is here", "en", {"not-here": 1}),
    ]

    answered = evaluate(library, asked)

    assert [(each.question.id, each.found, each.own) for each in answered] == [
        ("q1", ("a-case",), True),
        ("q2", ("a-case",), False),
    ]
    assert means(answered).ndcg == 1.0
    assert evaluate(library, asked, legs=WORDS)[1].found == ()


def test_report_groups_by_language_and_feature(library, write_case) -> None:
    library.ingest([write_case("a-case")])
    library.sync()
    asked = [Question("q1", "monorail", "en", {"a-case": 1}, ("typo",)),
             Question("q2", "housing", "en", {"a-case": 1})]  # fmt: skip

    found = report(evaluate(library, asked))

    assert found["means"]["all"] == {"questions": 2, "ndcg": 0.5, "mrr": 0.5, "recall": 0.5}
    assert found["means"]["feature typo"]["ndcg"] == 0.0
    assert found["means"]["language en"]["questions"] == 2
    assert [each["id"] for each in found["questions"]] == ["q1", "q2"]


def test_means_of_nothing_are_zero() -> None:
    assert means([]).ndcg == 0.0
