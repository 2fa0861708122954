import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.collection import Collection
from kb.errors import RefusedFileError
from kb.formats import collection as collection_format
from kb.formats import is_collection

SMALLEST = """\
id: two-ways
title: {en: Two ways}
intro: {en: Why they stand together.}
original_language: en
made_by: {name: A network}
parts:
  - cases:
      - case: one
      - case: two
        note: {en: "It failed: see why.", fi: Se epäonnistui.}
"""
LARGEST = (
    SMALLEST
    + """\
translation_status: draft
event:
  name: {de: Forum}
  start: "2021-11-15"
  end: "2021-11-17"
  host: Senat
  city: Berlin
  country: DE
  format: online
  question: {de: Wie?}
  phases:
    - title: {de: Lernen}
      text: {de: Zusammen.}
links:
  - {url: "https://example.org/a", title: Ablauf, language: de, note: {de: Ungeprüft.}}
licence: CC0-1.0
"""
)


def read(text: str, file: str = "two-ways.yaml") -> Collection:
    return collection_format.read(text.encode(), file)


def problems(text: str) -> list[str]:
    with pytest.raises(RefusedFileError) as refused:
        read(text)
    return [str(problem) for problem in refused.value.problems]


def test_cases_come_in_the_order_of_the_parts() -> None:
    text = SMALLEST + "  - title: {en: More}\n    cases: [{case: three}]\n"

    assert read(text).cases == ("one", "two", "three")


def test_id_is_the_name_of_the_file_where_none_is_given() -> None:
    assert read(SMALLEST.removeprefix("id: two-ways\n"), "some/forum-2021.yaml").id == "forum-2021"


@pytest.mark.parametrize("text", [SMALLEST, LARGEST])
def test_written_collection_is_read_back_equal(text: str) -> None:
    collection = read(text)

    written = collection_format.write(collection)

    assert collection_format.read(written, "other.yaml") == collection
    assert Collection.model_validate_json(json.dumps(collection.as_dict())) == collection


PRINTED = st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=200)


@given(PRINTED, PRINTED)
def test_any_text_is_written_so_that_it_is_read_back(title: str, intro: str) -> None:
    values = {**read(SMALLEST).as_dict(), "title": {"en": title}, "intro": {"fi": intro}}
    collection = Collection.model_validate(values)

    # What a file cannot hold is normalised when it is read for the first time.
    once = collection_format.read(collection_format.write(collection), "x.yaml")

    assert collection_format.read(collection_format.write(once), "x.yaml") == once


def test_digest_does_not_depend_on_the_order_of_fields() -> None:
    lines = SMALLEST.splitlines(keepends=True)

    assert read("".join([lines[2], lines[0], lines[1], *lines[3:]])).digest == read(SMALLEST).digest


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("case: two", "case: one",
         "two-ways.yaml:9: parts[0].cases[1].case 'one': is in the collection already; name each"),
        ("title: {en: Two ways}", "title: {xx: Two ways}",
         "two-ways.yaml:2: title.xx 'xx': is not one of our languages; "),
        ("title: {en: Two ways}", "title: Two ways", "two-ways.yaml:2: title 'Two ways': "),
        ("title: {en: Two ways}\n", "", "two-ways.yaml:1: title: is missing; add it"),
        ("case: one", "case: One!",
         "two-ways.yaml:8: parts[0].cases[0].case 'One!': cannot be an id; "),
        ("title: {en: Two ways}", "title: {}",
         "two-ways.yaml:2: title: is empty; give at least one"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_line_field_and_remedy(old: str, new: str, problem: str) -> None:
    (said,) = problems(SMALLEST.replace(old, new))

    assert said.startswith(problem)


def test_event_cannot_end_before_it_starts() -> None:
    (said,) = problems(LARGEST.replace('"2021-11-17"', '"2021-11-14"'))

    assert "event.end '2021-11-14': is before its start, 2021-11-15" in said


def test_what_is_no_yaml_is_said_to_be_none() -> None:
    (said,) = problems("a: [1")

    assert "the fields are not YAML" in said


def test_unknown_fields_are_kept_and_named() -> None:
    collection = read(SMALLEST + "mood: hopeful\n")

    assert collection.unknown_fields == ("mood",)
    assert collection.as_dict()["mood"] == "hopeful"


@pytest.mark.parametrize(
    ("file", "expected"), [("a.yaml", True), ("b.YML", True), ("c.md", False), ("yaml", False)]
)
def test_collection_is_told_by_the_end_of_its_name(file: str, *, expected: bool) -> None:
    assert is_collection(file) is expected
