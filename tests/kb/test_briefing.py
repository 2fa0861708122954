import pytest

from kb import briefing
from kb.briefing import MOST_QUESTIONS
from kb.model import Case

NOTHING = {"id": "a", "title": "A", "original_language": "en"}
ANSWERED = {
    **NOTHING,
    "barriers_and_failures": [{"code": "funding-ended", "text": "It did.", "changed": "A lot."}],
    "outcomes": [{"indicator": "Flats", "value": "3"}],
    "evidence": {"evaluator": "independent"},
    "cost_band": "10k-50k",
    "conditions": [{"code": "trained-staff"}],
    "relations": [{"type": "adapted-by", "city": "Gent"}],
}
OPEN = {
    "barriers_and_failures": "What failed or stood in the way?",
    "outcomes": "What was counted",
    "evidence": "Has anybody evaluated it",
    "cost_band": "What does it cost",
    "conditions": "What had to be in place",
    "relations": "Has another city taken it over",
}


def case(**told):
    return Case.model_validate(told)


def questions(told, *, overdue):
    return briefing.questions(told, overdue=overdue, adopted=any(told.relations))


def test_nothing_is_asked_of_a_case_that_says_it_all():
    assert questions(case(**ANSWERED), overdue=False) == ()


@pytest.mark.parametrize(("field", "begins"), OPEN.items())
def test_what_the_record_leaves_open_is_asked(field, begins):
    told = {name: value for name, value in ANSWERED.items() if name != field}

    (asked,) = questions(case(**told), overdue=False)
    assert asked.startswith(begins)


def test_it_is_asked_what_was_changed_where_only_the_failure_is_told():
    told = {**ANSWERED, "barriers_and_failures": [{"code": "funding-ended"}]}

    assert questions(case(**told), overdue=False) == (
        "What was changed because of what went wrong?",
    )


def test_whether_it_still_runs_is_asked_first_and_no_more_than_a_few_are():
    asked = questions(case(**NOTHING), overdue=True)

    assert asked[0] == "Is it still running as described?"
    assert len(asked) == MOST_QUESTIONS
