import re

import pytest
import snowballstemmer

from kb import names
from kb.languages import LANGUAGES
from kb.nlp.pipeline import pipeline
from kb.stems import readings
from kb.text import fold, words

ROWS = pytest.mark.parametrize("row", LANGUAGES.values(), ids=LANGUAGES)


def test_there_is_a_row_for_31_languages():
    assert len(LANGUAGES) == 31


@ROWS
def test_row_stands_under_its_own_code(row):
    assert LANGUAGES[row.code] is row
    assert re.fullmatch(r"[a-z]{2}", row.code)


@ROWS
def test_name_is_the_one_of_the_cldr(row):
    assert names.language(row.code) == row.name


@ROWS
def test_endonym_is_the_one_of_the_cldr(row):
    script = f"{row.code}-Latn" if row.cyrillic else row.code

    assert fold(names.language(row.code, script)) == fold(row.endonym)


@ROWS
def test_snowball_algorithm_exists(row):
    assert not row.snowball or row.snowball in snowballstemmer.algorithms()


@ROWS
def test_spacy_knows_the_language(row):
    assert pipeline(row.code).lang == (row.spacy or row.code)


@ROWS
def test_sample_is_one_word_in_two_forms(row):
    assert len(list(words(row.sample.asked))) == len(list(words(row.sample.written))) == 1


@ROWS
def test_row_says_whether_inflected_forms_are_found(row):
    assert row.stemmed is (row.sample.asked != row.sample.written)


@ROWS
def test_readings_follow_from_the_row(row):
    assert row.stemmed or readings(row.sample.written, row.code) == {fold(row.sample.written)}


@ROWS
def test_language_without_snowball_learns_forms_from_its_dictionary(row):
    assert row.snowball or not row.simplemma or row.stem_changes
