"""One clause of a question as pieces of a request: what it finds, how well, and what it met."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kb.search.cluster.door import Body
from kb.search.cluster.layout import place, solid
from kb.search.parse import Atom, Clause
from kb.search.rules import CONCEPT_WEIGHT, SET_SCORES, SPELLING_WEIGHT, STOP_WEIGHT
from kb.search.words.analysis import CONCEPT_STEPS
from kb.search.words.tokens import Token
from kb.text import fold

# Lucene leaves the constant factor k1 + 1 out of BM25; with it a word weighs beside a concept what
# it weighs in the embedded engine.
_BM25 = 2.2
NOTHING: Body = {"match_none": {}}


@dataclass(frozen=True, slots=True)
class Met:
    """A way in which a case can match a clause."""

    asked: str
    """What was typed."""
    tokens: tuple[Token, ...]
    """The tokens that stand for it in the case."""
    query: Body
    weight: float
    unless: tuple[Body, ...] = ()
    """Other ways that hide this one: the bare spelling counts where no language reads the word."""


@dataclass(slots=True)
class Part:
    """One clause, made ready."""

    number: int
    clause: Clause
    optional: bool = False
    met: list[Met] = field(default_factory=list)
    concepts: dict[str, str] = field(default_factory=dict)
    """Concept that is named -> the words of the question that name it."""

    def finds(self, weights: "Concepts", *, named: bool = True, scoring: bool = False) -> Body:
        """Return what a case must match; of it only that which scores, if asked for."""
        ways = [met.query for met in self.met if met.weight or not scoring]
        if named:
            ways += weights.having(self.concepts)
        return either(ways)

    def scores(self, weights: "Concepts") -> Body | None:
        """Return what makes the score: the best way counts."""
        ways = [self._scored(number, met) for number, met in enumerate(self.met) if met.weight]
        ways += [row for concept in self.concepts for row in weights.scored(concept)]
        boost = STOP_WEIGHT if self.optional else 1.0
        return {"dis_max": {"queries": ways, "boost": boost}} if ways else None

    def _scored(self, number: int, met: Met) -> Body:
        body: Body = {"must": [met.query], "boost": met.weight, "_name": f"{self.number}.{number}"}
        return {"bool": {**body, "must_not": list(met.unless)} if met.unless else body}


class Concepts:
    """How much it says that a case is about a concept: the rarer the more."""

    def __init__(self, rarities: Mapping[str, float], steps: Mapping[str, list[int]]) -> None:
        """Take in what is known of all cases.

        Args:
            rarities: concept -> logarithm of how rare it is.
            steps: concept -> how strongly there are cases about it, in tenths.
        """
        self._rarities = rarities
        self._steps = steps

    def score(self, concept: str, step: int) -> float:
        """Return what a case scores that is about a concept so strongly."""
        return self._rarities.get(concept, 0.0) * step / CONCEPT_STEPS

    def values(self, concepts: Iterable[str]) -> list[str]:
        """Return all that a case about one of them may hold."""
        return [f"{each}={step}" for each in concepts for step in self._steps.get(each, ())]

    def having(self, concepts: Iterable[str]) -> list[Body]:
        """Return what finds the cases about one of them."""
        values = self.values(concepts)
        return [{"terms": {"concepts": values}}] if values else []

    def scored(self, concept: str) -> Iterator[Body]:
        """Yield what scores the cases about a concept."""
        for step in self._steps.get(concept, ()):
            boost = CONCEPT_WEIGHT * self.score(concept, step)
            query = {"term": {"concepts": f"{concept}={step}"}}
            yield {"constant_score": {"filter": query, "boost": boost}}


def read(atom: Atom, tokens: Iterable[Token]) -> Iterator[Met]:
    """Yield how the tokens of a word are met, the bare spelling last."""
    known = sorted((token.startswith("="), token) for token in tokens)
    before: list[Body] = []
    for bare, token in known:
        name, value = place(token)
        query = {"term": {name: {"value": value}}}
        if bare:
            yield Met(atom.text, (token,), query, _BM25 * SPELLING_WEIGHT, tuple(before))
        else:
            yield Met(atom.text, (token,), query, _BM25)
            before.append(query)


def begun(atom: Atom, forms: Iterable[str]) -> Iterator[Met]:
    """Yield how words are met that begin so."""
    for form in forms:
        yield from read(atom, [f"={form}"])


def phrase(atom: Atom) -> Met:
    """Return how words are met that stand in this order."""
    told = " ".join(solid(fold(word)) for word in atom.words)
    query: Body = {"constant_score": {"filter": {"match_phrase": {"words": told}}}}
    return Met(atom.text, _bare(atom), query, SET_SCORES["phrase"])


def chosen(atom: Atom, values: list[str]) -> Met:
    """Return how values of a facet are met."""
    query = {"terms": {f"facets.{atom.field}": values}} if values else NOTHING
    return Met(atom.text, _bare(atom), query, SET_SCORES["field"])


def either(queries: list[Body], least: int = 1) -> Body:
    """Return what matches so many of the queries."""
    if not queries:
        return NOTHING
    return {"bool": {"should": queries, "minimum_should_match": least}}


def _bare(atom: Atom) -> tuple[Token, ...]:
    return tuple(f"={fold(word)}" for word in atom.words)
