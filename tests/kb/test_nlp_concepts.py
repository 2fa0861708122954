import os
import time
from pathlib import Path

import pytest

from kb.nlp import concepts
from kb.nlp.concepts import MOST_TAGS, find

FOUND = [
    ("de", "Die Stadt hilft Obdachlosen.", "06"),
    ("de", "Langzeitarbeitslose finden wieder Arbeit.", "01.2"),
    ("de", "Der Bürgerhaushalt der Stadt.", "18.1"),
    ("de", "Die Stadt fördert Gemeinschaftsgärten.", "15.3"),
    ("de", "Ehrenamtliche kochen für alle.", "22.3"),
    ("de", "Es geht um Kinderarmut.", "10.1"),
    ("de", "Er verhindert eine Zwangsräumung.", "05.4"),
    ("de", "Eine demenzfreundliche Kommune entsteht.", "12.5"),
    ("de", "Sie schufen faire, grüne und digitale Arbeitsplätze.", "02"),
    ("de", "Sie schufen faire, grüne und digitale Arbeitsplätze.", "01.6"),
    ("de", "Energiearme Haushalte leiden unter Energiearmut.", "16"),
    ("en", "Rough sleepers were offered a bed.", "06"),
    ("en", "They moved into Housing First flats.", "06.1"),
    ("en", "Homeless families moved in.", "06.5"),
    ("en", "The community gardens grew.", "15.3"),
    ("en", "Residents decided by participatory budgeting.", "18.1"),
    ("en", "Evictions were prevented.", "05.4"),
    ("en", "Over-indebted households get debt advice.", "09.3"),
    ("en", "The libraries lend books.", "22.5"),
    ("en", "Food banks give to all.", "15.1"),
    ("en", "Lonely people are called every week.", "12.2"),
    ("fr", "Les sans-abri sont accueillis.", "06"),
    ("fr", "Les chômeurs de longue durée reprennent courage.", "01.2"),
    ("fr", "Des budgets participatifs pour tous.", "18.1"),
    ("fr", "Des jardins partagés sont ouverts.", "15.3"),
    ("fr", "Les épiceries sociales ouvrent.", "15.1"),
    ("fr", "La précarité énergétique recule.", "16"),
    ("fr", "Les personnes âgées isolées sont appelées.", "12.2"),
    ("fr", "Des bénévoles aident les réfugiés.", "07.6"),
    ("fr", "Il y a des centres d’hébergement d’urgence.", "06.4"),
]

NOTHING = [
    ("de", "Software und Logik des Computers."),
    ("de", "Sie diskutierten über Freizeitbeschäftigung."),
    ("de", "Die Brücke wird im Mai gestrichen."),
    ("de", "Am Dienstag tagt der Ausschuss in der Stadthalle."),
    ("en", "The bridge will be painted in May."),
    ("en", "We voted on budgets. Participation was low."),
    ("en", "The committee meets on Tuesday."),
    ("fr", "Le mode d'emploi du logiciel."),
    ("fr", "Le logiciel est libre."),
    ("fr", "L'abri de jardin est fermé."),
    ("fr", "Le pont sera peint en mai."),
]


def ids(text: str, language: str) -> list[str]:
    return [tag.value for tag in find({"summary": text}, language)]


@pytest.mark.parametrize(("language", "text", "concept"), FOUND)
def test_concept_is_found_in_other_forms_of_its_label(
    language: str, text: str, concept: str
) -> None:
    assert concept in ids(text, language)


@pytest.mark.parametrize(("language", "text"), NOTHING)
def test_nothing_is_found_in_words_that_only_look_alike(language: str, text: str) -> None:
    assert ids(text, language) == []


def test_longer_label_hides_the_shorter_one_within() -> None:
    assert ids("Housing First.", "en") == ["06.1"]


def test_excluded_label_neither_counts_nor_hides_another() -> None:
    assert ids("Le mode d'emploi parle aux sans-abri.", "fr") == ["06"]


def test_label_of_little_words_is_a_phrase() -> None:
    assert ids("Un logement d'abord pour chacun.", "fr") == ["06.1"]
    assert ids("D'abord, il faut un toit.", "fr") == []


def test_group_needs_words_of_its_own() -> None:
    assert ids("Homeless families moved in.", "en") == ["06.5"]
    assert ids("Homeless families and rough sleepers.", "en") == ["06.5", "06"]


def test_words_in_another_order_do_not_cross_a_label() -> None:
    assert "09.1" not in ids("L'épicerie sociale aide.", "fr")


def test_label_reaches_over_few_words_only() -> None:
    near = "Die grünen und digitalen Arbeitsplätze."
    far = "Die grünen Wiesen liegen weit draußen, fern der Arbeitsplätze."

    assert "02" in ids(near, "de")
    assert "02" not in ids(far, "de")


def test_label_does_not_reach_into_the_next_sentence() -> None:
    assert "02" not in ids("Alles wird grün. Arbeitsplätze entstehen.", "de")


def test_tag_carries_the_words_and_their_sentence() -> None:
    text = "Vieles geschah. Die Corona-Pandemie hat Folgen. Alles wurde gut."

    (tag,) = find({"summary": text}, "de")

    assert tag.matched == "Corona Pandemie"
    assert tag.passage == "Die Corona-Pandemie hat Folgen."
    assert tag.origin == "machine"
    assert "themes-" in tag.tagger


def test_passage_of_a_long_sentence_is_cut_around_the_words() -> None:
    text = "und so " * 200 + "kamen rough sleepers " + "und so " * 200

    (tag,) = find({"summary": text}, "en")

    assert len(tag.passage) <= 300
    assert "rough sleepers" in tag.passage
    assert set(tag.passage.split()) == {"und", "so", "kamen", "rough", "sleepers"}


def test_passage_is_prose_where_the_title_says_the_same() -> None:
    fields = {"title": "Housing First", "body": "We tried Housing First in two streets."}

    (tag,) = find(fields, "en")

    assert tag.passage == fields["body"]


def test_title_weighs_more_than_body() -> None:
    (in_title,) = find({"title": "Housing First"}, "en")
    (in_body,) = find({"body": "Housing First"}, "en")

    assert in_title.strength > in_body.strength


def test_one_passing_word_of_a_group_is_no_tag() -> None:
    assert find({"body": "He was homeless once."}, "en") == ()


def test_tags_are_few_and_the_strongest_first() -> None:
    text = "\n".join(text for language, text, _ in FOUND if language == "en")

    tags = find({"summary": text}, "en")

    assert len(tags) == MOST_TAGS
    assert [t.strength for t in tags] == sorted((t.strength for t in tags), reverse=True)
    assert all(0 < tag.strength <= 1 for tag in tags)


def test_features_are_weighed_to_one() -> None:
    assert sum(concepts.WEIGHTS.values()) == pytest.approx(1)


def test_language_without_labels_finds_names_of_every_language() -> None:
    assert ids("Il-belt għandha Housing First.", "mt") == ["06.1"]


def test_language_without_sentences_finds_nothing() -> None:
    assert find({"title": "", "body": " \n \n"}, "de") == ()


def test_text_of_600_words_is_tagged_at_once() -> None:
    text = " ".join(text for language, text, _ in FOUND if language == "de") * 8
    find({"body": text}, "de")

    began = time.process_time()
    find({"body": text}, "de")

    assert time.process_time() - began < 0.3


def test_long_text_without_stops_takes_no_long_time() -> None:
    text = "homeless people and social housing " * 15_000

    began = time.process_time()
    find({"body": text}, "en")

    assert time.process_time() - began < 30


def test_announcement_of_the_forum_is_tagged() -> None:
    folder = os.environ.get("KB_TEST_DATA")
    if not folder:
        pytest.skip("KB_TEST_DATA does not name the folder of the shared test data")
    title, body = Path(folder, "forum-2021-de.txt").read_text(encoding="utf-8").split("\n", 1)

    found = {tag.value for tag in find({"title": title, "body": body}, "de")}

    assert {"02", "01.6", "23.1", "20.7"} <= found
