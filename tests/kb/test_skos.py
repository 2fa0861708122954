import shutil

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import SKOS

from kb import skos, thesaurus
from kb.errors import RefusedFileError
from kb.vocabulary import ANY_LANGUAGE, LABELS, reading, scheme

MATCHED = next(concept for concept in scheme("themes") if concept.eurovoc)


@pytest.fixture
def eurovoc(tmp_path):
    def write(**labels):
        graph = Graph()
        for language, text in labels.items():
            subject = URIRef(skos.EUROVOC + MATCHED.eurovoc[0])
            graph.add((subject, SKOS.altLabel, Literal(text, lang=language)))
        path = tmp_path / "eurovoc.ttl"
        graph.serialize(path, format="turtle")
        return path

    return write


def test_labels_of_a_match_are_those_of_the_theme(eurovoc):
    found = skos.labels_in(eurovoc(fi="aivan uusi sana", de="ganz neues Wort"))

    assert found == {MATCHED.id: {"fi": ("aivan uusi sana",), "de": ("ganz neues Wort",)}}


def test_only_labels_that_are_new_and_clear_are_additions(eurovoc):
    other = next(each for each in scheme("themes") if each.id != MATCHED.id and each.alt.get("de"))
    path = eurovoc(fi="aivan uusi sana", de=other.alt["de"][0], ru="новое слово")

    found = list(thesaurus.additions(skos.labels_in(path)))

    assert found == [thesaurus.Addition(MATCHED.id, "fi", "aivan uusi sana")]


def test_added_labels_stand_in_the_file_and_nothing_else_changes(tmp_path):
    shutil.copy(LABELS / "fi.toml", tmp_path / "fi.toml")

    thesaurus.add([thesaurus.Addition(MATCHED.id, "fi", 'aivan "uusi" sana')], tmp_path)

    before, after = reading.labels(LABELS / "fi.toml"), reading.labels(tmp_path / "fi.toml")
    assert after["themes"][MATCHED.id]["alt"][-1] == 'aivan "uusi" sana'
    after["themes"][MATCHED.id]["alt"].pop()
    assert {name: dict(rows) for name, rows in after.items()} == before


@pytest.mark.parametrize(
    "language", sorted({path.stem for path in LABELS.glob("*.toml")} - {ANY_LANGUAGE})
)
def test_written_labels_read_as_before(tmp_path, language):
    path = LABELS / f"{language}.toml"
    shutil.copy(path, tmp_path / path.name)

    thesaurus.add([thesaurus.Addition("06", language, "x y z")], tmp_path)
    written = reading.labels(tmp_path / path.name)

    written["themes"]["06"]["alt"].remove("x y z")
    before = reading.labels(path)
    assert {key: {k: v for k, v in row.items() if v} for key, row in written["themes"].items()} == {
        key: {k: v for k, v in row.items() if v} for key, row in before["themes"].items()
    }


@pytest.mark.parametrize("content", ["this is no turtle <", "<a:b> <c:d> <e:f> ."])
def test_a_file_that_gives_nothing_is_refused(tmp_path, content):
    path = tmp_path / "other.ttl"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(RefusedFileError, match=r"other\.ttl"):
        skos.labels_in(path)
