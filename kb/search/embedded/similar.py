"""Cases that are like a case, and in what: shared values of facets, the rare ones first."""

from collections.abc import Iterable, Iterator
from math import log

import numpy as np

from kb.search.embedded.columns import Mask
from kb.search.embedded.snapshot import Snapshot
from kb.search.engine import Shared, Similar
from kb.search.rules import SIMILAR_NEEDED, SIMILAR_WEIGHTS, UNTOLD


def similar(snapshot: Snapshot, case_id: str, limit: int) -> tuple[Similar, ...]:
    """Return the cases that are most like a case, the most similar first; none if it is not here.

    A shared value counts by its weight and its rarity, -log of the share of cases that have it.
    """
    own = snapshot.documents.get(case_id)
    if own is None:
        return ()
    shared = list(_shared(snapshot, own))
    if not shared:
        return ()
    scores = np.sum([says * having for says, _, having in shared], axis=0)
    alike = np.any([having for _, each, having in shared if each.facet == SIMILAR_NEEDED], axis=0)
    found = np.flatnonzero(alike & snapshot.all)
    best = found[np.lexsort((snapshot.ranks[found], -scores[found]))[:limit]].tolist()
    return tuple(
        Similar(snapshot.ids[n], round(float(scores[n]), 4), _telling(shared, n)) for n in best
    )


def _shared(snapshot: Snapshot, own: int) -> Iterator[tuple[float, Shared, Mask]]:
    """Yield how much a value of a case says, the value, and which other cases have it."""
    for facet in (name for name in SIMILAR_WEIGHTS if name in snapshot.facets):
        column = snapshot.facets[facet]
        for value in (column.values[code] for code in column.of_document(own)):
            if value not in UNTOLD:
                having = column.having([value], len(snapshot.ids)) & snapshot.all
                says = SIMILAR_WEIGHTS[facet] * log(snapshot.count / int(having.sum()))
                having[own] = False
                yield says, Shared(facet, value), having


def _telling(shared: Iterable[tuple[float, Shared, Mask]], document: int) -> tuple[Shared, ...]:
    """Return what a case shares, the rarest first."""
    found = [(says, each) for says, each, having in shared if having[document]]
    return tuple(each for _, each in sorted(found, key=lambda row: -row[0]))
