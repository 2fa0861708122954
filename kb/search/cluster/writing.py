"""From documents to the lines that OpenSearch takes in, and the words of all of them beside."""

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple
from functools import lru_cache
from hashlib import blake2b

from kb.languages import LANGUAGES
from kb.search.cluster.door import Body, Door
from kb.search.cluster.layout import place, solid
from kb.search.fields import Document
from kb.search.words.analysis import HEADING_WEIGHT, steps
from kb.search.words.learned import typed
from kb.search.words.tokens import Token, tokens_in
from kb.text import fold, words

StopTable = Mapping[str, AbstractSet[str]]
Found = dict[str, set[str]]
"""The words of cases by language."""

_REMEMBERED = 500_000
_CHUNK_BYTES = 4_000_000
_SENDERS = 2
_MANY = 5_000


class Laying:
    """Lays out documents, and notes their words."""

    def __init__(self, stop_words: StopTable) -> None:
        self.found: Found = defaultdict(set)
        self._stops = stop_words
        self._tokens = lru_cache(maxsize=_REMEMBERED)(self._read)

    def body(self, document: Document) -> Body:
        """Return a document as the cluster holds it."""
        fields: dict[str, list[str]] = defaultdict(list)
        plain: list[str] = []
        parts = [(*row, HEADING_WEIGHT) for row in document.headings]
        parts += [(*row, 1) for row in document.texts]
        for language, text, weight in parts:
            told = [word.text for word in words(text)]
            self.found[language].update(told)
            plain.append(" ".join(solid(fold(word)) for word in told))
            for word in told:
                for name, token in self._tokens(word, language):
                    fields[name] += [token] * weight
        spelt = {name: " ".join(tokens) for name, tokens in fields.items()}
        return {
            "id": document.case_id,
            "spelt": spelt.pop("spelt", ""),
            "terms": {name.partition(".")[2]: text for name, text in spelt.items()},
            "words": plain,
            "concepts": [f"{name}={step}" for name, step in steps(document.concepts).items()],
            "facets": {name: values for name, values in document.facets.items() if values},
            **_told(document),
        }

    def _read(self, word: str, language: str) -> tuple[tuple[str, str], ...]:
        stops = self._stops.get(language, frozenset())
        return tuple(place(token) for token in tokens_in(word, language, stops))


def _told(document: Document) -> Body:
    """Return that by which cases are ordered; the unknown is left out, or comes last."""
    city = fold(document.city)
    return {
        "start": document.start,
        "began": document.start if document.start[:1].isdigit() else "",
        "facts": json.dumps(astuple(document.fitting)),
        "revision": document.revision,
        **({"city": city} if city else {}),
    }


def put(index: str, wanted: str, body: Body) -> bytes:
    """Return the lines by which a document takes the place of that of the same id."""
    action = {"index": {"_index": index, "_id": wanted}}
    return f"{json.dumps(action)}\n{json.dumps(body)}\n".encode()


def drop(index: str, wanted: str) -> bytes:
    """Return the line that deletes a document."""
    return f"{json.dumps({'delete': {'_index': index, '_id': wanted}})}\n".encode()


def send(door: Door, rows: Iterable[bytes]) -> None:
    """Send rows in bulks, some of them at once: while the cluster writes we go on reading."""
    with ThreadPoolExecutor(_SENDERS) as pool:
        under_way: deque[Future[None]] = deque()
        for lines in _bulks(rows):
            if len(under_way) == _SENDERS:
                under_way.popleft().result()
            under_way.append(pool.submit(door.send, lines))
        for each in under_way:
            each.result()


def _bulks(rows: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row)
        if size >= _CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def word_rows(
    door: Door, index: str, language: str, found: AbstractSet[str], stops: StopTable
) -> Iterator[bytes]:
    """Yield the rows of the words that the index does not hold yet, and of their other forms.

    Where stems change this reads the dictionary of the language: up to 4 s, for Finnish.
    """
    new = _new(door, index, language, found)
    known = language in LANGUAGES
    for word in sorted(new):
        tokens = tokens_in(word, language, stops.get(language, frozenset()))
        row = {"language": language, "form": fold(word), "tokens": sorted(tokens)}
        yield put(index, _key(language, word), row)
    forms: dict[str, set[str]] = defaultdict(set)
    for form, _, reading in typed(language, new) if known and new else ():
        forms[reading].add(form)
    for reading, each in forms.items():
        row = {"language": language, "reading": reading, "typed": sorted(each)}
        yield put(index, _key(language, f"={reading}"), row)


def _new(door: Door, index: str, language: str, found: AbstractSet[str]) -> set[str]:
    keys = {_key(language, word): word for word in found}
    asked = list(keys)
    present: set[str] = set()
    for first in range(0, len(asked), _MANY):
        present |= door.present(index, asked[first : first + _MANY])
    return {word for key, word in keys.items() if key not in present}


def _key(language: str, word: Token) -> str:
    return blake2b(f"{language}:{word}".encode(), digest_size=16).hexdigest()
