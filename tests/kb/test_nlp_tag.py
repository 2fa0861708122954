from typing import Any

from kb import vocabulary
from kb.model import Case, Tag
from kb.nlp import tag, tagger


def case(**fields: Any) -> Case:
    return Case.model_validate(
        {"id": "a-case", "title": "Ein Titel", "original_language": "de"} | fields
    )


def concepts(tags: tuple[Tag, ...]) -> list[tuple[str, str]]:
    return [(one.value, one.origin) for one in tags if one.kind == "concept"]


def test_tag_puts_the_authors_themes_first_and_keeps_the_evidence() -> None:
    tags = tag(case(themes=["18.1", "15.3"], summary="Der Bürgerhaushalt der Stadt."))

    assert concepts(tags) == [("18.1", "author"), ("15.3", "author"), ("18.1", "machine")]
    assert [one.passage for one in tags] == ["", "", "Der Bürgerhaushalt der Stadt."]
    assert tags[0].strength == 1.0


def test_tag_reads_the_english_summary_of_a_language_without_labels() -> None:
    tags = tag(
        case(
            original_language="mt",
            summary="Il-belt tgħin lin-nies.",
            summary_en="The city runs participatory budgeting.",
        )
    )

    assert concepts(tags) == [("18.1", "machine")]
    assert tags[0].passage == "The city runs participatory budgeting."


def test_tag_prefers_the_passage_in_the_original_language() -> None:
    tags = tag(
        case(
            body="Hier gibt es einen Bürgerhaushalt.",
            title_en="Participatory budgeting",
            summary_en="Participatory budgeting for all.",
        )
    )

    (found,) = [one for one in tags if one.value == "18.1"]
    assert found.passage == "Hier gibt es einen Bürgerhaushalt."
    assert found.strength > 0.5


def test_tag_reads_the_whole_translation() -> None:
    tags = tag(
        case(
            original_language="mt",
            summary="Il-belt tgħin lin-nies.",
            body_en="## What was done\n\nThe city runs **participatory budgeting**.",
        )
    )

    (found,) = tags
    assert (found.value, found.language) == ("18.1", "en")
    assert found.passage == "The city runs participatory budgeting."


def test_tag_reads_the_body_without_its_marks() -> None:
    tags = tag(case(body="## Die Idee\n\nEin **Bürgerhaushalt** für [alle](https://x.org)."))

    assert [one.passage for one in tags] == ["Ein Bürgerhaushalt für alle."]


def test_tag_names_the_city_of_the_author() -> None:
    tags = tag(case(city="Wien", country="AT", summary="Gelernt von München und München."))

    assert [(one.kind, one.value, one.origin) for one in tags] == [("place", "2761369", "author")]


def test_tag_guesses_no_city_where_the_author_named_an_unknown_one() -> None:
    assert tag(case(city="Spišský Hrhov", country="SK", summary="Nahe von Wien.")) == ()


def test_tag_reads_the_city_from_the_text_where_the_author_named_none() -> None:
    (place,) = tag(case(summary="Das Projekt der Stadt München begann früh."))

    assert (place.kind, place.value, place.origin) == ("place", "2867714", "machine")
    assert place.passage == "Das Projekt der Stadt München begann früh."


def test_tag_of_a_bare_case_is_empty() -> None:
    assert tag(case()) == ()


def test_tagger_names_all_that_decides_on_tags() -> None:
    names = ["spacy-", "simplemma-", "snowball-", "rules-", "themes-"]

    assert all(name in tagger() for name in names)
    assert vocabulary.scheme("themes").title
