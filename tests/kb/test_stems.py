import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.languages import LANGUAGES
from kb.stems import forms, lemma, parts, readings, stems
from kb.text import fold


@pytest.mark.parametrize("row", LANGUAGES.values(), ids=LANGUAGES)
def test_readings_of_a_word_are_folded(row):
    found = readings(row.sample.written, row.code)

    assert found
    assert {fold(reading) for reading in found} == found


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Wohnungslose", "Wohnungslosigkeit"),
        ("en", "city", "cities"),
        ("el", "δρόμος", "ΔΡΌΜΟΣ"),
        ("bg", "градовете", "град"),  # dictionary only
        ("ga", "cathair", "cathracha"),  # stem changes
        ("sr", "градовима", "gradovima"),  # two scripts
        ("tr", "IŞIK", "ışık"),  # dotless i
        ("tr", "İSTANBUL", "istanbul"),
    ],
)
def test_forms_of_a_word_share_a_reading(language, one, other):
    assert readings(one, language) & readings(other, language)


def test_word_of_a_language_without_stemmer_is_read_as_itself():
    assert readings("Bliet", "mt") == {"bliet"}


def test_german_nouns_are_told_by_their_capital():
    assert lemma("Hilfen", "de") == "Hilfe"
    assert lemma("helfen", "de") == "helfen"


def test_lemma_is_empty_without_a_dictionary():
    assert lemma("belt", "mt") == ""


def test_stems_read_a_word_in_each_language():
    found = set(stems("Gemeinden", frozenset({"de", "en"})))

    assert found == {("de", "gemeinden"), ("de", "gemeind"), ("en", "gemeinden")}


def test_stems_of_no_language_are_none():
    assert list(stems("housing", frozenset())) == []


@pytest.mark.parametrize(
    ("language", "compound", "expected"),
    [
        ("de", "Langzeitarbeitslose", "arbeitslose"),
        ("de", "Flüchtlingsunterkunft", "unterkunft"),
        ("de", "Bürgerbeteiligung", "beteiligung"),
        ("sv", "ungdomsarbetslöshet", "arbetslöshet"),
        ("nl", "jeugdwerkloosheid", "werkloosheid"),
        ("fi", "kaupunginosa", ""),
        ("de", "Haus", ""),  # too short
        ("de", "Gesellschaft", ""),  # ends in a suffix, not in a word
        ("de", "Qwrtzpsdfgh", ""),
        ("fr", "portefeuille", ""),  # French does not join words
    ],
)
def test_compound_is_parted_at_its_head(language, compound, expected):
    found = parts(compound, language)

    assert (found[-1] if found else "") == expected


def test_compound_gives_its_modifier_too():
    modifier, _ = parts("Flüchtlingsunterkunft", "de")

    assert "fluchtling" in readings(modifier, "de")


def test_forms_are_those_the_dictionary_has():
    found = dict(forms("bg", frozenset({"град"})))

    assert {"градове", "градовете"} <= set(found)
    assert set(found.values()) == {"град"}


@pytest.mark.parametrize(("language", "lemmas"), [("bg", frozenset()), ("mt", frozenset({"belt"}))])
def test_forms_of_nothing_are_none(language, lemmas):
    assert list(forms(language, lemmas)) == []


@given(
    st.from_regex(r"[^\W_]{1,30}", fullmatch=True), st.sampled_from(["bg", "de", "el", "mt", "tr"])
)
def test_any_word_has_folded_readings_without_an_empty_one(word, language):
    found = readings(word, language)

    assert "" not in found
    assert {fold(reading) for reading in found} == found
