"""Which filters are in sight, and which are a click away."""

from flask import Flask

from kb.query import Facet, FacetValue
from web.panel import FIRST, MOST_OF, SHORT, fieldsets


def facet(*values: FacetValue, name: str = "city") -> Facet:
    return Facet(name, name.title(), values)


def cities(number: int, selected: str = "") -> Facet:
    names = [f"c{n}" for n in range(number)]
    return facet(*(FacetValue(name, name, 1, name == selected) for name in names))


def test_a_short_facet_is_shown_whole(site: Flask):
    with site.test_request_context():
        (fieldset,) = fieldsets([cities(SHORT)])

    assert (len(fieldset.shown), fieldset.more) == (SHORT, ())


def test_a_long_facet_shows_its_first_values(site: Flask):
    with site.test_request_context():
        (fieldset,) = fieldsets([cities(SHORT + 1)])

    assert [choice.value for choice in fieldset.shown] == ["c0", "c1", "c2", "c3", "c4"]
    assert len(fieldset.more) == SHORT + 1 - FIRST


def test_what_is_selected_is_always_in_sight(site: Flask):
    with site.test_request_context():
        (fieldset,) = fieldsets([cities(200, selected="c150")])

    assert fieldset.shown[-1].value == "c150"
    assert all(choice.value != "c150" for choice in fieldset.more)


def test_a_very_long_facet_says_how_many_it_leaves_out(site: Flask):
    with site.test_request_context():
        (fieldset,) = fieldsets([cities(200)])

    assert len(fieldset.shown) + len(fieldset.more) == MOST_OF["city"]
    assert fieldset.left_out == 200 - MOST_OF["city"]


def test_a_value_that_would_find_nothing_is_no_choice(site: Flask):
    with site.test_request_context():
        assert fieldsets([facet(FacetValue("x", "x", 0))]) == ()


def test_a_selected_value_that_finds_nothing_stays_a_choice(site: Flask):
    with site.test_request_context():
        (fieldset,) = fieldsets([facet(FacetValue("x", "x", 0, selected=True))])

    assert fieldset.shown[0].selected


def test_a_concept_lies_beneath_its_group(site: Flask):
    group = FacetValue("06", "Homelessness", 3)
    concept = FacetValue("06.1", "Housing First", 2, selected=True, parent="06")

    with site.test_request_context():
        (fieldset,) = fieldsets([facet(group, concept, name="theme")])

    (choice,) = fieldset.shown
    assert [inner.value for inner in choice.inner] == ["06.1"]
    assert choice.open
    assert not choice.selected


def test_a_concept_without_its_group_stands_for_itself(site: Flask):
    concept = FacetValue("06.1", "Housing First", 2, parent="06")

    with site.test_request_context():
        (fieldset,) = fieldsets([facet(concept, name="theme")])

    assert [choice.value for choice in fieldset.shown] == ["06.1"]
