"""Exports mark what licences demand, and say where a case was taken over from."""

import csv
import io
import json
import zipfile

import openpyxl
import pandas as pd
import pytest

from kb.formats import csv as reader
from kb.formats.preview import preview
from tests.kb.taken import record, taken

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

COLUMNS = ("licence_noncommercial", "licence_sharealike", "licence_noderivatives")
ORIGIN = {"site": "Peer", "url": "https://peer.example/cases/b", "taken": "2026-11-01"}
SET = (
    record(),
    record(id="b", licence="CC-BY-NC-SA-4.0", imported_from=ORIGIN),
    record(id="c", licence="CC-BY-ND-4.0"),
)
MARKS = [(False, False, False), (True, True, False), (False, False, True)]


def test_csv_marks_each_case_and_says_its_origin():
    rows = list(csv.DictReader(io.StringIO(taken("csv", *SET).decode())))

    assert [tuple(row[name] == "true" for name in COLUMNS) for row in rows] == MARKS
    assert [row["imported_from"] for row in rows] == ["", ORIGIN["url"], ""]


def test_the_origin_comes_back_from_csv_and_the_marks_do_not():
    cases = preview(reader.rows(taken("csv", *SET), "a.csv"), "a.csv").cases

    assert cases[1].imported_from.url == ORIGIN["url"]
    assert not any("licence_" in name for case in cases for name in case.unknown_fields)


def test_the_workbook_has_marks_with_types_and_counts_them():
    book = openpyxl.load_workbook(io.BytesIO(taken("xlsx", *SET)))
    header, *rows = book["cases"].iter_rows(values_only=True)
    told = [tuple(row[header.index(name)] for name in COLUMNS) for row in rows]

    assert told == MARKS
    about = dict(book["about"].iter_rows(values_only=True))
    assert about["not for commercial use"] == "1"
    assert about["to be shared alike"] == "1"
    assert about["not to be changed"] == "1"


def test_parquet_has_them_as_booleans():
    pytest.importorskip("pyarrow")
    frame = pd.read_parquet(io.BytesIO(taken("parquet", *SET)))

    assert {frame[name].dtype.kind for name in COLUMNS} == {"b"}
    assert list(frame[list(COLUMNS)].itertuples(index=False, name=None)) == MARKS


def test_the_package_describes_them_and_says_how_many():
    with zipfile.ZipFile(io.BytesIO(taken("package", *SET))) as archive:
        told = json.loads(archive.read("datapackage.json"))
        croissant = json.loads(archive.read("croissant.json"))

    fields = {each["name"]: each for each in told["resources"][0]["schema"]["fields"]}
    assert {fields[name]["type"] for name in COLUMNS} == {"boolean"}
    for about in (told["description"], croissant["description"]):
        assert "1 not for commercial use; 1 to be shared alike; 1 not to be changed" in about
