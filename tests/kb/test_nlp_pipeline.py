import subprocess
import sys

import pytest

from kb.languages import LANGUAGES
from kb.nlp.pipeline import MAX_LENGTH, pipeline, sentences, stop_words, version


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_parted_in_every_language(language: str) -> None:
    texts = [sentence.text for sentence in sentences("Unus venit. Duo manent!", language)]

    assert texts == ["Unus venit.", "Duo manent!"]


def test_sentences_know_where_they_start() -> None:
    text = "Ein Titel ohne Punkt\n\nDer erste Satz. Der zweite, z. B. dieser."

    starts = [text[s.start : s.start + len(s.text)] == s.text for s in sentences(text, "de")]

    assert starts == [True] * 3


def test_sentences_of_a_text_that_is_too_long_are_cut() -> None:
    last = list(sentences("Wort. " * (MAX_LENGTH // 6 + 100), "de"))[-1]

    assert last.start + len(last.text) <= MAX_LENGTH


@pytest.mark.parametrize(
    ("language", "word"),
    [("de", "fur"), ("fr", "l"), ("en", "the"), ("el", "και"), ("sr", "или"), ("sr", "ili")],
)
def test_stop_words_are_folded_as_words_of_texts_are(language: str, word: str) -> None:
    assert word in stop_words(language)


def test_stop_words_of_a_language_without_pipeline_are_none() -> None:
    assert pipeline("mt").lang == "xx"
    assert stop_words("mt") == frozenset()


def test_version_names_spacy() -> None:
    assert version().startswith("spacy-3.")


def test_import_loads_no_engine() -> None:
    code = (
        "import sys, kb.nlp, kb.nlp.detect; kb.nlp.tagger();"
        "print({'spacy', 'numpy', 'py3langid', 'simplemma'} & set(sys.modules))"
    )

    ran = subprocess.run(  # noqa: S603 (nothing of it comes from outside)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "set()"
