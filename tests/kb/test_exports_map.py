"""GeoJSON as RFC 7946 has it."""

import json

import geojson

from tests.kb.taken import TURKU, everything, record, taken


def test_a_case_is_a_point_where_its_city_lies():
    read = geojson.loads(taken("geojson", record(place=TURKU, title="Asunto ensin")))

    (feature,) = read.features
    assert read.is_valid
    assert feature.geometry.coordinates == [22.26869, 60.45148]
    assert feature.id == "a"
    assert feature.properties["title"] == "Asunto ensin"
    assert feature.properties["url"] == "https://praxis.example/cases/a"


def test_a_case_of_no_known_place_has_no_point():
    (feature,) = json.loads(taken("geojson", record()))["features"]

    assert feature["geometry"] is None


def test_all_cases_are_there_and_the_source_of_places_is_named():
    data = taken("geojson", *everything())
    read = geojson.loads(data)

    assert [each.id for each in read.features] == [each.case.id for each in everything()]
    assert sum(each.geometry is not None for each in read.features) > 85
    assert "GeoNames" in read.attribution
    assert geojson.loads(taken("geojson")).features == []
