"""Whoosh's segments with postings packed as arrays: written without a step for each, read at once.

Whoosh 2.7.4 pickles every posting twice while it sorts them, and reads them one by one. Here all
postings of a term are one block: how many, the documents, how often each has the term, and where.
Everything else of a segment is Whoosh's own. Its own searcher reads these segments too, which the
tests use to hold our scores to its scores.
"""

import struct
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3TermInfo
from whoosh.fields import FieldType
from whoosh.formats import Format
from whoosh.matching import ListMatcher
from whoosh.writing import SegmentWriter

Integers = NDArray[Any]

_HEAD = struct.Struct("<BBBI")  # types of documents, weights and positions; number of documents
_TYPES = ("<u1", "<u2", "<u4")
_SIZES = tuple(np.dtype(each).itemsize for each in _TYPES)
_LIMITS = tuple(2 ** (8 * size) for size in _SIZES)
_NOWHERE = 255  # the field has no positions


@dataclass(frozen=True, slots=True)
class Postings:
    """The documents with one term, in ascending order."""

    documents: Integers
    weights: Integers
    """How often each has the term."""
    positions: Integers
    """Where, one document after the other, as many of each as its weight; or empty."""


class Ready(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A field that is handed its terms: each with how often it occurs, or with where."""

    scorable = True

    def __init__(self) -> None:
        super().__init__(_Places(), analyzer=None, scorable=True)

    def index(
        self, value: Mapping[str, "int | array[int]"], **_options: object
    ) -> Iterator[tuple[bytes, int, int, bytes]]:
        """Yield (term, frequency, weight, packed positions)."""
        for term, found in value.items():
            if isinstance(found, int):
                yield term.encode(), found, found, b""
            else:
                yield term.encode(), len(found), len(found), found.tobytes()


class _Places(Format):  # type: ignore[misc]  # see above
    """Positions as 32-bit numbers."""

    def decode_positions(self, value: bytes) -> list[int]:
        return list(np.frombuffer(value, "<u4").tolist())

    def decode_frequency(self, value: bytes) -> int:
        return len(value) // 4


class PackedCodec(W3Codec):  # type: ignore[misc]  # see above
    """Whoosh's codec, but for the postings."""

    def field_writer(self, storage: Any, segment: Any) -> "_FieldWriter":
        """Return what writes the terms of a segment."""
        return _FieldWriter(self, storage, segment)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> ListMatcher:
        """Return Whoosh's matcher over a block; we read whole blocks instead (`read`)."""
        found = read(dbfile, terminfo)
        values = [part.astype("<u4").tobytes() for part in _parted(found)]
        ids, weights = found.documents.tolist(), [float(each) for each in found.weights]
        return ListMatcher(ids, weights, values, format_, scorer, term=term, terminfo=terminfo)


def read(file: Any, info: Any) -> Postings:
    """Return the postings of a term, given the file of a segment and Whoosh's note of the term."""
    offset, (length,) = info.extent()  # a tuple of one, as Whoosh reads it back
    block = file.get(offset, length)
    document_type, weight_type, position_type, count = _HEAD.unpack_from(block)
    documents = np.frombuffer(block, _TYPES[document_type], count, _HEAD.size)
    end = _HEAD.size + documents.nbytes
    weights = np.frombuffer(block, _TYPES[weight_type], count, end)
    if position_type == _NOWHERE:
        return Postings(documents, weights, np.empty(0, "<u4"))
    return Postings(
        documents, weights, np.frombuffer(block, _TYPES[position_type], -1, end + weights.nbytes)
    )


def slim(reader: Any) -> None:
    """Give up the copies that Whoosh makes of the files of a segment: blocks are read in place.

    They are needed while a segment is opened only, and take as much memory as it has on disk.
    """
    terms, columns = reader._terms, reader._perdoc._colfiles.values()  # noqa: SLF001 - no other way
    for file in (terms._postfile, terms._dbfile, *(each[0] for each in columns)):  # noqa: SLF001 - see above
        file.file = BytesIO()


def _parted(found: Postings) -> Sequence[Integers]:
    """Part the positions by document."""
    return np.split(found.positions, np.cumsum(found.weights[:-1])) if len(found.weights) else ()


def packing(writer: SegmentWriter) -> SegmentWriter:
    """Have a writer that was made with `PackedCodec` gather its postings as arrays."""
    writer.pool.cleanup()
    writer.pool = _Gathered()
    return writer


class _Entry:
    """The postings of a term that have come in so far."""

    __slots__ = ("documents", "places", "weights")

    def __init__(self) -> None:
        self.documents = array("I")
        self.weights = array("I")
        self.places = bytearray()


class _Gathered:
    """Postings by field and term, in the order of documents; what Whoosh calls a pool."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[bytes, _Entry]] = defaultdict(lambda: defaultdict(_Entry))

    def add(self, posting: tuple[str, bytes, int, float, bytes]) -> None:
        field, term, document, weight, places = posting
        entry = self._fields[field][term]
        entry.documents.append(document)
        entry.weights.append(int(weight))
        entry.places += places

    def iter_postings(self) -> Iterator[tuple[str, dict[bytes, _Entry]]]:
        """Yield the fields by name; only `_FieldWriter` can read them."""
        for field in sorted(self._fields):
            yield field, self._fields.pop(field)

    def cleanup(self) -> None:
        self._fields.clear()


class _FieldWriter(W3FieldWriter):  # type: ignore[misc]  # see above
    def add_postings(
        self, schema: Any, _lengths: object, items: Iterable[tuple[str, dict[bytes, _Entry]]]
    ) -> None:
        for field, terms in items:
            self.start_field(field, schema[field])
            for term in sorted(terms):
                self._add(term, terms[term])
            self.finish_field()

    def _add(self, term: bytes, entry: _Entry) -> None:
        info, block = _info(entry), _packed(entry)
        info.set_extent(self._postfile.tell(), len(block))
        self._postfile.write(block)
        self._tindex.add(struct.pack("!H", self._fieldid) + term, info.to_bytes())


def _info(entry: _Entry) -> W3TermInfo:
    info = W3TermInfo()
    info._df = len(entry.documents)  # noqa: SLF001 - set from a block of Whoosh's own otherwise
    info._weight = float(sum(entry.weights))  # noqa: SLF001 - see above
    info._maxweight = float(max(entry.weights))  # noqa: SLF001 - see above
    info._minid, info._maxid = entry.documents[0], entry.documents[-1]  # noqa: SLF001 - see above
    return info


def _packed(entry: _Entry) -> bytes:
    documents, document_type = _narrow(np.frombuffer(entry.documents, "<u4"))
    weights, weight_type = _narrow(np.frombuffer(entry.weights, "<u4"))
    positions, position_type = b"", _NOWHERE
    if entry.places:
        positions, position_type = _narrow(np.frombuffer(entry.places, "<u4"))
    head = _HEAD.pack(document_type, weight_type, position_type, len(entry.documents))
    return b"".join((head, documents, weights, positions))


def _narrow(numbers: Integers) -> tuple[bytes, int]:
    """Return numbers in the fewest bytes that hold the largest of them, and which type that is."""
    largest = int(numbers.max())
    kind = next(kind for kind, limit in enumerate(_LIMITS) if largest < limit)
    return numbers.astype(_TYPES[kind]).tobytes(), kind
