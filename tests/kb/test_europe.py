"""The projection is that of EPSG:3035, and keeps areas."""

from math import radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.europe import HEIGHT, WIDTH, point, projected

A, F = 6_378_137.0, 1 / 298.257222101


def ground(south: float, north: float, degrees: float) -> float:
    """Return the area of a piece of the ellipsoid between two parallels (Snyder 1987, 3-12)."""
    e = sqrt(F * (2 - F))

    def below(latitude: float) -> float:
        # Summed instead of solved, so that it is not what the projection itself reckons with.
        steps = 2_000
        widths = ((n + 0.5) * sin(radians(latitude)) / steps for n in range(steps))
        return sum(1 / (1 - (e * s) ** 2) ** 2 for s in widths) * sin(radians(latitude)) / steps

    return A * A * (1 - e * e) * (below(north) - below(south)) * radians(degrees)


def paper(corners: list[tuple[float, float]]) -> float:
    around = zip(corners, corners[1:] + corners[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in around)) / 2


def test_the_example_of_epsg_comes_out():
    # IOGP Publication 373-7-2, Lambert azimuthal equal area: 50 N 5 E.
    assert projected(5, 50) == pytest.approx((3_962_799.45, 2_999_718.85), abs=0.01)


def test_the_natural_origin_is_where_epsg_puts_it():
    assert projected(10, 52) == pytest.approx((4_321_000, 3_210_000))


@given(st.floats(-25, 45), st.floats(34, 71))
def test_equal_areas_are_equal(longitude, latitude):
    size = 0.05
    sides = [(longitude + size * n / 10, latitude) for n in range(10)]
    sides += [(longitude + size, latitude + size * n / 10) for n in range(10)]
    sides += [(longitude + size - size * n / 10, latitude + size) for n in range(10)]
    sides += [(longitude, latitude + size - size * n / 10) for n in range(10)]

    drawn = paper([projected(*side) for side in sides])

    assert drawn == pytest.approx(ground(latitude, latitude + size, size), rel=1e-4)


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(-21.9, 64.1), (-9.1, 38.7), (25.8, 71.0), (33.4, 35.2), (14.5, 35.9), (44.8, 41.7)],
    ids=["Reykjavik", "Lisbon", "North Cape", "Nicosia", "Valletta", "Tbilisi"],
)
def test_the_map_shows_the_ends_of_europe(longitude, latitude):
    assert point(longitude, latitude).inside


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(-16.9, 32.65), (49.9, 40.4), (-74, 40.7), (0, 90), (10, -52)]
)
def test_a_place_elsewhere_is_off_the_map(longitude, latitude):
    assert not point(longitude, latitude).inside


@given(st.floats(-180, 180), st.floats(-50, 90))
def test_every_place_but_the_antipode_has_a_point(longitude, latitude):
    at = point(longitude, latitude)

    assert abs(at.x) < 10 * WIDTH
    assert abs(at.y) < 10 * HEIGHT
