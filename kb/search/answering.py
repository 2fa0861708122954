"""From a question to an answer, over one snapshot: matching, ranking, filtering, counting.

Each clause of the question is matched by words or by concepts; a case is found if it matches enough
of the clauses, and ranked by what they score together. Words are read in every language of the
index, never in a guessed one: of short questions one in four would be misread.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, log

from kb.query import MAX_DEPTH, Match, Query
from kb.search.engine import Answer, Found
from kb.search.fields import label
from kb.search.lexicon import Meaning
from kb.search.parse import Atom, Clause, parse
from kb.search.snapshot import Snapshot, bitmap, numbers
from kb.text import fold

_LIMIT_S = 1.5
_MAX_EXPANSIONS = 100

# Weights, set on the development questions (make evaluate): a concept weighs as much as a good
# word, the bare spelling less, because in another language it may mean something else.
_CONCEPT_WEIGHT = 2.0
_SPELLING_WEIGHT = 0.7
_STOP_WEIGHT = 0.1
# One or two words must all be met; of more, three fifths, because people type sentences.
_ALL_NEEDED = 2
_NEEDED_SHARE = 0.6


def answer(snapshot: Snapshot, query: Query) -> Answer:
    """Answer a question; raises nothing for what was typed."""
    parsed = parse(query.text)
    search = _Search(snapshot, parsed.clauses)
    matched = search.run()
    selected = _Selection(snapshot, query, matched)
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


@dataclass(slots=True)
class _ClauseHits:
    """Which cases match one clause, how well, and through what."""

    clause: Clause
    optional: bool = False
    words: dict[int, float] = field(default_factory=dict)
    concepts: dict[int, tuple[float, Meaning]] = field(default_factory=dict)
    tokens: dict[str, set[int]] = field(default_factory=dict)

    def score(self, document: int) -> float:
        by_concept = self.concepts.get(document)
        return max(self.words.get(document, 0.0), by_concept[0] if by_concept else 0.0)

    @property
    def documents(self) -> set[int]:
        return self.words.keys() | self.concepts.keys()


class _Search:
    """The matching of one question."""

    def __init__(self, snapshot: Snapshot, clauses: tuple[Clause, ...]) -> None:
        self.snapshot = snapshot
        self.notes: tuple[str, ...] = ()
        self._deadline = time.monotonic() + _LIMIT_S
        self._wanted = [_ClauseHits(clause) for clause in clauses if not clause.negated]
        self._unwanted = [_ClauseHits(clause) for clause in clauses if clause.negated]
        self._mark_stop_words()

    def run(self) -> int:
        """Return the bitmap of the cases that match."""
        for hits in (*self._wanted, *self._unwanted):
            self._match(hits)
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
        surface = self._surface()
        for hits in self._wanted:
            asked = " ".join(atom.text for atom in hits.clause.atoms)
            if document in hits.concepts and not (hits.optional and document not in hits.words):
                meaning = hits.concepts[document][1]
                words = " ".join(
                    self._wanted[n].clause.atoms[0].text for n in sorted(meaning.places)
                )
                name = label("theme", meaning.concept, query.reader)
                found[Match("concepts", words, name, meaning.concept)] = None
            # A field is a filter, which the page shows as one.
            if document in hits.words and hits.tokens and not hits.optional:
                tokens = [
                    token for token, documents in hits.tokens.items() if document in documents
                ]
                forms = sorted({form for token in tokens for form in surface.get(token, ())})
                found[Match("words", asked, ", ".join(forms[:3]) or asked)] = None
        return tuple(found)

    def marks(self) -> frozenset[str]:
        """Return the folded words that a passage marks."""
        return frozenset().union(*self._surface().values())

    def _surface(self) -> Mapping[str, frozenset[str]]:
        tokens = {token for hits in self._wanted if not hits.optional for token in hits.tokens}
        return self.snapshot.lexicon.surface(tokens)

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
                self._add(hits, token, weight)
            if atom.kind in {"phrase", "field"}:
                bits = self._set(atom)
                hits.words.update(
                    dict.fromkeys(numbers(bits), 1.0 if atom.kind == "phrase" else 0.0)
                )
                for word in atom.words:
                    hits.tokens.setdefault(f"={fold(word)}", set()).update(numbers(bits))

    def _tokens(self, atom: Atom) -> list[tuple[str, float]]:
        if atom.kind == "word":
            found = self.snapshot.lexicon.tokens(atom.text, self.snapshot.languages)
            return [(t, _SPELLING_WEIGHT if t.startswith("=") else 1.0) for t in sorted(found)]
        if atom.kind == "prefix":
            expanded = self.snapshot.beginning_with(atom.words[0], _MAX_EXPANSIONS)
            return [(f"={word}", _SPELLING_WEIGHT) for word in expanded]
        return []

    def _add(self, hits: _ClauseHits, token: str, weight: float) -> None:
        for document, score, _ in self.snapshot.postings("terms", token):
            hits.words[document] = max(score * weight, hits.words.get(document, 0.0))
            hits.tokens.setdefault(token, set()).add(document)

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
        plain = [n for n, hits in enumerate(self._wanted) if hits.clause.plain]
        lexicon = self.snapshot.lexicon
        # A concept is named in any language that has labels, even if no case is in it.
        languages = self.snapshot.languages | lexicon.name_languages
        question = tuple(
            lexicon.tokens(self._wanted[n].clause.atoms[0].text, languages) for n in plain
        )
        for meaning in lexicon.meanings(question) if question else ():
            places = frozenset(plain[n] for n in meaning.places)
            self._add_concept(Meaning(meaning.concept, meaning.label, places))

    def _add_concept(self, meaning: Meaning) -> None:
        postings = list(self.snapshot.postings("concepts", meaning.concept))
        if not postings:
            return
        rarity = log(1 + len(self.snapshot.ids) / len(postings))
        for document, _, weight in postings:
            score = _CONCEPT_WEIGHT * rarity * (weight / 10)
            for place in meaning.places:
                known = self._wanted[place].concepts.get(document)
                if known is None or known[0] < score:
                    self._wanted[place].concepts[document] = (score, meaning)

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


class _Selection:
    """The cases that match the question and its filters, and how many have each facet's values."""

    def __init__(self, snapshot: Snapshot, query: Query, matched: int) -> None:
        self._facets = snapshot.facets
        self._filters = {
            name: self._any(snapshot, name, values) for name, values in query.filters.items()
        }
        self._chosen = query.filters
        self._matched = matched
        self.bits = self._without("")

    @staticmethod
    def _any(snapshot: Snapshot, name: str, values: tuple[str, ...]) -> int:
        bits = 0
        for value in values:
            bits |= snapshot.facets.get(name, {}).get(value, 0)
        return bits

    def _without(self, name: str) -> int:
        bits = self._matched
        for other, having in self._filters.items():
            if other != name:
                bits &= having
        return bits

    def counts(self) -> dict[str, dict[str, int]]:
        """Count each value among the cases that the *other* facets leave; chosen ones even at 0."""
        counts: dict[str, dict[str, int]] = {}
        for name in {*self._facets, *self._chosen}:
            base = self._without(name)
            values = {
                v: (base & bits).bit_count() for v, bits in self._facets.get(name, {}).items()
            }
            chosen = self._chosen.get(name, ())
            counts[name] = {value: n for value, n in values.items() if n or value in chosen}
            counts[name] |= {value: 0 for value in chosen if value not in values}
        return counts


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
