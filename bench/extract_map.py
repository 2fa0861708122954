"""Draw the base map `web/static/europe.svg` from Natural Earth (1:50 million, public domain).

Run it again when another frame or a newer Natural Earth is wanted. The npm package ``world-atlas``
carries its countries as TopoJSON (https://github.com/topojson/world-atlas):

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    PYTHONPATH=. python bench/extract_map.py package/countries-50m.json

The same input gives the same bytes. Lines are simplified arc by arc, so that neighbours still meet.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

from kb.europe import HEIGHT, WIDTH, point

TARGET = Path(__file__).parents[1] / "web" / "static" / "europe.svg"

BEYOND = frozenset(
    {"Algeria", "Egypt", "Greenland", "Iran", "Iraq", "Israel", "Jordan", "Kazakhstan", "Lebanon",
     "Libya", "Morocco", "Palestine", "Saudi Arabia", "Syria", "Tunisia", "Turkmenistan"}
)  # fmt: skip
"""Their land is drawn, borders among them are not."""

CRIMEA = (34.1, 44.95)
SAME = {"N. Cyprus": "Cyprus"}
"""Natural Earth draws who holds a land. Here no line parts Crimea from Ukraine (resolution 68/262
of the UN General Assembly) or the north of Cyprus from the south (541 of its Security Council)."""

STEPS = 2
"""Points of the grid in a unit of the map: coordinates are whole numbers of 4 km."""
TOLERANCE = 1.0
"""How far a simplified line may lie off, in steps."""
SMALLEST = 5.0
"""Area of an island that is still drawn, in square steps: 78 square kilometres."""
MARGIN = 12
"""Steps drawn beyond the frame, so that no cut can be seen."""

Spot = tuple[float, float]
Line = list[Spot]

# A grey that is darker than light paper and lighter than dark paper: the map serves in both, and
# needs no style of its own, which a Content-Security-Policy may forbid a picture.
GREY = "#6f8583"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    "<!-- Natural Earth, public domain; EPSG:3035; drawn by bench/extract_map.py -->"
    '<g transform="scale({scale})" fill="none">'
    '<path fill="{grey}" fill-opacity=".24" d="{land}"/>'
    '<path stroke="{grey}" stroke-opacity=".5" stroke-width="1.2" stroke-linejoin="round" '
    'd="{lines}"/>'
    "</g></svg>\n"
)


def main(source: Path) -> None:
    """Write the map and say how large it is."""
    atlas = json.loads(source.read_text(encoding="utf-8"))
    degrees = [list(arc) for arc in decoded(atlas)]
    arcs = [simplified([grid(*spot) for spot in arc]) for arc in degrees]
    polygons = list(owned(atlas, degrees))
    rings = (clipped(ring(ids, arcs)) for _, rings in polygons for ids in rings)
    land = "".join(path(each) + "z" for each in rings if area(each) >= SMALLEST)
    lines = "".join(path(each) for each in borders(polygons, arcs))
    TARGET.write_text(SVG.format(
        width=WIDTH, height=HEIGHT, scale=1 / STEPS, grey=GREY, land=land, lines=lines
    ))  # fmt: skip
    print(f"{TARGET.stat().st_size} bytes: {TARGET}")


def decoded(atlas: Any) -> Iterator[Iterator[Spot]]:
    """Yield the arcs of a TopoJSON in degrees (its specification, 2.1.3: quantised differences)."""
    (x_scale, y_scale), (x_0, y_0) = atlas["transform"]["scale"], atlas["transform"]["translate"]

    def spots(arc: Sequence[tuple[int, int]]) -> Iterator[Spot]:
        x = y = 0
        for dx, dy in arc:
            x, y = x + dx, y + dy
            yield x * x_scale + x_0, y * y_scale + y_0

    yield from map(spots, atlas["arcs"])


def grid(longitude: float, latitude: float) -> Spot:
    """Return where a place lies, in steps."""
    at = point(longitude, latitude)
    return at.x * STEPS, at.y * STEPS


def owned(atlas: Any, degrees: list[Line]) -> Iterator[tuple[str, list[list[int]]]]:
    """Yield each polygon as its country and its rings of arcs; those off the map are left out."""
    for country in atlas["objects"]["countries"]["geometries"]:
        name = country["properties"]["name"]
        several = country["type"] == "MultiPolygon"
        for rings in country["arcs"] if several else [country["arcs"]]:
            outer = ring(rings[0], degrees)
            if any(point(*spot).inside for spot in outer):
                owner = "Ukraine" if covers(outer, CRIMEA) else SAME.get(name, name)
                yield owner, rings


def ring(ids: Iterable[int], arcs: Sequence[Line]) -> Line:
    """Join arcs; one whose number is a complement runs backwards."""
    joined: Line = []
    for each in ids:
        line = arcs[each] if each >= 0 else arcs[~each][::-1]
        joined += line[1:] if joined else line
    return joined


def borders(
    polygons: Iterable[tuple[str, list[list[int]]]], arcs: Sequence[Line]
) -> Iterator[Line]:
    """Yield the lines that part two countries, one of them in Europe."""
    sides: dict[int, set[str]] = defaultdict(set)
    for owner, rings in polygons:
        for each in (arc for ids in rings for arc in ids):
            sides[max(each, ~each)].add(owner)
    for each, owners in sorted(sides.items()):
        if len(owners) > 1 and not owners <= BEYOND:
            yield from shown(arcs[each])


def shown(line: Line) -> Iterator[Line]:
    """Yield the pieces of a line that lie in the frame."""
    piece: Line = []
    for one, other in pairwise(line):
        if framed(one) or framed(other):
            piece = [*(piece or [one]), other]
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def framed(spot: Spot) -> bool:
    """Tell whether a point lies in the frame, its margin included."""
    x, y = spot
    return -MARGIN <= x <= WIDTH * STEPS + MARGIN and -MARGIN <= y <= HEIGHT * STEPS + MARGIN


def clipped(line: Line) -> Line:
    """Cut a ring at the frame, edge by edge (Sutherland and Hodgman 1974)."""
    for axis, limit, sign in (
        (0, -MARGIN, 1), (0, WIDTH * STEPS + MARGIN, -1),
        (1, -MARGIN, 1), (1, HEIGHT * STEPS + MARGIN, -1),
    ):  # fmt: skip
        line = list(cut(line, axis, limit, sign))
    return line


def cut(line: Line, axis: int, limit: float, sign: int) -> Iterator[Spot]:
    """Yield what of a ring lies on one side of an edge."""
    for one, other in zip(line, line[1:] + line[:1], strict=True):
        inside = [sign * (spot[axis] - limit) >= 0 for spot in (one, other)]
        if inside[0]:
            yield one
        if inside[0] != inside[1]:
            share = (limit - one[axis]) / (other[axis] - one[axis])
            yield one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])


def simplified(line: Line) -> Line:
    """Leave out what does not change a line by more than `TOLERANCE` (Douglas and Peucker 1973)."""
    if len(line) < 3:  # noqa: PLR2004 - two points are a line
        return line
    far, at = max((distance(spot, line[0], line[-1]), n) for n, spot in enumerate(line))
    if far <= TOLERANCE:
        return [line[0], line[-1]]
    return simplified(line[: at + 1])[:-1] + simplified(line[at:])


def distance(spot: Spot, start: Spot, end: Spot) -> float:
    """Return how far a point is from a piece of a line."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = x * x + y * y
    along = ((spot[0] - start[0]) * x + (spot[1] - start[1]) * y) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return hypot(spot[0] - start[0] - along * x, spot[1] - start[1] - along * y)


def covers(line: Line, spot: Spot) -> bool:
    """Tell whether a ring holds a point: a ray from it meets the ring an odd number of times."""
    x, y = spot
    crossed = (
        (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
        for a, b in pairwise(line)
        if (a[1] > y) != (b[1] > y)
    )
    return sum(x < at for at in crossed) % 2 == 1


def area(line: Line) -> float:
    """Return the area of a ring, in square steps."""
    around = zip(line, line[1:] + line[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in around)) / 2


def path(line: Line) -> str:
    """Write a line as SVG: where it begins, and the steps from there; nothing for a mere point."""
    spots = [(round(x), round(y)) for x, y in line]
    moves = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(spots)]
    steps = " ".join(f"{x} {y}" for x, y in moves if x or y).replace(" -", "-")
    return f"M{spots[0][0]} {spots[0][1]}l{steps}" if steps else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
