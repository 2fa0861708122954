"""Drafts of real documents; tables and failures are listed by: python -m tests.drafting_score."""

import pytest

from kb.document import Block, Document
from kb.drafting import Proposal, Receipt
from tests.drafting_score import (
    FOLDER,
    Score,
    compare,
    document,
    expectations,
    report,
    same_name,
    same_number,
    score,
    without_passage,
)

LEAST = 0.80


@pytest.fixture(scope="module")
def found() -> Score:
    return score()


def test_at_least_four_of_five_fields_are_right_first_time(found):
    assert found.share >= LEAST, "\n".join(report(found))


def test_no_value_comes_without_its_passage(found):
    assert not found.unsupported


def test_the_documents_are_in_ten_languages_and_five_formats():
    rows = expectations()

    files = {path.name for path in FOLDER.iterdir()} - {"expected.jsonl", "README.md"}
    assert {row["file"] for row in rows} == files
    assert len(rows) == 30
    assert len({row["language"] for row in rows}) == 10
    assert len({row["file"].rpartition(".")[2] for row in rows}) == 5


@pytest.mark.parametrize("row", expectations(), ids=lambda row: row["file"])
def test_a_document_says_what_is_expected_of_it(row):
    text = document(row["file"]).text

    for outcome in row["expected"].get("outcomes", []):
        value = outcome["value"]
        numbers = value if isinstance(value, list) else [value]
        places = [text[at:] for at in range(len(text)) if text[at].isdigit()]
        assert any(same_number(number, place) for number in numbers for place in places), outcome
    for name in row["expected"].get("partners", []):
        one = name if isinstance(name, str) else name[0]
        assert same_name(one, one)
        assert _folded(one) in _folded(text)


def test_names_are_the_same_without_accents_and_forms_of_organisation():
    assert same_name("Fondazione Cariplo", "la Fondazione Cariplo")
    assert same_name("Łódź", "lodz")
    assert not same_name("Stad Antwerpen", "Stad")


def test_numbers_are_the_same_however_their_digits_are_grouped():
    assert same_number("1200", "1.200 τόνοι")
    assert same_number("18.2", "18,2 %")
    assert same_number("6000", "noin 6\u00a0000")
    assert not same_number("80", "800")


def test_a_value_is_without_passage_when_its_receipt_quotes_other_words():
    read = Document((Block("Miasto: Łódź"),))
    right = Receipt("city", "Łódź", "Łódź", 8, 12)
    wrong = Receipt("country", "PL", "Polska", 0, 6)

    paths = without_passage(read, Proposal({"city": "Łódź", "country": "PL"}, (right, wrong)))

    assert list(paths) == ["country"]


def test_what_is_made_up_costs_in_a_list_and_shows_as_surplus_in_a_field_not_told():
    row = {
        "file": "a.txt",
        "language": "en",
        "expected": {"partners": ["O2", "OPAL"]},
        "may": {"start": ["2021"]},
    }
    values = {
        "partners": [{"name": "O2"}, {"name": "Rol"}],
        "start": "2021",
        "cost": {"total": 5, "currency": "EUR"},
    }

    marks = {mark.field: mark for mark in compare(row, values)}

    assert (marks["partners"].right, marks["partners"].wrong, marks["partners"].missing) == (
        0.5,
        1,
        1,
    )
    assert not marks["start"].surplus
    assert marks["cost.total"].surplus == 1
    assert not marks["cost.total"].asked


def _folded(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold()
