"""The cases that match a question and its filters, counted by the values of each facet."""

from collections.abc import Mapping
from functools import reduce
from operator import or_

from kb.query import Query
from kb.search.snapshot import Snapshot


class Selection:
    """What filters leave of the matched cases; values of one facet add up, facets narrow."""

    def __init__(self, snapshot: Snapshot, query: Query, matched: int) -> None:
        self._facets = snapshot.facets
        self._filters = {
            name: self._any(snapshot, name, values) for name, values in query.filters.items()
        }
        self._chosen = query.filters
        self._matched = matched
        self.bits = self._without("")
        """Bitmap of the cases that are left."""

    @staticmethod
    def _any(snapshot: Snapshot, name: str, values: tuple[str, ...]) -> int:
        bits = 0
        for value in values:
            bits |= snapshot.facets.get(name, {}).get(value, 0)
        return bits

    def _without(self, name: str) -> int:
        bits = self._matched
        for other, having in self._filters.items():
            if other != name:
                bits &= having
        return bits

    def counts(self) -> dict[str, dict[str, int]]:
        """Count each value among the cases that the *other* facets leave; chosen ones even at 0."""
        counts: dict[str, dict[str, int]] = {}
        for name in {*self._facets, *self._chosen}:
            base = self._without(name)
            values = {
                v: (base & bits).bit_count() for v, bits in self._facets.get(name, {}).items()
            }
            chosen = self._chosen.get(name, ())
            counts[name] = {value: n for value, n in values.items() if n or value in chosen}
            counts[name] |= {value: 0 for value in chosen if value not in values}
        return counts


def crossed(
    ones: Mapping[str, int], others: Mapping[str, int], bits: int
) -> dict[tuple[str, str], int]:
    """Count the cases of a bitmap by the values of two facets; an empty value: those with none."""
    rows, columns = _parted(ones, bits), _parted(others, bits)
    counts = (
        ((one, other), (having & also).bit_count())
        for one, having in rows.items()
        for other, also in columns.items()
    )
    return {pair: count for pair, count in counts if count}


def _parted(values: Mapping[str, int], bits: int) -> dict[str, int]:
    having = {value: bits & each for value, each in values.items()}
    having[""] = bits & ~reduce(or_, values.values(), 0)
    return {value: each for value, each in having.items() if each}
