"""The cases that ship: whole, in their language, each with its sources, and true to its record."""

import json
import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from kb.formats import collection, md
from kb.model import Case
from kb.nlp import place_of, tag
from kb.nlp.detect import detect
from kb.vocabulary import scheme
from tests.conftest import ROOT

FILES = sorted((ROOT / "corpus").glob("*/*.md"))
COLLECTIONS = sorted((ROOT / "corpus" / "collections").glob("*.yaml"))
WHOLE_IN_ENGLISH = 20
"""So many cases that are not in English, those with the longest records, are translated whole."""


@cache
def read(path: Path) -> Case:
    return md.read(path.read_bytes(), str(path), lambda _text: ("", "", ""))


def of_each_case(test):
    return pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)(test)


def test_corpus_has_a_case_of_every_record_and_no_other(test_data: Path) -> None:
    assert {path.stem for path in FILES} == set(_records(test_data))
    assert len(FILES) == 91
    assert len({read(path).original_language for path in FILES}) == 30


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


def test_cases_with_most_facts_can_be_read_in_english(test_data: Path) -> None:
    records = {slug: json.loads(line) for slug, line in _records(test_data).items()}
    longest = sorted(records.values(), key=lambda record: -_length(record))
    foreign = [record["slug"] for record in longest if record["original_language"] != "en"]

    translated = {path.stem for path in FILES if read(path).body_en}

    assert translated >= set(foreign[:WHOLE_IN_ENGLISH])


@of_each_case
def test_translation_is_of_the_whole_text(path: Path) -> None:
    case = read(path)
    if not case.body_en:
        return

    assert case.challenge_en
    assert case.solution_en
    assert detect(case.body_en).language == "en"
    assert _outline(case.body_en) == _outline(case.body)


@of_each_case
def test_case_names_a_source_for_each_outcome(path: Path) -> None:
    case = read(path)

    assert all(source.url for source in case.sources_and_media)
    assert all(outcome.source for outcome in case.outcomes)


@of_each_case
def test_case_with_results_answers_what_they_rest_on(path: Path) -> None:
    case = read(path)

    assert bool(case.outcomes) == bool(case.evidence and case.evidence.measured)


@of_each_case
def test_addresses_in_the_text_are_those_of_its_sources(path: Path) -> None:
    case = read(path)
    known = {source.url for source in case.sources_and_media}

    assert set(re.findall(r"https?://[^\s)>\]]+", case.body + case.body_en)) <= known


@of_each_case
def test_case_serves_the_policies_of_its_themes_only(path: Path) -> None:
    case = read(path)
    themes = [scheme("themes")[theme] for theme in case.themes]
    links = case.policy_links

    assert set(links.epsr if links else ()) <= {n for theme in themes for n in theme.epsr}
    assert set(links.sdg if links else ()) <= {n for theme in themes for n in theme.sdg}


def test_no_case_is_there_twice() -> None:
    cases = [read(path) for path in FILES]

    titles = Counter((case.title.casefold(), case.city) for case in cases)

    assert [title for title, times in titles.items() if times > 1] == []


def test_each_place_is_known_under_one_name() -> None:
    named: dict[str, set[str]] = {}
    unknown = set()
    for path in FILES:
        case = read(path)
        place = place_of(tag(case))
        if place is None:
            unknown.add(case.city)
        else:
            named.setdefault(place.id, set()).add(case.city)

    assert [names for names in named.values() if len(names) > 1] == []
    # A village of some 1,700 people that GeoNames does not list among the populated places.
    assert unknown == {"Spišský Hrhov"}


@pytest.mark.parametrize("path", COLLECTIONS, ids=lambda path: path.stem)
def test_collection_holds_cases_of_the_corpus_with_a_note_each(path: Path) -> None:
    made = collection.read(path.read_bytes(), str(path))
    notes = [entry.note for part in made.parts for entry in part.cases]

    assert made.id == path.stem
    assert set(made.cases) <= {file.stem for file in FILES}
    assert not made.unknown_fields
    assert {tuple(note or ()) for note in notes} == {tuple(made.title)}
    assert {tuple(part.title or ()) for part in made.parts} == {tuple(made.title)}


def test_forum_of_2021_is_a_collection(test_data: Path) -> None:
    announced = (test_data / "forum-2021-de.txt").read_text(encoding="utf-8")
    (made,) = (collection.read(path.read_bytes(), str(path)) for path in COLLECTIONS)

    assert made.event is not None
    assert (made.event.start, made.event.end) == (date(2021, 11, 15), date(2021, 11, 17))
    assert (made.event.question or {})["de"] in announced.replace('"', "")
    assert all(phase.title["de"] in announced for phase in made.event.phases)
    assert all(link.url.removeprefix("https://") in announced for link in made.links)
    assert made.event.host in announced


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


def _length(record: dict[str, object]) -> int:
    """Measure how much a record says, without what lists its sources."""
    said = {name: value for name, value in record.items() if name != "sources"}
    return len(json.dumps(said, ensure_ascii=False))


def _outline(body: str) -> list[str]:
    """Return what begins each line of a list, a table or a heading."""
    return re.findall(r"(?m)^(#+|[-*]|\d+\.|\|)", body)


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
