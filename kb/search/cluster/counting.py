"""Counting: facets beside an answer, and all pairs of values of a whole result."""

from collections.abc import Iterator, Mapping

from kb.query import Query
from kb.search.cluster.door import Body, Door
from kb.search.facets import MAX_VALUES
from kb.search.fields import FACET_NAMES

_PER_SHARD = 20_000
"""Counts are exact up to so many values of a facet, of which a page shows `MAX_VALUES`."""
_BUCKETS = 5_000


def matching(query: Query) -> dict[str, Body]:
    """Return what each chosen facet asks of a case; values of one facet add up."""
    return {
        name: {"terms": {f"facets.{name}": list(values)}} for name, values in query.filters.items()
    }


def facet_requests(query: Query) -> dict[str, Body]:
    """Return what counts each facet among the cases that the *other* facets leave."""
    filters = matching(query)
    return {
        f"facet-{name}": {
            "filter": {"bool": {"filter": [f for other, f in filters.items() if other != name]}},
            "aggs": {
                "values": {"terms": _most(name)},
                "chosen": {"terms": _only(name, query.filters.get(name, ()))},
            },
        }
        for name in (*FACET_NAMES, *(query.filters.keys() - set(FACET_NAMES)))
    }


def facet_counts(told: Mapping[str, Body], query: Query) -> dict[str, dict[str, int]]:
    """Read what `facet_requests` has counted; chosen values even at 0."""
    counts = {}
    for key, row in told.items():
        if not key.startswith("facet-"):
            continue
        name = key.removeprefix("facet-")
        found = dict.fromkeys(query.filters.get(name, ()), 0)
        for part in ("values", "chosen"):
            found |= {each["key"]: each["doc_count"] for each in row[part]["buckets"]}
        if found:
            counts[name] = found
    return counts


def pair_counts(
    door: Door, cases: str, query: Body, fields: list[str]
) -> dict[tuple[str, str], int]:
    """Count cases by the values of two facets; an empty value: those with none."""
    return {(one, other): n for (one, other), n in counted(door, cases, query, fields)}


def counted(
    door: Door, cases: str, query: Body, fields: list[str]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield each combination of values of some fields with how many cases have it, exactly."""
    sources = [
        {str(n): {"terms": {"field": name, "missing_bucket": True}}}
        for n, name in enumerate(fields)
    ]
    rows: Body = {"size": _BUCKETS, "sources": sources}
    while True:
        body = {"size": 0, "query": query, "aggs": {"rows": {"composite": rows}}}
        told = door.ask(cases, body)["aggregations"]["rows"]
        for row in told["buckets"]:
            yield tuple(row["key"][str(n)] or "" for n in range(len(fields))), row["doc_count"]
        if len(told["buckets"]) < _BUCKETS:
            return
        rows = {**rows, "after": told["after_key"]}


def _most(name: str) -> Body:
    return {"field": f"facets.{name}", "size": MAX_VALUES, "shard_size": _PER_SHARD}


def _only(name: str, values: tuple[str, ...]) -> Body:
    return {"field": f"facets.{name}", "size": max(1, len(values)), "include": list(values)}
