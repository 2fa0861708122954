import pytest

from kb.evidence import Evidence, grounds, level
from kb.vocabulary import scheme


@pytest.mark.parametrize(
    ("answers", "reached"),
    [
        ({}, "E0"),
        ({"evaluator": "independent"}, "E0"),
        ({"at_scale": True}, "E0"),
        ({"theory_of_change": True}, "E1"),
        ({"measured": True}, "E2"),
        ({"comparison": "before-after"}, "E2"),
        ({"comparison": "before-after", "evaluator": "independent"}, "E2"),
        ({"measured": True, "evaluator": "independent"}, "E2"),
        ({"comparison": "group"}, "E3"),
        ({"comparison": "randomised"}, "E3"),
        ({"comparison": "randomised", "evaluator": "self"}, "E3"),
        ({"comparison": "group", "evaluator": "independent"}, "E4"),
        ({"comparison": "randomised", "evaluator": "independent"}, "E4"),
        ({"replicated": True}, "E4"),
        ({"comparison": "randomised", "evaluator": "independent", "at_scale": True}, "E4"),
        ({"replicated": True, "at_scale": True}, "E5"),
    ],
)
def test_level_follows_from_the_answers(answers: dict[str, object], reached: str) -> None:
    assert level(Evidence.model_validate(answers)) == reached


def test_level_of_no_answers_is_not_assessed() -> None:
    assert level(None) == "not-assessed"


@pytest.mark.parametrize("reached", ["not-assessed", "E0", "E1", "E2", "E3", "E4", "E5"])
def test_every_level_stands_in_the_vocabulary(reached: str) -> None:
    assert scheme("evidence_levels")[reached].label()


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (None, ("nobody has assessed it yet",)),
        ({}, ("no outcomes recorded", "no comparison", "no evaluation known")),
        (
            {"measured": True, "comparison": "before-after", "evaluator": "self"},
            ("outcomes recorded", "figures before and after, no comparison group",
             "evaluated by those who run it"),
        ),
        (
            {"comparison": "group", "evaluator": "independent", "replicated": True,
             "at_scale": True, "source": "s1"},
            ("no outcomes recorded", "a comparison group", "evaluated independently",
             "repeated elsewhere with an evaluation", "run by others at scale", "source s1"),
        ),
    ],
)  # fmt: skip
def test_grounds_say_on_what_the_level_rests(
    answers: dict[str, object] | None, said: tuple[str, ...]
) -> None:
    evidence = None if answers is None else Evidence.model_validate(answers)

    assert grounds(evidence) == said
