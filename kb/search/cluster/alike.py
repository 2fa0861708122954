"""Cases that are like a case, and in what: shared values of facets, the rare ones first."""

from math import log

from kb.search.cluster.door import Body, Door
from kb.search.engine import Shared, Similar
from kb.search.rules import SIMILAR_NEEDED, SIMILAR_WEIGHTS, UNTOLD


def alike(door: Door, cases: str, case_id: str, limit: int) -> tuple[Similar, ...]:
    """Return the cases that are most like a case, the most similar first; none if it is not here.

    A shared value counts by its weight and its rarity, -log of the share of cases that have it.
    """
    stored = door.get(cases, case_id)
    if stored is None:
        return ()
    own = [
        Shared(facet, value)
        for facet in SIMILAR_WEIGHTS
        for value in stored["facets"].get(facet, ())
        if value not in UNTOLD
    ]
    needed = [_having(each) for each in own if each.facet == SIMILAR_NEEDED]
    if not needed:
        return ()
    says = _says(door, cases, own)
    body: Body = {
        "size": limit,
        "query": {
            "bool": {
                "filter": [{"bool": {"should": needed, "minimum_should_match": 1}}],
                "must_not": [{"term": {"id": case_id}}],
                "should": [
                    {"constant_score": {"filter": _having(each), "boost": weight}}
                    for each, weight in says.items()
                ],
            }
        },
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": ["facets"],
    }
    return tuple(_similar(hit, says) for hit in door.ask(cases, body)["hits"]["hits"])


def _says(door: Door, cases: str, own: list[Shared]) -> dict[Shared, float]:
    """Return what each value says that a case has, the most telling first."""
    counted = {"filters": {"filters": {str(n): _having(each) for n, each in enumerate(own)}}}
    body = {"size": 0, "track_total_hits": True, "aggs": {"having": counted}}
    told = door.ask(cases, body)
    every, having = told["hits"]["total"]["value"], told["aggregations"]["having"]["buckets"]
    says = {
        each: SIMILAR_WEIGHTS[each.facet] * log(every / max(1, having[str(n)]["doc_count"]))
        for n, each in enumerate(own)
    }
    return dict(sorted(says.items(), key=lambda row: -row[1]))


def _similar(hit: Body, says: dict[Shared, float]) -> Similar:
    facets = hit["_source"]["facets"]
    shared = tuple(each for each in says if each.value in facets.get(each.facet, ()))
    return Similar(hit["_id"], round(hit["_score"], 4), shared)


def _having(shared: Shared) -> Body:
    return {"term": {f"facets.{shared.facet}": {"value": shared.value}}}
