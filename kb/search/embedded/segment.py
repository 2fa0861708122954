"""One segment of the embedded index, read once: a commit adds segments and changes none."""

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import LENGTHS_COLUMN
from whoosh.reading import SegmentReader, TermNotFound
from whoosh.util.numeric import byte_to_length

from kb.fitting import Facts
from kb.search.embedded.columns import Column
from kb.search.embedded.packed import Postings, read
from kb.search.embedded.writing import CHECKPOINT_ID, STORED
from kb.search.engine import Checkpoint

SCORED = "terms"
"""The one field whose words are weighed by how long it is."""

_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.float64)
_KEPT_BYTES = 16_000_000
"""Of postings that were read, for each segment."""

NOTHING = Postings(*(np.empty(0, "<u4"),) * 3)


@dataclass(frozen=True, slots=True)
class Told:
    """What else is kept of a case."""

    start: str = ""
    city: str = ""
    facts: Facts = field(default_factory=Facts)
    """By which it is compared with the city of a reader."""
    revision: int = 0


@dataclass(slots=True)
class Segment:
    """What is told of the documents of a segment; deleted ones are masked by whoever reads."""

    ids: list[str]
    told: list[Told]
    checkpoints: dict[int, Checkpoint]
    """Document -> checkpoint; these are no cases."""
    facets: dict[str, Column]
    lengths: NDArray[np.float64]
    """Words of the scored field of each document."""
    _kept: OrderedDict[tuple[str, str], Postings] = field(default_factory=OrderedDict)
    _bytes: int = 0

    @classmethod
    def read(cls, reader: SegmentReader) -> "Segment":
        """Read a segment through Whoosh's reader of it."""
        segment = cls([], [], {}, {}, _lengths(reader))
        rows: dict[str, list[tuple[int, str]]] = defaultdict(list)
        shared: dict[Any, Any] = {}  # many say the same, which is kept once
        for number in range(reader.doc_count_all()):
            fields = reader.stored_fields(number)
            segment.ids.append(fields["id"])
            if fields["id"] == CHECKPOINT_ID:
                segment.checkpoints[number] = Checkpoint(**fields["stored"])
                segment.told.append(Told())
                continue
            facets, facts, start, city, revision = (fields["stored"][name] for name in STORED)
            same = shared.setdefault
            facts = Facts(*facts)
            told = Told(same(start, start), same(city, city), same(facts, facts), revision)
            segment.told.append(told)
            for name, values in facets.items():
                rows[name] += [(number, shared.setdefault(value, value)) for value in values]
        segment.facets = {name: Column.of(rows[name]) for name in sorted(rows)}
        return segment

    def postings(self, reader: SegmentReader, name: str, term: str) -> Postings:
        """Return the postings of a term of the field ``name``, deleted documents among them."""
        found = self._kept.get((name, term))
        if found is not None:
            self._kept.move_to_end((name, term))
            return found
        found = _postings(reader, name, term)
        self._keep((name, term), found)
        return found

    def _keep(self, key: tuple[str, str], found: Postings) -> None:
        self._kept[key] = found
        self._bytes += _size(found)
        while self._bytes > _KEPT_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= _size(dropped)


def _postings(reader: SegmentReader, name: str, term: str) -> Postings:
    # Private, hence the exact pin: the public way yields one posting at a time.
    terms = reader._terms  # noqa: SLF001 - see above
    try:
        return read(terms._postfile, terms.term_info(name, term.encode()))  # noqa: SLF001 - see above
    except TermNotFound:
        return NOTHING


def _size(found: Postings) -> int:
    held = found.documents.nbytes + found.weights.nbytes + found.positions.nbytes
    return held + 500  # of the objects around them


def _lengths(reader: SegmentReader) -> NDArray[np.float64]:
    # Private, see above.
    lengths = reader._perdoc._cached_reader(f"_{SCORED}_len", LENGTHS_COLUMN)  # noqa: SLF001 - see above
    if lengths is None:  # no document has a word
        return np.zeros(reader.doc_count_all())
    return _LENGTHS[np.array(list(lengths), np.uint8)]
