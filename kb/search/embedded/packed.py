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
_COLUMNS = 3
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


class _Gathered:
    """Postings by field, as they come in; what Whoosh calls a pool."""

    def __init__(self) -> None:
        self._fields: dict[str, _Field] = defaultdict(_Field)

    def add(self, posting: tuple[str, bytes, int, float, bytes]) -> None:
        field, term, document, weight, places = posting
        self._fields[field].add(term, document, int(weight), places)

    def iter_postings(self) -> Iterator[tuple[str, "_Field"]]:
        """Yield the fields by name; only `_FieldWriter` can read them."""
        for field in sorted(self._fields):
            yield field, self._fields.pop(field)

    def cleanup(self) -> None:
        self._fields.clear()


class _Field:
    """The postings of a field, of which those of one term come in the order of documents.

    Flat arrays: objects for each of 800,000 terms would take ten times the memory.
    """

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}  # of the terms, as they were first met
        self._terms = array("I")
        self._documents = array("I")
        self._weights = array("I")
        self._places = bytearray()

    def add(self, term: bytes, document: int, weight: int, places: bytes) -> None:
        self._terms.append(self._numbers.setdefault(term, len(self._numbers)))
        self._documents.append(document)
        self._weights.append(weight)
        self._places += places

    def blocks(self) -> Iterator[tuple[bytes, W3TermInfo, bytes]]:
        """Yield the terms in their order, each with Whoosh's note of it and its block."""
        terms = sorted(self._numbers)
        ranks = np.empty(len(terms), np.int64)
        ranks[[self._numbers[term] for term in terms]] = np.arange(len(terms))
        ranked = ranks[np.frombuffer(self._terms, "<u4")]
        order = np.argsort(ranked, kind="stable")
        firsts = np.searchsorted(ranked[order], np.arange(len(terms)))
        documents = np.frombuffer(self._documents, "<u4")[order]
        weights = np.frombuffer(self._weights, "<u4")[order]
        counts = np.diff(firsts, append=len(order)).tolist()
        columns = [_Column(documents, firsts), _Column(weights, firsts)]
        columns += self._positions(order, weights, firsts)
        kinds = zip(*(column.kinds for column in columns), strict=True)
        notes = zip(
            counts,
            np.add.reduceat(weights, firsts, dtype=np.int64).tolist(),
            np.maximum.reduceat(weights, firsts).tolist(),
            documents[firsts].tolist(),
            documents[[*firsts[1:] - 1, -1]].tolist(),
            strict=True,
        )
        for n, (term, kind, note) in enumerate(zip(terms, kinds, notes, strict=True)):
            head = _HEAD.pack(*kind, *[_NOWHERE] * (_COLUMNS - len(kind)), note[0])
            yield term, _info(*note), b"".join((head, *(column.packed(n) for column in columns)))

    def _positions(self, order: Integers, weights: Integers, firsts: Integers) -> list["_Column"]:
        if not self._places:
            return []
        came = np.frombuffer(self._weights, "<u4").astype(np.int64)
        begins, ends = np.cumsum(came) - came, np.cumsum(weights, dtype=np.int64)
        # What stands at the begin of each posting stands behind those before it from now on.
        moved = np.repeat(begins[order] - (ends - weights), weights)
        places = np.frombuffer(self._places, "<u4")[moved + np.arange(len(moved))]
        return [_Column(places, (ends - weights)[firsts])]


class _Column:
    """Numbers of all terms, one term after the other, each in the fewest bytes that hold them."""

    def __init__(self, numbers: Integers, firsts: Integers) -> None:
        largest = np.maximum.reduceat(numbers, firsts)
        self.kinds: Sequence[int] = np.searchsorted(_LIMITS, largest, side="right").tolist()
        """Which of the types each term needs."""
        self._bytes = [numbers.astype(each).tobytes() for each in _TYPES]
        self._firsts = [*firsts.tolist(), len(numbers)]

    def packed(self, n: int) -> bytes:
        """Return the numbers of a term."""
        size = _SIZES[self.kinds[n]]
        return self._bytes[self.kinds[n]][self._firsts[n] * size : self._firsts[n + 1] * size]


class _FieldWriter(W3FieldWriter):  # type: ignore[misc]  # see above
    def add_postings(
        self, schema: Any, _lengths: object, items: Iterable[tuple[str, _Field]]
    ) -> None:
        for name, field in items:
            self.start_field(name, schema[name])
            prefix, offset = struct.pack("!H", self._fieldid), self._postfile.tell()
            for term, info, block in field.blocks():
                info.set_extent(offset, len(block))
                self._postfile.write(block)
                self._tindex.add(prefix + term, info.to_bytes())
                offset += len(block)
            self.finish_field()


def _info(count: int, total: int, most: int, first: int, last: int) -> W3TermInfo:
    info = W3TermInfo()
    info._df = count  # noqa: SLF001 - set from a block of Whoosh's own otherwise
    info._weight, info._maxweight = float(total), float(most)  # noqa: SLF001 - see above
    info._minid, info._maxid = first, last  # noqa: SLF001 - see above
    return info
