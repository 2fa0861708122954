"""Which of the matches of a sentence count where they share words.

- a match whose words all belong to a longer match does not count: "Housing First" is not "housing",
  "homeless families" is not also "homeless". A group thus keeps what it has elsewhere in the text.
  But "fair, green and digital jobs" is still "green jobs", though "fair digital jobs" be a label:
  a label that the text has pulled apart does not hide another one of several words;
- words in another order than the label's do not count where they cross a label in its order:
  "épicerie sociale aide" is no "aide sociale";
- of two matches on the very same words the narrower concept counts; where neither is broader than
  the other, the label is ambiguous and both count;
- a word that is a label counts before the head of the same word: "Wohnungsnot" before "Not";
- several labels of one concept on the same words count once;
- a match that shares a word with an ``exclude`` phrase of its concept does not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kb.nlp.match import Match
from kb.vocabulary import scheme


def counting(found: Iterable[Match]) -> Iterator[Match]:
    """Yield the matches that count, in the order of the text."""
    kept: list[Match] = []
    sharing: dict[int, list[Match]] = defaultdict(list)
    # What does not count itself hides nothing: those that may hide others are judged first.
    for match in sorted(_meant(sorted(found, key=_order)), key=_hiding_first):
        others = (other for number in match.at for other in sharing[number])
        if not any(_covers(other, match) for other in others):
            kept.append(match)
            for number in match.at:
                sharing[number].append(match)
    yield from sorted(kept, key=_order)


def _hiding_first(match: Match) -> tuple[bool, int, bool, int]:
    return not match.ordered, -len(match.at), match.head, -len(_lineage(match))


def _lineage(match: Match) -> tuple[str, ...]:
    return scheme(match.label.scheme).lineage(match.label.concept)


def _meant(found: Sequence[Match]) -> Sequence[Match]:
    """Return the matches that no exclude phrase refuses, one for a concept on the same words."""
    refused = {(m.label.concept, n) for m in found if m.label.excludes for n in m.at}
    named = [m for m in found if not any((m.label.concept, n) in refused for n in m.at)]
    return list({(m.label.concept, m.at, m.head): m for m in named}.values())


def _order(match: Match) -> tuple[tuple[int, ...], str, bool, bool]:
    # Labels come out of sets; the same text must give the same tags in every process.
    return match.at, match.label.concept, match.head, match.ordered


def _covers(other: Match, match: Match) -> bool:
    """Tell whether ``other`` is the better reading of all the words of ``match``."""
    mine, theirs = set(match.at), set(other.at)
    if mine - theirs and theirs - mine:
        return len(theirs) > 1 and other.ordered and not match.ordered
    if mine != theirs:
        return mine < theirs and (len(mine) == 1 or other.together)
    if other.head != match.head:
        return match.head
    return match.label.concept in _lineage(other)[1:]
