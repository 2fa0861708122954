"""Writing the embedded index: one writer at a time, cancelled where something fails.

A failed writer of Whoosh keeps its lock until it is cancelled, and opens a whole searcher for each
document that it replaces; so documents are replaced here, through one reader.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple
from pathlib import Path

from whoosh import fields, index
from whoosh.codec.base import Segment
from whoosh.index import LockError
from whoosh.reading import IndexReader, SegmentReader
from whoosh.writing import SegmentWriter

from kb.errors import IndexBusyError, IndexUnavailableError
from kb.search.embedded.packed import PackedCodec, Ready, packing
from kb.search.engine import Checkpoint
from kb.search.fields import Document
from kb.search.words.analysis import Analysed
from kb.text import fold

CHECKPOINT_ID = ":checkpoint"  # no case can have it: a slug holds no colon

STORED = ("facets", "facts", "start", "city", "revision")
"""What is kept of a document beside its words."""

_BUSY_S = 20
# Segments up to so many cases, and how many of them a search may have to look into. A case is
# written anew once or twice, and a commit seldom takes long.
_TIERS = (200, 2_500)
_MOST_OF_A_TIER = 12


class Writer:
    """What changes an index, and commits all of it at once."""

    def __init__(self, writer: SegmentWriter, reader: IndexReader) -> None:
        self._writer = writer
        self._reader = reader

    def drop(self, case_id: str) -> None:
        """Delete a case, if it is there."""
        if ("id", case_id) in self._reader:
            for number in self._reader.postings("id", case_id).all_ids():
                self._writer.delete_document(number)

    def put(self, document: Document, analysed: Analysed) -> None:
        """Put a document in place of that of the same case."""
        self.drop(document.case_id)
        self._writer.add_document(
            id=document.case_id,
            terms=analysed.terms,
            words=analysed.places(),
            concepts=analysed.concepts,
            stored=dict(zip(STORED, _stored(document), strict=True)),
        )

    def reach(self, checkpoint: Checkpoint) -> None:
        """Move the checkpoint."""
        self.drop(CHECKPOINT_ID)
        self._writer.add_document(id=CHECKPOINT_ID, stored=asdict(checkpoint))


def _stored(document: Document) -> Iterator[object]:
    yield {name: values for name, values in document.facets.items() if values}
    yield astuple(document.fitting)
    yield document.start
    yield fold(document.city)
    yield document.revision


def create(folder: Path) -> None:
    """Make an empty index."""
    ready = Ready()
    schema = fields.Schema(
        id=fields.ID(stored=True, unique=True),
        terms=ready,
        words=ready,
        concepts=ready,
        stored=fields.STORED,
    )
    index.create_in(folder, schema).close()


@contextmanager
def writing(folder: Path) -> Iterator[Writer]:
    """Change an index; what the block did is committed when it ends, or not at all.

    Raises:
        IndexUnavailableError: it cannot be read.
        IndexBusyError: another process is writing to it.
    """
    try:
        opened = index.open_dir(folder)
    except Exception as err:  # damaged files raise nine kinds of exception, ModuleNotFoundError too
        raise IndexUnavailableError(f"the index in {folder} cannot be read: {err}") from err
    try:
        writer = _locked(opened)
        try:
            with opened.reader() as reader:
                yield Writer(writer, reader)
            writer.commit(mergetype=_merged)
        except BaseException:
            # After a failed commit (disk full) the lock stays held until the writer is cancelled.
            with suppress(Exception):
                writer.cancel()
            raise
    finally:
        opened.close()


def _locked(opened: index.FileIndex) -> SegmentWriter:
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            return packing(opened.writer(codec=PackedCodec()))
        except LockError as err:
            if time.monotonic() > deadline:
                raise IndexBusyError(
                    f"another process has been writing to the index for {_BUSY_S} s; try again"
                ) from err
            time.sleep(0.05)


def _merged(writer: SegmentWriter, segments: Sequence[Segment]) -> list[Segment]:
    """Take into the new segment what is small and many, or mostly deleted; return the others."""
    taken = {each for each in segments if each.deleted_count() > each.doc_count()}
    for limit in _TIERS:
        small = [each for each in segments if each.doc_count() < limit]
        if len(small) > _MOST_OF_A_TIER:
            taken |= set(small)
    for segment in (each for each in segments if each in taken):
        with _reader(writer, segment) as reader:
            writer.add_reader(reader)
    return [each for each in segments if each not in taken]


def _reader(writer: SegmentWriter, segment: Segment) -> SegmentReader:
    return SegmentReader(writer.storage, writer.schema, segment)
