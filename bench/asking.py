"""The questions that are measured: drawn from the cases by how common their words are.

They are drawn from the first 2,000 generated cases, so that they are the same at every size. A
peer gets the words in its own language of queries; filters and facets are the same for all.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kb.query import Query
from kb.text import fold, words
from kb.vocabulary import scheme

FACETS = ("theme", "target", "country", "stage", "funding")
"""Those that the peers count; ours are all twelve."""
_SHARES = (0.05, 0.002)
"""A word is common from this share of the cases on, rare below the other."""
_SIZE = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, as it can be put to any engine."""

    kind: str
    words: tuple[str, ...]
    form: str = "all"
    """``all``, ``any``, ``phrase``, ``prefix`` or ``fuzzy``."""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def query(self) -> Query:
        """The question as a reader types it here."""
        text = _TYPED.get(self.form, " ".join)(self.words)
        return Query(text, filters=self.filters, size=_SIZE)

    def as_dict(self) -> dict[str, Any]:
        """Return it as the process of the peers reads it."""
        return asdict(self)


_TYPED: Mapping[str, Callable[[Sequence[str]], str]] = {
    "any": " OR ".join,
    "phrase": lambda said: f'"{" ".join(said)}"',
    "prefix": lambda said: f"{said[0]}*",
}


class Drawing:
    """Draws questions from cases."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take in cases as `bench.kept.rows` has them."""
        self._chance = random.Random(1)  # noqa: S311 - the same in every run, nothing secret
        self._rows = rows
        self._texts = [_sentences(row["text"]) for row in rows]
        having: Counter[str] = Counter()
        for sentences in self._texts:
            having.update({fold(word) for words in sentences for word in words})
        self.having = having
        self.commonest = [word for word, _ in having.most_common()]

    def questions(self) -> list[Asked]:
        """Return about 200 questions of ten kinds."""
        return [make(self) for make, number in _KINDS for _ in range(number)]

    def case(self) -> tuple[Mapping[str, Sequence[str]], list[list[str]]]:
        """Return the facets of a case, and its sentences in words."""
        place = self._chance.randrange(len(self._rows))
        return self._rows[place]["facets"], self._texts[place]

    def some(self, number: int) -> tuple[str, ...]:
        """Return different words of one case, each of a class of frequency chosen by chance."""
        _, sentences = self.case()
        kinds = self._chance.choices(("common", "middling", "middling", "rare"), k=number)
        own = list(dict.fromkeys(word for words in sentences for word in words if len(word) > 2))  # noqa: PLR2004
        found = [[word for word in own if self._class(word) == kind] for kind in kinds]
        return tuple(self._chance.choice(pool or own) for pool in found)

    def run(self, least: int, most: int) -> tuple[str, ...]:
        """Return words that stand beside each other in a case."""
        wanted = self._chance.randint(least, most)
        while True:
            sentence = self._chance.choice(self.case()[1])
            if len(sentence) > wanted:
                begin = self._chance.randrange(len(sentence) - wanted)
                return tuple(sentence[begin : begin + wanted])

    def filtered(self) -> Asked:
        """Return a word and one or two filters that a case has."""
        values, sentences = self.case()
        names = self._chance.sample(FACETS, k=self._chance.randint(1, 2))
        word = self._chance.choice(self._chance.choice(sentences))
        filters = {name: tuple(values[name][:1]) for name in names if values[name]}
        return Asked("filtered", (word,), filters=filters)

    def misspelt(self) -> str:
        """Return a word of seven letters or more with two of them swapped."""
        while True:
            word = self.some(1)[0]
            place = self._chance.randrange(1, max(2, len(word) - 2))
            wrong = word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
            if len(word) > 6 and fold(wrong) not in self.having:  # noqa: PLR2004
                return wrong

    def foreign(self) -> tuple[str, ...]:
        """Return the name of a theme in some language."""
        theme = self._chance.choice(self.case()[0]["theme"])
        names = [text for _, text in scheme("themes")[theme].names()]
        return tuple(word.text for word in words(self._chance.choice(names)))

    def _class(self, word: str) -> str:
        share = self.having[fold(word)] / len(self._rows)
        return "common" if share >= _SHARES[0] else "middling" if share >= _SHARES[1] else "rare"


def _prefix(drawn: Drawing) -> Asked:
    return Asked("prefix", (fold(drawn.run(1, 1)[0])[:5].ljust(3, "a"),), "prefix")


_KINDS: tuple[tuple[Callable[[Drawing], Asked], int], ...] = (
    (lambda drawn: Asked("one word", drawn.some(1)), 30),
    (lambda drawn: Asked("two words", drawn.some(2)), 30),
    (lambda drawn: Asked("three words", drawn.some(3)), 20),
    (lambda drawn: Asked("either of two", drawn.some(2), "any"), 20),
    (lambda drawn: Asked("phrase", drawn.run(2, 4), "phrase"), 25),
    (_prefix, 15),
    (lambda drawn: Asked("misspelt", (drawn.misspelt(),), "fuzzy"), 10),
    (Drawing.filtered, 30),
    (lambda drawn: Asked("a sentence", drawn.run(8, 12), "any-bare"), 10),
    (lambda drawn: Asked("a theme in some language", drawn.foreign()), 10),
)


def worst(drawn: Drawing) -> dict[str, Query]:
    """Return the dearest questions that the parser lets through, each with a name."""
    common = [word for word in drawn.commonest if word.isalpha() and len(word) > 1]
    beginnings = Counter(word[:3] for word in drawn.having if len(word) > 3)  # noqa: PLR2004
    first, second = (beginning for beginning, _ in beginnings.most_common(2))
    every = sorted({city for _ in range(3000) for city in drawn.case()[0]["city"]})
    labels = [name for theme in list(scheme("themes"))[:12] for _, name in list(theme.names())[:3]]
    asked = {
        "nothing: all cases": Query(size=_SIZE),
        "all cases, by city": Query(size=_SIZE, sort="city"),
        "the commonest word": Query(common[0], size=_SIZE),
        "the commonest word, last page": Query(common[0], size=_SIZE, page=100),
        "32 commonest words": Query(" ".join(common[:32]), size=_SIZE),
        "32 commonest words, OR": Query(" OR ".join(common[:32]), size=_SIZE),
        "32 commonest long words": Query(" ".join([w for w in common if len(w) > 7][:32])),  # noqa: PLR2004
        "2 prefixes of 3 letters": Query(f"{first}* {second}*", size=_SIZE),
        "2 prefixes of 3 letters, OR": Query(f"{first}* OR {second}*", size=_SIZE),
        "phrase of 2 commonest words": Query(f'"{common[0]} {common[1]}"', size=_SIZE),
        "phrase of 32 commonest words": Query(f'"{" ".join(common[:32])}"', size=_SIZE),
        "16 phrases of common words": Query(" ".join(_phrases(common, 16)), size=_SIZE),
        "a word without 16 others": Query(" -".join(common[:17]), size=_SIZE),
        "nothing but 16 exclusions": Query("-" + " -".join(common[:16]), size=_SIZE),
        "32 misspelt words": Query(" ".join(drawn.misspelt() for _ in range(32)), size=_SIZE),
        "32 words of no language": Query(" ".join(f"zxqv{n}wkj" for n in range(32)), size=_SIZE),
        "names of 12 themes": Query(" ".join(labels), size=_SIZE),
        "a word in one of 300 cities": Query(common[0], filters={"city": tuple(every[:300])}),
        "32 filters in the text": Query("country:DE " * 32),
    }  # fmt: skip
    return asked | {f"contract: {name}": Query(text) for name, text in _costly().items()}


def _phrases(common: Sequence[str], number: int) -> list[str]:
    return [f'"{common[n]} {common[n + 1]}"' for n in range(number)]


def _costly() -> Mapping[str, str]:
    from tests.search_contract import COSTLY

    return COSTLY


def _sentences(text: str) -> list[list[str]]:
    found = [[word.text for word in words(part)] for part in re.split(r"[.!?\n]", text)]
    return [sentence for sentence in found if sentence]
