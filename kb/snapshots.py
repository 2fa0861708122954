"""Freezing a result: the bytes that were given away are kept, so that they can be given again.

A package is stored and never made again: another version of the program, or of a vocabulary, would
make another one. Its id is derived from what it says and not from the time, so that the same result
frozen twice is one. Nothing changes it but the law (`Snapshots.mend`).
"""

import hashlib
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import BinaryIO

from kb.accounts import Throttle
from kb.database import Connections
from kb.errors import CaseNotFoundError, FullStoreError, PackageLostError
from kb.exporting import context, exported
from kb.exports import Context, Record, export, removing
from kb.exports.described import Described
from kb.exports.removing import Texts
from kb.frozen import Former, Frozen, Question, Snapshot, Taken
from kb.model import Revision
from kb.originals import Originals
from kb.query import Query
from kb.settings import Settings
from kb.shelf import Shelf
from kb.since import Changes, Listed, changes, state
from kb.store import Store

LOG = logging.getLogger(__name__)

MOST_AN_HOUR = 20
_HOUR_S = 3600
_GRACE_S = _HOUR_S
"""Files that nothing refers to may be just about to be referred to; so long they are left alone."""
_MB = 1_000_000
_ID_DIGITS = 16

FindIds = Callable[[Query], Sequence[str]]


@dataclass(slots=True)
class _Passing:
    """Notes which cases pass by on their way into the package."""

    cases: list[Taken] = field(default_factory=list)
    licences: Counter[str] = field(default_factory=Counter)

    def noted(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            revision = record.revision
            self.cases.append((record.case.id, revision.number, revision.accepted))
            self.licences[record.case.licence] += 1
            yield record


class Snapshots:
    """What can be done with frozen results. `kb.library.open_library` puts one together."""

    def __init__(  # noqa: PLR0913, PLR0917 - each a part of the library
        self,
        settings: Settings,
        connections: Connections,
        store: Store,
        shelf: Shelf,
        files: Originals,
        find_ids: FindIds,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._connections = connections
        self._store = store
        self._shelf = shelf
        self._files = files
        self._find_ids = find_ids
        self._now = now
        self._frozen = Frozen(connections)
        self._throttle = Throttle(connections, now)

    # Freezing

    def freeze(self, question: Question, address: str = "") -> Snapshot:
        """Freeze the result of a question as it is now; return what was frozen before if it is it.

        File and row are durable when this returns.

        Args:
            question: of which the page plays no part.
            address: network address that asks; it may ask so often in an hour.

        Raises:
            TooManyAttemptsError: it has asked too often.
            FullStoreError: the packages have all the room that they may have.
            IndexUnavailableError: there is no index yet.
            CollectionNotFoundError: there is no such collection.
        """
        if address:
            self._throttle.take("freeze", address, most=MOST_AN_HOUR, window_s=_HOUR_S)
        question = _whole(question)
        kept = None
        while kept is None:  # once, but for a case that is taken down at this very moment
            made, taken = self._made(question)
            with self._connections.writing():
                kept = self._keep(made, taken)
                self._remove_unused([made.sha256])
        return kept

    def _made(self, question: Question) -> tuple[Snapshot, list[Taken]]:
        """Write the package, and say what it is; nothing refers to it yet."""
        told = replace(
            context(self._settings, question.query, question.collection),
            taken=datetime.fromtimestamp(int(self._now()), UTC),
        )
        passing = _Passing()
        records = passing.noted(exported(self._store, self._found(question)).records)
        written = export("package").write(records, told)
        sha256, size = self._files.keep_pieces(written, self._room())
        with self._files.open(sha256) as file:
            snapshot_id = _id(question, removing.tables(file))
        made = Snapshot(
            id=snapshot_id,
            question=question,
            words=told.query,
            address=told.address,
            site=told.site_name,
            taken=int(told.taken.timestamp()),
            sha256=sha256,
            size_bytes=size,
            held=len(passing.cases),
            count=len(passing.cases),
            licences=dict(passing.licences.most_common()),
        )
        return made, passing.cases

    def _keep(self, made: Snapshot, taken: Sequence[Taken]) -> Snapshot | None:
        """Note a result; return the one that is there already, None if it must be made again."""
        known = self._frozen.find(made.id)
        if known is not None:
            return known
        # Somebody may have removed the same bytes, or taken down a case, since they were written.
        cases = self._frozen.kept(taken)
        if not self._files.has(made.sha256) or len(cases) < len(taken):
            return None
        if made.size_bytes <= self._room():
            self._frozen.add(made, cases)
            return made
        self._remove_unused([made.sha256])
        raise FullStoreError("frozen results have all the room that they may have")

    def _found(self, question: Question) -> Sequence[str]:
        """Return the ids of the cases of a question, as they are now."""
        if question.collection:
            return self._shelf.latest(question.collection).collection.cases
        return self._find_ids(question.query)

    def _room(self) -> int:
        return self._settings.snapshots_mb * _MB - self._frozen.size()

    # Reading

    def get(self, snapshot_id: str) -> Snapshot:
        """Return a frozen result, without what was taken down of it.

        Raises:
            SnapshotNotFoundError: nothing was frozen under this id.
        """
        self._mend(snapshot_id)
        return self._frozen.get(snapshot_id)

    def newest(self, limit: int = -1, after: str = "") -> tuple[Snapshot, ...]:
        """Return so many results, or all, the newest first; those after one, if one is named.

        Raises:
            SnapshotNotFoundError: there is none of this name.
        """
        if after:
            self._frozen.get(after)
        return self._frozen.newest(limit, after)

    def count(self) -> int:
        """Return how many results lists name."""
        return self._frozen.count()

    def unlist(self, snapshot_id: str) -> None:
        """Have no list name a result any more, as when its question is an insult.

        Raises:
            SnapshotNotFoundError: nothing was frozen under this id.
        """
        self._frozen.unlist(snapshot_id)

    def cases(self, snapshot_id: str, limit: int = -1, after: int = 0) -> tuple[Listed, ...]:
        """Return the cases of a result in their order: all, or so many after so many."""
        cases = self._frozen.cases(snapshot_id, limit, after)
        retired = self._store.retirements([each.case_id for each in cases])
        return tuple(Listed(each, state(each, retired)) for each in cases)

    def frozen_revisions(self, cases: Sequence[Listed]) -> dict[str, Revision]:
        """Return the revisions of those of the cases that may be read, by id."""
        readable = (each for each in cases if each.state in {"there", "archived"})
        return self._store.revisions_at({each.case_id: each.kept.revision for each in readable})

    def current_revisions(self, case_ids: Sequence[str]) -> dict[str, Revision]:
        """Return the current revisions of those of the cases that are there, by id."""
        return self._store.revisions(case_ids)

    def package(self, snapshot: Snapshot) -> BinaryIO:
        """Return the package as a file, which the caller closes.

        Raises:
            PackageLostError: it is not in its folder.
        """
        try:
            return self._files.open(snapshot.sha256)
        except CaseNotFoundError as err:
            raise PackageLostError(snapshot.id) from err

    def changes(self, snapshot: Snapshot) -> Changes:
        """Return what has changed since.

        Raises:
            IndexUnavailableError: there is no index, so that nobody knows what is found now.
            CollectionNotFoundError: the collection is no more.
        """
        return changes(self._frozen.cases(snapshot.id), self._live(snapshot.question), self._store)

    def _live(self, question: Question) -> list[str]:
        found = self._found(question)
        there = self._store.numbers(found)
        return [case_id for case_id in found if case_id in there]

    # Taking down

    def mend(self) -> None:
        """Remove what was taken down from every package that has it, and what nothing refers to.

        That a case was taken down is noted in the transaction that takes it down. A kill at any
        moment leaves that note, or a file to which nothing refers; both are seen to here.
        """
        for snapshot in self._frozen.overdue():
            self._mend(snapshot.id)
        self._remove_unused(
            each for each in self._files.kept_before(time.time()) if self._frozen.is_former(each)
        )
        self._remove_unused(list(self._files.kept_before(time.time() - _GRACE_S)))

    def _mend(self, snapshot_id: str) -> None:
        # Again, where another case was taken down meanwhile.
        while overdue := self._frozen.overdue(snapshot_id):
            try:
                self._without_gone(overdue[0])
            except PackageLostError:
                LOG.exception("a case was taken down that it may hold, should it come back")
                return

    def _without_gone(self, snapshot: Snapshot) -> None:
        """Put a package without the cases that were taken down in the place of the present one."""
        cases = self._frozen.cases(snapshot.id)
        gone = {each.case_id: each.gone for each in cases if each.gone is not None}
        licences: dict[str, int] = {}

        def tell(left: Mapping[str, int]) -> Texts:
            licences.update(left)
            return _texts(snapshot, left, gone)

        with self.package(snapshot) as file:
            written = removing.without(file, frozenset(gone), tell)
            sha256, size = self._files.keep_pieces(written, snapshot.size_bytes + _MB)
        mended = replace(
            snapshot,
            sha256=sha256,
            size_bytes=size,
            held=len(cases) - len(gone),
            licences=licences,
            former=(*snapshot.former, Former(snapshot.sha256, int(self._now()))),
        )
        with self._connections.writing():
            if not self._files.has(sha256):
                return  # somebody has done the same at the same time, and removed it: once more
            self._frozen.replace(mended, snapshot.sha256)
        self._remove_unused([snapshot.sha256, sha256])

    def _remove_unused(self, files: Iterable[str]) -> None:
        """Delete packages to which nothing refers, which is asked while nobody can change it."""
        with self._connections.writing():
            for sha256 in files:
                if not self._frozen.with_package(sha256):
                    self._files.remove(sha256)


def _whole(question: Question) -> Question:
    """Leave out what plays no part: pages, and what a search says where a collection is meant."""
    query = question.query
    if question.collection:
        return replace(question, query=Query(reader=query.reader))
    return replace(question, query=query.unpaged())


def _id(question: Question, tables: Mapping[str, str]) -> str:
    """Derive an id from what was asked and what was answered; the time plays no part."""
    told = [question.written(), question.query.reader, sorted(tables.items())]
    text = json.dumps(told, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def _texts(
    snapshot: Snapshot, licences: Mapping[str, int], gone: Mapping[str, int | None]
) -> Texts:
    taken = datetime.fromtimestamp(snapshot.taken, UTC)
    told = Context(snapshot.site, "", snapshot.words, snapshot.address, taken)
    described = Described(told, (), {}, licences)
    note = " ".join(
        f"The case {case_id} was removed on {datetime.fromtimestamp(at or 0, UTC):%Y-%m-%d}, "
        "because it had to be taken down by law."
        for case_id, at in gone.items()
    )
    return Texts(f"{described.about} {note}", f"{described.citation} {note}")
