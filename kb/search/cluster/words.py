"""The words of the cases, as the cluster holds them: asked once for a whole question."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from kb.search.cluster.door import Body, Door
from kb.search.rules import MOST_EXPANSIONS
from kb.search.words.tokens import Token
from kb.vocabulary import ANY_LANGUAGE

_MOST_READINGS = 1_000
_MOST_FORMS = 100
_MOST_NEAR = 50


class ClusterWords:
    """What one question needs to know of the words; it remembers what was asked."""

    def __init__(self, door: Door, index: str) -> None:
        self._door = door
        self._index = index
        self._readings: dict[str, set[tuple[str, str]]] = {}
        self._forms: dict[Token, tuple[str, ...]] = {}

    def read(self, folded: AbstractSet[str]) -> None:
        """Ask under which readings these words can be typed."""
        asked = sorted(folded - self._readings.keys())
        if not asked:
            return
        self._readings |= {word: set() for word in asked}
        named = [{"term": {"typed": {"value": word, "_name": word}}} for word in asked]
        body = {
            "query": {"bool": {"should": named}},
            "_source": ["language", "reading"],
            "size": _MOST_READINGS,
        }
        for hit in self._door.ask(self._index, body)["hits"]["hits"]:
            row = hit["_source"]
            for word in hit["matched_queries"]:
                self._readings[word].add((row["language"], row["reading"]))

    def look_up(self, tokens: AbstractSet[Token]) -> None:
        """Ask which words of cases have these tokens."""
        asked = sorted(tokens - self._forms.keys())
        if not asked:
            return
        self._forms |= dict.fromkeys(asked, ())
        forms = {"forms": {"terms": {"field": "form", "size": _MOST_FORMS}}}
        counted = {"field": "tokens", "include": asked, "size": len(asked), "execution_hint": "map"}
        body = {
            "size": 0,
            "query": {"terms": {"tokens": asked}},
            "aggs": {"tokens": {"terms": counted, "aggs": forms}},
        }
        told = self._door.ask(self._index, body)["aggregations"]["tokens"]["buckets"]
        for row in told:
            self._forms[row["key"]] = tuple(each["key"] for each in row["forms"]["buckets"])

    def readings(self, folded: str) -> Iterable[tuple[str, str]]:
        """Give (language, reading) for a form that a dictionary has of a word of a case."""
        self.read({folded})
        return self._readings[folded]

    def forms(self, tokens: AbstractSet[Token]) -> Iterator[tuple[Token, str]]:
        """Yield (token, folded word) for words of cases that have one of the tokens."""
        self.look_up(tokens)
        for token in tokens:
            yield from ((token, form) for form in self._forms[token])

    def has(self, tokens: AbstractSet[Token]) -> bool:
        """Tell whether a word of a case has one of the tokens, the bare spelling aside."""
        read = {token for token in tokens if not token.startswith("=")}
        self.look_up(read)
        return any(self._forms[token] for token in read)

    def near(self, folded: str, most: int) -> Iterator[str]:
        """Yield folded words of cases that differ in up to ``most`` letters, the nearest first."""
        alike = {"value": folded, "fuzziness": most, "transpositions": True}
        query = {
            "must": {"fuzzy": {"form": {**alike, "max_expansions": _MOST_NEAR}}},
            "must_not": {"term": {"language": ANY_LANGUAGE}},
        }
        body = {
            "query": {"bool": query},
            "_source": ["form"],
            "collapse": {"field": "form"},
            "size": _MOST_NEAR,
        }
        for hit in self._door.ask(self._index, body)["hits"]["hits"]:
            yield hit["_source"]["form"]

    def beginning_with(self, prefix: str) -> list[str]:
        """Return folded words of cases that begin so, the first of them in their order."""
        rows = {"field": "form", "size": MOST_EXPANSIONS, "order": {"_key": "asc"}}
        body: Body = {
            "size": 0,
            "query": {"prefix": {"form": prefix}},
            "aggs": {"forms": {"terms": rows}},
        }
        told = self._door.ask(self._index, body)["aggregations"]["forms"]["buckets"]
        return [row["key"] for row in told]

    def close(self) -> None:
        """Forget what was asked."""
        self._readings = defaultdict(set)
        self._forms = {}
