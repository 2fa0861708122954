import tomllib
from collections import Counter

import pytest

from kb import names
from kb.errors import UnknownConceptError
from kb.languages import LANGUAGES
from kb.vocabulary import (
    ANY_LANGUAGE,
    FOLDER,
    NAMED_SCHEMES,
    Concept,
    nameable,
    scheme,
    scheme_names,
)

NAMES = scheme_names()


def test_scheme_names_lists_what_the_model_asks_for() -> None:
    assert {"themes", "target_groups", "stages", "funding", "conditions", "barriers"} <= set(NAMES)
    assert list(NAMES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_scheme_gives_every_id_once(name: str) -> None:
    raw = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))

    ids = Counter(row["id"] for row in raw["concept"])

    assert [concept.id for concept in scheme(name)] == list(ids)
    assert set(ids.values()) == {1}


def test_concepts_that_can_be_named_have_no_id_in_common() -> None:
    assert len(nameable()) == sum(len(scheme(name).concepts) for name in NAMED_SCHEMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_concept_has_an_english_label_of_its_own(name: str) -> None:
    labels = Counter(concept.pref["en"] for concept in scheme(name))

    assert set(labels.values()) == {1}
    assert all(label == label.strip() and label for label in labels)


@pytest.mark.parametrize("name", NAMES)
def test_every_broader_concept_exists_and_no_line_is_a_circle(name: str) -> None:
    found = scheme(name)

    for concept in found:
        line = found.lineage(concept.id)
        assert line[0] == concept.id
        assert found[line[-1]].broader == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_label_is_in_a_language_of_ours(name: str) -> None:
    languages = {
        language
        for concept in scheme(name)
        for labels in (concept.pref, concept.alt, concept.hidden, concept.exclude)
        for language in labels
    }

    assert languages <= {*LANGUAGES, ANY_LANGUAGE}


def test_policies_of_themes_are_principles_and_goals_that_exist() -> None:
    assert all(1 <= number <= 20 for concept in scheme("themes") for number in concept.epsr)
    assert all(1 <= number <= 17 for concept in scheme("themes") for number in concept.sdg)


def test_lineage_goes_from_the_concept_to_its_group() -> None:
    assert scheme("themes").lineage("06.1") == ("06.1", "06")
    assert scheme("themes").lineage("nothing") == ()


def test_scheme_tells_what_is_in_it() -> None:
    assert "pilot" in scheme("stages")
    assert "Pilot" not in scheme("stages")


def test_scheme_names_itself_when_it_has_no_such_concept() -> None:
    with pytest.raises(UnknownConceptError, match="Stages has no concept 'x'"):
        scheme("stages")["x"]


def test_label_is_english_where_there_is_none_in_the_language() -> None:
    concept = Concept("x", "stages", {"en": "One", "de": "Eins"})

    assert (concept.label(), concept.label("de"), concept.label("fi")) == ("One", "Eins", "One")


def test_names_are_the_labels_that_people_write() -> None:
    concept = Concept(
        "x",
        "themes",
        pref={"en": "Health & care", "de": "Gesundheit", "fr": "Santé (publique)"},
        alt={"en": ("health", "care")},
        hidden={"de": ("Pflege",)},
        exclude={"en": ("health food",)},
    )

    assert list(concept.names()) == [
        ("de", "Gesundheit"),
        ("en", "health"),
        ("en", "care"),
        ("de", "Pflege"),
    ]


def test_concepts_of_a_scheme_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        scheme("stages").concepts["x"] = scheme("stages")["pilot"]  # type: ignore[index]


@pytest.mark.parametrize("code", ["FI", "NO", "GB", "GR", "XK", "UA", "TR"])
def test_country_code_is_known(code: str) -> None:
    assert names.is_country(code)


@pytest.mark.parametrize(
    "code",
    ["", "F", "fi", "FIN", "EU", "EZ", "UN", "ZZ", "QO", "IC", "AC", "UK", "EL", "001", "XX"],
)
def test_country_code_is_not_known(code: str) -> None:
    assert not names.is_country(code)


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [("DE", "en", "Germany"), ("DE", "fr", "Allemagne"), ("DE", "el", "Γερμανία"),
     ("DE", "no", "Tyskland"), ("DE", "xx", "Germany"), ("DE", "", "Germany"), ("QQ", "en", "QQ")],
)  # fmt: skip
def test_country_is_named_in_the_language_of_the_reader(
    code: str, language: str, name: str
) -> None:
    assert names.country(code, language) == name


@pytest.mark.parametrize(
    ("code", "in_language", "name"),
    [
        ("fi", "en", "Finnish"),
        ("fi", "de", "Finnisch"),
        ("fi", "xx", "Finnish"),
        ("qqq", "en", "qqq"),
    ],
)
def test_language_is_named_in_the_language_of_the_reader(
    code: str, in_language: str, name: str
) -> None:
    assert names.language(code, in_language) == name
