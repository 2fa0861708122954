import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.query import Passage
from kb.search.passages import MAX_LENGTH, choose, cut

LONG = "A sentence that says nothing. " * 20


def chosen(texts, marks):
    return choose(cut(texts), marks)


def marked(passage: Passage) -> list[str]:
    return [passage.text[start:end] for start, end in passage.marks]


def test_passage_with_most_different_words_is_shown():
    texts = [("en", "Red red red."), ("en", "Red and blue.")]

    assert chosen(texts, frozenset({"red", "blue"})).text == "Red and blue."


def test_of_equal_passages_the_first_is_shown():
    texts = [("en", "A red one."), ("en", "Another red one.")]

    assert chosen(texts, frozenset({"red"})).text == "A red one."


def test_without_marks_the_first_text_is_shown():
    assert chosen([("fi", "Ensin."), ("en", "Then.")], frozenset()) == Passage("Ensin.", (), "fi")


def test_without_texts_there_is_nothing_to_show():
    assert chosen([], frozenset({"red"})) == Passage("")


def test_marks_are_found_whatever_case_and_accents():
    assert marked(chosen([("pl", "Miasto ŁÓDŹ, Lodz i łódź.")], frozenset({"lodz"}))) == [
        "ŁÓDŹ",
        "Lodz",
        "łódź",
    ]


def test_marks_are_whole_words():
    assert marked(chosen([("en", "redder red-hot")], frozenset({"red"}))) == ["red"]


def test_passage_has_the_language_of_its_text():
    texts = [("fi", "Ei mitään."), ("en", "A red one.")]

    assert chosen(texts, frozenset({"red"})).language == "en"


def test_long_text_is_cut_between_sentences():
    passage = chosen([("en", f"{LONG}The red house. {LONG}")], frozenset({"red"}))

    assert marked(passage) == ["red"]
    assert passage.text.startswith(("A sentence", "The red"))
    assert passage.text.endswith(".")


def test_long_sentence_is_cut_between_words_and_says_so():
    passage = chosen([("en", "word " * 200)], frozenset())

    assert passage.text.endswith("word …")


def test_text_without_any_gap_is_cut_too():
    passage = chosen([("en", "x" * 1000)], frozenset())

    assert passage.text == "x" * (MAX_LENGTH - 2) + " …"


@pytest.mark.parametrize("length", range(MAX_LENGTH - 3, MAX_LENGTH + 4))
def test_passage_near_the_limit_is_not_longer(length):
    assert len(chosen([("en", "x" * (length - 2) + " y")], frozenset()).text) <= MAX_LENGTH


@given(
    st.lists(st.sampled_from(["red. ", "blue ", "x" * 400, "…", "ÅÅ! ", "\n", "-"]), max_size=60),
    st.sets(st.sampled_from(["red", "blue", "aa"])),
)
def test_any_passage_is_short_and_its_marks_are_words_of_it(pieces, marks):
    text = "".join(pieces)

    passage = chosen([("en", text)], frozenset(marks))

    assert len(passage.text) <= MAX_LENGTH
    assert {word.casefold().replace("å", "a") for word in marked(passage)} <= marks
    assert bool(passage.text) is bool(text.strip())
