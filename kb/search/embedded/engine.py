"""The embedded engine: Whoosh 2.7.4 on disk, for one machine and up to some 20,000 cases.

Rules that were paid for: one long-lived searcher that is replaced when it is not up to date (never
``refresh()``, which in later forks brings deleted documents back); one writer, cancelled on error
because a failed one keeps the lock; nothing of Whoosh's query language is exposed. An index is code
(it holds pickles): its folder is private to the operator, never imported, always rebuilt.
"""

import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from kb.errors import IndexUnavailableError
from kb.languages import LANGUAGES
from kb.progress import Watch, unwatched
from kb.query import Query
from kb.search.embedded import seal
from kb.search.embedded.answering import all_ids, answer, tally
from kb.search.embedded.guard import Guard, is_damaged
from kb.search.embedded.similar import similar
from kb.search.embedded.snapshot import LEXICON, Snapshot
from kb.search.embedded.writing import create, writing
from kb.search.engine import (
    Answer,
    Checkpoint,
    FindNearest,
    Similar,
    StopWords,
    Tally,
    nothing_near,
)
from kb.search.fields import Document
from kb.search.words.analysis import Analysis
from kb.search.words.learned import Learned, names_of
from kb.search.words.naming import is_whole, names_in, remove_but
from kb.trouble import told

_SLICE = 2_500
"""Cases that are written in one commit: 100 MB."""
_STILL_READ_S = 30
"""An answer that has begun before a generation was replaced has long been given by then."""
_CURRENT = "current"


class EmbeddedEngine:
    """A Whoosh index with its lexicon, in generations of which one is current."""

    name = "whoosh"

    def __init__(
        self, folder: Path, stop_words: StopWords, find_nearest: FindNearest = nothing_near
    ) -> None:
        self._folder = folder
        self._stop_words = stop_words
        self._find_nearest = find_nearest
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._guard = Guard()

    def checkpoint(self) -> Checkpoint | None:
        """Return how far the index has come, or None if there is none that can be read."""
        generation = self._generation()
        if generation is None or not generation.exists() or is_damaged(generation):
            return None  # what is open may still answer, but it must be built again
        try:
            with self._reading() as snapshot:
                return snapshot.checkpoint
        except IndexUnavailableError:
            return None

    def size(self) -> int:
        """Return the number of cases in the index, 0 if there is none."""
        try:
            with self._reading() as snapshot:
                return snapshot.count
        except IndexUnavailableError:
            return 0

    def apply(
        self,
        documents: Iterable[Document],
        dropped: Sequence[str],
        checkpoint: Checkpoint,
        watch: Watch = unwatched,
    ) -> None:
        """Put and drop documents, and move the checkpoint with the last commit of them."""
        generation = self._generation()
        if generation is None or not generation.exists():
            raise IndexUnavailableError("there is no index to add to; run: indexer.py rebuild")
        self._write(generation, documents, checkpoint, watch, dropped)

    def rebuild(
        self, documents: Iterable[Document], checkpoint: Checkpoint, watch: Watch = unwatched
    ) -> None:
        """Build a generation beside the current one and swap."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)
        for leftover in self._folder.glob("g-*.new"):
            shutil.rmtree(leftover, ignore_errors=True)
        old = self._generation()
        beside = self._folder / f"g-{time.time_ns()}.new"
        beside.mkdir()
        try:
            with told(beside):
                create(beside)
                names = names_in(self._folder, self._stop_words)
                Learned(beside / LEXICON, names=names.name).close()
            self._write(beside, documents, checkpoint, watch)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)  # a full disk needs the room
            raise
        final = beside.with_suffix("")
        beside.rename(final)
        self._point_at(final)
        self._remove_generations_but(final, old)

    def search(self, query: Query, seen: AbstractSet[str] = frozenset()) -> Answer:
        """Answer a question from the current generation."""
        with self._reading() as snapshot:
            return answer(snapshot, query, self._find_nearest, seen)

    def ids(self, query: Query) -> tuple[str, ...]:
        """Return all cases that a question finds, in the order of its pages."""
        with self._reading() as snapshot:
            return all_ids(snapshot, query, self._find_nearest)

    def tally(self, query: Query, pairs: Iterable[tuple[str, str]]) -> Tally:
        """Count all cases that a question finds, in the current generation."""
        with self._reading() as snapshot:
            return tally(snapshot, query, pairs, self._find_nearest)

    def revisions(self) -> dict[str, int]:
        """Return which revision of each case the current generation holds."""
        with self._reading() as snapshot:
            return snapshot.revisions()

    def similar(self, case_id: str, limit: int) -> tuple[Similar, ...]:
        """Return the cases that are most like a case."""
        with self._reading() as snapshot:
            return similar(snapshot, case_id, limit)

    def verify(self) -> bool:
        """Tell whether the files are as they were written; Whoosh itself reads zeroes as text."""
        generation = self._generation()
        return (
            generation is not None
            and seal.is_whole(generation)
            and is_whole(names_of(generation / LEXICON))
        )

    def tidy(self) -> None:
        """Delete the generations but the current one, once nobody can be reading them."""
        current = self._generation()
        if current is None:
            return
        age_s = (time.time_ns() - int(current.name[2:])) / 10**9
        if not 0 <= age_s <= _STILL_READ_S:  # it is of the future where the clock was set back
            self._remove_generations_but(current)

    def close(self) -> None:
        """Release the searcher and its files."""
        with self._lock:
            self._drop_snapshot()

    def _generation(self) -> Path | None:
        link = self._folder / _CURRENT
        try:
            return self._folder / link.readlink()  # resolve() would hide a dangling link
        except OSError:
            return None

    def _point_at(self, generation: Path) -> None:
        link = self._folder / f"{_CURRENT}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(generation.name)
        link.replace(self._folder / _CURRENT)

    def _remove_generations_but(self, *kept: Path | None) -> None:
        for generation in self._folder.glob("g-*"):
            if generation not in kept:
                shutil.rmtree(generation, ignore_errors=True)
        left = self._folder.glob(f"g-*/{LEXICON}")
        remove_but(self._folder, {names_of(lexicon).name for lexicon in left})

    def _write(
        self,
        generation: Path,
        documents: Iterable[Document],
        checkpoint: Checkpoint,
        watch: Watch,
        dropped: Sequence[str] = (),
    ) -> None:
        """Write in slices, so that memory is bounded; the last one moves the checkpoint.

        Whoever is killed in between begins again, and comes to the same end.
        """
        remaining, more = iter(documents), True
        with closing(Learned(generation / LEXICON)) as learned:
            while more:
                more = self._write_slice(
                    generation, learned, islice(remaining, _SLICE), checkpoint, watch, dropped
                )
        seal.write(generation)

    def _write_slice(  # noqa: PLR0913, PLR0917 - what a slice is made of
        self,
        generation: Path,
        learned: Learned,
        documents: Iterable[Document],
        checkpoint: Checkpoint,
        watch: Watch,
        dropped: Sequence[str],
    ) -> bool:
        """Write up to so many documents in one commit; tell whether others may come."""
        analysis, written = Analysis(self._stop_words), 0
        with told(generation), writing(generation) as writer:
            for case_id in dropped:
                writer.drop(case_id)
            for document in documents:
                writer.put(document, analysis.read(document))
                written += 1
            if written < _SLICE:
                writer.reach(checkpoint)
            # Learned before the commit: a lexicon that knows more than the index harms nothing.
            seen = {code: found for code, found in analysis.seen.items() if code in LANGUAGES}
            for language, found in watch("Learning words", sorted(seen.items()), len(seen)):
                learned.learn(language, found)
        learned.learn_forms()  # takes up to a second, in which the new cases are found already
        return written == _SLICE

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        """Let one thread at a time use the current snapshot; Whoosh's readers share positions."""
        with self._lock:
            snapshot = self._fresh_snapshot()
            with self._guard.watching(snapshot.generation):
                yield snapshot

    def _fresh_snapshot(self) -> Snapshot:
        generation = self._generation()
        if self._snapshot is not None and self._snapshot.serves(generation):
            return self._snapshot
        if generation is None or not generation.exists():
            # Deleted under our feet. What is open still answers until sync has built a new one.
            if self._snapshot is not None:
                return self._snapshot
            raise IndexUnavailableError("there is no search index; it is being built")
        fresh = self._open(generation)
        self._drop_snapshot()
        self._snapshot = fresh
        return fresh

    def _open(self, generation: Path) -> Snapshot:
        try:
            self._guard.begin(generation)
            return Snapshot.open(generation, self._snapshot)
        except IndexUnavailableError:
            newer = self._generation()
            if newer is None or newer == generation:
                raise
            return self._open(newer)  # rebuilt, and the old one removed, while we were opening it

    def _drop_snapshot(self) -> None:
        if self._snapshot is not None:
            self._snapshot.close()
            self._snapshot = None
