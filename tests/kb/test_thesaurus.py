from pathlib import Path

import pytest

from kb import thesaurus, vocabulary
from kb.errors import VocabularyError
from kb.languages import LANGUAGES
from kb.thesaurus import Fault, clashes, faults
from kb.vocabulary import Concept, reading


def concept(concept_id: str, **labels: str) -> Concept:
    return Concept(concept_id, "themes", labels)


def test_vocabularies_have_no_faults_in_the_languages_that_are_done() -> None:
    done = _done()

    assert len(done) >= 19
    assert [str(f) for f in faults() if not f.language or f.language in done] == []


def _done() -> set[str]:
    """Return the languages in which at least nine concepts of ten have labels."""
    themes = vocabulary.scheme("themes")
    return {
        language for language in LANGUAGES
        if sum(language in each.pref for each in themes) > 0.9 * len(themes.concepts)
    }  # fmt: skip


def test_label_of_two_concepts_is_a_clash() -> None:
    found = list(clashes([concept("1", fi="Asunto", en="Flat"), concept("2", fi="asunto")]))

    assert found == [Fault("clash", "themes", "2", "fi", "is called 'asunto', as is 1")]
    assert str(found[0]) == "clash: themes 2 [fi] is called 'asunto', as is 1"


def test_same_word_in_two_languages_is_no_clash() -> None:
    assert list(clashes([concept("1", fi="Koti"), concept("2", et="Koti")])) == []


def test_heading_that_joins_two_things_is_matched_by_no_one() -> None:
    made = vocabulary.Scheme("themes", "Themes", {"1": concept("1", fi="Koti, työ", en="Home")})

    assert [(f.kind, f.concept, f.language) for f in thesaurus._silent(made)] == [
        ("silent", "1", "fi")
    ]


def test_circle_is_found() -> None:
    made = vocabulary.Scheme(
        "themes", "Themes",
        {"1": Concept("1", "themes", {}, broader="2"), "2": Concept("2", "themes", {}, broader="1"),
         "3": Concept("3", "themes", {}, broader="none")},
    )  # fmt: skip

    assert {fault.concept for fault in thesaurus._circles(made)} == {"1", "2", "3"}


def test_gap_names_the_language() -> None:
    made = vocabulary.Scheme("themes", "Themes", {"1": concept("1", en="Home")})

    missing = {fault.language for fault in thesaurus._gaps(made)}

    assert "fi" in missing
    assert "en" not in missing


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('status = "draft"\n[themes."06"\n', r"fi\.toml: the file is not TOML.*line 2"),
        ('[themes."06"]\npref = ""\n', r"fi\.toml: themes '06' has a pref that is no text"),
        ('[themes."06"]\nalt = "x"\n', r"themes '06' needs a list of texts under alt"),
        ('[themes."06"]\nalternative = ["x"]\n', r"themes '06' has no place for alternative"),
        ('status = "ok"\n[themes."06"]\npref = "x"\n', r"themes '06' has a status that is none of"),
    ],
)
def test_damaged_label_file_is_refused_with_concept(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "fi.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(VocabularyError, match=said):
        reading.labels(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs a title and concepts"),
        ('title = "T"\n[[concept]]\nid = "a"\n[[concept]]\nid = "a"\n', "concept 2 needs an id"),
        ('title = "T"\n[[concept]]\nname = "a"\n', "concept 1 needs an id"),
    ],
)
def test_damaged_scheme_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "themes.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(VocabularyError, match=said):
        reading.structure(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"xx\.toml: the file cannot be read"):
        reading.labels(tmp_path / "xx.toml")


def test_confirmed_labels_are_known(tmp_path: Path) -> None:
    path = tmp_path / "fi.toml"
    path.write_text('status = "confirmed"\n[themes."06"]\npref = "x"\n'
                    '[themes."07"]\npref = "y"\nstatus = "draft"\n', encoding="utf-8")  # fmt: skip

    found = reading.labels(path)["themes"]

    assert (found["06"]["status"], found["07"]["status"]) == ("confirmed", "draft")
