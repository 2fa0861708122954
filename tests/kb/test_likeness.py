from kb.likeness import SAME_MEANING, Published, alike, gist
from kb.model import Case
from kb.vocabulary import scheme

TEXT = " ".join(f"word{n} tells of flats for people who sleep rough number {n}." for n in range(20))


def case(**told):
    return Case.model_validate(
        {"id": "a", "title": "Housing First", "original_language": "en", **told}
    )


def test_a_text_that_is_here_is_found_again_when_a_sentence_is_added():
    (found,) = alike(
        {}, f"{TEXT} And one more sentence of another kind.", [Published(case(body=TEXT))]
    )

    assert found.reasons[0].endswith("of the text is the same")


def test_another_text_is_not_alike():
    other = " ".join(f"thing{n} speaks about schools in the north, part {n}." for n in range(20))

    assert alike({"title": "Schools"}, other, [Published(case(body=TEXT))]) == ()


def test_the_same_case_in_another_language_is_told_by_city_theme_and_leader():
    here = case(city="Brno", themes=["06.1"], lead_organisation={"name": "Statutární město Brno"})
    draft = {
        "title": "Rodinám bydlení", "city": "BRNO", "themes": ["06.1"],
        "lead_organisation": {"name": "Statutární město Brno"},
    }  # fmt: skip

    (found,) = alike(draft, "", [Published(here)])

    assert found.reasons[0].startswith("also in Brno, and about ")
    assert found.reasons[1] == "led by Statutární město Brno too"


def test_the_same_city_alone_says_nothing():
    assert (
        alike(
            {"city": "Brno", "themes": ["01.1"]},
            "",
            [Published(case(city="Brno", themes=["06.1"]))],
        )
        == ()
    )


def test_nearly_the_same_title_is_said():
    (found,) = alike({"title": "housing first!"}, "", [Published(case())])

    assert found.reasons == ("nearly the same title",)


def test_a_draft_that_is_wrong_in_every_way_is_compared_all_the_same():
    assert (
        alike({"themes": 3, "lead_organisation": "x", "city": None}, "", [Published(case())]) == ()
    )


def test_the_same_file_and_the_same_meaning_are_said():
    (found,) = alike({}, "", [Published(case(), SAME_MEANING, same_file=True)])

    assert found.reasons == ("made of the same file", "its text means nearly the same")


def test_the_gist_is_title_and_summary_or_else_the_first_lines():
    assert gist({"title": "A", "summary": "B"}, "C") == "A B"
    assert gist({"title": "A"}, "C" * 2000).startswith("A CCC")
    assert len(gist({}, "C" * 2000)) == 700


def test_reasons_name_themes_in_the_language_of_the_reader():
    here, draft = case(city="Brno", themes=["06.1"]), {"city": "Brno", "themes": ["06.1"]}

    (found,) = alike(draft, "", [Published(here)], "fr")

    assert found.reasons[0].values["themes"] == scheme("themes")["06.1"].label("fr")
