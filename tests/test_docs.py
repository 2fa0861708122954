"""The documentation names everything there is, and what it shows is so."""

import dataclasses
import json
import re

import pytest

from indexer import cli
from kb.collection import Collection
from kb.formats import FORMATS
from kb.model import Case, json_schema
from kb.search.fields import FACETS
from kb.settings import Settings
from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("corpus/*.md")])


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", [f.name for f in dataclasses.fields(Settings)])
def test_setting_is_documented(setting: str) -> None:
    assert f"`KB_{setting.upper()}`" in page("docs/operators.md")


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_command_is_documented(command: str) -> None:
    assert re.search(rf"`{command}\b", page("docs/operators.md"))


@pytest.mark.parametrize("facet", [row.name for row in FACETS])
def test_facet_is_documented(facet: str) -> None:
    assert f"`{facet}`" in page("docs/search.md")
    assert f"`{facet}`" in page("docs/api.md")


@pytest.mark.parametrize("name", sorted(Collection.model_fields))
def test_field_of_a_collection_is_documented(name: str) -> None:
    assert f"`{name}`" in page("docs/collections.md")


@pytest.mark.parametrize("name", sorted(Case.model_fields))
def test_field_of_a_case_is_documented(name: str) -> None:
    assert f"`{name}`" in page("docs/case-format.md")


@pytest.mark.parametrize("suffix", [s for row in FORMATS.values() for s in row.suffixes[:1]])
def test_format_is_documented(suffix: str) -> None:
    assert suffix in page("docs/case-format.md")


def test_published_schema_is_the_models() -> None:
    assert json.loads(page("docs/case.schema.json")) == json_schema()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_inside_the_documentation_lead_somewhere(path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_number_of_cases_and_languages_is_told_as_it_is() -> None:
    files = list((ROOT / "corpus").glob("*/*.md"))
    languages = {re.search(r"(?m)^original_language: (\w+)", page(str(f))).group(1) for f in files}

    told = f"{len(files)} real cases in {len(languages)} languages"

    assert told in page("README.md")
    assert told in page("CHANGELOG.md")
    assert f"{len(files)} cases in {len(languages)} languages" in page("corpus/README.md")
    assert f"{len(files)} cases" in page("docs/wanted.md")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_that_the_documentation_names_are_there(path) -> None:
    for file, _, name in re.findall(
        r"`(tests/[\w/]+\.py)(::(\w+))?", path.read_text(encoding="utf-8")
    ):
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")
