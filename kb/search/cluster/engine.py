"""The engine for many machines: an OpenSearch cluster holds the index, and answers.

A generation is two indexes, of the cases and of their words, with version and time in their names;
aliases say which are current. What is written is seen when all of a commit is written, because
nothing refreshes an index but we; how far it has come is noted in the index afterwards. A commit
that was cut off is therefore done again, and puts the same cases in place of themselves.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile

from kb.errors import IndexUnavailableError, KbError
from kb.progress import Watch, unwatched
from kb.query import Query
from kb.search.cluster import layout
from kb.search.cluster.alike import alike
from kb.search.cluster.answering import Answering
from kb.search.cluster.door import Body, Cluster, Door
from kb.search.cluster.question import Question
from kb.search.cluster.writing import body, drop, put, send, word_rows
from kb.search.engine import (
    Answer,
    Checkpoint,
    FindNearest,
    Similar,
    StopWords,
    Tally,
    nothing_near,
)
from kb.search.fields import INDEX_VERSION, Document
from kb.search.words.analysis import Analysis
from kb.search.words.naming import Names, names_in

_STILL_READ_S = 30
"""An answer that has begun before a generation was replaced has long been given by then."""
_COPIES_S = 60
_PAGE = 5_000
_SPOOL_BYTES = 16_000_000
_WHOLE = {"green", "yellow"}


@dataclass(frozen=True, slots=True)
class _Generation:
    cases: str
    words: str


class ClusterEngine:
    """An index of cases and one of their words, in generations of which one is current."""

    name = "opensearch"

    def __init__(
        self,
        cluster: Cluster,
        folder: Path,
        stop_words: StopWords,
        find_nearest: FindNearest = nothing_near,
    ) -> None:
        """Prepare; calls nobody yet.

        Args:
            cluster: where the index is.
            folder: keeps the names of concepts; each machine makes its own.
            stop_words: called when an index is built, and where the names are missing.
            find_nearest: the leg of meaning.

        Raises:
            MissingExtraError: the client of OpenSearch is not installed.
        """
        self._door = Door(cluster)
        self._cases, self._words = f"{cluster.prefix}-cases", f"{cluster.prefix}-words"
        self._folder = folder
        self._stop_words = stop_words
        self._find_nearest = find_nearest
        self._lock = threading.Lock()
        self._names: Names | None = None

    def checkpoint(self) -> Checkpoint | None:
        """Return how far the index has come, or None if there is none.

        Raises:
            IndexUnavailableError: the cluster cannot be reached, so that nobody knows.
        """
        noted = self._door.noted(self._cases)
        said = noted[1].get("checkpoint") if noted else None
        return Checkpoint(**said) if said else None

    def size(self) -> int:
        """Return the number of cases in the index, 0 if there is none that can be reached."""
        try:
            return self._door.count(self._cases)
        except IndexUnavailableError:
            return 0

    def apply(
        self,
        documents: Iterable[Document],
        dropped: Sequence[str],
        checkpoint: Checkpoint,
        watch: Watch = unwatched,
    ) -> None:
        """Put and drop documents, let all of it be seen, then move the checkpoint."""
        generation = self._current()
        analysis = Analysis(self._stop_words)
        with SpooledTemporaryFile(_SPOOL_BYTES) as spool:  # nothing is sent if a document fails
            for case_id in dropped:
                spool.write(drop(generation.cases, case_id))
            for document in documents:
                told = body(document, analysis.read(document))
                spool.write(put(generation.cases, document.case_id, told))
            spool.seek(0)
            self._write_words(generation, analysis, watch)
            send(self._door, spool)
        self._commit(generation, checkpoint)

    def rebuild(
        self, documents: Iterable[Document], checkpoint: Checkpoint, watch: Watch = unwatched
    ) -> None:
        """Build a generation beside the current one and swap."""
        self._remove_unused()
        names = self._make_names()
        stamp = f"{INDEX_VERSION}-{time.time_ns()}"
        beside = _Generation(f"{self._cases}-{stamp}", f"{self._words}-{stamp}")
        try:
            self._door.create(beside.cases, layout.cases({}))
            self._door.create(beside.words, layout.words())
            analysis = Analysis(self._stop_words)
            rows = (put(beside.cases, d.case_id, body(d, analysis.read(d))) for d in documents)
            send(self._door, rows)
            self._write_words(beside, analysis, watch)
            self._commit(beside, checkpoint, names=names)
            self._door.health(beside.cases, beside.words, wait="green", wait_s=_COPIES_S)
        except BaseException:
            with suppress(KbError):
                self._door.remove(beside.cases, beside.words)
            raise
        self._door.point({self._cases: beside.cases, self._words: beside.words})

    def search(self, query: Query, seen: AbstractSet[str] = frozenset()) -> Answer:
        """Answer a question from the current generation."""
        return self._answering(query).answer(seen)

    def ids(self, query: Query) -> tuple[str, ...]:
        """Return all cases that a question finds, in the order of its pages."""
        return tuple(self._answering(query).all_ids())

    def tally(self, query: Query, pairs: Iterable[tuple[str, str]]) -> Tally:
        """Count all cases that a question finds, in the current generation."""
        return self._answering(query).tally(pairs)

    def revisions(self) -> dict[str, int]:
        """Return which revision of each case the current generation holds."""
        body: Body = {"query": {"match_all": {}}, "sort": [{"id": "asc"}], "size": _PAGE}
        pages = self._door.pages(self._cases, {**body, "_source": ["revision"]})
        return {hit["_id"]: hit["_source"]["revision"] for hits in pages for hit in hits}

    def similar(self, case_id: str, limit: int) -> tuple[Similar, ...]:
        """Return the cases that are most like a case."""
        return alike(self._door, self._cases, case_id, limit)

    def verify(self) -> bool:
        """Tell whether every case that was noted is there, on a shard that answers."""
        noted = self._door.noted(self._cases)
        if noted is None or self._door.health(self._cases, self._words) not in _WHOLE:
            return False
        return bool(noted[1].get("cases") == self._door.count(self._cases))

    def tidy(self) -> None:
        """Delete the generations but the current one, once nobody can be reading them."""
        noted = self._door.noted(self._cases)
        if noted and time.time() > noted[1].get("built", 0) + _STILL_READ_S:
            self._remove_unused()

    def close(self) -> None:
        """Release connections and names."""
        with self._lock:
            if self._names is not None:
                self._names.close()
                self._names = None
        self._door.close()

    def _answering(self, query: Query) -> Answering:
        question = Question(query, self._door, self._cases, self._words, self._opened_names())
        return Answering(self._door, self._cases, question, self._find_nearest)

    def _current(self) -> _Generation:
        """Return what is current.

        Raises:
            IndexUnavailableError: there is none.
        """
        cases, words = self._door.noted(self._cases), self._door.noted(self._words)
        if cases is None or words is None:
            raise IndexUnavailableError("there is no index to add to; run: indexer.py rebuild")
        return _Generation(cases[0], words[0])

    def _write_words(self, generation: _Generation, analysis: Analysis, watch: Watch) -> None:
        """Write the words before the cases are seen: words that no case has harm nothing."""
        seen = analysis.seen
        rows = (
            row
            for language, words in watch("Learning words", sorted(seen.items()), len(seen))
            for row in word_rows(self._door, generation.words, language, words)
        )
        send(self._door, rows)

    def _commit(self, generation: _Generation, checkpoint: Checkpoint, *, names: str = "") -> None:
        self._door.refresh(generation.cases, generation.words)
        noted = self._door.noted(generation.cases)
        before = noted[1] if noted else {}
        meta: Body = {
            "checkpoint": asdict(checkpoint),
            "cases": self._door.count(generation.cases),
            "names": names or before.get("names", ""),
            "built": before.get("built") or int(time.time()),
        }
        self._door.note(generation.cases, meta)

    def _remove_unused(self) -> None:
        behind = self._door.behind(f"{self._cases}-*,{self._words}-*")
        self._door.remove(*(index for index, meant_by in behind.items() if not meant_by))

    def _make_names(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return names_in(self._folder, self._stop_words).name

    def _opened_names(self) -> Names:
        """Return the names that the index goes with, made here if this machine has none yet."""
        with self._lock:
            if self._names is None:
                noted = self._door.noted(self._cases)
                if noted is None:
                    raise IndexUnavailableError("there is no index; run: indexer.py rebuild")
                path = self._folder / str(noted[1].get("names") or "none")
                self._names = Names(path if path.is_file() else self._folder / self._make_names())
            return self._names
