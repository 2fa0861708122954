"""Circles and bars stand for their numbers, and there is never too much of them."""

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.europe import Point
from kb.pictured import City
from web.drawing import (
    LARGEST,
    LEAST_BARS,
    LOWEST_TOP,
    MOST_BARS,
    RADIUS,
    SHADES,
    bars,
    circles,
    shades,
)

YEARS = st.dictionaries(st.integers(0, 9999), st.integers(1, 500))
THIS_YEAR = 2031


def city(count: int) -> City:
    return City("A city", "FI", count, Point(1.04, 2.0), {})


@given(st.lists(st.integers(1, 100_000), min_size=1))
def test_areas_of_circles_are_as_their_numbers(counts):
    drawn = list(circles([city(count) for count in counts]))

    largest = max(drawn, key=lambda circle: circle.city.count)
    for circle in drawn:
        share = circle.city.count / largest.city.count
        wanted = (pi * largest.r**2 * share / pi) ** 0.5
        assert circle.r == pytest.approx(wanted, abs=0.11)  # tenths are written
        assert circle.r <= LARGEST


def test_one_case_has_a_circle_of_the_usual_size():
    (circle,) = circles([city(1)])

    assert (circle.x, circle.y, circle.r) == (1.0, 2.0, RADIUS)


@given(YEARS)
def test_every_case_stands_in_a_bar(years):
    drawn = bars(years.items(), THIS_YEAR)

    assert sum(bar.count for bar in drawn) == sum(years.values())
    assert not years or LEAST_BARS <= len(drawn) <= MOST_BARS
    assert [bar.year for bar in drawn] == [drawn[0].year + n for n in range(len(drawn))]
    assert all(bar.year <= THIS_YEAR for bar in drawn)


@given(YEARS)
def test_bars_are_as_high_as_their_numbers_and_stay_in_the_picture(years):
    drawn = bars(years.items(), THIS_YEAR)

    most = max([LOWEST_TOP, *(bar.count for bar in drawn)])
    for bar in drawn:
        assert bar.height == pytest.approx(72 * bar.count / most, abs=0.01)
        assert bar.y + bar.height == pytest.approx(84, abs=0.02)
        assert bar.x >= 0
        assert bar.x + bar.width <= 100


def test_years_beyond_the_bars_are_said_to_be_in_the_first_and_the_last():
    drawn = bars([(1850, 1), (1995, 1), (2030, 1), (9999, 1)], THIS_YEAR)

    assert (drawn[0].written, drawn[0].count) == ("≤ 1992", 1)
    assert (drawn[-1].written, drawn[-1].count) == ("≥ 2031", 1)


def test_no_years_no_bars():
    assert bars([], THIS_YEAR) == ()


@given(st.lists(st.integers(1, 1000), min_size=1))
def test_more_is_never_lighter_and_the_most_is_darkest(counts):
    shade = shades(counts)

    assert shade[max(counts)] == SHADES
    ordered = [shade[count] for count in sorted(shade)]
    assert ordered == sorted(ordered)
    assert min(ordered) >= 1
