"""The gold set in every language; what it misses is listed by: python -m tests.gold LANGUAGE."""

import pytest

from kb.languages import LANGUAGES
from kb.vocabulary import scheme
from tests.gold import FOLDER, score, sentences

GOLD = sorted(path.stem for path in FOLDER.glob("*.txt"))
LEAST = 0.95


def test_every_language_of_the_vocabulary_has_a_gold_set():
    assert set(GOLD) == LANGUAGES.keys() - {"sq"}  # Albanian has cases and no gold set yet


@pytest.mark.parametrize("language", GOLD)
def test_a_gold_set_asks_for_every_concept_and_sets_traps(language):
    found = list(sentences(language))

    asked = frozenset().union(*(sentence.must for sentence in found))
    assert asked == scheme("themes").concepts.keys()
    assert sum(bool(sentence.never) for sentence in found) >= 20


@pytest.mark.parametrize("language", GOLD)
def test_the_tagger_finds_what_is_there_and_little_else(language):
    result = score(language)

    assert result.recall >= LEAST, result.missed
    assert result.precision >= LEAST, result.wrong
