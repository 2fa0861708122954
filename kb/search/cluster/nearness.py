"""The leg of meaning: how near cases are, as weights in a request.

Some thousand cases are sent with their cosines; all others count as being as near as the last of
these, which is hardly near at all.
"""

from collections.abc import Iterable

import numpy as np

from kb.search.cluster.clauses import Concepts
from kb.search.cluster.door import Body
from kb.search.engine import Nearest
from kb.search.rules import COSINE_UNIT, MOST_NEARBY, NEAR_CONCEPT_WEIGHT, WORDS_WEIGHT

_MOST = 1_000

_PART = """
double part = params.rest;
def near = params.near.get(doc['id'].value);
if (near != null) { part = near; }
for (value in doc['concepts']) {
  def more = params.about.get(value);
  if (more != null) { part += more; }
}
return Math.max(0, part)"""
_ALONE = f"{_PART};"
_ADDED = f"{_PART} + params.words * Math.log(1 + _score);"


class Nearness:
    """How near the cases are to one question."""

    def __init__(self, nearest: Nearest, concepts: Concepts) -> None:
        self.known = len(nearest.cases) > 0
        self._nearest = nearest
        self._concepts = concepts
        rows = _foremost(nearest)
        self._near = {nearest.cases[n]: float(nearest.cosines[n]) / COSINE_UNIT for n in rows}
        self._rows = {nearest.cases[n]: n for n in rows}
        every = len(rows) == len(nearest.cases)
        self._rest = 0.0 if every else max(0.0, min(self._near.values()))
        self._about = {
            value: self._through(value, excess)
            for concept, excess in nearest.concepts.items()
            for value in concepts.values([concept])
        }

    def added(self, query: Body) -> Body:
        """Return a query that scores by words, concepts and meaning."""
        return self._script(query, _ADDED) if self.known else query

    def nearby(self) -> Body:
        """Return the request for the few cases that are nearest, with how near they are."""
        cases = [{"terms": {"id": sorted(self._near)}}, {"terms": {"concepts": list(self._about)}}]
        query = {"bool": {"should": cases, "minimum_should_match": 1}}
        return {"size": MOST_NEARBY, "_source": False, "query": self._script(query, _ALONE)} | {
            "docvalue_fields": ["id"]
        }

    def concept(self, case_id: str, held: Iterable[str]) -> str:
        """Return the concept through which a case is near, or nothing if it is its text.

        Args:
            case_id: the case.
            held: what it is about, each ``concept=step``.
        """
        through = {value: self._about[value] for value in held if value in self._about}
        best = max(through, key=through.__getitem__, default="")
        near = through.get(best, 0.0) > self._near.get(case_id, self._rest)
        return best.rpartition("=")[0] if near else ""

    def passage(self, case_id: str) -> int | None:
        """Return which chunk of a case is nearest, or None where that is not known."""
        row = self._rows.get(case_id)
        return None if row is None else int(self._nearest.passages[row])

    def _through(self, value: str, excess: float) -> float:
        concept, _, step = value.rpartition("=")
        return NEAR_CONCEPT_WEIGHT * excess * self._concepts.score(concept, int(step))

    def _script(self, query: Body, source: str) -> Body:
        params = {"near": self._near, "rest": self._rest, "about": self._about}
        script = {"source": source, "params": {**params, "words": WORDS_WEIGHT}}
        return {"script_score": {"query": query, "script": script}}


def _foremost(nearest: Nearest) -> list[int]:
    """Return the rows of the nearest cases."""
    if len(nearest.cases) <= _MOST:
        return list(range(len(nearest.cases)))
    rows: list[int] = np.argpartition(nearest.cosines, -_MOST)[-_MOST:].tolist()
    return rows
