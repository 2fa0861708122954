"""How a case fits a city: the points are those of the table, and nothing unknown is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import names
from kb.families import FAMILIES, family
from kb.fitting import COSTS, NEEDS, POINTS, SIZES, WORDS, Facts, Kind, Town, facts, fit, size_of
from kb.model import Case, Place
from kb.vocabulary import scheme

GRAZ = Town("2778067", 303_270, "AT", name="Graz")
SIZE_IDS = [name for _, name in SIZES]
CODES = ["", "AT", "DE", "FR", "PL", "GB"]
TOWNS = st.builds(
    Town,
    inhabitants=st.none() | st.integers(1, 10**9 - 1),
    country=st.sampled_from(CODES),
    affords=st.sampled_from(["", *COSTS]),
    lacks=st.lists(st.sampled_from(NEEDS), unique=True).map(tuple),
)
FACTS = st.builds(
    Facts,
    size=st.sampled_from([*SIZE_IDS, "unknown"]),
    country=st.sampled_from(CODES),
    cost=st.sampled_from([*COSTS, "unknown"]),
    needs=st.lists(
        st.sampled_from([c.id for c in scheme("conditions") if c.id != "unknown"]), unique=True
    ).map(tuple),
)


def kinds(town: Town, told: Facts) -> list[Kind]:
    return [reason.kind for reason in fit(town, told).reasons]


@pytest.mark.parametrize(("table", "name"), [(SIZE_IDS, "city_sizes"), (list(COSTS), "cost_bands")])
def test_the_ladders_are_those_of_the_vocabularies(table, name):
    assert table == [concept.id for concept in scheme(name) if concept.id != "unknown"]


def test_what_a_city_can_lack_is_every_condition_but_those_that_say_what_is_not_needed():
    known = {concept.id for concept in scheme("conditions")}

    assert set(NEEDS) == known - {"unknown", "no-new-money", "small-cities"}


def test_a_family_has_countries_that_there_are_and_no_country_is_in_two():
    listed = [code for codes in FAMILIES.values() for code in codes]

    assert len(listed) == len(set(listed))
    assert all(names.is_country(code) for code in listed)
    assert family("PL") == family("") == ""


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        (Facts(size="250k-500k", country="AT"), ["same-size", "same-country"]),
        (Facts(size="500k-1m", country="DE"), ["next-size", "same-family"]),
        (Facts(size="over-1m", country="FR"), []),
        (Facts(size="unknown", country=""), ["size-unknown", "country-unknown"]),
    ],
)
def test_a_case_is_compared_by_size_and_country(told, reasons):
    assert kinds(GRAZ, told) == reasons


@pytest.mark.parametrize(
    ("cost", "reason"),
    [("50k-250k", "cost-within"), ("250k-1m", "cost-within"), ("over-5m", "cost-above"),
     ("unknown", "cost-unknown")],
)  # fmt: skip
def test_a_cost_is_compared_with_what_can_be_spent(cost, reason):
    assert kinds(Town(affords="250k-1m"), Facts(cost=cost)) == [reason]


def test_each_condition_that_is_lacked_is_named_and_counts():
    town = Town(lacks=("strong-ngos", "law-change", "trained-staff"))

    found = fit(town, Facts(needs=("law-change", "no-new-money", "strong-ngos")))

    assert [reason.condition for reason in found.reasons] == ["law-change", "strong-ngos"]
    assert found.score == 2 * POINTS["lacking"]


def test_a_case_that_does_not_say_what_it_needs_is_not_said_to_need_nothing():
    assert kinds(Town(lacks=("law-change",)), Facts()) == ["needs-unknown"]


def test_what_works_in_small_cities_fits_a_small_one():
    told = Facts(needs=("small-cities",))

    assert "works-small" in kinds(Town(inhabitants=20_000), told)
    assert "works-small" not in kinds(Town(inhabitants=200_000), told)


def test_the_facts_of_a_case_are_what_it_says_in_its_rows_and_for_others():
    case = Case.model_validate({
        "id": "a", "title": "A", "original_language": "en", "country": "IE", "cost_band": "1m-5m",
        "conditions": [{"code": "law-change"}, {"code": "unknown"}],
        "transferability": {"level": "T1", "conditions": ["housing-stock", "law-change"]},
    })  # fmt: skip
    place = Place("1", "A", "IE", 0.0, 0.0, 49_999)

    assert facts(case, place) == Facts("under-50k", "IE", "1m-5m", ("housing-stock", "law-change"))
    assert facts(case, None).size == "unknown"


@pytest.mark.parametrize(("inhabitants", "size"), [(1, "under-50k"), (50_000, "50k-100k")])
def test_a_class_begins_with_its_least_number(inhabitants, size):
    assert size_of(inhabitants) == size


@given(TOWNS, FACTS)
def test_the_score_is_the_sum_of_the_table_over_the_reasons(town, told):
    found = fit(town, told)

    assert found.score == sum(POINTS.get(reason.kind, 0) for reason in found.reasons)
    assert all(WORDS[reason.kind] for reason in found.reasons)


@given(FACTS)
def test_of_a_city_of_which_nothing_is_said_nothing_is_said(told):
    assert fit(Town(), told).reasons == ()


@given(TOWNS)
def test_of_a_case_that_says_nothing_every_reason_is_that_it_is_not_known(town):
    assert all(reason.kind.endswith("-unknown") for reason in fit(town, Facts()).reasons)
