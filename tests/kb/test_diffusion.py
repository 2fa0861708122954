"""The graph of who copied whom: out of adoptions and of what cases say, in any order."""

from kb.adoption import Adoption, Record
from kb.diffusion import copies, edges, from_case, matching, to_case
from kb.model import Case
from kb.rows import Relation
from tests.kb.taken import record


def case(case_id, city="Dublin", *relations):
    rows = tuple(Relation.model_validate(row) for row in relations)
    told = record(id=case_id).case
    return told.model_copy(update={"city": city, "relations": rows, "title": case_id.title()})


def adoption(case_id, city, country="PT", **more):
    told = {"id": city, "adoption": city, "person": "", "year": 2021, "state": "running",
            "organisation": "", "contact": "", "worked": "", "result": "", "language": "",
            "source": "", "became": "", "at": 0}  # fmt: skip
    return Adoption((Record(**{**told, "case_id": case_id, "city": city, "country": country,
                               **more}),))  # fmt: skip


def told(cases: list[Case], *adoptions: Adoption):
    return edges({each.id: each for each in cases}, adoptions, lambda _city, _country: "")


def pairs(found):
    return [(e.source.city or e.source.url, e.target.city or e.target.url) for e in found]


def test_an_adoption_leads_from_the_case_to_the_city():
    (edge,) = told([case("a")], adoption("a", "Porto"))

    assert pairs([edge]) == [("Dublin", "Porto")]
    assert (edge.told_by, edge.state, edge.year) == ("city", "running", "2021")


def test_an_adoption_of_a_case_that_is_not_public_is_left_out():
    assert told([case("a")], adoption("b", "Porto")) == ()


def test_a_case_says_whom_it_adapts_and_who_has_adapted_it():
    found = told([
        case("a", "Dublin", {"type": "adapts", "city": "Helsinki", "country": "FI"},
             {"type": "adapted-by", "url": "https://porto.example/x", "year": "2020"},
             {"type": "part-of", "city": "Cork"})
    ])  # fmt: skip

    assert pairs(found) == [("Dublin", "https://porto.example/x"), ("Helsinki", "Dublin")]
    assert {edge.told_in for edge in found} == {"a"}


def test_a_relation_to_a_case_that_is_here_leads_to_it():
    found = told([case("a"), case("b", "Cork", {"type": "adapts", "case": "a"})])

    assert from_case(found, "a") == to_case(found, "b") == found
    assert [(e.source.case_id, e.target.case_id) for e in found] == [("a", "b")]


def test_a_relation_that_names_nobody_who_can_be_shown_is_left_out():
    found = told([
        case("a", "Dublin", {"type": "adapts", "case": "gone"}, {"type": "adapts", "case": "a"},
             {"type": "adapted-by", "result": "Somebody did."})
    ])  # fmt: skip

    assert found == ()


def test_who_is_told_of_twice_has_copied_once():
    found = told(
        [case("a", "Dublin", {"type": "adapted-by", "city": "porto", "country": "PT"})],
        adoption("a", "Porto"),
    )

    assert len(found) == 2
    assert copies(found) == 1


def test_all_words_have_to_stand_in_names_of_either():
    found = told([case("a")], adoption("a", "Porto"), adoption("a", "Łódź", "PL", state="stopped"))

    assert pairs(matching(found, "lodz dub")) == [("Dublin", "Łódź")]
    assert pairs(matching(found, "Polen", language="de")) == [("Dublin", "Łódź")]
    assert pairs(matching(found, "portugal")) == [("Dublin", "Porto")]
    assert pairs(matching(found, "", "stopped")) == [("Dublin", "Łódź")]
    assert matching(found, "porto lodz") == ()
    assert matching(found, "\0\ud800 ") == found


def test_the_order_does_not_depend_on_that_of_what_was_told():
    cases = [case("a"), case("b", "Cork", {"type": "adapts", "case": "a"})]
    adopted = [adoption("a", "Porto"), adoption("b", "Porto", year=2019)]

    assert told(cases, *adopted) == told(cases[::-1], *adopted[::-1])
