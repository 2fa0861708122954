from kb import prepared, stems


def test_file_was_made_from_the_labels_of_today() -> None:
    assert prepared.is_current(), "a label has changed since: run make vocabulary"


def test_file_says_what_the_dictionaries_say() -> None:
    said = prepared._read()["words"]["lv"]
    words = sorted(said)[::100]

    assert len(words) > 10
    assert {word: stems._look_up(word, "lv").readings for word in words} == {
        word: prepared._entry(said[word]).readings for word in words
    }


def test_forms_are_those_of_the_words_of_labels() -> None:
    assert ("asunnottomien", "asunnoton") in set(prepared.forms("fi"))
    assert list(prepared.forms("en")) == []
