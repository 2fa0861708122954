"""From a question to an answer, over one snapshot: matching, ranking, filtering, counting.

Each clause of the question is matched by words or by concepts; a case is found if it matches enough
of the clauses, and ranked by what they score together. Words are read in every language of the
index, never in a guessed one: of short questions one in four would be misread.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, log

from kb.query import MAX_DEPTH, Match, Query
from kb.search.engine import Answer, Found
from kb.search.fields import label
from kb.search.parse import Atom, Clause, parse
from kb.search.selection import Selection
from kb.search.snapshot import CONCEPT_STEPS, Snapshot, bitmap, numbers
from kb.text import fold

_LIMIT_S = 1.5
_MAX_EXPANSIONS = 100
_MOST_FORMS = 3

# Weights, set on the development questions (make evaluate): a concept weighs as much as a good
# word, the bare spelling less, because in another language it may mean something else.
_CONCEPT_WEIGHT = 2.0
_SPELLING_WEIGHT = 0.7
_STOP_WEIGHT = 0.1
# A phrase is rare by itself; a field is a filter and says nothing of how well a case fits.
_SET_SCORES = {"phrase": 1.0, "field": 0.0}
# One or two words must all be met; of more, three fifths, because people type sentences.
_ALL_NEEDED = 2
_NEEDED_SHARE = 0.6


def answer(snapshot: Snapshot, query: Query) -> Answer:
    """Answer a question; raises nothing for what was typed."""
    parsed = parse(query.text)
    search = _Search(snapshot, parsed.clauses, expand=query.expand)
    matched = search.run()
    selected = Selection(snapshot, query, matched)
    ranked = _ranked(snapshot, query, search, selected.bits)
    start = (query.page - 1) * query.size
    page = ranked[start : start + query.size]
    return Answer(
        total=selected.bits.bit_count(),
        found=tuple(
            Found(snapshot.ids[n], round(search.score(n), 4), search.explain(n, query))
            for n in page
        ),
        counts=selected.counts(),
        marks=search.marks(),
        words=tuple(
            a.text for c in parsed.clauses if not c.negated for a in c.atoms if a.kind == "word"
        ),
        notes=parsed.notes + search.notes,
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """Through which concept a case was found."""

    score: float
    asked: str
    concept: str


@dataclass(slots=True)
class _ClauseHits:
    """Which cases match one clause, how well, and through what."""

    clause: Clause
    optional: bool = False
    words: dict[int, float] = field(default_factory=dict)
    concepts: dict[int, _Named] = field(default_factory=dict)
    tokens: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """(What was typed, the token that it met) -> the cases that have it."""

    def score(self, document: int) -> float:
        by_concept = self.concepts.get(document)
        return max(self.words.get(document, 0.0), by_concept.score if by_concept else 0.0)

    def name(self, document: int, named: _Named) -> None:
        """Note that a case is about a concept, unless it is about a better one."""
        known = self.concepts.get(document)
        if known is None or known.score < named.score:
            self.concepts[document] = named

    def met(self, document: int) -> dict[str, list[str]]:
        """Return what was typed and the tokens of the case that it met."""
        found: dict[str, list[str]] = {}
        for (asked, token), documents in self.tokens.items():
            if document in documents:
                found.setdefault(asked, []).append(token)
        return found

    @property
    def documents(self) -> set[int]:
        return self.words.keys() | self.concepts.keys()


class _Search:
    """The matching of one question."""

    def __init__(self, snapshot: Snapshot, clauses: tuple[Clause, ...], *, expand: bool) -> None:
        self.snapshot = snapshot
        self._expand = expand
        self.notes: tuple[str, ...] = ()
        self._deadline = time.monotonic() + _LIMIT_S
        self._wanted = [_ClauseHits(clause) for clause in clauses if not clause.negated]
        self._unwanted = [_ClauseHits(clause) for clause in clauses if clause.negated]
        self._mark_stop_words()

    def run(self) -> int:
        """Return the bitmap of the cases that match."""
        for hits in (*self._wanted, *self._unwanted):
            self._match(hits)
        if self._expand:
            self._match_concepts()
        found = self._enough() if self._wanted else self.snapshot.all
        for hits in self._unwanted:
            found &= ~bitmap(hits.words)
        return found & self.snapshot.all

    def score(self, document: int) -> float:
        """Add up what the clauses score; a case that matches more of them gains twice."""
        scores = [
            hits.score(document) * (_STOP_WEIGHT if hits.optional else 1) for hits in self._wanted
        ]
        if not scores:
            return 0.0
        return sum(scores) * sum(score > 0 for score in scores) / len(scores)

    def explain(self, document: int, query: Query) -> tuple[Match, ...]:
        """Say for each clause through which words or concept the case was found."""
        found: dict[Match, None] = {}
        for hits in self._wanted:
            named = hits.concepts.get(document)
            if named and not (hits.optional and document not in hits.words):
                name = label("theme", named.concept, query.reader)
                found[Match("concepts", named.asked, name, named.concept)] = None
            for asked, tokens in hits.met(document).items() if not hits.optional else ():
                forms = sorted({form for token in tokens for form in self._surface.get(token, ())})
                found[Match("words", asked, ", ".join(forms[:_MOST_FORMS]) or asked)] = None
        return tuple(found)

    def marks(self) -> frozenset[str]:
        """Return the folded words that a passage marks."""
        return frozenset().union(*self._surface.values())

    @cached_property
    def _surface(self) -> Mapping[str, frozenset[str]]:
        wanted = [hits for hits in self._wanted if not hits.optional]
        return self.snapshot.lexicon.surface({token for h in wanted for _, token in h.tokens})

    def _mark_stop_words(self) -> None:
        plain = [hits for hits in self._wanted if hits.clause.plain]
        stops = [h for h in plain if self.snapshot.lexicon.is_stop(h.clause.atoms[0].text)]
        if len(stops) < len(self._wanted):  # a question of stop words only asks for them
            for hits in stops:
                hits.optional = True

    def _match(self, hits: _ClauseHits) -> None:
        for atom in hits.clause.atoms:
            for token, weight in self._tokens(atom):
                if time.monotonic() > self._deadline:
                    self.notes = ("The search took too long and was cut; ask for less at once.",)
                    return
                for document, score, _ in self.snapshot.postings("terms", token):
                    best = max(score * weight, hits.words.get(document, 0.0))
                    hits.words[document] = best
                    hits.tokens.setdefault((atom.text, token), set()).add(document)
            if atom.kind in _SET_SCORES:
                found = set(numbers(self._set(atom)))
                hits.words |= dict.fromkeys(found, _SET_SCORES[atom.kind])
                for word in atom.words:
                    hits.tokens[atom.text, f"={fold(word)}"] = found

    def _tokens(self, atom: Atom) -> list[tuple[str, float]]:
        if atom.kind == "word":
            found = self.snapshot.lexicon.tokens(atom.text, self.snapshot.languages)
            return [(t, _SPELLING_WEIGHT if t.startswith("=") else 1.0) for t in sorted(found)]
        if atom.kind == "prefix":
            expanded = self.snapshot.beginning_with(atom.words[0], _MAX_EXPANSIONS)
            return [(f"={word}", _SPELLING_WEIGHT) for word in expanded]
        return []

    def _set(self, atom: Atom) -> int:
        if atom.kind == "phrase":
            return self.snapshot.phrase([fold(word) for word in atom.words])
        asked = fold(atom.text)
        values = self.snapshot.facets.get(atom.field, {})
        bits = 0
        for value, having in values.items():
            if asked in {fold(value), fold(label(atom.field, value))}:
                bits |= having
        return bits

    def _match_concepts(self) -> None:
        """Find concepts in the bare words together, and in each word of an alternative alone."""
        plain = [hits for hits in self._wanted if hits.clause.plain]
        self._name([(hits, hits.clause.atoms[0]) for hits in plain])
        for hits in self._wanted:
            if not hits.clause.plain:
                for atom in hits.clause.atoms:
                    if atom.kind == "word":
                        self._name([(hits, atom)])

    def _name(self, question: list[tuple[_ClauseHits, Atom]]) -> None:
        lexicon = self.snapshot.lexicon
        # A concept is named in any language that has labels, even if no case is in it.
        languages = self.snapshot.languages | lexicon.name_languages
        tokens = tuple(lexicon.tokens(atom.text, languages) for _, atom in question)
        for meaning in lexicon.meanings(tokens) if tokens else ():
            places = sorted(meaning.places)
            asked = " ".join(question[place][1].text for place in places)
            for document, score in self._about(meaning.concept):
                for place in places:
                    question[place][0].name(document, _Named(score, asked, meaning.concept))

    def _about(self, concept: str) -> list[tuple[int, float]]:
        """Return the cases about a concept, with a score: a rare concept says more."""
        postings = list(self.snapshot.postings("concepts", concept))
        rarity = log(1 + len(self.snapshot.ids) / max(1, len(postings)))
        return [
            (document, _CONCEPT_WEIGHT * rarity * weight / CONCEPT_STEPS)
            for document, _, weight in postings
        ]

    def _enough(self) -> int:
        """Return the cases that match all that must be matched, and enough of the bare words."""
        found = self.snapshot.all
        bare: dict[int, int] = defaultdict(int)
        number = 0
        for hits in self._wanted:
            if hits.optional:
                continue
            if hits.clause.plain:
                number += 1
                for document in hits.documents:
                    bare[document] += 1
            else:
                found &= bitmap(hits.documents)
        if not number:
            return found
        needed = number if number <= _ALL_NEEDED else ceil(number * _NEEDED_SHARE)
        enough = found & bitmap(document for document, times in bare.items() if times >= needed)
        if enough or needed == 1:
            return enough
        some = found & bitmap(bare)
        if some:
            self.notes += ("No case has enough of these words; shown are cases that have some.",)
        return some


def _ranked(snapshot: Snapshot, query: Query, search: _Search, bits: int) -> list[int]:
    """Order the cases; of equals the first id comes first, so that pages are stable."""
    documents = sorted(numbers(bits), key=snapshot.ids.__getitem__)
    if query.sort == "city":
        documents.sort(key=lambda n: (not snapshot.cities[n], snapshot.cities[n]))  # unknown last
    elif query.sort == "newest" or not query.text:
        documents.sort(key=lambda n: _began(snapshot.starts[n]), reverse=True)
    else:
        documents.sort(key=search.score, reverse=True)
    return documents[:MAX_DEPTH]


def _began(start: str) -> str:
    """Return a key by which dates sort, with the unknown before all others."""
    return start if start[:1].isdigit() else ""
