import sqlite3
from contextlib import closing

import pytest

from kb.search.words.analysis import read
from kb.search.words.learned import Learned, open_lexicon
from kb.search.words.lexicon import Lexicon
from kb.search.words.naming import Names, is_whole, names_in, remove_but
from kb.search.words.tokens import tokens_in
from tests.damage import empty, truncate, zero, zero_a_block

STOP_WORDS = {"en": frozenset({"the", "of"}), "de": frozenset({"die"})}


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Make the names once, which takes seconds; these tests only ask."""
    return names_in(tmp_path_factory.mktemp("named"), STOP_WORDS)


@pytest.fixture
def path(tmp_path, names):
    (tmp_path / names.name).hardlink_to(names)
    (tmp_path / "generation").mkdir()
    return tmp_path / "generation" / "lexicon.sqlite"


@pytest.fixture
def learned(path, names):
    opened = Learned(path, names=names.name)
    yield opened
    opened.close()


@pytest.fixture
def lexicon(learned, path):
    assert learned.names
    opened = open_lexicon(path)
    yield opened
    opened.close()


@pytest.fixture
def named(lexicon):
    return lexicon


def meanings(lexicon: Lexicon, *question: str, languages: str = "en de fr") -> dict[str, set[int]]:
    asked = tuple(lexicon.tokens(word, frozenset(languages.split())) for word in question)
    return {meaning.concept: set(meaning.places) for meaning in lexicon.meanings(asked)}


def seen(language: str, *words: str):
    return {word: read(word, language) for word in words}


def test_missing_lexicon_is_no_empty_one(path):
    with pytest.raises(sqlite3.Error):
        open_lexicon(path)

    assert not path.exists()


def test_emptied_lexicon_is_no_empty_one(path):
    path.write_bytes(b"")

    with pytest.raises(sqlite3.Error):
        open_lexicon(path)


def test_path_may_hold_any_character(tmp_path):
    odd = tmp_path / "a b?mode=ro#c%20.sqlite"

    Learned(odd, names="names").close()

    assert odd.exists()


def test_word_is_its_spelling_and_its_stem_in_each_language(lexicon):
    assert lexicon.tokens("Städte", frozenset({"de", "mt"})) == {
        "=stadte",
        "de:stadte",
        "de:stadt",
        "mt:stadte",
    }


def test_changing_stem_is_learned_from_the_dictionary(lexicon, learned):
    before = lexicon.tokens("прозорци", frozenset({"bg"}))

    learned.learn("bg", seen("bg", "прозорецът"))
    learned.learn_forms()

    assert "bg:прозорец" not in before
    assert "bg:прозорец" in lexicon.tokens("прозорци", frozenset({"bg"}))


def test_forms_wait_for_the_next_process_where_one_ends(lexicon, learned, path):
    learned.learn("bg", seen("bg", "прозорецът"))

    with closing(Learned(path)) as another:
        another.learn_forms()

    assert "bg:прозорец" in lexicon.tokens("прозорци", frozenset({"bg"}))


def test_learned_form_is_found_without_accents(lexicon, learned):
    learned.learn("sk", seen("sk", "mesto"))
    learned.learn_forms()

    assert "sk:mesto" in lexicon.tokens("MESTÁCH", frozenset())


def test_surface_is_what_stands_in_the_cases(lexicon, learned):
    learned.learn("en", seen("en", "Neighbours", "neighbour", "garden"))

    found = lexicon.surface(["en:neighbour", "=house"])

    assert found == {
        "en:neighbour": frozenset({"neighbour", "neighbours"}),
        "=house": frozenset({"house"}),
    }


def test_surface_of_nothing_is_nothing(lexicon):
    assert lexicon.surface([]) == {}


def test_learning_survives_closing(learned, path):
    learned.learn("en", seen("en", "gardens"))

    with_another = open_lexicon(path)

    assert with_another.surface(["en:garden"]) == {"en:garden": frozenset({"gardens"})}
    with_another.close()


def test_failed_learning_leaves_nothing_half_learned(lexicon, learned):
    with pytest.raises(AttributeError):
        learned.learn("en", seen("en", "gardens") | {"garden": None})

    learned.learn("en", seen("en", "gardens"))
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


def test_names_are_made_once_for_what_they_are_made_from(tmp_path):
    first = names_in(tmp_path, STOP_WORDS)
    written = first.stat().st_mtime_ns

    again, other = names_in(tmp_path, STOP_WORDS), names_in(tmp_path, {})

    assert (again, again.stat().st_mtime_ns) == (first, written)
    assert other != first


@pytest.mark.parametrize(
    "damage", [truncate, empty, zero, zero_a_block], ids=lambda each: each.__name__
)
def test_damaged_names_are_made_again(tmp_path, names, damage):
    path = names_in(tmp_path, STOP_WORDS)
    assert path.name == names.name
    damage(path)
    assert not is_whole(path)

    assert is_whole(names_in(tmp_path, STOP_WORDS))


def test_names_that_no_index_uses_are_removed(tmp_path):
    kept, dropped = names_in(tmp_path, STOP_WORDS), names_in(tmp_path, {})

    remove_but(tmp_path, {kept.name})

    assert kept.exists()
    assert not dropped.exists()


def test_names_can_be_asked_without_words_of_cases(names):
    opened = Names(names)

    assert opened.has({"en:homeless"})
    assert not opened.has({"en:xylophone"})
    opened.close()
