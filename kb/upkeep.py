"""Keeping what is derived in step with the cases: tags, rendered text, index. The only road there.

Taking in, publishing, recovering from a crash, new rules, another engine: all of them are `sync`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from time import monotonic

from kb import lock, nlp, stems
from kb.errors import IndexUnavailableError
from kb.progress import Watch, unwatched
from kb.search.engine import Checkpoint, SearchEngine
from kb.search.fields import INDEX_VERSION, Document, document
from kb.search.meaning.leg import Meaning, MeaningStatus
from kb.store import Store
from kb.tagging import Tagging

_WAIT_S = 600
_SELDOM = (50_000, 20, 50)
"""Takes 7 % off the time in which cases are tagged and indexed."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How the index stands to the cases."""

    state: str
    """``ready``, ``behind`` or ``missing``."""
    engine: str
    cases: int
    behind: int
    """Number of cases that have changed and are not indexed yet."""


@dataclass(frozen=True, slots=True)
class Status:
    """How many cases there are, and how index and vectors stand to them."""

    cases: int
    index: IndexStatus
    meaning: MeaningStatus

    @property
    def settled(self) -> bool:
        """Whether every case is found by all by which it will be: words and meaning."""
        return self.index.state == "ready" and self.meaning.state != "warming"


class Upkeep:
    """The upkeep of one store and its index."""

    def __init__(
        self,
        store: Store,
        engine: SearchEngine,
        meaning: Meaning,
        lock_file: Path,
    ) -> None:
        self._store = store
        self._engine = engine
        self._meaning = meaning
        self._lock_file = lock_file

    def sync(self, watch: Watch = unwatched, jobs: int = 1) -> int:
        """Bring tags and index up to the cases; return how many cases were put in or dropped.

        Where there is no index, or a foreign, damaged or outdated one, it builds another. Of many
        cases the tags may be made by several processes, ``jobs``.

        Raises:
            IndexBusyError: another process has been at it for ten minutes.
        """
        with lock.held(self._lock_file, _WAIT_S), _collecting_seldom():
            checkpoint = self._fitting_checkpoint()
            indexed = (
                self._rebuild(watch, jobs)
                if checkpoint is None
                else self._catch_up(checkpoint, watch, jobs)
            )
            self._note_passages()
            self._engine.tidy()
        return indexed

    def learn(self, at_most_s: float = inf, watch: Watch = unwatched) -> bool:
        """Compute vectors that are missing, for so long; tell whether some are still missing."""
        deadline = monotonic() + at_most_s
        self._meaning.take_in_names()
        self._meaning.lay_out()  # before, for what others have brought along with its vectors
        try:
            return self._learned(deadline, watch)
        finally:
            self._meaning.lay_out()

    def _learned(self, deadline: float, watch: Watch) -> bool:
        while self._meaning.learn_names():
            if monotonic() > deadline:
                return True
        unlearned = self._meaning.unlearned()
        for case_id in watch("Comparing", unlearned, len(unlearned)):
            if monotonic() > deadline:
                return True
            self._meaning.learn(self._store.latest(case_id).case)
        return False

    def rebuild(self, watch: Watch = unwatched, jobs: int = 1) -> int:
        """Build the index anew from the cases, whatever its state; return how many it holds."""
        with lock.held(self._lock_file, _WAIT_S), _collecting_seldom():
            return self._rebuild(watch, jobs)

    def check_index(self) -> None:
        """Rebuild an index whose files are not as they were written."""
        if self._engine.checkpoint() is not None and not self._engine.verify():
            self.rebuild()

    def status(self) -> Status:
        """Say how many cases there are and how the index stands to them."""
        cases = self._store.count()
        try:
            checkpoint = self._fitting_checkpoint()
        except IndexUnavailableError:  # a cluster that cannot be reached
            checkpoint = None
        if checkpoint is None:
            missing = IndexStatus("missing", self._engine.name, 0, cases)
            return Status(cases, missing, self._meaning.status())
        behind = len(self._store.changed_since(checkpoint.seq)[1])
        state = "behind" if behind else "ready"
        index = IndexStatus(state, self._engine.name, self._engine.size(), behind)
        return Status(cases, index, self._meaning.status())

    def _fitting_checkpoint(self) -> Checkpoint | None:
        """Return how far the index has come, or None if it cannot be caught up with."""
        return self._fitting(self._engine.checkpoint(), _index_version())

    def _fitting(self, checkpoint: Checkpoint | None, version: str) -> Checkpoint | None:
        """Return the checkpoint of a follower, or None if it must begin anew."""
        fits = (
            checkpoint is not None
            and checkpoint.database == self._store.identity
            and checkpoint.version == version
            and checkpoint.seq <= self._store.newest_change()
        )
        return checkpoint if fits else None

    def _catch_up(self, checkpoint: Checkpoint, watch: Watch, jobs: int) -> int:
        tagging = Tagging(self._store, watch, jobs)
        # Read first: what changes while we tag would be indexed without its tags, so it is indexed
        # again next time.
        seq = self._store.newest_change()
        tagging.tag()
        if seq == checkpoint.seq:
            return 0
        _, changed = self._store.changed_since(checkpoint.seq)
        present = set(self._store.revisions(changed))
        try:
            self._engine.apply(
                _documents([case_id for case_id in changed if case_id in present], tagging),
                [case_id for case_id in changed if case_id not in present],
                replace(checkpoint, seq=seq),
                watch,
            )
        except Exception:
            self._engine.close()  # judge the files, not what is still open of them
            if self._engine.checkpoint() is not None and self._engine.verify():
                raise
            return self._rebuild(watch, jobs)
        return len(changed)

    def _rebuild(self, watch: Watch, jobs: int) -> int:
        seq = self._store.newest_change()  # read first, see above
        ids = self._store.ids()
        checkpoint = Checkpoint(self._store.identity, _index_version(), seq)
        documents = _documents(ids, Tagging(self._store, watch, jobs))
        self._engine.rebuild(documents, checkpoint, watch)
        return len(ids)

    def _note_passages(self) -> None:
        version = self._meaning.version()
        checkpoint = self._fitting(self._meaning.checkpoint(), version)
        seq, changed = self._store.changed_since(checkpoint.seq if checkpoint else 0)
        if checkpoint and not changed:
            return
        wanted = changed if checkpoint else self._store.ids()
        revisions = self._store.revisions(wanted)
        dropped = [case_id for case_id in wanted if case_id not in revisions]
        cases = (revision.case for revision in revisions.values())
        reached = Checkpoint(self._store.identity, version, seq)
        self._meaning.follow(cases, dropped, reached, anew=checkpoint is None)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Have Python look for cycles less often: hundreds of thousands of words are there to stay."""
    usual = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _documents(case_ids: list[str], tagging: Tagging) -> Iterator[Document]:
    for revision, tags in tagging.tagged(case_ids, "Indexing"):
        yield document(revision.case, tags, nlp.place_of(tags), revision.number)


def _index_version() -> str:
    return f"{INDEX_VERSION}/{stems.VERSION}/{nlp.tagger()}"
