"""What people can do with the knowledge base, and the order of the steps. Both doors lead here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

from kb import formats, lock, nlp, stems
from kb.errors import Problem, RefusedFileError, TooComplexTextError
from kb.languages import LANGUAGES
from kb.model import Case, Place, Revision, Tag
from kb.nlp import detect, pipeline, places
from kb.originals import Originals
from kb.progress import Watch, unwatched
from kb.query import Query, Relaxation, Result
from kb.search.engine import Answer, Checkpoint, SearchEngine
from kb.search.facets import facets
from kb.search.fields import INDEX_VERSION, Document, document, label
from kb.search.hits import hit
from kb.search.opening import open_engine
from kb.settings import Settings
from kb.store import Analysis, Store
from kb.text import RENDERER, paragraphs, to_html, words

OPERATOR = "operator"
"""Contributor of what was taken in at the command line."""

_SYNC_WAIT_S = 600
_MAX_RELAXATIONS = 6


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case as a reader sees it."""

    revision: Revision
    html: str
    """The body as safe HTML; empty if there is none or it has not been made yet."""
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
    """How many cases there are, and how the index stands to them."""

    cases: int
    index: IndexStatus


class Library:
    """The use cases. `open_library` puts one together."""

    def __init__(
        self, settings: Settings, store: Store, originals: Originals, engine: SearchEngine
    ) -> None:
        self.settings = settings
        self._store = store
        self._originals = originals
        self._engine = engine

    # Contributing

    def receive(self, file: str, data: bytes, contributor: str) -> Revision | None:
        """Keep a file and make a revision of it; return None if the case already says this.

        Raises:
            RefusedFileError: the file cannot become a case; nothing of it is kept.
        """
        return self._keep(_case_in(file, data), file, data, contributor)

    def _keep(self, case: Case, file: str, data: bytes, contributor: str) -> Revision | None:
        # The bytes first: a revision never names an original that is not there.
        original = self._originals.keep(data)
        return self._store.save(case, file=file, original=original, contributor=contributor)

    def ingest(self, paths: Iterable[Path], watch: Watch = unwatched) -> Ingested:
        """Receive files and folders of files; a refused file does not keep out the others."""
        result = Ingested()
        files = list(_files(paths, result))
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
        data = _read(path)
        case = _case_in(file, data)
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

        It is the only road from the store to the index. Where there is no index, or a foreign,
        damaged or outdated one, it builds another.

        Raises:
            IndexBusyError: another process has been at it for ten minutes.
        """
        with lock.held(self.settings.data / "sync.lock", _SYNC_WAIT_S):
            checkpoint = self._engine.checkpoint()
            seq = self._tagged_up_to(watch)
            if checkpoint is None or not self._fits(checkpoint):
                return self._rebuild(seq, watch)
            return self._catch_up(checkpoint, seq, watch)

    def rebuild(self, watch: Watch = unwatched) -> int:
        """Build the index anew from the cases, whatever its state; return how many it holds."""
        with lock.held(self.settings.data / "sync.lock", _SYNC_WAIT_S):
            return self._rebuild(self._tagged_up_to(watch), watch)

    def check_index(self) -> None:
        """Rebuild an index whose files are not as they were written."""
        if self._engine.checkpoint() is not None and not self._engine.verify():
            self.rebuild()

    def _fits(self, checkpoint: Checkpoint | None) -> bool:
        return (
            checkpoint is not None
            and checkpoint.database == self._store.identity
            and checkpoint.version == _index_version()
            and checkpoint.seq <= self._store.newest_change()
        )

    def _catch_up(self, checkpoint: Checkpoint, seq: int, watch: Watch) -> int:
        if seq == checkpoint.seq:
            return 0
        _, changed = self._store.changed_since(checkpoint.seq)
        present = set(self._store.revisions(changed))
        try:
            self._engine.apply(
                self._documents([case_id for case_id in changed if case_id in present], watch),
                [case_id for case_id in changed if case_id not in present],
                replace(checkpoint, seq=seq),
                watch,
            )
        except Exception:
            self._engine.close()  # judge the files, not what is still open of them
            if self._engine.checkpoint() is not None and self._engine.verify():
                raise
            return self._rebuild(seq, watch)
        return len(changed)

    def _rebuild(self, seq: int, watch: Watch) -> int:
        ids = self._store.ids()
        checkpoint = Checkpoint(self._store.identity, _index_version(), seq)
        self._engine.rebuild(self._documents(ids, watch), checkpoint, watch)
        return len(ids)

    def _tagged_up_to(self, watch: Watch) -> int:
        """Tag what changed, and return the number of the change log up to which that was done.

        The number is read first: what changes while we tag would be indexed without its tags, so
        it is indexed again next time.
        """
        seq = self._store.newest_change()
        self._analyse(watch)
        return seq

    def _analyse(self, watch: Watch) -> None:
        """Tag and render what has not been since it changed, or was by other rules."""
        maker = _maker()
        stale = self._store.made_otherwise(maker)
        for case_id in watch("Tagging", stale, len(stale)):
            revision = self._store.latest(case_id)
            tags = nlp.tag(revision.case)
            html = _html(revision.case.body)
            self._store.keep(Analysis(case_id, revision.number, maker, html, tags))

    def _documents(self, case_ids: list[str], watch: Watch) -> Iterator[Document]:
        for case_id in watch("Indexing", case_ids, len(case_ids)):
            case = self._store.latest(case_id).case
            tags = _tags(self._store.analyses([case_id]).get(case_id))
            yield document(case, tags, _place(tags), paragraphs(case.body))

    # Finding and reading

    def search(self, query: Query) -> Result:
        """Answer a question.

        Raises:
            IndexUnavailableError: there is no index yet; never because of what was typed.
        """
        answer = self._engine.search(query)
        revisions = self._store.revisions([found.case_id for found in answer.found])
        analyses = self._store.analyses(list(revisions))
        hits = tuple(
            hit(found, revisions[found.case_id].case, _tags(analyses.get(found.case_id)), answer)
            for found in answer.found
            if found.case_id in revisions
        )
        return Result(
            query=query,
            total=answer.total,
            hits=hits,
            facets=facets(answer.counts, query),
            notes=answer.notes,
            relaxations=() if answer.total else tuple(self._relaxations(query, answer)),
        )

    def _relaxations(self, query: Query, answer: Answer) -> Iterator[Relaxation]:
        """Try the question with one filter or one word less."""
        looser = [
            (f"without {label(name, value, query.reader)}", query.without(name, value))
            for name, values in query.filters.items()
            for value in values
        ]
        if len(answer.words) > 1:
            for word in answer.words[:_MAX_RELAXATIONS]:
                rest = " ".join(
                    each for each in query.text.split() if word not in {w.text for w in words(each)}
                )
                looser.append((f"without the word “{word}”", replace(query, text=rest, page=1)))
        if query.filters and query.text:
            looser.append(("without any filter", replace(query, filters={}, page=1)))
        for text, question in looser[:_MAX_RELAXATIONS]:
            total = self._engine.search(replace(question, size=1)).total
            if total:
                yield Relaxation(text, question, total)

    def page(self, case_id: str) -> CasePage:
        """Return a case with what was made from it.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        revision = self._store.latest(case_id)
        analysis = self._store.analyses([case_id]).get(case_id)
        if analysis is None or analysis.revision != revision.number:
            return CasePage(revision, "", (), None)
        return CasePage(revision, analysis.html, analysis.tags, _place(analysis.tags))

    def markdown(self, case_id: str) -> bytes:
        """Return a case as a Markdown file with front matter.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        return formats.md.write(self._store.latest(case_id).case)

    def status(self) -> Status:
        """Say how many cases there are and how the index stands to them."""
        cases = self._store.count()
        checkpoint = self._engine.checkpoint()
        if not self._fits(checkpoint) or checkpoint is None:
            return Status(cases, IndexStatus("missing", self._engine.name, 0, cases))
        behind = len(self._store.changed_since(checkpoint.seq)[1])
        state = "behind" if behind else "ready"
        return Status(cases, IndexStatus(state, self._engine.name, self._engine.size(), behind))

    def close(self) -> None:
        """Release index and database."""
        self._engine.close()
        self._store.close()


def open_library(settings: Settings) -> Library:
    """Put a library together from the settings, and create what is not there yet."""
    data = settings.data
    return Library(
        settings,
        Store(data / "citypraxis.sqlite"),
        Originals(data / "originals"),
        open_engine(data / "index", _stop_words),
    )


def _stop_words() -> dict[str, frozenset[str]]:
    return {language: pipeline.stop_words(language) for language in LANGUAGES}


def _index_version() -> str:
    return f"{INDEX_VERSION}/{stems.VERSION}/{nlp.tagger()}"


def _maker() -> str:
    return f"{nlp.tagger()}/{RENDERER}"


def _tags(analysis: Analysis | None) -> tuple[Tag, ...]:
    return analysis.tags if analysis else ()


def _html(body: str) -> str:
    """Render a body; one that is too complex becomes plain text and keeps up no other case."""
    try:
        return to_html(body)
    except TooComplexTextError:
        return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs(body))


def _place(tags: tuple[Tag, ...]) -> Place | None:
    place_id = next((tag.value for tag in tags if tag.kind == "place"), "")
    return places.gazetteer().get(place_id) if place_id else None


def _guess(text: str) -> tuple[str, str, str]:
    language = detect.detect(text).language
    home = places.home(text, language) if language else None
    return (language, home.place.name, home.place.country) if home else (language, "", "")


def _case_in(file: str, data: bytes) -> Case:
    case = formats.for_file(file).read(data, file, _guess)
    _check_place(case, file)
    return case


def _check_place(case: Case, file: str) -> None:
    """Refuse a country in which the city is not, where the city is well known."""
    if not case.city or case.country is None or case.nuts3 or case.wikidata:
        return
    countries = places.gazetteer().countries(case.city)
    if countries and case.country not in countries:
        listed = ", ".join(sorted(countries))
        raise RefusedFileError(
            [Problem(file, f"{case.city} is in {listed} by the gazetteer",
                     f"write country: {listed}; if another place of this name is meant, "
                     "give its nuts3 or wikidata code", field="country", value=case.country)]
        )  # fmt: skip


def _files(paths: Iterable[Path], result: Ingested) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.is_file())
            yield from (each for each in inside if formats.is_case_file(each))
        elif path.exists():
            yield path
        else:
            result.refused.append(Problem(str(path), "there is no such file", "check the path"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        raise RefusedFileError(
            [Problem(str(path), f"cannot be read: {err.strerror}", "check its permissions")]
        ) from err
