"""Which concepts a text is about, how strongly, and the sentence that says so.

The strength is a fixed weighing of the features that Annif's lexical backend learns from. It orders
tags; it is no probability.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log2

from kb.model import Tag
from kb.nlp.labels import SCHEME
from kb.nlp.match import Match
from kb.nlp.matching import matches
from kb.nlp.passage import cut
from kb.nlp.version import tagger
from kb.vocabulary import scheme

MOST_TAGS = 8
THRESHOLD = 0.25
"""One passing word that names a group stays below (0.21), one for a concept is above (0.28)."""

PROMINENCE = {"title": 1.0, "summary": 0.7}
"""How much it says that a concept occurs in a field; the others say nothing."""

WEIGHTS = {"frequency": 0.25, "spread": 0.2, "prominence": 0.3, "specificity": 0.25}
_HEAD = 0.6  # heads of compounds were found with 18 of 24, but nobody wrote them as a label


@dataclass(frozen=True, slots=True)
class _Evidence:
    field: str
    match: Match


def find(fields: Mapping[str, str], language: str, name: str = SCHEME) -> tuple[Tag, ...]:
    """Return the concepts that the fields are about, strongest first, at most eight.

    Args:
        fields: plain text in ``language`` by name of field; ``title`` and ``summary`` weigh more.
        language: a code of ``LANGUAGES``; without labels in it, nothing but names is found.
        name: the scheme of the concepts, one of ``NAMED_SCHEMES``.
    """
    found = defaultdict(list)
    for field, text in fields.items():
        for match in matches(text, language, name):
            found[match.label.concept].append(_Evidence(field, match))
    return strongest(_tag(concept, evidence, language) for concept, evidence in found.items())


def strongest(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """Return the tags that are strong enough, strongest first, at most eight."""
    enough = (tag for tag in tags if tag.strength >= THRESHOLD)
    return tuple(sorted(enough, key=lambda tag: (-tag.strength, tag.value))[:MOST_TAGS])


def _tag(concept: str, evidence: list[_Evidence], language: str) -> Tag:
    best = max(evidence, key=_telling).match
    return Tag(
        kind="concept",
        value=concept,
        origin="machine",
        strength=_strength(concept, evidence),
        matched=best.text,
        passage=cut(best.sentence.text, best.start, best.end),
        language=language,
        tagger=tagger(),
    )


def _strength(concept: str, evidence: list[_Evidence]) -> float:
    features = dict(_features(concept, evidence))
    return round(sum(weight * features[name] for name, weight in WEIGHTS.items()), 3)


def _features(concept: str, evidence: list[_Evidence]) -> Iterator[tuple[str, float]]:
    times = sum(_HEAD if one.match.head else 1.0 for one in evidence)
    sentences = {(one.field, one.match.sentence.start) for one in evidence}
    longest = max(len(one.match.label.words) for one in evidence)
    below_group = bool(scheme(evidence[0].match.label.scheme)[concept].broader)
    yield "frequency", min(1.0, log2(1 + times) / 3)  # full from 7 times
    yield "spread", min(1.0, len(sentences) / 4)  # full from 4 sentences
    yield "prominence", max(PROMINENCE.get(one.field, 0.0) for one in evidence)
    yield "specificity", 0.3 * below_group + {1: 0.3, 2: 0.6}.get(longest, 0.7)


def _telling(one: _Evidence) -> tuple[bool, int, bool]:
    """Rank by what shows a reader most: the words themselves, many, and not a bare title."""
    return not one.match.head, len(one.match.label.words), one.field != "title"
