"""The data package is valid for Frictionless, loads in one line, and its sums are right."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from rdflib import Graph

from tests.kb.taken import CONTEXT, every_field, everything, record, taken

TABLES = ("cases", "outcomes", "case_concepts", "sources", "concepts", "codebook")

LENIENT = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""Frictionless leaves files open and uses what is deprecated."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("package")
    unpack(taken("package", *everything()), path)
    return path


def unpack(data: bytes, path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        archive.extractall(path)


def described(folder: Path, name: str = "datapackage.json"):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def problems(folder: Path) -> list[list[object]]:
    import frictionless

    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    return report.flatten(["fieldName", "rowNumber", "type", "note"])


@LENIENT
def test_frictionless_finds_nothing_wrong(folder):
    assert problems(folder) == []


@LENIENT
@pytest.mark.parametrize("records", [(), (record(),)], ids=["no case", "a case with gaps"])
def test_frictionless_finds_nothing_wrong_with_little(tmp_path, records):
    unpack(taken("package", *records), tmp_path)

    assert problems(tmp_path) == []


@LENIENT
def test_frictionless_would_find_a_case_that_is_not_there(folder, tmp_path):
    for name in ("datapackage.json", *(f"{table}.csv" for table in TABLES)):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with (tmp_path / "outcomes.csv").open("a", encoding="utf-8") as file:
        file.write("no-such-case,1,Flats,3,,,,,,\r\n")

    assert {problem[2] for problem in problems(tmp_path)} == {
        "foreign-key", "hash-count", "byte-count"
    }  # fmt: skip


def test_pandas_loads_a_table_in_one_line(tmp_path):
    path = tmp_path / "package.zip"
    path.write_bytes(taken("package", *everything()))

    with zipfile.ZipFile(path) as archive:
        frames = {name: pd.read_csv(archive.open(f"{name}.csv")) for name in TABLES}

    assert list(frames["cases"]["id"]) == [each.case.id for each in everything()]
    assert len(frames["outcomes"]) == sum(len(each.case.outcomes) for each in everything())
    assert set(frames["case_concepts"]["concept"]) <= set(frames["concepts"]["id"])


def test_sizes_and_sums_are_those_of_the_files(folder):
    for resource in described(folder)["resources"]:
        data = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_every_column_is_described_and_in_the_order_of_the_file(folder):
    codebook = pd.read_csv(folder / "codebook.csv")
    for resource in described(folder)["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        header = pd.read_csv(folder / resource["path"], nrows=0).columns
        in_codebook = codebook[codebook["table"] == resource["name"]]["column"]
        assert names == list(header) == list(in_codebook)
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_an_outcome_leads_to_its_source_and_its_case(folder):
    outcomes = pd.read_csv(folder / "outcomes.csv")
    sources = pd.read_csv(folder / "sources.csv").set_index("id")
    (row,) = outcomes[outcomes["case"] == "every-field"].to_dict("records")

    assert (row["indicator"], row["value"]) == ("Rodziny w mieszkaniach", "84")
    assert sources.loc[row["source"]]["title"] == "Raport końcowy"


def test_concepts_say_whether_the_author_or_the_machine_said_them(tmp_path):
    unpack(taken("package", every_field()), tmp_path)
    rows = pd.read_csv(tmp_path / "case_concepts.csv", keep_default_na=False)

    said = {(row.concept, row.origin): row.strength for row in rows.itertuples()}
    assert said["themes/06.1", "author"] == 1.0
    assert said["themes/06.2", "machine"] == 0.5
    assert ("barriers/funding-ended", "author") in said


def test_a_mixed_set_says_so_and_names_every_licence(folder):
    told = described(folder)

    assert {row["name"] for row in told["licenses"]} == {each.case.licence for each in everything()}
    assert "different licences" in told["description"]


def test_croissant_is_json_ld_over_the_same_files(folder):
    told = described(folder, "croissant.json")
    sums = {row["name"]: row["sha256"] for row in told["distribution"]}

    assert sums == {
        f"{table}.csv": hashlib.sha256((folder / f"{table}.csv").read_bytes()).hexdigest()
        for table in TABLES
    }
    fields = {row["@id"]: [each["name"] for each in row["field"]] for row in told["recordSet"]}
    for table in TABLES:
        assert fields[table] == list(pd.read_csv(folder / f"{table}.csv", nrows=0).columns)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_croissant_names_only_what_is_there(folder):
    told = described(folder, "croissant.json")
    known = {each["@id"] for row in told["recordSet"] for each in row["field"]}
    leads = {
        each["references"]["field"]["@id"]
        for row in told["recordSet"] for each in row["field"] if "references" in each
    }  # fmt: skip

    assert leads <= known
    assert len(Graph().parse(data=json.dumps(told), format="json-ld")) > 500


def test_croissant_is_what_mlcommons_reads(folder):
    pytest.importorskip("mlcroissant", reason="mlcroissant is no part of the locked packages")
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))

    assert dataset.metadata.issues.report() == ""
    assert sum(1 for _ in dataset.records("cases")) == len(everything())


def test_the_same_cases_make_the_same_bytes():
    assert taken("package", *everything()) == taken("package", *everything())
    later = replace(CONTEXT, taken=CONTEXT.taken.replace(year=2027))
    assert taken("package", *everything()) != taken("package", *everything(), context=later)


def test_two_sources_of_one_name_stay_two(tmp_path):
    twice = [{"id": "s", "title": "One"}, {"id": "s", "title": "Two"}]
    unpack(taken("package", record(sources_and_media=twice)), tmp_path)

    assert list(pd.read_csv(tmp_path / "sources.csv")["id"]) == ["a/s", "a/s#2"]
