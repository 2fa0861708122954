import pytest

from kb.completion import Completions, themes
from kb.vocabulary import scheme

COMPLETIONS = Completions(
    [
        ("b", "en", "Housing in Brno"),
        ("a", "fi", "Asunto ensin"),
        ("c", "en", "Old mill, new homes"),
    ],
    ["Brno", "Łódź", "Brno"],
)


def found(typed, reader="en"):
    return [each.text for each in COMPLETIONS.beginning(typed, reader, 50)]


def test_what_begins_so_comes_first_and_cities_before_titles():
    assert [text for text in found("br") if "Brno" in text] == ["Brno"]
    assert [text for text in found("brn") if "Brno" in text] == ["Brno", "Housing in Brno"]


def test_accents_and_case_are_no_matter():
    assert "Łódź" in found("ŁÓD")


def test_all_words_must_be_there_the_last_one_may_be_unfinished():
    assert found("new mil") == ["Old mill, new homes"]
    assert found("new mix") == []


@pytest.mark.parametrize("reader", ["de", "fi", "el"])
def test_themes_are_named_for_the_reader(reader):
    label = scheme("themes")["06"].label(reader)

    assert label in found(label[:6], reader)
    assert label in {each.text for each in themes(reader)}


@pytest.mark.parametrize("typed", ["", " ", "?!", "😀"])
def test_nothing_typed_completes_to_nothing(typed):
    assert found(typed) == []
