"""The workbook opens in openpyxl and pandas, has types, and drops nothing silently."""

import io
import re
from dataclasses import replace
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from kb.exports.flat import flat
from kb.formats import xlsx as reader
from kb.formats.preview import preview
from tests.kb.taken import RIGHT_TO_LEFT, TURKU, everything, record, taken
from tests.kb.test_exports_csv import FORMULAS, LOSSLESS

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

NAMES = [column.name for column in flat()]


def book(*records):
    return openpyxl.load_workbook(io.BytesIO(taken("xlsx", *records)))


def row(sheet, number=2):
    return dict(zip(NAMES, (cell.value for cell in sheet[number]), strict=True))


def with_text(field: str, text: str):
    case = record().case.model_copy(update={field: text})
    return replace(record(), revision=replace(record().revision, case=case))


def test_the_sheet_of_cases_has_names_that_stay_in_sight():
    sheet = book(*everything())["cases"]

    assert [cell.value for cell in sheet[1]] == NAMES
    assert sheet.freeze_panes == "A2"
    assert sheet.max_row == len(everything()) + 1


def test_pandas_reads_all_cases():
    frame = pd.read_excel(io.BytesIO(taken("xlsx", *everything())), dtype={"id": str})

    assert list(frame["id"]) == [each.case.id for each in everything()]
    assert frame["accepted"].dtype.kind == "M"


def test_values_have_their_types():
    told = record(place=TURKU, start="2011", cost={"total": "1250000.50"}, themes=["06.1"],
                  last_verified="2026-02-03")  # fmt: skip

    said = row(book(told)["cases"])

    assert said["cost_total"] == 1_250_000.5
    assert (said["latitude"], said["revision"], said["start_year"]) == (60.45148, 3, 2011)
    assert said["accepted"] == datetime(2026, 11, 22, 10, 11, 12)  # noqa: DTZ001 - cells have none
    assert said["last_verified"] == datetime(2026, 2, 3)  # noqa: DTZ001 - cells have none
    assert (said["themes"], said["start"]) == ("06.1", "2011")


@pytest.mark.parametrize("payload", FORMULAS)
def test_no_text_is_a_formula(payload):
    cell = book(with_text("body", payload))["cases"].cell(2, NAMES.index("body") + 1)

    assert (cell.data_type, cell.value) == ("s", reader_sees(payload))


def reader_sees(text: str) -> str:
    return text.replace("\r", "_x000D_")


@pytest.mark.parametrize("text", ["a\x07b\x0bc", "_x0041_ stays", "line\nline\ttab", RIGHT_TO_LEFT])
def test_any_text_can_be_had_back(text):
    value = row(book(with_text("body", text))["cases"])["body"]
    shown = re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found.group(1), 16)), value)

    assert shown == text


@pytest.mark.parametrize(
    "text", ["x" * 32_767, "😀" * 16_383], ids=["letters", "letters that count twice"]
)
def test_a_text_that_just_fits_stands_in_its_cell(text):
    opened = book(with_text("body", text))

    assert row(opened["cases"])["body"] == text
    assert "texts" not in opened.sheetnames


@pytest.mark.parametrize("text", ["x" * 32_768, "😀" * 16_384, "é—\n" * 60_000])
def test_a_longer_text_stands_in_pieces_in_a_sheet_of_its_own(text):
    opened = book(record(id="before"), with_text("body", text), record(id="after"))
    rows = list(opened["texts"].iter_rows(min_row=2, values_only=True))

    assert row(opened["cases"], 3)["body"].startswith(f"[{len(text):,} characters, more than")
    assert "".join(piece for *_, piece in rows) == text
    assert {(case, column) for case, column, *_ in rows} == {("a", "body")}
    assert row(opened["cases"], 4)["id"] == "after"


def test_the_codebook_says_what_each_column_is():
    opened = book(record())
    codebook = list(opened["codebook"].iter_rows(min_row=2, values_only=True))
    concepts = {line[0]: line for line in opened["concepts"].iter_rows(values_only=True)}

    assert [line[1] for line in codebook] == NAMES
    assert all(line[3] for line in codebook)
    assert concepts["themes/06.1"][4]


def test_it_says_where_it_comes_from_and_under_which_licences():
    opened = book(record(), record(id="b", licence="CC0-1.0"))
    about = dict(opened["about"].iter_rows(values_only=True))

    assert about["chosen"] == "All cases"
    assert about["cases"] == "2"
    assert about["licence CC0-1.0"] == about["licence CC-BY-4.0"] == "1"


def test_handed_in_again_the_flat_columns_say_the_same():
    records = [each for each in everything() if len(each.case.body) < 30_000]

    shown = preview(reader.rows(taken("xlsx", *records), "cases.xlsx"), "cases.xlsx")

    assert shown.problems == ()
    for again, told in zip(shown.cases, records, strict=True):
        before, after = told.case.as_dict(), again.as_dict()
        flat_ones = [name for name in LOSSLESS if name != "cost"]
        assert {name: after.get(name) for name in flat_ones} == {
            name: before.get(name) or None for name in flat_ones
        }
