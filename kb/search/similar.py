"""Cases that are like a case, and in what: shared values of facets, the rare ones first."""

from collections import defaultdict
from heapq import nsmallest
from math import log

from kb.search.engine import Shared, Similar
from kb.search.snapshot import Snapshot, numbers

# What an official asks of a case elsewhere: the same task, the same people, a city like mine, the
# same money. A shared theme must be among it; the rest alone says nothing.
_WEIGHTS = {"theme": 1.0, "target": 0.6, "type": 0.3, "population": 0.3, "cost": 0.3}
_NEEDED = "theme"
_UNTOLD = {"unknown", ""}


def similar(snapshot: Snapshot, case_id: str, limit: int) -> tuple[Similar, ...]:
    """Return the cases that are most like a case, the most similar first; none if it is not here.

    A shared value counts by its weight and its rarity, -log of the share of cases that have it.
    """
    own = next((n for n, found in snapshot.ids.items() if found == case_id), None)
    if own is None:
        return ()
    shared: dict[int, list[tuple[float, Shared]]] = defaultdict(list)
    for facet, weight in _WEIGHTS.items():
        for value, having in snapshot.facets.get(facet, {}).items():
            if value in _UNTOLD or not having >> own & 1:
                continue
            says = weight * log(len(snapshot.ids) / having.bit_count())
            for document in numbers(having & ~(1 << own)):
                shared[document].append((says, Shared(facet, value)))
    scores = {
        document: sum(says for says, _ in found)
        for document, found in shared.items()
        if any(each.facet == _NEEDED for _, each in found)
    }
    best = nsmallest(limit, scores, key=lambda n: (-scores[n], snapshot.ids[n]))
    return tuple(
        Similar(
            snapshot.ids[document],
            round(scores[document], 4),
            tuple(each for _, each in sorted(shared[document], key=lambda row: -row[0])),
        )
        for document in best
    )
