import json
import sys

import pytest
import spacy

from kb import nlp
from kb.model import Case
from kb.nlp import entities, trained, version

TEXT = (
    "Fondation Abri a ouvert une maison avec Jeanne Martin.\n"
    "La Fondation Abri et la Loi ALUR : la maison de Lyon. jeanne martin y vit.\n"
    "Prix Abri 2020, remis à Jeanne Martin."
)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages on the path; what is known of the installed ones is forgotten."""
    monkeypatch.syspath_prepend(tmp_path)
    forget = (trained.installed.cache_clear, trained.load.cache_clear, version.maker.cache_clear)
    for each in forget:
        each()
    yield tmp_path
    for each in forget:
        each()
    for name in [name for name in sys.modules if name.startswith("kbtest_")]:
        del sys.modules[name]


def install(site, package="kbtest_sm", language="fr", wanted=">=3.8.0,<3.9.0", *, whole=True):
    """Install a pipeline as `spacy package` lays one out: real, small, its names written down."""
    made = spacy.blank(language)
    ruler = made.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "ORG", "pattern": "Fondation Abri"},
            {"label": "ORG", "pattern": "jeanne martin"},
            {"label": "ORG", "pattern": "Lyon"},
            {"label": "PER", "pattern": "Jeanne Martin"},
            {"label": "LAW", "pattern": "Loi ALUR"},
            {"label": "LOC", "pattern": "Prix Abri"},
            {"label": "MISC", "pattern": "maison"},
        ]
    )
    folder = site / package
    data = folder / f"{package}-1.0"
    folder.mkdir()
    if whole:
        made.to_disk(data)
    (folder / "__init__.py").write_text(
        "from pathlib import Path\nfrom spacy.util import load_model_from_path\n"
        "def load(**overrides):\n"
        f"    return load_model_from_path(Path({str(data)!r}), **overrides)\n"
    )
    meta = {"lang": language, "name": "sm", "version": "1.0", "spacy_version": wanted}
    (folder / "meta.json").write_text(json.dumps(meta))
    info = site / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[spacy_models]\n{package} = {package}\n")


@pytest.mark.usefixtures("site")
def test_without_a_pipeline_there_are_no_names():
    assert trained.installed() == {}
    assert entities.find(TEXT, "fr") == ()
    assert version.maker() == version.tagger()


def test_names_are_found_with_their_passage_but_neither_people_nor_places(site):
    install(site)

    first, *others = entities.find(TEXT, "fr")

    assert (first.kind, first.value, first.origin) == ("entity", "Fondation Abri", "machine")
    assert first.passage == TEXT.partition("\n")[0]
    assert first.strength == 0.5
    assert [tag.value for tag in others] == ["Loi ALUR", "Lyon"]


def test_only_the_language_of_the_pipeline_is_read_by_it(site):
    install(site)

    assert entities.find(TEXT, "de") == ()


def test_each_name_says_which_pipeline_found_it_and_so_does_what_decides_on_tags(site):
    install(site)

    assert {tag.tagger for tag in entities.find(TEXT, "fr")} == {"kbtest_sm-1.0"}
    assert version.maker() == f"{version.tagger()} kbtest_sm-1.0"


def test_a_case_is_tagged_with_names_but_not_with_its_own_city(site):
    install(site)
    told = {"id": "a", "title": "Abri", "original_language": "fr", "city": "Lyon", "body": TEXT}

    tags = nlp.tag(Case.model_validate(told))

    assert [tag.value for tag in tags if tag.kind == "entity"] == ["Fondation Abri", "Loi ALUR"]


def test_pipeline_for_another_spacy_is_not_used_and_the_log_says_why(site, caplog):
    install(site, wanted=">=3.1.0,<3.2.0")

    assert entities.find(TEXT, "fr") == ()
    assert "kbtest_sm is for spaCy >=3.1.0,<3.2.0" in caplog.text


@pytest.mark.parametrize("wanted", ["", "latest"])
def test_pipeline_that_does_not_say_for_which_spacy_it_is_is_not_used(site, wanted):
    install(site, wanted=wanted)

    assert trained.installed() == {}


def test_pipeline_for_none_of_our_languages_is_not_used(site, caplog):
    install(site, language="ru")

    assert trained.installed() == {}
    assert "none of our languages" in caplog.text


def test_pipeline_whose_description_cannot_be_read_is_not_used(site):
    install(site)
    (site / "kbtest_sm" / "meta.json").write_text("{")

    assert trained.installed() == {}


def test_broken_pipeline_is_said_and_gone_without(site, caplog):
    install(site, whole=False)

    assert entities.find(TEXT, "fr") == ()
    assert "going on without the pipeline kbtest_sm-1.0" in caplog.text


def test_of_two_pipelines_for_a_language_the_large_one_is_taken(site):
    install(site, "kbtest_sm")
    install(site, "kbtest_lg")

    assert trained.installed()["fr"].package == "kbtest_lg"


def test_norwegian_pipelines_call_themselves_bokmal(site):
    install(site, language="nb")

    assert set(trained.installed()) == {"no"}
