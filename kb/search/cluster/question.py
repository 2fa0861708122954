"""A question in the words of the cluster: its clauses, and which cases match enough of them."""

from collections.abc import Iterator, Mapping
from itertools import islice
from math import ceil, log

from kb.languages import LANGUAGES
from kb.query import Correction, Query
from kb.search.cluster import clauses as made
from kb.search.cluster.clauses import Concepts, Part, either
from kb.search.cluster.door import Body, Door
from kb.search.cluster.words import ClusterWords
from kb.search.fields import label
from kb.search.parse import Atom, Clause, parse
from kb.search.rules import ALL_NEEDED, NEEDED_SHARE, OFTEN
from kb.search.words.lexicon import Lexicon
from kb.search.words.naming import Names
from kb.search.words.spelling import MOST_WRONG, corrected, neighbour
from kb.text import fold

_MOST_VALUES = 10_000
_MOST_TOKENS = 300
"""All tokens of a question together; Lucene refuses more than 1,024 in one request."""


class Question:
    """What is asked, read with names and words, and weighed by what the cases are about."""

    def __init__(self, query: Query, door: Door, cases: str, words: str, names: Names) -> None:
        self.query = query
        self._door = door
        self._cases = cases
        self.words = ClusterWords(door, words)
        self.lexicon = Lexicon(names, self.words)
        self.parsed = parse(query.text)
        self._prepare(self.parsed.clauses)
        read, self.corrections = corrected(self.lexicon, self.parsed.clauses)
        self._prepare(read)
        self.clauses: tuple[Clause, ...] = read
        self.wanted = self._parts(clause for clause in read if not clause.negated)
        self.unwanted = self._parts(clause for clause in read if clause.negated)
        self._mark_stop_words()
        self.concepts = Concepts({}, {})

    @property
    def spoken(self) -> str:
        """What of the question is said in words, and not excluded."""
        atoms = (atom for clause in self.clauses if not clause.negated for atom in clause.atoms)
        return " ".join(atom.text for atom in atoms if atom.kind in {"word", "phrase"})

    @property
    def plain(self) -> list[Part]:
        """The bare words, of which not all need to be met."""
        return [part for part in self.wanted if part.clause.plain and not part.optional]

    def match(self) -> None:
        """Read the clauses: which tokens are met, which concepts named."""
        for part in (*self.wanted, *self.unwanted):
            for atom in part.clause.atoms:
                part.met += self._met(atom)
        if "concepts" in self.query.legs:
            self._name_concepts()

    def weigh(self, counts: Mapping[str, int], cases: int) -> None:
        """Weigh concepts by how rare they are.

        Args:
            counts: how many cases hold each ``concept=step``.
            cases: how many cases there are.
        """
        steps: dict[str, list[int]] = {}
        having: dict[str, int] = {}
        for value, number in counts.items():
            concept, _, step = value.rpartition("=")
            steps.setdefault(concept, []).append(int(step))
            having[concept] = having.get(concept, 0) + number
        rarities = {concept: log(1 + cases / number) for concept, number in having.items()}
        self.concepts = Concepts(rarities, steps)

    def scored(self) -> Body | None:
        """Return what scores by words and concepts; a case that matches more gains twice."""
        ways = [scores for part in self.wanted if (scores := part.scores(self.concepts))]
        if not ways:
            return None
        share = 1 / len(self.wanted)
        met = [part.finds(self.concepts, scoring=True) for part in self.wanted]
        return {
            "query": {"bool": {"should": ways}},
            "functions": [{"filter": each, "weight": share} for each in met],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }

    def must(self) -> list[Body]:
        """Return what every case must match: all but the bare words."""
        needed = [part for part in self.wanted if not part.clause.plain and not part.optional]
        return [part.finds(self.concepts) for part in needed]

    def must_not(self) -> list[Body]:
        """Return what no case may match."""
        return [part.finds(self.concepts, named=False) for part in self.unwanted]

    def some(self) -> Body:
        """Return what matches one of the bare words."""
        return either([part.finds(self.concepts) for part in self.plain])

    def enough(self) -> Body:
        """Return what matches enough of the bare words."""
        plain = self.plain
        few = len(plain) <= ALL_NEEDED
        least = len(plain) if few else ceil(len(plain) * NEEDED_SHARE)
        return either([part.finds(self.concepts) for part in plain], least)

    def any(self) -> Body:
        """Return what matches anything at all that is asked for."""
        return either([part.finds(self.concepts) for part in self.wanted])

    def named(self) -> Body:
        """Return what finds the cases about a concept that a bare word names."""
        concepts = {concept for part in self.plain for concept in part.concepts}
        return either(self.concepts.having(sorted(concepts)))

    def rare(self) -> list[Part]:
        """Return the clauses of one bare word that no concept is named by."""
        return [part for part in self.wanted if part.clause.plain and not part.concepts]

    def offers(self, found: Mapping[int, int]) -> Iterator[Correction]:
        """Yield words that were perhaps meant by words which hardly any case has.

        Args:
            found: number of a clause -> how many cases match it.
        """
        rare = (part for part in self.rare() if found.get(part.number) == 1)
        for part in islice(rare, MOST_WRONG):
            typed = part.clause.atoms[0].text
            meant = neighbour(self.lexicon, typed)
            if meant and self._having(meant) >= OFTEN:
                yield Correction(typed, meant, applied=False)

    def _having(self, word: str) -> int:
        query = {"term": {"words": {"value": word}}}
        body: Body = {"size": 0, "query": query, "track_total_hits": OFTEN}
        return int(self._door.ask(self._cases, body)["hits"]["total"]["value"])

    def _prepare(self, clauses: tuple[Clause, ...]) -> None:
        """Ask for all words at once."""
        told = [a.text for clause in clauses for a in clause.atoms if a.kind == "word"]
        self.words.read({fold(text) for text in told})
        tokens = (self.lexicon.tokens(text, LANGUAGES.keys()) for text in told)
        self.words.look_up(frozenset().union(*tokens))

    def _parts(self, clauses: Iterator[Clause]) -> list[Part]:
        parts = [Part(0, clause) for clause in clauses]
        for number, part in enumerate(parts):
            part.number = number
        return parts

    def _mark_stop_words(self) -> None:
        plain = [part for part in self.wanted if part.clause.plain]
        stops = [p for p in plain if self.lexicon.is_stop(p.clause.atoms[0].text)]
        if len(stops) < len(self.wanted):  # a question of stop words only asks for them
            for part in stops:
                part.optional = True

    def _met(self, atom: Atom) -> Iterator[made.Met]:
        if atom.kind == "word":
            yield from made.read(atom, self._live(atom.text))
        elif atom.kind == "prefix":
            yield from made.begun(atom, self.words.beginning_with(atom.words[0]))
        elif atom.kind == "phrase":
            yield made.phrase(atom)
        else:
            yield made.chosen(atom, self._values(atom))

    def _live(self, word: str) -> list[str]:
        """Return the tokens of a word that a case has; of a long question the first few."""
        tokens = self.lexicon.tokens(word, LANGUAGES.keys())
        live = sorted({token for token, _ in self.words.forms(tokens)})
        return live[: max(4, _MOST_TOKENS // max(1, len(self.clauses)))]

    def _values(self, atom: Atom) -> list[str]:
        """Return the values of a facet that are called so, by id or by label."""
        rows = {"field": f"facets.{atom.field}", "size": _MOST_VALUES}
        body: Body = {"size": 0, "aggs": {"values": {"terms": rows}}}
        told = self._door.ask(self._cases, body)["aggregations"]["values"]["buckets"]
        asked, values = fold(atom.text), [row["key"] for row in told]
        return [v for v in values if asked in {fold(v), fold(label(atom.field, v))}]

    def _name_concepts(self) -> None:
        """Find concepts in the bare words together, and in each word of an alternative alone."""
        plain = [part for part in self.wanted if part.clause.plain]
        self._name([(part, part.clause.atoms[0]) for part in plain])
        for part in self.wanted:
            if not part.clause.plain:
                for atom in part.clause.atoms:
                    if atom.kind == "word":
                        self._name([(part, atom)])

    def _name(self, question: list[tuple[Part, Atom]]) -> None:
        tokens = tuple(self.lexicon.tokens(a.text, LANGUAGES.keys()) for _, a in question)
        for mention in self.lexicon.meanings(tokens) if tokens else ():
            places = sorted(mention.places)
            asked = " ".join(question[place][1].text for place in places)
            for place in places:
                question[place][0].concepts.setdefault(mention.concept, asked)
