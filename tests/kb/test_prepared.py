import pytest

from kb import prepared, stems
from kb.languages import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_file_was_made_from_the_labels_of_today(language) -> None:
    assert prepared.is_current(language), "a label has changed since: run make vocabulary"


def test_file_says_what_the_dictionaries_say() -> None:
    said = prepared._content("lv")["words"]
    words = sorted(said)[::100]

    assert len(words) > 10
    assert {word: stems._look_up(word, "lv").readings for word in words} == {
        word: prepared._entry(said[word]).readings for word in words
    }


def test_forms_are_those_of_the_words_of_labels() -> None:
    assert ("asunnottomien", "asunnoton") in set(prepared.forms("fi"))
    assert list(prepared.forms("en")) == []
