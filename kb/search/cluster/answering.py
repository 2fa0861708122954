"""From a question to an answer: one request that matches, ranks, filters and counts.

Two small ones go before it where they are needed: what the cases are about, and what the best case
scores, by which the bar is set for cases that only share a concept.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from hashlib import blake2b

from kb.fitting import Facts, fit
from kb.search.cluster.clauses import either
from kb.search.cluster.counting import counted, facet_counts, facet_requests, matching, pair_counts
from kb.search.cluster.door import Body, Door
from kb.search.cluster.explaining import explain
from kb.search.cluster.nearness import Nearness
from kb.search.cluster.question import Question
from kb.search.engine import Answer, FindNearest, Found, Nearest, Tally
from kb.search.rules import GOOD_SHARE, NEARBY, NEARBY_ALONE, SOME_OF_THEM

_ALL: Body = {"match_all": {}}
_MOST_FACTS = 10_000
_PAGE = 5_000
_FITS = "def fit = params.fits.get(doc['facts'].value); return fit == null ? 0 : fit;"


class Answering:
    """The answering of one question."""

    def __init__(
        self, door: Door, cases: str, question: Question, find_nearest: FindNearest
    ) -> None:
        self._door = door
        self._cases = cases
        self._question = question
        self._query = question.query
        self._notes: tuple[str, ...] = ()
        self._nearby: list[str] = []
        self._preference = blake2b(self._query.text.encode(), digest_size=8).hexdigest()
        question.match()
        asked = question.spoken
        meaning = asked and "meaning" in self._query.legs
        nearest = find_nearest(asked) if meaning else Nearest()
        if nearest.cases or any(part.concepts for part in question.wanted):
            question.weigh(*self._about())
        self._near = Nearness(nearest, question.concepts)
        self._matched = self._match()

    def answer(self, seen: AbstractSet[str]) -> Answer:
        """Return one page, and the numbers of all."""
        query = self._query
        end = query.page * query.size
        told = self._door.ask(self._cases, self._page(end, seen), self._preference, exact=True)
        hits, more = told["hits"]["hits"], len(told["hits"]["hits"]) > end
        numbers = told["aggregations"]
        met = numbers.get("met", {}).get("clauses", {}).get("buckets", {})
        found = {int(number): row["doc_count"] for number, row in met.items()}
        return Answer(
            total=numbers["left"]["doc_count"],
            found=tuple(self._found(hit) for hit in hits[end - query.size : end]),
            counts=facet_counts(numbers, query),
            marks=self._marks(),
            words=tuple(
                atom.text
                for clause in self._question.parsed.clauses
                for atom in clause.atoms
                if not clause.negated and atom.kind == "word"
            ),
            notes=self._question.parsed.notes + self._notes,
            corrections=(*self._question.corrections, *self._question.offers(found)),
            passed=tuple(hit["_id"] for hit in hits[:end]),
            more=more,
        )

    def all_ids(self) -> Iterator[str]:
        """Yield the cases of all pages in their order, and beyond the last page."""
        body = {"query": self._filtered(), "sort": self._order(), "size": _PAGE, "_source": False}
        for hits in self._door.pages(self._cases, body):
            yield from (hit["_id"] for hit in hits)

    def tally(self, pairs: Iterable[tuple[str, str]]) -> Tally:
        """Count the cases of all pages, by pairs of facets and by when they began."""
        query = {"bool": {"filter": [self._filtered()]}}
        body = {"size": 0, "track_total_hits": True, "query": query}
        told = self._door.ask(self._cases, body)
        return Tally(
            total=told["hits"]["total"]["value"],
            pairs={
                pair: pair_counts(self._door, self._cases, query, [f"facets.{f}" for f in pair])
                for pair in pairs
            },
            starts={
                start: number
                for (start,), number in counted(self._door, self._cases, query, ["start"])
            },
        )

    def _about(self) -> tuple[Mapping[str, int], int]:
        """Return how many cases hold each concept, and how many there are; nodes remember it."""
        rows = {"field": "concepts", "size": _MOST_FACTS}
        body = {"size": 0, "track_total_hits": True, "aggs": {"concepts": {"terms": rows}}}
        told = self._door.ask(self._cases, body)
        counts = told["aggregations"]["concepts"]["buckets"]
        return {row["key"]: row["doc_count"] for row in counts}, told["hits"]["total"]["value"]

    # Which cases match

    def _match(self) -> Body:
        """Return what a case must match to be found."""
        question = self._question
        if not question.wanted:
            return self._of([_ALL])
        if len(question.plain) > 1 or self._near.known:
            return self._enough(*self._assessed())
        return self._of([*question.must(), *([question.enough()] if question.plain else [])])

    def _assessed(self) -> tuple[float, bool, bool]:
        """Return the best score, and whether cases match enough, or some, of the bare words."""
        question = self._question
        scored = question.scored()
        best: Body = {"size": 1, "_source": False, "query": {"bool": {"filter": [question.some()]}}}
        if scored:
            best["query"]["bool"]["must"] = [{"function_score": scored}]
        best["aggs"] = {
            name: {"filter": {"bool": {"filter": [*question.must(), query]}}}
            for name, query in (("enough", question.enough()), ("some", question.some()))
        }
        met: Body = {"size": 0, "track_total_hits": 1, "query": question.any()}
        asked = [best, met, *([self._near.nearby()] if self._near.known else [])]
        told = self._door.ask_all([(self._cases, body) for body in asked], self._preference)
        bar = NEARBY if told[1]["hits"]["total"]["value"] else NEARBY_ALONE
        rows = told[2]["hits"]["hits"] if self._near.known else []
        self._nearby = [row["_id"] for row in rows if row["_score"] >= bar]
        numbers = told[0]["aggregations"]
        return (
            told[0]["hits"]["max_score"] or 0.0,
            numbers["enough"]["doc_count"] > 0,
            numbers["some"]["doc_count"] > 0,
        )

    def _enough(self, best: float, enough: bool, some: bool) -> Body:  # noqa: FBT001 - what `_assessed` returns
        question = self._question
        if not question.plain:
            return self._of(question.must())
        good = [{"terms": {"id": self._nearby}}, *self._good(best)]
        matched = self._of([*question.must(), either([question.enough(), *good])])
        if enough or not some:
            return matched
        if not self._any([*question.must(), either(good[:1])]):
            self._notes = (SOME_OF_THEM,)
            if not self._any([*question.must(), either(good)]):
                return self._of([*question.must(), question.some()])
        return matched

    def _good(self, best: float) -> list[Body]:
        """Return what finds the cases about a concept that score a good part of the best."""
        scored = self._question.scored()
        if not scored or not best:
            return []
        bar = {"function_score": {**scored, "min_score": GOOD_SHARE * best}}
        return [{"bool": {"filter": [self._question.named(), bar]}}]

    def _any(self, must: list[Body]) -> bool:
        query = {"bool": {"filter": must}}
        body: Body = {"size": 0, "track_total_hits": 1, "query": query}
        told = self._door.ask(self._cases, body, self._preference, exact=True)
        return bool(told["hits"]["total"]["value"])

    def _of(self, must: list[Body]) -> Body:
        return {"filter": must, "must_not": self._question.must_not()}

    # In which order, and how many

    def _scored(self) -> Body:
        scored = self._question.scored()
        ways = [{"function_score": scored}] if scored else []
        return self._near.added({"bool": {**self._matched, "should": ways}})

    def _filtered(self) -> Body:
        filters = list(matching(self._query).values())
        return {"bool": {"must": [self._scored()], "filter": filters}}

    def _page(self, end: int, seen: AbstractSet[str]) -> Body:
        filters = list(matching(self._query).values())
        unseen = [{"terms": {"id": sorted(seen)}}] if seen else []
        aggs = facet_requests(self._query)
        aggs["left"] = {"filter": {"bool": {"filter": filters}}}
        rare = {str(p.number): p.finds(self._question.concepts) for p in self._question.rare()}
        if rare:
            aggs["met"] = {"global": {}, "aggs": {"clauses": {"filters": {"filters": rare}}}}
        return {
            "query": self._scored(),
            "post_filter": {"bool": {"filter": filters, "must_not": unseen}},
            "sort": self._order(),
            "track_scores": True,
            "size": end + 1,
            "_source": ["concepts", "facts"],
            "aggs": aggs,
        }

    def _order(self) -> list[Body]:
        """Return the keys of the order; of equals the first id comes first, so pages are stable."""
        last: list[Body] = [{"id": "asc"}]
        if self._query.sort == "city":
            return [{"city": {"order": "asc", "missing": "_last"}}, *last]
        if self._query.sort == "newest" or not self._query.text:
            last = [{"began": "desc"}, *last]
        else:
            last = [{"_score": "desc"}, *last]
        return [self._by_fit(), *last] if self._query.sort == "fit" else last

    def _by_fit(self) -> Body:
        """Return the key by which those come first that fit the reader's city; many fit alike."""
        rows = {"field": "facts", "size": _MOST_FACTS}
        body: Body = {"size": 0, "aggs": {"facts": {"terms": rows}}}
        told = self._door.ask(self._cases, body)["aggregations"]["facts"]["buckets"]
        fits = {row["key"]: fit(self._query.town, _facts(row["key"])).score for row in told}
        script = {"source": _FITS, "params": {"fits": fits}}
        return {"_script": {"type": "number", "script": script, "order": "desc"}}

    def _found(self, hit: Body) -> Found:
        case_id, town = hit["_id"], self._query.town
        return Found(
            case_id,
            round(hit["_score"] or 0.0, 4),
            explain(self._question, self._near, hit, nearby=case_id in self._nearby),
            self._near.passage(case_id),
            fit(town, _facts(hit["_source"]["facts"])) if town.is_known else None,
        )

    def _marks(self) -> frozenset[str]:
        """Return the folded words that a passage marks."""
        parts = [part for part in self._question.wanted if not part.optional]
        tokens = {token for part in parts for met in part.met for token in met.tokens}
        return frozenset().union(*self._question.lexicon.surface(tokens).values())


def _facts(told: str) -> Facts:
    size, country, cost, needs = json.loads(told)
    return Facts(size, country, cost, tuple(needs))
