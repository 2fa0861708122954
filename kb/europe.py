"""Where a place lies on the map of Europe that the pages draw over.

The map is drawn in ETRS89-LAEA (EPSG:3035), in which equal areas of land have equal areas of paper.
It knows neither cases nor pages: by it `bench/extract_map.py` draws the land, and pages the rest.
"""

from dataclasses import dataclass
from math import asin, cos, log, pi, radians, sin, sqrt

WIDTH, HEIGHT = 600, 518
"""Of the map, in units of its own."""

_WEST, _NORTH = 2_550_000, 5_450_000
"""Its corner in metres of EPSG:3035: from Iceland to Georgia, from the North Cape to Crete."""
_METRES = 7917
"""In one unit, so that the map is 4,750 km wide."""

# GRS 1980, and the parameters of EPSG:3035: https://epsg.io/3035
_A = 6_378_137.0
_E2 = (2 - 1 / 298.257222101) / 298.257222101
_LATITUDE, _LONGITUDE = radians(52), radians(10)
_EAST_0, _NORTH_0 = 4_321_000.0, 3_210_000.0


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the map: ``x`` to the right, ``y`` down."""

    x: float
    y: float

    @property
    def inside(self) -> bool:
        """Whether the map shows it."""
        return 0 <= self.x <= WIDTH and 0 <= self.y <= HEIGHT


def point(longitude: float, latitude: float) -> Point:
    """Return where a place of these degrees (ETRS89, or WGS 84) lies; it may be off the map."""
    east, north = projected(longitude, latitude)
    return Point((east - _WEST) / _METRES, (_NORTH - north) / _METRES)


def projected(longitude: float, latitude: float) -> tuple[float, float]:
    """Return easting and northing in metres of EPSG:3035.

    Lambert azimuthal equal area, oblique, on the ellipsoid: method 9820 of EPSG (IOGP Publication
    373-7-2; https://epsg.io/9820-method), after Snyder, Map Projections, USGS 1987. Without meaning
    at the antipode, 170 degrees west and 52 south.
    """
    beta, turn = asin(_q(radians(latitude)) / _Q_POLE), radians(longitude) - _LONGITUDE
    near = 1 + sin(_BETA_0) * sin(beta) + cos(_BETA_0) * cos(beta) * cos(turn)
    scale = _RQ * sqrt(2 / near)
    east = scale * _D * cos(beta) * sin(turn)
    north = scale / _D * (cos(_BETA_0) * sin(beta) - sin(_BETA_0) * cos(beta) * cos(turn))
    return _EAST_0 + east, _NORTH_0 + north


def _q(latitude: float) -> float:
    """Return what grows with the area of the ellipsoid between the equator and a latitude."""
    e, s = sqrt(_E2), sin(latitude)
    return (1 - _E2) * (s / (1 - _E2 * s * s) - log((1 - e * s) / (1 + e * s)) / (2 * e))


_Q_POLE = _q(pi / 2)
_BETA_0 = asin(_q(_LATITUDE) / _Q_POLE)
_RQ = _A * sqrt(_Q_POLE / 2)
_D = _A * cos(_LATITUDE) / sqrt(1 - _E2 * sin(_LATITUDE) ** 2) / (_RQ * cos(_BETA_0))
