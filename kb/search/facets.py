"""From an engine's counts to the facets of a page: labelled, ordered, with what is chosen."""

from collections.abc import Mapping
from functools import cache
from heapq import nlargest

from kb.query import Facet, FacetValue, Query
from kb.search.fields import FACETS, FacetRow, label, parent
from kb.text import fold
from kb.vocabulary import scheme

MAX_VALUES = 300

# Ladders are read in their own order, everything else by how much there is of it.
_LADDERS = {"theme", "population", "stage", "period", "cost", "evidence"}


def facets(counts: Mapping[str, Mapping[str, int]], query: Query) -> tuple[Facet, ...]:
    """Return the facets that have a value, in the order of the table."""
    rows = (
        Facet(row.name, row.label, _values(row, counts.get(row.name, {}), query)) for row in FACETS
    )
    return tuple(facet for facet in rows if facet.values)


def _values(row: FacetRow, counts: Mapping[str, int], query: Query) -> tuple[FacetValue, ...]:
    chosen = query.filters.get(row.name, ())
    least = nlargest(MAX_VALUES, counts.values())[-1] if len(counts) > MAX_VALUES else 0
    values = [
        FacetValue(value, label(row.name, value, query.reader), count, value in chosen,
                   parent(row.name, value))
        for value, count in counts.items()
        if count >= least or value in chosen
    ]  # fmt: skip
    if row.name in _LADDERS:
        order = _order(row.scheme)
        values.sort(key=lambda v: (order.get(v.value, len(order)), v.value))
    else:
        values.sort(key=lambda v: (-v.count, fold(v.label), v.value))
    # A chosen value is shown however rare it is.
    return tuple(v for place, v in enumerate(values) if place < MAX_VALUES or v.selected)


@cache
def _order(name: str) -> Mapping[str, int]:
    return {concept.id: place for place, concept in enumerate(scheme(name))}
