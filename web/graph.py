"""The drawing of who copied whom: boxes in columns from left to right, arrows between them.

Who was copied stands left of who copied. The same edges always make the same drawing, which is laid
out here, without a library for graphs: it never has more than a few dozen edges.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from kb.diffusion import Edge, Node

MOST_DRAWN = 60
"""Edges; more cannot be taken in, and the table has all."""

BOX_WIDTH, BOX_HEIGHT = 228, 44
_COLUMN, _ROW, _GAP, _EDGE = 320, 54, 14, 4
"""In pixels: from box to box to the right and down, between groups, and around it all."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node and the corner where its box begins."""

    node: Node
    edge: Edge | None
    """What has made it, where it was copied from one only."""
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge and its curve, as the ``d`` of a path in SVG."""

    edge: Edge
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, and how large it is, in pixels."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def drawing(edges: Iterable[Edge]) -> Drawing:
    """Lay out the edges, those of whom most have copied first; one arrow from one to another."""
    drawn = _chosen(edges)
    nodes = {node.key: node for edge in drawn for node in (edge.source, edge.target)}
    columns = _columns(drawn)
    places = _places(_groups(drawn), columns, drawn)
    into = {key: [edge for edge in drawn if edge.target.key == key] for key in nodes}
    boxes = tuple(
        Box(nodes[key], into[key][0] if len(into[key]) == 1 else None, x, y)
        for key, (x, y) in places.items()
    )
    return Drawing(
        boxes,
        tuple(Arrow(edge, _curve(places, edge)) for edge in drawn),
        max((box.x + BOX_WIDTH + _EDGE for box in boxes), default=0),
        max((box.y + BOX_HEIGHT + _EDGE for box in boxes), default=0),
    )


def _chosen(edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges to draw; of those between the same two, what the city says goes before."""
    between: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        pair = edge.source.key, edge.target.key
        if pair not in between or edge.told_by == "city":
            between[pair] = edge
    copied = Counter(source for source, _ in between)
    order = sorted(between, key=lambda pair: (-copied[pair[0]], pair[0]))  # stable within a source
    return [between[pair] for pair in order[:MOST_DRAWN]]


def _columns(edges: Sequence[Edge]) -> dict[str, int]:
    """Return the column of each node: one right of the furthest that it has copied.

    Whoever has copied each other stand where they came to stand first: no node is moved more often
    than there are nodes.
    """
    columns = {node.key: 0 for edge in edges for node in (edge.source, edge.target)}
    for _ in columns:
        moved = False
        for edge in edges:
            wanted = columns[edge.source.key] + 1
            if columns[edge.target.key] < wanted < len(columns):
                columns[edge.target.key] = wanted
                moved = True
        if not moved:
            break
    return _close(columns)


def _close(columns: Mapping[str, int]) -> dict[str, int]:
    """Leave no column empty, as circles do."""
    used = sorted(set(columns.values()))
    return {key: used.index(column) for key, column in columns.items()}


def _groups(edges: Sequence[Edge]) -> list[list[str]]:
    """Return the nodes that hang together, in the order of the edges."""
    group_of: dict[str, list[str]] = {}
    for edge in edges:
        one, other = (
            group_of.setdefault(node.key, [node.key]) for node in (edge.source, edge.target)
        )
        if one is not other:
            one += other
            group_of |= dict.fromkeys(other, one)
    unique = {id(group): group for group in group_of.values()}
    return list(unique.values())


def _places(
    groups: Iterable[list[str]], columns: Mapping[str, int], edges: Sequence[Edge]
) -> dict[str, tuple[int, int]]:
    """Return where each box begins: groups one below the other, columns of a group centred."""
    stacks = [_stacks(group, columns, edges) for group in groups]
    heights = [max(map(len, group)) * _ROW + _GAP for group in stacks]
    tops = accumulate(heights, initial=_EDGE)
    return {
        key: (_EDGE + column * _COLUMN, top + _centred(len(stack), height) + row * _ROW)
        for group, height, top in zip(stacks, heights, tops, strict=False)
        for column, stack in enumerate(group)
        for row, key in enumerate(stack)
    }


def _centred(rows: int, height: int) -> int:
    return (height - _GAP - rows * _ROW) // 2


def _stacks(
    group: Sequence[str], columns: Mapping[str, int], edges: Sequence[Edge]
) -> list[list[str]]:
    """Return the nodes of a group by column, each near those that it has copied."""
    stacks: list[list[str]] = []
    row: dict[str, float] = {}
    for number in range(max(columns[key] for key in group) + 1):
        keys = [key for key in group if columns[key] == number]
        stacks.append(sorted(keys, key=lambda key: _mean(key, row, edges)))
        row |= {key: float(place) for place, key in enumerate(stacks[-1])}
    return stacks


def _mean(key: str, row: Mapping[str, float], edges: Sequence[Edge]) -> float:
    copied = [row[e.source.key] for e in edges if e.target.key == key and e.source.key in row]
    return sum(copied) / len(copied) if copied else 0.0


def _curve(places: Mapping[str, tuple[int, int]], edge: Edge) -> str:
    """Draw from the right side of a box to the left side of another."""
    from_x, from_y = places[edge.source.key]
    to_x, to_y = places[edge.target.key]
    from_x, half = from_x + BOX_WIDTH, BOX_HEIGHT // 2
    bend = max(40, abs(to_x - from_x) // 2)
    return (
        f"M{from_x} {from_y + half}C{from_x + bend} {from_y + half} "
        f"{to_x - bend} {to_y + half} {to_x} {to_y + half}"
    )
