"""From documents to the lines that OpenSearch takes in, and the words of all of them beside."""

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple
from hashlib import blake2b

from kb.search.cluster.door import Body, Door
from kb.search.cluster.layout import place, solid
from kb.search.fields import Document
from kb.search.words.analysis import Analysed, Seen
from kb.search.words.learned import typed
from kb.text import fold

_CHUNK_BYTES = 4_000_000
_SENDERS = 2
_MANY = 5_000


def body(document: Document, analysed: Analysed) -> Body:
    """Return a document as the cluster holds it."""
    fields: dict[str, list[str]] = defaultdict(list)
    for token, times in analysed.terms.items():
        name, term = place(token)
        fields[name] += [term] * times
    spelt = {name: " ".join(terms) for name, terms in fields.items()}
    return {
        "id": document.case_id,
        "spelt": spelt.pop("spelt", ""),
        "terms": {name.partition(".")[2]: text for name, text in spelt.items()},
        "words": [" ".join(map(solid, text)) for text in analysed.texts],
        "concepts": [f"{name}={step}" for name, step in analysed.concepts.items()],
        "facets": {name: values for name, values in document.facets.items() if values},
        **_told(document),
    }


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


def word_rows(door: Door, index: str, language: str, seen: Seen) -> Iterator[bytes]:
    """Yield the rows of the words that the index does not hold yet, and of their other forms.

    Where stems change this reads the dictionary of the language: up to 4 s, for Finnish.
    """
    new = _new(door, index, language, seen)
    for word in sorted(new):
        tokens = sorted((f"={seen[word].folded}", *seen[word].tokens))
        row = {"language": language, "form": seen[word].folded, "tokens": tokens}
        yield put(index, _key(language, word), row)
    forms: dict[str, set[str]] = defaultdict(set)
    for form, _, reading in typed(language, {seen[word].lemma for word in new} - {""}):
        forms[reading].add(form)
    for reading, each in forms.items():
        row = {"language": language, "reading": reading, "typed": sorted(each)}
        yield put(index, _key(language, f"={reading}"), row)


def _new(door: Door, index: str, language: str, found: Iterable[str]) -> set[str]:
    keys = {_key(language, word): word for word in found}
    asked = list(keys)
    present: set[str] = set()
    for first in range(0, len(asked), _MANY):
        present |= door.present(index, asked[first : first + _MANY])
    return {word for key, word in keys.items() if key not in present}


def _key(language: str, word: str) -> str:
    return blake2b(f"{language}:{word}".encode(), digest_size=16).hexdigest()
