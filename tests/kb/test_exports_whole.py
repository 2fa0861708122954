"""JSON Lines and Markdown lose nothing."""

import io
import json
import zipfile
from dataclasses import replace

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from kb.formats import jsonl, md
from kb.formats.preview import preview
from kb.model import Case
from tests.kb.taken import MINIMAL, PUBLIC, everything, record, taken

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80).filter(
    str.strip
)
ADDED = {"url", "revision", "accepted", "evidence_level"}


def lines(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.decode().split("\n") if line]


def test_pandas_reads_json_lines():
    frame = pd.read_json(io.BytesIO(taken("jsonl", *everything())), lines=True)

    assert list(frame["id"]) == [each.case.id for each in everything()]


def test_a_line_is_the_case_and_where_it_comes_from():
    (row,) = lines(taken("jsonl", record(themes=["06.1"])))

    assert row == {
        **MINIMAL,
        "themes": ["06.1"],
        "licence": "CC-BY-4.0",
        "evidence_level": "not-assessed",
        "revision": 3,
        "accepted": "2026-11-22T10:11:12Z",
        "url": f"{PUBLIC}/cases/a",
    }


def test_every_case_comes_back_from_json_lines():
    shown = preview(jsonl.rows(taken("jsonl", *everything()), "cases.jsonl"), "cases.jsonl")

    assert shown.problems == ()
    assert [case.digest for case in shown.cases] == [each.case.digest for each in everything()]


@given(st.fixed_dictionaries({"title": TEXTS, "summary": TEXTS, "body": TEXTS, "mood": TEXTS}))
def test_any_case_stands_whole_in_its_line(fields):
    told = record(**fields)

    (row,) = lines(taken("jsonl", told))
    again = {name: value for name, value in row.items() if name not in ADDED}

    assert Case.model_validate(again) == told.case
    assert Case.model_validate(again).digest == told.case.digest


def files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_case_comes_back_from_markdown():
    found = files(taken("md", *everything()))
    again = [md.read(data, name, lambda _: ("en", 1.0)) for name, data in found.items()
             if name not in {"bare.md", "hard.md"}]  # fmt: skip

    assert list(found) == [f"{each.case.id}.md" for each in everything()]
    assert again == [each.case for each in everything()[:-2]]


def test_markdown_is_the_same_bytes_each_time():
    assert taken("md", *everything()) == taken("md", *everything())


def test_nothing_is_read_before_it_is_asked_for():
    asked = []

    def records():
        for number in range(1000):
            asked.append(number)
            yield replace(record(id=f"c{number}"))

    from kb.exports import EXPORTS
    from tests.kb.taken import CONTEXT

    for name in ("csv", "jsonl", "md", "bibtex", "ris", "csl", "geojson", "turtle", "jsonld"):
        asked.clear()
        written = EXPORTS[name].write(records(), CONTEXT)
        for _ in range(3):
            next(written)
        assert len(asked) < 10, name
        written.close()
