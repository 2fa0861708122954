"""One state of the embedded index, open for reading: postings from Whoosh, sets as bitmaps.

A bitmap is a Python integer in which bit n stands for document n: intersection and counting of
20,000 cases take microseconds, so every facet can be counted exactly.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from whoosh import index, query
from whoosh.searching import Searcher

from kb.errors import IndexUnavailableError
from kb.fitting import Facts
from kb.languages import LANGUAGES
from kb.model import ENGLISH
from kb.search.engine import Checkpoint
from kb.search.lexicon import Lexicon

CHECKPOINT_ID = ":checkpoint"  # no case can have it: a slug holds no colon

LEXICON = "lexicon.sqlite"
CONCEPT_STEPS = 10
"""A case that is fully about a concept holds it so many times: postings count in whole numbers."""

_ATTEMPTS = 3


@dataclass(slots=True)
class Snapshot:
    """What answers questions until the index has moved on."""

    generation: Path
    searcher: Searcher
    lexicon: Lexicon
    checkpoint: Checkpoint | None
    ids: Mapping[int, str]
    starts: Mapping[int, str]
    cities: Mapping[int, str]
    facts: Mapping[int, Facts]
    """By which cases are compared with the city of a reader."""
    all: int
    """Bitmap of all cases."""
    facets: Mapping[str, Mapping[str, int]]
    """Facet -> value -> bitmap."""
    languages: frozenset[str]
    """In which there are texts; a question is read in these."""

    @classmethod
    def open(cls, generation: Path) -> Self:
        """Open a generation.

        Raises:
            IndexUnavailableError: it cannot be read.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return cls._open(generation)
            except FileNotFoundError as err:  # a commit has just replaced what we would open
                if attempt == _ATTEMPTS - 1:
                    raise IndexUnavailableError(f"the index in {generation} is incomplete") from err
            except Exception as err:  # damaged files raise nine kinds of exception
                raise IndexUnavailableError(
                    f"the index in {generation} is damaged: {err!r}"
                ) from err
        raise AssertionError("unreachable")

    @classmethod
    def _open(cls, generation: Path) -> Self:
        with ExitStack() as opened:
            lexicon = opened.enter_context(closing(Lexicon(generation / LEXICON)))
            searcher = opened.enter_context(closing(index.open_dir(generation).searcher()))
            snapshot = cls._read(generation, searcher, lexicon)
            opened.pop_all()  # read without error: it stays open
        return snapshot

    @classmethod
    def _read(cls, generation: Path, searcher: Searcher, lexicon: Lexicon) -> Self:
        reader = searcher.reader()
        stored = dict(reader.iter_docs())
        marks = {n for n, values in stored.items() if values["id"] == CHECKPOINT_ID}
        checkpoints = [Checkpoint(**stored[n]["stored"]) for n in marks]
        cases = {n: values for n, values in stored.items() if n not in marks}
        facets = _facets(searcher)
        return cls(
            generation=generation,
            searcher=searcher,
            lexicon=lexicon,
            checkpoint=checkpoints[0] if checkpoints else None,
            ids={n: values["id"] for n, values in cases.items()},
            starts={n: values["stored"]["start"] for n, values in cases.items()},
            cities={n: values["stored"]["city"] for n, values in cases.items()},
            facts={n: Facts(*values["stored"]["facts"]) for n, values in cases.items()},
            all=bitmap(cases),
            facets=facets,
            # English summaries stand beside every text in another language.
            languages=frozenset(facets.get("language", {})) & LANGUAGES.keys() | {ENGLISH},
        )

    def serves(self, generation: Path | None) -> bool:
        """Tell whether this is still the newest state of the current generation."""
        if generation != self.generation or not generation.exists():
            return False
        return bool(self.searcher.up_to_date())

    def revisions(self) -> dict[str, int]:
        """Return which revision of each case is in here; read anew, because it is seldom asked."""
        stored = self.searcher.reader().iter_docs()
        return {values["id"]: values["stored"]["revision"] for n, values in stored if n in self.ids}

    def in_language(self, language: str) -> int:
        """Return how many cases have texts in a language."""
        own = self.facets.get("language", {}).get(language, 0)
        return len(self.ids) if language == ENGLISH else own.bit_count()

    def postings(self, field: str, term: str) -> Iterator[tuple[int, float, float]]:
        """Yield (document, BM25F score, weight) for each case with the term."""
        if (field, term) not in self.searcher.reader():
            return
        matcher = query.Term(field, term).matcher(self.searcher)
        while matcher.is_active():
            yield matcher.id(), matcher.score(), matcher.weight()
            matcher.next()

    def having(self, field: str, term: str) -> int:
        """Return how many cases have a term."""
        return int(self.searcher.reader().doc_frequency(field, term))

    def phrase(self, folded: list[str]) -> int:
        """Return the bitmap of cases in which the words stand in this order."""
        return bitmap(query.Phrase("words", folded).docs(self.searcher)) & self.all

    def beginning_with(self, prefix: str, limit: int) -> list[str]:
        """Return up to ``limit`` folded words of cases that begin with ``prefix``."""
        found: list[str] = []
        for word in self.searcher.reader().expand_prefix("words", prefix):
            if len(found) == limit:
                break
            found.append(word.decode() if isinstance(word, bytes) else word)
        return found

    def close(self) -> None:
        """Close its files."""
        self.searcher.close()
        self.lexicon.close()


def bitmap(documents: Iterable[int]) -> int:
    """Return the integer whose bits are the given documents."""
    found = list(documents)
    if not found:
        return 0
    bits = bytearray(max(found) // 8 + 1)
    for number in found:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def numbers(bits: int) -> Iterator[int]:
    """Yield the documents of a bitmap in ascending order."""
    for position, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            yield from (position * 8 + bit for bit in range(8) if byte >> bit & 1)


def _facets(searcher: Searcher) -> dict[str, dict[str, int]]:
    facets: dict[str, dict[str, int]] = defaultdict(dict)
    reader = searcher.reader()
    for term in reader.lexicon("facets"):
        text = term.decode() if isinstance(term, bytes) else term
        name, _, value = text.partition("=")
        bits = bitmap(reader.postings("facets", text).all_ids())
        if bits:
            facets[name][value] = bits
    return facets
