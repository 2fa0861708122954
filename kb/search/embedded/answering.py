"""From a question to an answer, over one snapshot: matching, ranking, filtering, counting."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import numpy as np

from kb.fitting import Facts, Fit, fit
from kb.query import Query
from kb.search.embedded.columns import NOTHING, Mask, crossed
from kb.search.embedded.fusion import Fusion
from kb.search.embedded.matching import Search
from kb.search.embedded.selection import Selection
from kb.search.embedded.snapshot import Documents, Scores, Snapshot
from kb.search.engine import Answer, FindNearest, Found, Nearest, Tally, nothing_near
from kb.search.parse import Clause, parse
from kb.search.words.spelling import corrected


def answer(
    snapshot: Snapshot,
    query: Query,
    find_nearest: FindNearest = nothing_near,
    seen: AbstractSet[str] = frozenset(),
) -> Answer:
    """Answer a question; raises nothing for what was typed."""
    parsed = parse(query.text)
    clauses, corrections = corrected(snapshot.lexicon, parsed.clauses)
    search, selected = _run(snapshot, query, clauses, find_nearest)
    ranked = _ranked(snapshot, query, search, selected.mask)
    unseen = [n for n in ranked if snapshot.ids[n] not in seen] if seen else ranked
    end = query.page * query.size
    page = unseen[end - query.size : end]
    return Answer(
        total=int(selected.mask.sum()),
        found=tuple(
            Found(
                snapshot.ids[n],
                round(float(search.scores[n]), 4),
                search.explain(n, query),
                search.fusion.passage(n),
                _fit(snapshot, query, n),
            )
            for n in page
        ),
        counts=selected.counts(),
        marks=search.marks(),
        words=tuple(
            a.text for c in parsed.clauses if not c.negated for a in c.atoms if a.kind == "word"
        ),
        notes=parsed.notes + search.notes,
        corrections=(*corrections, *search.offers()),
        passed=tuple(snapshot.ids[number] for number in unseen[:end]),
        more=len(unseen) > end,
    )


def all_ids(
    snapshot: Snapshot, query: Query, find_nearest: FindNearest = nothing_near
) -> tuple[str, ...]:
    """Return the cases of all pages of the answer, in their order and beyond the last page."""
    clauses, _ = corrected(snapshot.lexicon, parse(query.text).clauses)
    search, selected = _run(snapshot, query, clauses, find_nearest)
    ranked = _ranked(snapshot, query, search, selected.mask)
    return tuple(snapshot.ids[number] for number in ranked)


def tally(
    snapshot: Snapshot,
    query: Query,
    pairs: Iterable[tuple[str, str]],
    find_nearest: FindNearest = nothing_near,
) -> Tally:
    """Count the cases of all pages of the answer, by pairs of facets and by when they began."""
    clauses, _ = corrected(snapshot.lexicon, parse(query.text).clauses)
    _, selected = _run(snapshot, query, clauses, find_nearest)
    mask, facets = selected.mask, snapshot.facets
    return Tally(
        total=int(mask.sum()),
        pairs={
            (one, other): crossed(facets.get(one, NOTHING), facets.get(other, NOTHING), mask)
            for one, other in pairs
        },
        starts=Counter(snapshot.starts[number] for number in np.flatnonzero(mask).tolist()),
    )


def _run(
    snapshot: Snapshot, query: Query, clauses: tuple[Clause, ...], find_nearest: FindNearest
) -> tuple[Search, Selection]:
    asked = " ".join(_spoken(clauses))
    nearest = find_nearest(asked) if asked and "meaning" in query.legs else Nearest()
    search = Search(snapshot, clauses, query.legs, Fusion(snapshot, nearest))
    return search, Selection(snapshot, query, search.run())


def _spoken(clauses: Iterable[Clause]) -> Iterator[str]:
    """Yield what of a question is said in words, and not excluded."""
    for clause in clauses:
        if not clause.negated:
            yield from (atom.text for atom in clause.atoms if atom.kind in {"word", "phrase"})


def _ranked(snapshot: Snapshot, query: Query, search: Search, mask: Mask) -> list[int]:
    """Order the cases; of equals the first id comes first, so that pages are stable."""
    found = np.flatnonzero(mask)
    keys: list[Documents | Scores] = [snapshot.ranks[found]]  # the last decides first
    if query.sort == "city":
        keys.append(snapshot.city_ranks[found])
    elif query.sort == "newest" or not query.text:
        keys.append(-snapshot.start_ranks[found])
    else:
        keys.append(-search.scores[found])
    if query.sort == "fit":  # those of one score stay in the order in which they stood
        scores = _fit_scores(snapshot, query)
        keys.append(np.array([-scores[snapshot.facts[n]] for n in found.tolist()]))
    return [int(n) for n in found[np.lexsort(keys)].tolist()]


def _fit(snapshot: Snapshot, query: Query, number: int) -> Fit | None:
    return fit(query.town, snapshot.facts[number]) if query.town.is_known else None


def _fit_scores(snapshot: Snapshot, query: Query) -> dict[Facts, int]:
    """Score what cases say, each once: many say the same."""
    return {facts: fit(query.town, facts).score for facts in set(snapshot.facts)}
