"""The cases that ship: whole, in their language, each with its sources, and true to its record."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from kb.formats import md
from kb.model import Case
from kb.nlp.detect import detect
from tests.conftest import ROOT

FILES = sorted((ROOT / "corpus").glob("*/*.md"))


@cache
def read(path: Path) -> Case:
    return md.read(path.read_bytes(), str(path), lambda _text: ("", "", ""))


def of_each_case(test):
    return pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)(test)


def test_corpus_has_enough_cases_and_languages() -> None:
    cases = [read(path) for path in FILES]

    assert len(cases) >= 24
    assert len({case.original_language for case in cases}) >= 14


@of_each_case
def test_case_is_complete_and_lies_where_it_belongs(path: Path) -> None:
    case = read(path)

    assert case.id == path.stem
    assert path.parent.name == (case.country or "").lower()
    assert not case.unknown_fields
    assert 200 <= len(case.summary) <= 900
    assert 300 <= len(case.body.split()) <= 700


@of_each_case
def test_case_is_written_in_the_language_it_names(path: Path) -> None:
    case = read(path)

    # Serbian in Latin script cannot be told from Croatian by its letters.
    expected = {"sr": {"sr", "hr"}}.get(case.original_language, {case.original_language})
    assert detect(case.body).language in expected


@of_each_case
def test_case_not_in_english_has_a_translation_marked_as_ours(path: Path) -> None:
    case = read(path)

    if case.original_language == "en":
        assert not case.title_en
    else:
        assert case.title_en
        assert 60 <= len(case.summary_en.split()) <= 120
        assert case.translation_status is not None


@of_each_case
def test_case_names_a_source_for_each_outcome(path: Path) -> None:
    case = read(path)

    assert all(source.url for source in case.sources_and_media)
    assert all(outcome.source for outcome in case.outcomes)


def test_no_case_is_there_twice() -> None:
    cases = [read(path) for path in FILES]

    titles = Counter((case.title.casefold(), case.city) for case in cases)

    assert [title for title, times in titles.items() if times > 1] == []


@of_each_case
def test_case_holds_no_figure_that_its_record_does_not(path: Path, test_data: Path) -> None:
    case = read(path)
    record = _records(test_data)[case.id]

    unknown = _figures(_told(case)) - _figures(record) - _written_out(record)

    assert unknown == set()


@of_each_case
def test_case_keeps_place_country_language_and_sources_of_its_record(
    path: Path, test_data: Path
) -> None:
    case = read(path)
    record = json.loads(_records(test_data)[case.id])

    assert case.country == record["country"]
    assert case.original_language == record["original_language"]
    assert [source.url for source in case.sources_and_media] == [
        s["url"] for s in record["sources"]
    ]


@cache
def _records(folder: Path) -> dict[str, str]:
    lines = (folder / "case-facts.jsonl").read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["slug"]: line for line in lines}


def _told(case: Case) -> str:
    rows = (text for outcome in case.outcomes for text in (outcome.value, outcome.baseline or ""))
    return "\n".join((case.title, case.title_en, case.summary, case.summary_en, case.challenge,
                      case.challenge_en, case.solution, case.solution_en, case.body, case.body_en,
                      *rows))  # fmt: skip


def _figures(text: str) -> set[str]:
    """Return the numbers, however grouped; list markers and single digits are none."""
    text = re.sub(r"(?m)^\s*\d+[.)]\s", " ", text)
    grouped = r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f.,’']\d{3})+(?!\d)"
    joined = re.sub(grouped, lambda found: re.sub(r"\D", "", found.group()), text)
    return {figure for figure in re.findall(r"\d+", joined) if len(figure) > 1}


def _written_out(record: str) -> set[str]:
    """Return the digits of sums that a text may shorten: 5100000 as 5,1 million, 20 % as it is."""
    sums = {int(figure) for figure in _figures(record) if len(figure) > 4}
    short = {f"{total / 10**size:g}" for total in sums for size in (3, 6, 9)}
    return {part for number in short for part in number.split(".")}
