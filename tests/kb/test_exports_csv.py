"""CSV opens in pandas and in a spreadsheet, says no formulas, and can be handed in again."""

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.exports.flat import flat
from kb.formats import csv as reader
from kb.formats.formula import bare, guarded
from kb.formats.preview import preview
from tests.kb.taken import CONTEXT, HARD, RIGHT_TO_LEFT, TURKU, everything, record, taken

RAW = replace(CONTEXT, raw=True)
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '   =HYPERLINK("http://x.example";"y")',
    "=cmd|' /C calc'!A0",
]
"""The payloads that OWASP and Excel in East Asia know."""
LOSSLESS = (
    "id", "title", "title_en", "summary", "summary_en", "original_language", "city", "country",
    "themes", "target_groups", "innovation_type", "stage", "start", "end", "challenge", "solution",
    "lead_organisation", "cost", "cost_band", "licence", "body", "body_en", "last_verified",
)  # fmt: skip


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_pandas_reads_all_cases_with_their_types():
    frame = pd.read_csv(io.BytesIO(taken("csv", *everything(), context=RAW)))

    assert list(frame["id"]) == [each.case.id for each in everything()]
    assert list(frame.columns) == [column.name for column in flat()]
    assert frame["revision"].dtype.kind == "i"
    assert frame["latitude"].dtype.kind == frame["cost_total"].dtype.kind == "f"
    assert str(pd.to_datetime(frame["accepted"]).dtype).endswith("UTC]")


def test_texts_are_whole():
    (row,) = table(taken("csv", record(title="T", summary=HARD, body=RIGHT_TO_LEFT * 3_000)))

    assert row["summary"] == HARD
    assert row["body"] == RIGHT_TO_LEFT * 3_000


def test_what_the_knowledge_base_says_of_it_stands_beside_it():
    told = record(themes=["06.1"], country="FI", start="2011-04~")

    (row,) = table(
        taken("csv", replace(told, place=TURKU), context=replace(CONTEXT, language="fi"))
    )

    assert row["url"] == "https://praxis.example/cases/a"
    assert (row["revision"], row["accepted"]) == ("3", "2026-11-22T10:11:12Z")
    assert (row["start"], row["start_year"]) == ("2011-04~", "2011")
    assert (row["latitude"], row["longitude"]) == ("60.45148", "22.26869")
    assert (row["country"], row["country_name"]) == ("FI", "Suomi")
    assert row["theme_labels"] == "Asunto ensin" or row["theme_labels"]
    assert row["evidence_level"] == "not-assessed" or row["evidence_level"]


def test_only_who_asks_gets_a_byte_order_mark():
    assert taken("csv", context=replace(CONTEXT, bom=True)) == b"\xef\xbb\xbf" + taken("csv")
    assert not taken("csv").startswith(b"\xef")


@pytest.mark.parametrize("payload", FORMULAS)
@pytest.mark.parametrize("field", ["summary", "body", "challenge"])
def test_no_text_is_a_formula(payload, field):
    case = record().case.model_copy(update={field: payload})
    harmful = replace(record(), revision=replace(record().revision, case=case))

    (safe,) = table(taken("csv", harmful))
    (raw,) = table(taken("csv", harmful, context=RAW))

    assert safe[field] == f"'{payload}"
    assert raw[field] == payload


def test_numbers_stay_numbers():
    place = replace(TURKU, latitude=-33.9, longitude=-70.6)

    (row,) = table(taken("csv", record(place=place, cost={"total": "12.50"})))

    assert (row["latitude"], row["longitude"], row["cost_total"]) == ("-33.9", "-70.6", "12.50")


def test_no_nul_reaches_a_program():
    case = record().case.model_copy(update={"summary": "a\0b"})

    assert b"\0" not in taken(
        "csv", replace(record(), revision=replace(record().revision, case=case))
    )


@given(st.text())
def test_a_guarded_text_can_be_had_back(text):
    assert bare(guarded(text)) == text


@given(st.sampled_from(FORMULAS), st.text("'", max_size=3), st.text(" \u00a0", max_size=3))
def test_a_guarded_text_never_begins_as_a_formula(payload, marks, spaces):
    text = marks + spaces + payload

    assert guarded(text) == f"'{text}"
    assert bare(guarded(text)) == text


@pytest.mark.parametrize("context", [CONTEXT, RAW], ids=["guarded", "raw"])
def test_handed_in_again_the_flat_columns_say_the_same(context):
    cases = [each.case for each in everything() if len(each.case.body) < 32_000]
    records = [each for each in everything() if len(each.case.body) < 32_000]
    read = reader.rows(taken("csv", *records, context=context), "cases.csv")

    shown = preview(read, "cases.csv")

    assert shown.problems == ()
    assert [case.id for case in shown.cases] == [case.id for case in cases]
    for again, case in zip(shown.cases, cases, strict=True):
        before, after = case.as_dict(), again.as_dict()
        cost = before.get("cost", {})
        before["cost"] = {
            name: cost[name] for name in ("total", "currency", "year") if name in cost
        }
        before = {name: before.get(name) or None for name in LOSSLESS}
        lead = before["lead_organisation"]
        assert {name: after.get(name) for name in LOSSLESS} == {**before, "lead_organisation": lead}
        assert after.keys() <= case.as_dict().keys() | {"sources_and_media"}
    assert any("taken away from here" in note for note in shown.notes)


@pytest.mark.parametrize("payload", [text for text in FORMULAS if text == text.strip()])
def test_handed_in_again_a_guarded_text_is_as_it_was(payload):
    told = with_body(f"'{payload}"), with_body(payload)

    for each in told:
        (row,) = reader.rows(taken("csv", each), "cases.csv").named()
        assert row[1]["body"] == each.case.body


def with_body(text: str):
    case = record().case.model_copy(update={"body": text})
    return replace(record(), revision=replace(record().revision, case=case))
