"""Every error that is raised on purpose.

They know nothing of the web or the command line: each door says in its own way what a class means.
"""

import sqlite3
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from kb.saying import Said, lines, said

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file, and what to do about it."""

    file: str
    message: Said
    remedy: Said
    line: int | None = None
    field: str = ""
    value: str = ""

    @property
    def sentence(self) -> Said:
        """All of it: ``file:line: field 'value': message; remedy``."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        what = " ".join(part for part in (self.field, _quoted(self.value)) if part)
        place = ": ".join(part for part in (where, what) if part)
        if not place:
            return said("{fault}; {remedy}", fault=self.message, remedy=self.remedy)
        return said(
            "{place}: {fault}; {remedy}", place=place, fault=self.message, remedy=self.remedy
        )

    def __str__(self) -> str:
        """Render as ``file:line: field 'value': message; remedy``, in English."""
        return str(self.sentence)


class KbError(Exception):
    """Raised by nothing itself: catches everything the knowledge base raises on purpose."""


class SettingError(KbError, ValueError):
    """Raised at start-up when a KB_* variable has a value that cannot be used."""


class RefusedFileError(KbError, ValueError):
    """Raised when a file cannot become a case; nothing of it has been kept as a case."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(lines(problem.sentence for problem in self.problems))


def refused(file: str, message: Said, remedy: Said, line: int | None = None) -> RefusedFileError:
    """Make the error of a file of which there is one thing to say."""
    return RefusedFileError([Problem(file, message, remedy, line)])


class CaseNotFoundError(KbError, LookupError):
    """Raised when no case has the id that was asked for."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        super().__init__(f"there is no case {case_id!r}; search for it by its title or city")


class RetiredCaseError(KbError, LookupError):
    """Raised when a case was there and has been withdrawn or taken down."""

    def __init__(self, case_id: str, kind: str, at: int, title: str = "", reason: str = "") -> None:
        self.case_id = case_id
        self.kind = kind
        self.at = at
        """Unix time."""
        self.title = title
        """What it was called, and why it is gone; neither stays of a case that was taken down."""
        self.reason = reason
        super().__init__(f"the case {case_id!r} is {kind}; search for others like it")


class CollectionNotFoundError(KbError, LookupError):
    """Raised when no collection has the id that was asked for."""

    def __init__(self, collection_id: str) -> None:
        self.collection_id = collection_id
        super().__init__(f"there is no collection {collection_id!r}; see the list of collections")


class UnknownConceptError(KbError, LookupError):
    """Raised when a vocabulary has no concept with the id that was asked for."""


class VocabularyError(KbError, ValueError):
    """Raised when a file of the vocabularies cannot be used; names file, concept and fault."""

    def __init__(self, file: str, what: str, fault: str) -> None:
        super().__init__(f"vocabulary file {file}: {what} {fault}; correct it, or put it back")


class UnknownExportError(KbError, LookupError):
    """Raised when cases are asked for in a format in which nobody can take them away."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.known = known
        super().__init__(f"there is no format {name!r}; use one of: {', '.join(known)}")


class MissingExtraError(KbError):
    """Raised when a format needs a package that is not installed here."""

    def __init__(self, label: str, package: str, extra: str) -> None:
        super().__init__(
            f"{label} needs the package {package}, which is not installed here; the operator "
            f"installs it, or the extra {extra!r} of this program"
        )


class ShortlistError(KbError, ValueError):
    """Raised when a reader's shortlist cannot hold what it should; it stays as it was."""

    def __init__(self, message: Said) -> None:
        self.message = message
        """It keeps its template, which ``str`` of an error does not."""
        super().__init__(message)


class SnapshotNotFoundError(KbError, LookupError):
    """Raised when no result was frozen under the id that was asked for."""

    def __init__(self, snapshot_id: str) -> None:
        super().__init__(f"there is no snapshot {snapshot_id!r}; see the list of snapshots")


class PackageLostError(KbError, LookupError):
    """Raised when the file of a snapshot is not in its folder, as after restoring without it."""

    def __init__(self, snapshot_id: str) -> None:
        super().__init__(
            f"the package of the snapshot {snapshot_id!r} is missing; bring back the folder "
            "snapshots from a backup"
        )


class FullStoreError(KbError):
    """Raised when no more may, or can, be kept on the disk."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"it cannot be kept: {reason}; the operator raises KB_SNAPSHOTS_MB or frees the disk"
        )


class NoRoomError(KbError):
    """Raised when the disk has no room for a copy that must be made before anything else is."""

    def __init__(self, folder: str, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(
            f"{folder} has {free_bytes / 1e6:.0f} MB left, and {needed_bytes / 1e6:.0f} MB are "
            "needed; free some, or give another disk"
        )


class BackupError(KbError):
    """Raised when a backup cannot be made or must not be restored; names the file or folder."""

    def __init__(self, path: str, fault: str, remedy: str) -> None:
        super().__init__(f"{path} {fault}; {remedy}")


class UnwritableFileError(KbError, OSError):
    """Raised when a file that somebody wants written cannot be."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}; give another place")


class StoreUnavailableError(KbError):
    """Raised when the database cannot be opened, as when the file is none, or written at once."""

    def __init__(self, path: str, fault: str = "") -> None:
        told = f"the database {path} cannot be read or written: {fault}; look after its disk"
        super().__init__(told if fault else path)


class StoreBusyError(StoreUnavailableError, sqlite3.OperationalError):
    """Raised when others have been writing to the database for longer than we may wait."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(f"the database {path} is busy: {fault}; try again in a few seconds")


class FullDiskError(StoreUnavailableError, sqlite3.OperationalError):
    """Raised when the disk takes no more; nothing of what was to be kept is there in part."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(f"{path} cannot be written: {fault}; free the disk, then do it again")


class ReadOnlyStoreError(StoreUnavailableError, sqlite3.OperationalError):
    """Raised when we may not write where everything is kept."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(
            f"{path} cannot be written: {fault}; let this user write to its folder, and see "
            "whether the disk is mounted read-only"
        )


class DamagedStoreError(StoreUnavailableError, sqlite3.DatabaseError):
    """Raised when the database cannot be read, or a part of it; it is never begun anew for that."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(
            f"the database {path} cannot be opened, or not all of it: {fault}; stop everything, "
            "and restore a backup into a new folder (indexer.py restore)"
        )


class DatabaseTooNewError(KbError):
    """Raised at start-up when the database was written by a newer version of this program."""


class UnsupportedSystemError(KbError):
    """Raised at start-up when a library is too old for the promises that we make with it."""


class IndexUnavailableError(KbError):
    """Raised when there is no search index that can be read; it is rebuilt by ``sync``."""


class IndexBusyError(KbError):
    """Raised when another process holds the index for writing longer than we may wait."""


class DamagedFileError(KbError):
    """Raised when a derived file is not as it was written, or is no more; it is made anew."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is damaged or missing; the worker makes it anew")


class TooComplexTextError(KbError, ValueError):
    """Raised when a text would take unreasonably long to render as Markdown."""

    def __init__(self, message: Said) -> None:
        self.message = message
        """It keeps its template, which ``str`` of an error does not."""
        super().__init__(message)


def _quoted(value: str) -> str:
    if not value:
        return ""
    return repr(textwrap.shorten(value, _SHOWN, placeholder="..."))


class UploadNotFoundError(KbError, LookupError):
    """Raised when the one who asks has sent in nothing under this id."""


class DraftNotFoundError(KbError, LookupError):
    """Raised when the one who asks may see no draft with this id."""


class NotAllowedError(KbError):
    """Raised when someone may not do what they ask for, by their role or because it is theirs."""


class StaleDraftError(KbError):
    """Raised when a draft has been changed since the one who saves it has opened it."""


class QuotaError(KbError):
    """Raised when someone has sent in more in a day than one person may."""


class UnfinishedDraftError(KbError, ValueError):
    """Raised when a draft is to become a case and something is missing or wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(lines(problem.sentence for problem in self.problems))


class AdoptionNotFoundError(KbError, LookupError):
    """Raised when no adoption, or none of the one who asks, has the id that was asked for."""

    def __init__(self, adoption_id: str) -> None:
        super().__init__(f"there is no adoption {adoption_id!r}; see the list of adoptions")


class RefusedAdoptionError(KbError, ValueError):
    """Raised when what is said of an adoption, or of the decision on it, cannot be kept."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(lines(problem.sentence for problem in self.problems))


class AccountError(KbError, ValueError):
    """Raised when what someone says of an account cannot be; ``field`` is where they said it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        """It keeps its template, which ``str`` of an error does not."""
        super().__init__(message)


class SignInError(KbError, ValueError):
    """Raised when e-mail and password fit no account, for whatever reason."""

    def __init__(self) -> None:
        super().__init__("e-mail or password is wrong; try again, or ask for a new password")


class TooManyAttemptsError(KbError):
    """Raised when something has been tried too often in too short a time."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"too many attempts; try again in {retry_after_s} seconds")


class LinkError(KbError, LookupError):
    """Raised when a link of an invitation is not known, used already, or too old."""

    def __init__(self) -> None:
        super().__init__("this link is used up or too old; ask for a new one")


class LettersLinkError(KbError, LookupError):
    """Raised when a link that ends letters is not ours, or too old."""

    def __init__(self) -> None:
        super().__init__("this link ends no letters; sign in, and end them among your searches")


class FollowedNotFoundError(KbError, LookupError):
    """Raised when the one who asks follows no search with this id."""

    def __init__(self, search_id: str) -> None:
        super().__init__(f"there is no search {search_id!r} of yours; see the list of them")


class PersonNotFoundError(KbError, LookupError):
    """Raised when nobody has the id that was asked for."""

    def __init__(self, person_id: str) -> None:
        super().__init__(f"there is no person {person_id!r}; see the list of people")


class MailError(KbError):
    """Raised when the mail server that the operator named did not take a letter."""


class MailBusyError(MailError):
    """Raised when another process is sending letters already."""


class EncoderError(KbError):
    """There is no model that makes vectors, or it cannot be used; search goes on without it."""


class PeerError(KbError):
    """Raised when another site, or a file of one, cannot be harvested; the rest stays as it is."""

    def __init__(self, source: str, message: str, remedy: str) -> None:
        super().__init__(f"{textwrap.shorten(source, 200)} {message}; {remedy}")
