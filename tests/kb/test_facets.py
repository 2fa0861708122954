import pytest

from kb.model import Case, Place, Tag
from kb.query import Query
from kb.search.facets import MAX_VALUES, facets
from kb.search.fields import FACETS, document, label, parent
from kb.vocabulary import scheme

AUTHOR = Tag(kind="concept", value="06.1", origin="author", strength=1.0)
MACHINE = Tag(kind="concept", value="15.3", origin="machine", strength=0.5)


def case(**fields: object) -> Case:
    return Case.model_validate({"id": "a", "title": "A", "original_language": "fi", **fields})


def indexed(*tags: Tag, **fields: object) -> dict[str, tuple[str, ...]]:
    return dict(document(case(**fields), tags, None).facets)


def values(name: str, counts: dict[str, int], **query: object) -> list[str]:
    (facet,) = facets({name: counts}, Query(**query))
    return [value.value for value in facet.values]


def test_case_is_about_those_for_whom_it_is_but_more_about_its_theme():
    concepts = document(case(target_groups=["single-parents"]), (AUTHOR,), None).concepts

    assert 0 < concepts["single-parents"] < concepts["06.1"]


def test_facets_come_in_the_order_of_the_table():
    counts = {row.name: {"x": 1} for row in reversed(FACETS)}

    assert [facet.name for facet in facets(counts, Query())] == [row.name for row in FACETS]


def test_facet_without_values_is_left_out():
    assert facets({"country": {}, "nonsense": {"x": 1}}, Query()) == ()


def test_values_are_ordered_by_how_many_there_are_then_by_label():
    assert values("country", {"SE": 1, "FI": 2, "AT": 1}) == ["FI", "AT", "SE"]


@pytest.mark.parametrize("name", ["theme", "population", "stage", "period", "cost", "evidence"])
def test_ladders_are_read_in_their_own_order(name):
    ladder = list(scheme(next(row.scheme for row in FACETS if row.name == name)).concepts)

    assert values(name, {value: n for n, value in enumerate(reversed(ladder))}) == ladder


def test_value_that_the_ladder_does_not_know_comes_last():
    assert values("stage", {"retired": 9, "pilot": 1}) == ["pilot", "retired"]


def test_chosen_value_is_selected():
    (facet,) = facets({"country": {"FI": 2, "SE": 1}}, Query(filters={"country": ("SE",)}))

    assert [(value.value, value.count, value.selected) for value in facet.values] == [
        ("FI", 2, False),
        ("SE", 1, True),
    ]


def test_values_are_limited_but_for_the_chosen():
    counts = {f"city-{n:03}": 1 for n in range(MAX_VALUES + 50)}
    last = list(counts)[-1]

    shown = values("city", counts, filters={"city": (last,)})

    assert len(shown) == MAX_VALUES + 1
    assert shown[-1] == last


def test_labels_are_in_the_readers_language():
    found = facets(
        {"country": {"FI": 1}, "language": {"fi": 1}, "theme": {"06": 1}}, Query(reader="de")
    )

    assert {facet.values[0].label for facet in found} == {
        "Finnland",
        "Finnisch",
        scheme("themes")["06"].pref["de"],
    }


@pytest.mark.parametrize(
    ("name", "value"), [("city", "Turku"), ("theme", "99.9"), ("nonsense", "x"), ("country", "XX")]
)
def test_value_without_a_label_names_itself(name, value):
    assert label(name, value, "xx-nonsense") == value


@pytest.mark.parametrize(
    ("name", "value", "broader"),
    [("theme", "06.1", "06"), ("theme", "06", ""), ("theme", "99", ""), ("stage", "pilot", "")],
)
def test_theme_stands_under_its_group(name, value, broader):
    assert parent(name, value) == broader


@pytest.mark.parametrize("row", FACETS, ids=lambda row: row.name)
def test_scheme_of_a_facet_exists(row):
    assert not row.scheme or scheme(row.scheme).concepts


def test_author_themes_are_counted_with_their_groups():
    assert indexed(themes=["06.1", "15.3"])["theme"] == ("06", "06.1", "15", "15.3")


def test_machine_themes_are_counted_only_where_the_author_gave_none():
    assert indexed(MACHINE)["theme"] == ("15", "15.3")
    assert indexed(MACHINE, themes=["06"])["theme"] == ("06",)


@pytest.mark.parametrize(
    ("start", "period"),
    [
        ("1999", "before-2000"),
        ("2000", "2000-2009"),
        ("2009-12", "2000-2009"),
        ("2010", "2010-2014"),
        ("2015/2019", "2015-2019"),
        ("2024~", "2020-2024"),
        ("2025-01-01", "from-2025"),
        ("unknown", "unknown"),
        ("201X", "unknown"),
    ],
)
def test_period_is_that_of_the_start(start, period):
    assert indexed(start=start)["period"] == (period,)


@pytest.mark.parametrize(
    ("inhabitants", "population"),
    [
        (0, "under-50k"),
        (49_999, "under-50k"),
        (50_000, "50k-100k"),
        (100_000, "100k-250k"),
        (250_000, "250k-500k"),
        (999_999, "500k-1m"),
        (1_000_000, "over-1m"),
    ],
)
def test_population_is_that_of_the_place(inhabitants, population):
    place = Place("1", "Turku", "FI", 60.45, 22.27, inhabitants)

    assert document(case(), (), place).facets["population"] == (population,)
    assert document(case(), (), None).facets["population"] == ("unknown",)


def test_what_is_not_said_is_no_value():
    found = indexed()

    assert found["country"] == found["city"] == found["stage"] == found["funding"] == ()
    assert found["language"] == ("fi",)


def test_concepts_grow_weaker_towards_the_group():
    concepts = document(case(), (AUTHOR, MACHINE), None).concepts

    assert concepts == {"06.1": 1.0, "06": 0.7, "15.3": 0.5, "15": 0.35}


def test_concept_has_the_strength_of_its_strongest_tag():
    group = Tag(kind="concept", value="06", origin="machine", strength=0.9)

    assert document(case(), (AUTHOR, group), None).concepts["06"] == 0.9


def test_titles_and_city_are_headings_in_their_language():
    found = document(case(title="Koti", title_en="Home", city="Turku"), (), None)

    assert found.headings == (("fi", "Koti"), ("fi", "Turku"), ("en", "Home"))


def test_texts_come_in_reading_order_with_their_language():
    told = case(
        summary="1", challenge="2", solution="3", body="4\n\n5",
        summary_en="6", body_en="7\n\n8",
    )  # fmt: skip

    assert document(told, (), None).texts == (
        ("fi", "1"), ("fi", "2"), ("fi", "3"), ("fi", "4"), ("fi", "5"),
        ("en", "6"), ("en", "7"), ("en", "8"),
    )  # fmt: skip
