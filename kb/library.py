"""What people can do with the knowledge base, and the order of the steps. Both doors lead here."""

import gc
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from kb import archive, heartbeat, nlp
from kb.accounts import Accounts
from kb.asked import Asked
from kb.audit import Audit
from kb.backups import Backups
from kb.checking import Checking
from kb.collection import CollectionRevision
from kb.completion import Completion, Completions
from kb.contributing import Contributing
from kb.database import Connections
from kb.diffusion import from_case, to_case
from kb.digests import Digests
from kb.drafts import Draft
from kb.errors import (
    IndexUnavailableError,
    RetiredCaseError,
    SettingError,
    StoreUnavailableError,
)
from kb.exporting import Exported, exported
from kb.following import Following
from kb.formats import collection, md
from kb.frozen import Frozen
from kb.harvest import Harvest
from kb.harvesting import Harvesting
from kb.health import Health
from kb.ingesting import Ingested, Ingestion
from kb.keys import Keys
from kb.lessons import Lessons
from kb.likeness import SAME_MEANING, Alike, Published, alike, gist
from kb.listing import Listing
from kb.looks import Site
from kb.model import Case, Revision
from kb.nlp import detect, encoder, pipeline
from kb.originals import Originals
from kb.pages import CasePage, Chosen, CollectionPage, SimilarCase
from kb.pictured import PAIRS, Pictured, pictured
from kb.progress import Watch, unwatched
from kb.query import Query, Result
from kb.search.engine import SearchEngine
from kb.search.facets import facets
from kb.search.meaning.leg import Meaning
from kb.search.opening import open_engine
from kb.search.relaxing import relaxations
from kb.settings import Settings
from kb.shelf import Shelf
from kb.snapshots import Snapshots
from kb.store import Retirement, Store
from kb.tagging import rendered
from kb.transfer import Transfer
from kb.upkeep import Status, Upkeep

_MOST_SIMILAR = 5
_NO_WORD = "qqqqqqqq"
"""Is held against all words that there are."""
_MOST_ALIKE = 10


class Library:
    """The use cases. `open_library` puts one together."""

    def __init__(
        self,
        settings: Settings,
        connections: Connections,
        originals: Originals,
        engine: SearchEngine,
        meaning: Meaning,
    ) -> None:
        self.settings = settings
        self.accounts = Accounts(connections)
        self.audit = Audit(connections)
        self.asked = Asked(connections, on=settings.search_report)
        self.harvest = Harvest(connections)
        self.keys = Keys(connections)
        self.lessons = Lessons(connections)
        self._connections = connections
        self._store = store = Store(connections)
        self._shelf = Shelf(connections)
        self._listing = Listing(store)
        self._originals = originals
        self._engine = engine
        self._meaning = meaning
        self._ingestion = Ingestion(store, self._shelf, originals, meaning)
        self.snapshots = Snapshots(
            settings, connections, store, self._shelf, Originals(settings.data / "snapshots"),
            engine.ids,
        )  # fmt: skip
        self.contributing = Contributing(
            connections, store, originals, self.accounts, self.snapshots.mend
        )
        self.harvesting = Harvesting(
            connections, store, originals, self.accounts, self._alike_to_values
        )
        self.transfer = Transfer(connections, store)
        self._completions: tuple[int, Completions] | None = None
        self._upkeep = Upkeep(store, engine, meaning, settings.data / "sync.lock")
        self.following = Following(
            connections, self.harvest, engine.ids, lambda: self._upkeep.status().settled
        )
        self.digests = Digests(
            connections, store, self.harvest, self.following, self.accounts,
            settings.data / "letters.lock",
        )  # fmt: skip
        self.backups = Backups(connections, settings.data)
        self.checking = Checking(
            Site(settings.data, connections, store, Frozen(connections), engine, self._upkeep)
        )

    # Contributing

    def receive(self, file: str, data: bytes, contributor: str) -> Revision | None:
        """Keep a file and make a revision of it; return None if the case already says this.

        Raises:
            RefusedFileError: the file cannot become a case; nothing of it is kept.
        """
        return self._ingestion.receive(file, data, contributor)

    def ingest(self, paths: Iterable[Path], watch: Watch = unwatched) -> Ingested:
        """Take in files and folders of files; a refused file does not keep out the others."""
        return self._ingestion.run(paths, watch)

    # Keeping in step

    def sync(self, watch: Watch = unwatched, jobs: int = 1) -> int:
        """Bring tags and index up to the cases; return how many cases were put in or dropped.

        Raises:
            IndexBusyError: another process has been at it for ten minutes.
        """
        return self._upkeep.sync(watch, jobs)

    def rebuild(self, watch: Watch = unwatched, jobs: int = 1) -> int:
        """Build the index anew, whatever its state; return how many cases it holds."""
        return self._upkeep.rebuild(watch, jobs)

    def learn(self, at_most_s: float = inf, watch: Watch = unwatched) -> bool:
        """Compute missing vectors, for so long; tell whether some are still missing."""
        return self._upkeep.learn(at_most_s, watch)

    def write_vectors(self, passages: Path, names: Path) -> None:
        """Write the vectors that ship with the corpus and with the vocabulary."""
        self._meaning.write(passages, names)

    def check_index(self) -> None:
        """Rebuild an index whose files are not as they were written."""
        self._upkeep.check_index()

    def check_store(self) -> None:
        """Read the whole database, as is done before a site is served from it.

        Raises:
            DamagedStoreError: it is damaged.
        """
        self._connections.check()

    def check_daily(self, stop: Callable[[], bool]) -> None:
        """Check what is kept, once a day and at low cost, and heal what can be made again.

        It ends soon after ``stop`` says so, and is begun anew the next time.
        """
        report = self.checking.daily(stop)
        found = {row.name for row in report.faults} if report else set()
        if found & {"seal", "revisions", "unpublished"}:
            self.rebuild()
        if "taken-down" in found:
            self.snapshots.mend()

    def status(self) -> Status:
        """Say how many cases there are and how the index stands to them."""
        return self._upkeep.status()

    def health(self) -> Health:
        """Say how the site is: index, queue, and the signs of life of what runs beside it."""
        data = self.settings.data
        beats = {name: heartbeat.last(data, name) for name in heartbeat.NAMES}
        disk = shutil.disk_usage(data)
        return Health(
            time.time(), self.status(), self.contributing.counts(), beats, disk.total, disk.free
        )

    def arrivals(self) -> tuple[int, int]:
        """Return what grows whenever a case has changed or a file has been sent in."""
        return self._store.newest_change(), self.contributing.newest_upload()

    # Finding and reading

    def search(self, query: Query, seen: AbstractSet[str] = frozenset()) -> Result:
        """Answer a question; cases that the reader has ``seen`` count, and are on no page.

        Raises:
            IndexUnavailableError: there is no index yet; never because of what was typed.
        """
        answer = self._engine.search(query, seen)
        return Result(
            query=query,
            total=answer.total,
            hits=tuple(self._listing.hits(answer)),
            facets=facets(answer.counts, query),
            notes=answer.notes,
            corrections=answer.corrections,
            relaxations=relaxations(self._engine, query, answer),
            passed=answer.passed,
            more=answer.more,
        )

    def warm(self) -> None:
        """Read what answering needs, so that the first who asks need not wait for it."""
        with suppress(IndexUnavailableError):
            for text in ("", _NO_WORD):
                self.search(Query(text))
        # It stays: to look through all of it at each full collection would hold up an answer 0.3 s.
        gc.collect()
        gc.freeze()

    def export(self, query: Query, *, tagged: bool = True) -> Exported:
        """Return all cases that a question finds, to be taken away; no page limits them.

        Without what the machine read in them (``tagged``) they are taken faster. They stand in an
        order that is the same for everyone.

        Raises:
            IndexUnavailableError: there is no index yet.
        """
        return exported(self._store, self._engine.ids(query.for_anyone()), tagged=tagged)

    def pictured(self, query: Query) -> Pictured:
        """Count all cases that a question finds: by place, by year, by theme and country.

        Raises:
            IndexUnavailableError: there is no index yet.
        """
        return pictured(self._engine.tally(query, PAIRS), query)

    def export_collection(self, collection_id: str) -> Exported:
        """Return those cases of a collection that are here, in its order, to be taken away.

        Raises:
            CollectionNotFoundError: there is no such collection.
        """
        return exported(self._store, self._shelf.latest(collection_id).collection.cases)

    def newest(self, query: Query, limit: int) -> tuple[Revision, ...]:
        """Return those of the cases that a question finds which changed last, the last first.

        Raises:
            IndexUnavailableError: there is no index yet.
        """
        return self.harvest.latest(self._engine.ids(query), limit)

    def complete(self, typed: str, reader: str, limit: int = 10) -> tuple[Completion, ...]:
        """Return what someone who has typed so much may be about to ask."""
        newest = self._store.newest_change()
        if self._completions is None or self._completions[0] != newest:
            named = Completions(self._store.titles(), self._store.cities())
            self._completions = newest, named
        return self._completions[1].beginning(typed, reader, limit)

    def languages(self) -> dict[str, str]:
        """Return the original language of every case, by id."""
        return self._store.languages()

    def page(self, case_id: str) -> CasePage:
        """Return a case with what was made from it.

        Raises:
            CaseNotFoundError: there is no such case.
            RetiredCaseError: it has been withdrawn or taken down.
        """
        retirement = self._store.retirement(case_id)
        if retirement:
            return self._retired(retirement)
        revision = self._store.latest(case_id)
        collections = self._shelf.with_case(case_id)
        analysis = self._store.analyses([case_id]).get(case_id)
        graph = self.transfer.graph()
        adopted, copied = from_case(graph, case_id), to_case(graph, case_id)
        if analysis is None or analysis.revision != revision.number:
            return CasePage(revision, collections, {}, (), None, adopted=adopted, copied=copied)
        place = nlp.place_of(analysis.tags)
        return CasePage(
            revision, collections, analysis.bodies, analysis.tags, place, self._similar(case_id),
            read=analysis.at, adopted=adopted, copied=copied,
        )  # fmt: skip

    def chosen(self, case_ids: Iterable[str]) -> Chosen:
        """Return the cases that a reader has put together, and what has become of the others."""
        asked = tuple(dict.fromkeys(case_ids))
        there: dict[str, CasePage] = self._read(asked)
        gone: dict[str, RetiredCaseError] = {}
        for case_id, retirement in self._store.retirements(asked).items():
            try:
                there[case_id] = self._retired(retirement)
            except RetiredCaseError as err:
                gone[case_id] = err
        return Chosen(
            {key: there[key] for key in asked if key in there},
            {key: gone[key] for key in asked if key in gone},
            tuple(key for key in asked if key not in there.keys() | gone.keys()),
        )

    def _read(self, case_ids: Sequence[str]) -> dict[str, CasePage]:
        """Return the current revisions of cases with their tags, without what is like them."""
        tags = {key: told for key, (_revision, told) in self._store.tags(case_ids).items()}
        graph = self.transfer.graph()
        return {
            key: CasePage(
                each, (), {}, tags.get(key, ()), nlp.place_of(tags.get(key, ())),
                adopted=from_case(graph, key), copied=to_case(graph, key),
            )
            for key, each in self._store.revisions(case_ids).items()
        }  # fmt: skip

    def _retired(self, retirement: Retirement) -> CasePage:
        case_id, at = retirement.case_id, retirement.at
        if retirement.kind == "taken-down":
            raise RetiredCaseError(case_id, retirement.kind, at)
        revision = self._store.history(case_id)[-1]
        if retirement.kind == "withdrawn":
            title = revision.case.title
            raise RetiredCaseError(case_id, retirement.kind, at, title, retirement.reason)
        analysis = self._store.analyses([case_id]).get(case_id)
        bodies = analysis.bodies if analysis else rendered(revision.case)
        return CasePage(revision, (), bodies, (), None, retirement=retirement)

    def preview(self, case: Case) -> CasePage:
        """Return the page that a case would have, without what only the index can say."""
        return CasePage(Revision(case, 0, "", "", "", ""), (), rendered(case), (), None)

    def alike(self, draft: Draft, language: str = "en") -> tuple[Alike, ...]:
        """Return published cases that may be the same as a draft, with reasons.

        These name themes in ``language``.
        """
        text = draft.document.text if draft.document else str(draft.values.get("body") or "")
        same = self._store.with_original(self.contributing.original(draft))
        return self._alike(draft.values, text, same, draft.case_id, language)

    def _alike_to_values(
        self, values: Mapping[str, Any], text: str, case_id: str
    ) -> tuple[Alike, ...]:
        return self._alike(values, text, (), case_id)

    def _alike(
        self,
        values: Mapping[str, Any],
        text: str,
        same: Collection[str],
        case_id: str,
        language: str = "en",
    ) -> tuple[Alike, ...]:
        """Return the cases like some values, other than the one of ``case_id``."""
        title, city = (str(values.get(name) or "") for name in ("title", "city"))
        near = self._meaning.nearest(gist(values, text)).above(SAME_MEANING)
        wanted = {*same, *near, *self._store.in_city(city)}
        with suppress(IndexUnavailableError):
            answer = self._engine.search(Query(title, size=_MOST_ALIKE))
            wanted |= {found.case_id for found in answer.found} if title else set()
        found = self._store.revisions(sorted(wanted - {case_id}))
        published = (
            Published(each.case, near.get(key, 0.0), same_file=key in same)
            for key, each in found.items()
        )
        return alike(values, text, published, language)

    def history(self, case_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a case that may be read, the oldest first.

        Raises:
            CaseNotFoundError: there is no such case.
            RetiredCaseError: it has been withdrawn or taken down.
        """
        self.page(case_id)
        return self._store.history(case_id)

    def _similar(self, case_id: str) -> tuple[SimilarCase, ...]:
        try:
            found = self._engine.similar(case_id, _MOST_SIMILAR)
        except IndexUnavailableError:
            return ()  # the case can be read without its like
        cases = self._store.revisions([each.case_id for each in found])
        return tuple(
            SimilarCase(cases[each.case_id].case, each.shared)
            for each in found
            if each.case_id in cases
        )

    def collections(self) -> tuple[CollectionRevision, ...]:
        """Return all collections, the newest first."""
        return self._shelf.all()

    def collection(self, collection_id: str) -> CollectionPage:
        """Return a collection with those of its cases that are here.

        Raises:
            CollectionNotFoundError: there is no such collection.
        """
        revision = self._shelf.latest(collection_id)
        found = self._store.revisions(revision.collection.cases)
        return CollectionPage(revision, {key: each.case for key, each in found.items()})

    def collection_file(self, collection_id: str) -> bytes:
        """Return a collection as a YAML file.

        Raises:
            CollectionNotFoundError: there is no such collection.
        """
        return collection.write(self._shelf.latest(collection_id).collection)

    def collection_archive(self, collection_id: str) -> bytes:
        """Return a collection and its cases as a ZIP archive of files that `ingest` reads.

        Raises:
            CollectionNotFoundError: there is no such collection.
        """
        page = self.collection(collection_id)
        files = {f"{collection_id}.yaml": collection.write(page.revision.collection)}
        for key in page.revision.collection.cases:
            if key in page.cases:
                files[f"cases/{key}.md"] = md.write(page.cases[key])
        return archive.pack(files)

    def markdown(self, case_id: str) -> bytes:
        """Return a case as a Markdown file with front matter.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        return md.write(self._store.latest(case_id).case)

    def close(self) -> None:
        """Release index and database."""
        self._engine.close()
        self._meaning.close()
        self._connections.close()


def open_library(settings: Settings) -> Library:
    """Put a library together from the settings, and create what is not there yet.

    Raises:
        SettingError: the folder of the data cannot be used.
        StoreUnavailableError: the database in it cannot be opened, or has been lost.
        DatabaseTooNewError: a newer version of this program has written it.
    """
    data = settings.data
    _refuse_to_begin_anew(data)
    try:
        connections = Connections(data / "citypraxis.sqlite")
        originals = Originals(data / "originals")
    except OSError as err:
        raise SettingError(
            f"KB_DATA is {str(data)!r}: {err.strerror}; give a folder that can be written"
        ) from err
    meaning = Meaning(
        data / "vectors.sqlite", partial(encoder.open_encoder, settings.encoder), detect.likelihood
    )
    engine = open_engine(settings, pipeline.StopWords(), meaning.nearest)
    return Library(settings, connections, originals, engine, meaning)


def _refuse_to_begin_anew(data: Path) -> None:
    """Hold a database that was lost against the files that came into it.

    Raises:
        StoreUnavailableError: there is none, or an empty one, and there was one before.
    """
    path, originals = data / "citypraxis.sqlite", data / "originals"
    with suppress(OSError):  # what cannot be looked at is told of when it is opened
        lost = not path.exists() or path.stat().st_size == 0
        if lost and next(originals.glob("??/[0-9a-f]*"), None):
            raise StoreUnavailableError(
                f"the database {path} is missing or empty, and {originals} is not; restore a "
                f"backup into a new folder (indexer.py restore), or move {data} away to begin anew"
            )
