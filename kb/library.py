"""What people can do with the knowledge base, and the order of the steps. Both doors lead here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kb import formats, nlp
from kb.errors import Problem, RefusedFileError, SettingError
from kb.intake import bytes_of, case_in, files_of
from kb.languages import LANGUAGES
from kb.model import Case, Place, Revision, Tag
from kb.nlp import pipeline
from kb.originals import Originals
from kb.progress import Watch, unwatched
from kb.query import Query, Result
from kb.search.engine import SearchEngine
from kb.search.facets import facets
from kb.search.hits import hit
from kb.search.opening import open_engine
from kb.search.relaxing import relaxations
from kb.settings import Settings
from kb.store import Store
from kb.upkeep import Status, Upkeep

OPERATOR = "operator"
"""Contributor of what was taken in at the command line."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case as a reader sees it."""

    revision: Revision
    bodies: Mapping[str, str]
    """The full text as safe HTML, by language; a language that is missing has none yet."""
    tags: tuple[Tag, ...]
    place: Place | None


@dataclass(slots=True)
class Ingested:
    """What came of a folder of files."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class Library:
    """The use cases. `open_library` puts one together."""

    def __init__(
        self, settings: Settings, store: Store, originals: Originals, engine: SearchEngine
    ) -> None:
        self.settings = settings
        self._store = store
        self._originals = originals
        self._engine = engine
        self._upkeep = Upkeep(store, engine, settings.data / "sync.lock")

    # Contributing

    def receive(self, file: str, data: bytes, contributor: str) -> Revision | None:
        """Keep a file and make a revision of it; return None if the case already says this.

        Raises:
            RefusedFileError: the file cannot become a case; nothing of it is kept.
        """
        return self._keep(case_in(file, data), file, data, contributor)

    def _keep(self, case: Case, file: str, data: bytes, contributor: str) -> Revision | None:
        # The bytes first: a revision never names an original that is not there.
        original = self._originals.keep(data)
        return self._store.save(case, file=file, original=original, contributor=contributor)

    def ingest(self, paths: Iterable[Path], watch: Watch = unwatched) -> Ingested:
        """Receive files and folders of files; a refused file does not keep out the others."""
        result = Ingested()
        files = list(files_of(paths))
        sources: dict[str, str] = {}
        known = set(self._store.ids())
        for path in watch("Reading", files, len(files)):
            try:
                self._ingest(path, sources, known, result)
            except RefusedFileError as err:
                result.refused.extend(err.problems)
        return result

    def _ingest(
        self, path: Path, sources: dict[str, str], known: set[str], result: Ingested
    ) -> None:
        file = str(path)
        data = bytes_of(path)
        case = case_in(file, data)
        if case.id in sources:
            message = f"is also the id of {sources[case.id]}"
            remedy = "give one of them another id"
            raise RefusedFileError([Problem(file, message, remedy, field="id", value=case.id)])
        sources[case.id] = file
        revision = self._keep(case, file, data, OPERATOR)
        kind = result.changed if case.id in known else result.new
        (result.unchanged if revision is None else kind).append(case.id)
        if case.unknown_fields:
            kept = ", ".join(case.unknown_fields)
            result.remarks.append(f"{file}: kept fields that the model does not know: {kept}")

    # Keeping in step

    def sync(self, watch: Watch = unwatched) -> int:
        """Bring tags and index up to the cases; return how many cases were put in or dropped.

        Raises:
            IndexBusyError: another process has been at it for ten minutes.
        """
        return self._upkeep.sync(watch)

    def rebuild(self, watch: Watch = unwatched) -> int:
        """Build the index anew, whatever its state; return how many cases it holds."""
        return self._upkeep.rebuild(watch)

    def check_index(self) -> None:
        """Rebuild an index whose files are not as they were written."""
        self._upkeep.check_index()

    def status(self) -> Status:
        """Say how many cases there are and how the index stands to them."""
        return self._upkeep.status()

    # Finding and reading

    def search(self, query: Query) -> Result:
        """Answer a question.

        Raises:
            IndexUnavailableError: there is no index yet; never because of what was typed.
        """
        answer = self._engine.search(query)
        revisions = self._store.revisions([found.case_id for found in answer.found])
        tags = {case_id: a.tags for case_id, a in self._store.analyses(list(revisions)).items()}
        hits = tuple(
            hit(found, revisions[found.case_id].case, tags.get(found.case_id, ()), answer)
            for found in answer.found
            if found.case_id in revisions
        )
        return Result(
            query=query,
            total=answer.total,
            hits=hits,
            facets=facets(answer.counts, query),
            notes=answer.notes,
            relaxations=relaxations(self._engine, query, answer),
        )

    def page(self, case_id: str) -> CasePage:
        """Return a case with what was made from it.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        revision = self._store.latest(case_id)
        analysis = self._store.analyses([case_id]).get(case_id)
        if analysis is None or analysis.revision != revision.number:
            return CasePage(revision, {}, (), None)
        return CasePage(revision, analysis.bodies, analysis.tags, nlp.place_of(analysis.tags))

    def markdown(self, case_id: str) -> bytes:
        """Return a case as a Markdown file with front matter.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        return formats.md.write(self._store.latest(case_id).case)

    def close(self) -> None:
        """Release index and database."""
        self._engine.close()
        self._store.close()


def open_library(settings: Settings) -> Library:
    """Put a library together from the settings, and create what is not there yet.

    Raises:
        SettingError: the folder of the data cannot be used.
        StoreUnavailableError: the database in it cannot be opened.
        DatabaseTooNewError: a newer version of this program has written it.
    """
    data = settings.data
    try:
        store = Store(data / "citypraxis.sqlite")
        originals = Originals(data / "originals")
    except OSError as err:
        raise SettingError(
            f"KB_DATA is {str(data)!r}: {err.strerror}; give a folder that can be written"
        ) from err
    return Library(settings, store, originals, open_engine(data / "index", _stop_words))


def _stop_words() -> dict[str, frozenset[str]]:
    return {language: pipeline.stop_words(language) for language in LANGUAGES}
