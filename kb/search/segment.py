"""One segment of the embedded index, read once: a commit adds segments and changes none."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import LENGTHS_COLUMN
from whoosh.reading import SegmentReader, TermNotFound
from whoosh.util.numeric import byte_to_length

from kb.fitting import Facts
from kb.search.columns import Column
from kb.search.packed import Postings, read

SCORED = "terms"
"""The one field whose words are weighed by how long it is."""

_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.float64)
_KEPT_BYTES = 16_000_000
"""Of postings that were read, for each segment."""

NOTHING = Postings(*(np.empty(0, "<u4"),) * 3)


@dataclass(slots=True)
class Segment:
    """What is told of the documents of a segment; deleted ones are masked by whoever reads."""

    ids: tuple[str, ...]
    stored: tuple[dict[str, Any], ...]
    """What else is kept of each document."""
    facts: tuple[Facts, ...]
    facets: dict[str, Column]
    lengths: NDArray[np.float64]
    """Words of the scored field of each document."""
    _kept: OrderedDict[tuple[str, str], Postings] = field(default_factory=OrderedDict)
    _bytes: int = 0

    @classmethod
    def read(cls, reader: SegmentReader) -> "Segment":
        """Read a segment through Whoosh's reader of it."""
        told = [reader.stored_fields(number) for number in range(reader.doc_count_all())]
        stored = tuple(each["stored"] for each in told)
        facets = [each.get("facets", {}) for each in stored]
        names = sorted({name for each in facets for name in each})
        shared: dict[Facts, Facts] = {}  # many say the same
        facts = (Facts(*each.get("facts", ())) for each in stored)
        return cls(
            ids=tuple(each["id"] for each in told),
            stored=stored,
            facts=tuple(shared.setdefault(each, each) for each in facts),
            facets={name: Column.of([each.get(name, ()) for each in facets]) for name in names},
            lengths=_lengths(reader),
        )

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
