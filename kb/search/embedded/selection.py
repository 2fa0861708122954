"""The cases that match a question and its filters, counted by the values of each facet."""

from kb.query import Query
from kb.search.embedded.columns import Mask
from kb.search.embedded.snapshot import Snapshot


class Selection:
    """What filters leave of the matched cases; values of one facet add up, facets narrow."""

    def __init__(self, snapshot: Snapshot, query: Query, matched: Mask) -> None:
        self._facets = snapshot.facets
        self._filters = {
            name: snapshot.having_any(name, values) for name, values in query.filters.items()
        }
        self._chosen = query.filters
        self._matched = matched
        self.mask = self._without("")
        """Mask of the cases that are left."""

    def _without(self, name: str) -> Mask:
        mask = self._matched
        for other, having in self._filters.items():
            if other != name:
                mask = mask & having
        return mask

    def counts(self) -> dict[str, dict[str, int]]:
        """Count each value among the cases that the *other* facets leave; chosen ones even at 0."""
        counts: dict[str, dict[str, int]] = {}
        for name in {*self._facets, *self._chosen}:
            mask = self._without(name) if name in self._chosen else self.mask
            column = self._facets.get(name)
            found = column.counts(mask) if column else {}
            counts[name] = dict.fromkeys(self._chosen.get(name, ()), 0) | found
        return counts
