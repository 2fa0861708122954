"""What a picture shows of a result is what the facets say of it."""

import pytest

from kb.pictured import MOST_CITIES, pictured
from kb.query import Query
from kb.search.engine import Tally

QUESTIONS = [
    Query(),
    Query("housing"),
    Query("homeless", {"country": ("FR", "FI")}),
    Query(filters={"theme": ("06",)}),
    Query(filters={"theme": ("06.1", "14")}),
    Query(filters={"city": ("Barcelona", "Milano"), "period": ("2015-2019",)}),
]


def tally(cities=None, themes=None, starts=None) -> Tally:
    cities, themes, starts = cities or {}, themes or {}, starts or {}
    pairs = {("city", "country"): cities, ("theme", "country"): themes}
    return Tally(sum(cities.values()), pairs, starts)


@pytest.fixture(params=QUESTIONS, ids=lambda query: str(query.pairs()))
def asked(request, corpus_library):
    query = request.param
    counts = {
        facet.name: {value.value: value.count for value in facet.values}
        for facet in corpus_library.search(query).facets
    }
    return query, counts, corpus_library.pictured(query)


def chosen(query, name, counts):
    """The counts of a facet, or of what is chosen of it."""
    wanted = query.filters.get(name) or counts
    return {value: counts[value] for value in wanted if counts[value]}


def test_its_total_is_that_of_the_search(asked, corpus_library):
    query, _, found = asked

    assert found.total == corpus_library.search(query).total > 0


def test_cities_countries_and_periods_are_those_of_the_facets(asked):
    query, counts, found = asked

    cities = {city.name: city.count for country in found.countries for city in country.cities}
    assert cities == chosen(query, "city", counts["city"])
    countries = {country.code: country.count for country in found.countries}
    assert countries == chosen(query, "country", counts["country"])
    periods = {period.id: period.count for period in found.periods}
    assert periods == chosen(query, "period", counts["period"])


def test_themes_are_the_chosen_ones_or_else_the_groups(asked):
    query, counts, found = asked

    groups = {theme: n for theme, n in counts["theme"].items() if "." not in theme}
    wanted = chosen(query, "theme", counts["theme"]) if "theme" in query.filters else groups
    assert {theme.id: theme.count for theme in found.themes} == wanted


def test_each_number_is_what_the_narrowed_search_finds(corpus_library):
    found = corpus_library.pictured(Query("housing"))

    for theme in found.themes:
        for country, count in theme.countries.items():
            narrowed = Query("housing", {"theme": (theme.id,), "country": (country,)})
            assert corpus_library.search(narrowed).total == count


def test_what_is_shown_and_what_is_not_adds_up(asked):
    _, _, found = asked

    shown = sum(city.count for city in found.cities)
    assert shown + found.unplaced + found.outside == found.total
    assert sum(period.count for period in found.periods) == found.total
    for period in found.periods:
        assert sum(count for _, count in period.years) == period.count * (period.id != "unknown")


def test_a_place_is_found_in_its_country_and_told_from_its_namesake():
    found = pictured(tally({("Halle", "DE"): 2, ("Halle", "BE"): 1, ("Turku", "FI"): 1}), Query())

    german, belgian, turku = found.cities
    assert german.at != belgian.at
    assert german.chosen == {"city": "Halle", "country": "DE"}
    assert turku.chosen == {"city": "Turku"}


def test_cases_that_cannot_be_on_the_map_are_counted():
    cities = {("", "FR"): 3, ("Nowhere at all", "FR"): 2, ("Funchal", "PT"): 1, ("Paris", ""): 1}

    found = pictured(tally(cities), Query())

    assert (found.unplaced, found.outside) == (5, 1)
    assert [city.name for city in found.cities] == ["Paris"]
    assert [(each.code, each.count) for each in found.countries] == [("FR", 5), ("", 1), ("PT", 1)]


def test_most_cities_are_named_and_the_others_counted_with_their_country():
    cities = {(f"City {n}", "DE"): 2 for n in range(MOST_CITIES)}
    cities |= {(f"Town {n}", "DE"): 1 for n in range(3)} | {("Village", "FI"): 1, ("", "FI"): 1}

    germany, finland = pictured(tally(cities), Query()).countries

    assert (len(germany.cities), germany.more) == (MOST_CITIES, 3)
    assert (finland.cities, finland.more, finland.count) == ((), 1, 2)


def test_countries_with_as_many_cases_come_by_their_name_for_the_reader():
    cities = {("", "DE"): 1, ("", "AT"): 1, ("", "FI"): 1}

    assert [c.code for c in pictured(tally(cities), Query()).countries] == ["AT", "FI", "DE"]
    german = pictured(tally(cities), Query(reader="de")).countries
    assert [c.code for c in german] == ["DE", "FI", "AT"]


def test_years_come_by_period_however_exactly_they_are_known():
    starts = {"2016": 2, "2016~": 1, "2016-03": 1, "1998": 1, "unknown": 1, "201X": 1, "0000": 1}

    periods = pictured(tally(starts=starts), Query()).periods

    assert [(each.id, each.count, each.years) for each in periods] == [
        ("before-2000", 2, ((0, 1), (1998, 1))),
        ("2015-2019", 4, ((2016, 4),)),
        ("unknown", 2, ()),
    ]


def test_a_case_without_theme_and_without_country_is_left_out_once():
    cities = {("", "FI"): 2, ("", ""): 3}
    themes = {("06", "FI"): 1, ("", "FI"): 1, ("06", ""): 2, ("", ""): 1}

    assert pictured(tally(cities, themes), Query()).unthemed == 4
