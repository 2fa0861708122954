import sqlite3

import pytest

from kb.search.lexicon import Lexicon, tokens_in

STOP_WORDS = {"en": frozenset({"the", "of"}), "de": frozenset({"die"})}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lexicon.sqlite"


@pytest.fixture
def lexicon(path):
    opened = Lexicon(path, create=True)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Learn the names once, which takes seconds; these tests only ask."""
    opened = Lexicon(tmp_path_factory.mktemp("named") / "lexicon.sqlite", create=True)
    opened.learn_names(STOP_WORDS)
    yield opened
    opened.close()


def meanings(lexicon: Lexicon, *question: str, languages: str = "en de fr") -> dict[str, set[int]]:
    asked = tuple(lexicon.tokens(word, frozenset(languages.split())) for word in question)
    return {meaning.concept: set(meaning.places) for meaning in lexicon.meanings(asked)}


def test_missing_lexicon_is_no_empty_one(path):
    with pytest.raises(sqlite3.Error):
        Lexicon(path)

    assert not path.exists()


def test_emptied_lexicon_is_no_empty_one(path):
    path.write_bytes(b"")

    with pytest.raises(sqlite3.Error):
        Lexicon(path)


def test_path_may_hold_any_character(tmp_path):
    odd = tmp_path / "a b?mode=ro#c%20.sqlite"

    Lexicon(odd, create=True).close()

    assert odd.exists()


def test_word_is_its_spelling_and_its_stem_in_each_language(lexicon):
    assert lexicon.tokens("Städte", frozenset({"de", "mt"})) == {
        "=stadte",
        "de:stadte",
        "de:stadt",
        "mt:stadte",
    }


def test_changing_stem_is_learned_from_the_dictionary(lexicon):
    before = lexicon.tokens("градове", frozenset({"bg"}))

    lexicon.learn("bg", frozenset({"градът"}))

    assert "bg:град" not in before
    assert "bg:град" in lexicon.tokens("градове", frozenset({"bg"}))


def test_learned_form_is_found_without_accents(lexicon):
    lexicon.learn("sk", frozenset({"mesto"}))

    assert "sk:mesto" in lexicon.tokens("MESTÁCH", frozenset())


def test_surface_is_what_stands_in_the_cases(lexicon):
    lexicon.learn("en", frozenset({"Neighbours", "neighbour", "garden"}))

    found = lexicon.surface(["en:neighbour", "=house"])

    assert found == {
        "en:neighbour": frozenset({"neighbour", "neighbours"}),
        "=house": frozenset({"house"}),
    }


def test_surface_of_nothing_is_nothing(lexicon):
    assert lexicon.surface([]) == {}


def test_learning_survives_closing(lexicon, path):
    lexicon.learn("en", frozenset({"gardens"}))

    with_another = Lexicon(path)

    assert with_another.surface(["en:garden"]) == {"en:garden": frozenset({"gardens"})}
    with_another.close()


def test_failed_learning_leaves_nothing_half_learned(lexicon):
    with pytest.raises(KeyError):
        lexicon.learn("xx", frozenset({"gardens"}))

    lexicon.learn("en", frozenset({"gardens"}))
    assert lexicon.surface(["en:garden"])


@pytest.mark.parametrize(("word", "is_stop"), [("the", True), ("THE", True), ("garden", False)])
def test_stop_words_are_those_of_all_languages(named, word, is_stop):
    assert named.is_stop(word) is is_stop


@pytest.mark.parametrize(
    ("question", "concept"),
    [
        (["homeless"], "06"),
        (["Obdachlose"], "06"),
        (["Obdachloser"], "06"),
        (["sans", "abri"], "06"),
        (["rough", "sleeper"], "06"),
        (["sleepers", "rough"], "06"),
        (["HOUSING", "first"], "06.1"),
    ],
)
def test_label_is_read_in_any_inflection(named, question, concept):
    assert meanings(named, *question).get(concept) == set(range(len(question)))


def test_label_is_found_among_other_words(named):
    assert meanings(named, "flats", "for", "homeless", "men")["06"] == {2}


def test_label_needs_all_of_its_words(named):
    assert "06.1" not in meanings(named, "housing")


def test_stop_words_of_a_label_need_not_be_asked(named):
    assert "06.2" in meanings(named, "homelessness", "prevention")
    assert "06.2" in meanings(named, "risk", "homelessness")  # "risk of homelessness"


def test_word_counts_once_for_a_label_that_has_it_twice(named):
    assert "06.1" not in meanings(named, "first")


def test_longer_name_hides_the_shorter_within_it(named):
    found = meanings(named, "homeless", "families")

    assert found["06.5"] == {0, 1}
    assert "06" not in found


def test_two_concepts_side_by_side_are_both_meant(named):
    found = meanings(named, "homeless", "unemployment")

    assert (found["06"], found["01"]) == ({0}, {1})


def test_question_without_a_label_means_nothing(named):
    assert meanings(named, "xylophone") == {}
    assert named.meanings(()) == ()


def test_names_know_their_languages(named):
    assert {"en", "de", "fr"} <= named.name_languages
    assert "mul" not in named.name_languages


def test_compound_is_indexed_under_its_parts():
    tokens = tokens_in("Langzeitarbeitslose", "de")

    assert {"=langzeitarbeitslose", "de:arbeitslos"} <= tokens


def test_word_is_indexed_under_its_spelling_without_language():
    assert "=łodz" not in tokens_in("Łódź", "pl")
    assert "=lodz" in tokens_in("Łódź", "pl")
