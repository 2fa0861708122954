"""Taking in files at the command line: what they say counts at once, nobody reviews it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kb.accounts import OPERATOR
from kb.collection import Collection
from kb.errors import Problem, RefusedFileError
from kb.intake import VECTORS, bytes_of, case_in, contents, files_of
from kb.model import Case, Revision
from kb.originals import Originals
from kb.progress import Watch, unwatched
from kb.saying import verbatim
from kb.search.meaning.leg import Meaning
from kb.shelf import Shelf
from kb.store import Store


@dataclass(slots=True)
class Ingested:
    """What came of a folder of files."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    """Those that are new or changed; the lists above are of cases."""
    refused: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class Ingestion:
    """Puts files into the store, the shelf and the vectors."""

    def __init__(self, store: Store, shelf: Shelf, originals: Originals, meaning: Meaning) -> None:
        self._store = store
        self._shelf = shelf
        self._originals = originals
        self._meaning = meaning

    def run(self, paths: Iterable[Path], watch: Watch = unwatched) -> Ingested:
        """Take in files and folders of files; a refused file does not keep out the others."""
        result = Ingested()
        files = list(files_of(paths))
        taken: dict[tuple[type, str], str] = {}
        for path in watch("Reading", files, len(files)):
            try:
                self._take(path, taken, result)
            except RefusedFileError as err:
                result.refused.extend(err.problems)
        return result

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

    def _take(self, path: Path, taken: dict[tuple[type, str], str], result: Ingested) -> None:
        if path.name == VECTORS:
            self._meaning.adopt(path)
            return
        file, data = str(path), bytes_of(path)
        for told in contents(file, data):
            other = taken.setdefault((type(told), told.id), file)
            if other != file:
                problem = Problem(
                    file,
                    verbatim(f"is also the id of {other}"),
                    verbatim("give one of them another id"),
                    field="id",
                    value=told.id,
                )
                raise RefusedFileError([problem])
            self._take_one(told, file, data, result)

    def _take_one(self, told: Case | Collection, file: str, data: bytes, result: Ingested) -> None:
        if isinstance(told, Case):
            self._take_case(told, file, data, result)
        elif self._put_up(told, file, data):
            result.collections.append(told.id)
        if told.unknown_fields:
            kept = ", ".join(told.unknown_fields)
            result.remarks.append(f"{file}: kept fields that the model does not know: {kept}")

    def _take_case(self, case: Case, file: str, data: bytes, result: Ingested) -> None:
        """Keep a case, but never bring back what has been retired or revised since."""
        retired = self._store.retirement(case.id)
        if retired:
            result.remarks.append(f"{file}: not taken in, because the case is {retired.kind}")
        elif self._store.has_said(case):
            result.unchanged.append(case.id)
        else:
            _sort_in(result, case.id, self._keep(case, file, data, OPERATOR))

    def _put_up(self, collection: Collection, file: str, data: bytes) -> bool:
        original = self._originals.keep(data)
        saved = self._shelf.save(collection, file=file, original=original, contributor=OPERATOR)
        return saved is not None


def _sort_in(result: Ingested, case_id: str, revision: Revision | None) -> None:
    if revision is None:
        result.unchanged.append(case_id)
    else:
        (result.new if revision.number == 1 else result.changed).append(case_id)
