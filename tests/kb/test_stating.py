"""A result is shown with the sentence of the case that tells it, or with none."""

from typing import Any

import pytest

from kb.model import Case
from kb.stating import stated


def told(value: str, indicator: str = "Families housed", **fields: Any) -> str:
    case = Case.model_validate({
        "id": "a", "title": "A", "original_language": "en",
        "outcomes": [{"indicator": indicator, "value": value}], **fields,
    })  # fmt: skip
    return stated(case)[0]


def test_a_result_is_told_by_the_sentence_with_its_figure_and_what_was_counted():
    body = "It began in 2016. By 2019 the city had housed 84 families. Then 84 flats were bought."

    assert told("84", body=body) == "By 2019 the city had housed 84 families."


@pytest.mark.parametrize(
    "body",
    [
        "In 2016 some 84 letters were sent.",  # the same figure, of something else
        "They housed 184 families.",  # another figure that ends alike
        "They housed 84,500 families.",
        "| Families housed | 84 |\n|---|---|\n| Families housed | 84 |",
        "Families housed: " + "and so on " * 50 + "84",
        "",
    ],
)
def test_what_does_not_tell_it_is_not_shown(body):
    assert told("84", body=body) == ""


def test_figures_are_read_as_the_case_writes_them():
    summary = "Vuonna 2022 oli 3\N{NO-BREAK SPACE}686 yksinelävää asunnotonta."

    assert told("3 686", "Asunnotonta koko maassa", summary=summary) == " ".join(summary.split())


def test_each_result_has_its_place_also_where_nothing_tells_it():
    case = Case.model_validate({
        "id": "a", "title": "A", "original_language": "en", "solution": "It housed 7 families.",
        "outcomes": [{"indicator": "Jobs", "value": "3"}, {"indicator": "Families", "value": "7"}],
    })  # fmt: skip

    assert stated(case) == ("", "It housed 7 families.")
