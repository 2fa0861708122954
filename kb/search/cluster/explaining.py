"""Why a case was found: through which words, concepts, or its meaning."""

from collections.abc import Iterator

from kb.query import Match
from kb.search.cluster.clauses import Part
from kb.search.cluster.door import Body
from kb.search.cluster.nearness import Nearness
from kb.search.cluster.question import Question
from kb.search.rules import MOST_FORMS, concept_label


def explain(question: Question, near: Nearness, hit: Body, *, nearby: bool) -> tuple[Match, ...]:
    """Say for each clause through which words or concept a case was found.

    Args:
        question: what was asked.
        near: how near cases are to it.
        hit: the case, with the names of what it matched.
        nearby: whether it is one of the few that were found by their meaning.
    """
    held = hit["_source"].get("concepts", [])
    met = _met(hit)
    through = {part.number: _through(question, part, held) for part in question.wanted}
    found: dict[Match, None] = {}
    for part in question.wanted:
        numbers, concept = met.get(part.number, []), through[part.number]
        if concept and (numbers or not part.optional):
            label = concept_label(concept, question.query.reader)
            found[Match("concepts", part.concepts[concept], label, concept)] = None
        if not part.optional:
            found |= dict.fromkeys(_words(question, part, numbers))
    concept = near.concept(hit["_id"], held)
    if nearby and not (concept and concept in through.values()):
        label = concept_label(concept, question.query.reader) if concept else ""
        found[Match("meaning", question.query.text, label, concept)] = None
    return tuple(found)


def _met(hit: Body) -> dict[int, list[int]]:
    """Return clause -> its ways that a case matched."""
    found: dict[int, list[int]] = {}
    for name in hit.get("matched_queries", ()):
        clause, _, way = name.partition(".")
        found.setdefault(int(clause), []).append(int(way))
    return found


def _through(question: Question, part: Part, held: list[str]) -> str:
    """Return the concept by which a case scores most in a clause, or nothing."""
    scores = {}
    for value in held:
        concept, _, step = value.rpartition("=")
        if concept in part.concepts:
            scores[concept] = question.concepts.score(concept, int(step))
    return max(scores, key=scores.__getitem__, default="")


def _words(question: Question, part: Part, numbers: list[int]) -> Iterator[Match]:
    asked: dict[str, set[str]] = {}
    for number in sorted(numbers):
        met = part.met[number]
        surface = question.lexicon.surface(met.tokens).values()
        asked.setdefault(met.asked, set()).update(*surface)
    for word, forms in asked.items():
        yield Match("words", word, ", ".join(sorted(forms)[:MOST_FORMS]) or word)
