"""From the file that someone has to a published case: the use cases, and the order of their steps.

Whoever asks is a `Person`, and what they may is in `kb.permissions`. What somebody may not see does
not exist for them.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import chain, count
from typing import Any, cast, get_args

from kb.accounts import Accounts, Person
from kb.adoptions import Adoptions
from kb.audit import Audit
from kb.database import Connections
from kb.drafts import Comment, Draft, Drafts
from kb.errors import (
    CaseNotFoundError,
    DraftNotFoundError,
    NotAllowedError,
    Problem,
    QuotaError,
    RefusedFileError,
    StaleDraftError,
    UnfinishedDraftError,
    UploadNotFoundError,
    refused,
)
from kb.formats.decoding import MAX_BYTES
from kb.formats.problems import case_from
from kb.formats.txt import slug
from kb.judging import Verdict
from kb.model import REQUIRED, Case, Revision
from kb.originals import Originals, digest_of
from kb.permissions import Action, may
from kb.saying import Said, lines, said, term
from kb.shelf import Shelf
from kb.store import Retirement, Store
from kb.uploads import State, Upload, Uploads
from kb.verifying import Answer, Verifying

LOG = logging.getLogger(__name__)

MOST_FILES_A_DAY = 100
MOST_BYTES_A_DAY = 500 * 1024 * 1024
_DAY_S = 24 * 3600
_GRACE_S = 24 * 3600
"""Bytes that nothing refers to may be just about to be referred to; so long they are left alone."""

_OUR_FAULT = said(
    "could not be read because of an error on our side, which has been recorded; try again"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent in, and what has been made of it."""

    upload: Upload
    drafts: tuple[Draft, ...]


class Contributing:
    """What contributors and moderators can do. `kb.library.open_library` puts one together."""

    def __init__(  # noqa: PLR0913, PLR0917 - each a part of the library
        self,
        connections: Connections,
        store: Store,
        originals: Originals,
        accounts: Accounts,
        mend_snapshots: Callable[[], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._connections = connections
        self._mend_snapshots = mend_snapshots
        self._store = store
        self._originals = originals
        self._accounts = accounts
        self._uploads = Uploads(connections, now)
        self._drafts = Drafts(connections, now)
        self._adoptions = Adoptions(connections, now)
        self._shelf = Shelf(connections)
        self._audit = Audit(connections)
        self.verifying = Verifying(connections, now)
        self._now = now

    # Sending in

    def newest_upload(self) -> int:
        """Return a number that grows with every file that is sent in."""
        return self._uploads.newest()

    def receive(self, person: Person, file: str, data: bytes, key: str = "") -> Upload:
        """Keep a file and queue it; it is durable when this returns.

        The same bytes with the same key are what was sent in then; other bytes are another file, as
        when someone goes back to a form and chooses another.

        Raises:
            NotAllowedError: this person may send in nothing.
            RefusedFileError: it is empty or too large.
            QuotaError: this person has sent in too much today.
        """
        self._require(person, "upload")
        from kb.intake import gate

        name = gate.clean_name(file)
        _check_size(name, data)
        key = f"{key} {digest_of(data)}" if key else ""
        known = self._uploads.sent_with(person.id, key) if key else None
        if known:
            return known
        self._check_quota(person, len(data))
        original = self._originals.keep(data)
        with self._connections.writing():
            if not self._originals.has(original):  # someone who sent in the same was just erased
                self._originals.keep(data)
            upload = self._uploads.add(person.id, name, original, len(data), key)
            self._audit.note(person.id, "upload", upload.id)
        return upload

    def sent(self, person: Person, upload_id: str) -> Sent:
        """Return a file of this person with what has been made of it.

        Raises:
            UploadNotFoundError: this person has sent in nothing under this id.
        """
        upload = self._uploads.get(upload_id)
        if upload.person != person.id:
            raise UploadNotFoundError(f"you have sent in nothing under {upload_id!r}")
        return Sent(upload, self._drafts.made_of(upload.id))

    def files(self, person: Person) -> tuple[Upload, ...]:
        """Return what this person has sent in, the newest first."""
        return self._uploads.of(person.id)

    def counts(self) -> dict[State, int]:
        """Return how many of the files that were sent in are in each state."""
        return self._uploads.counts()

    def read_next(self) -> bool:
        """Make drafts of the file that waits longest; tell whether there was one."""
        upload = self._uploads.lease()
        if upload is None:
            return False
        try:
            with self._uploads.kept(upload):
                self._read(upload)
        except RefusedFileError as err:
            reasons = (replace(each, file="").sentence for each in err.problems)
            self._give_up(upload, "refused", lines(reasons))
        except Exception:  # whatever it was: the queue goes on
            LOG.exception("upload %s could not be read", upload.id)
            self._give_up(upload, "failed", _OUR_FAULT)
        return True

    def get_ready(self) -> None:
        """Load what reading a file needs, so that whoever sends the first does not wait for it."""
        from kb.intake import received

        received.get_ready()

    def tidy(self) -> None:
        """Delete bytes that nothing refers to: a deletion, or a sending, was broken off."""
        for original in list(self._originals.kept_before(time.time() - _GRACE_S)):
            self._remove_unused([original])

    def _read(self, upload: Upload) -> None:
        """Make drafts of a file, unless it was deleted, or taken by another worker, meanwhile."""
        from kb.intake import received

        proposals = received.proposals(upload.file, self._originals.read(upload.original))
        with self._connections.writing():
            if not self._uploads.holds(upload):
                return
            for each in proposals:
                self._drafts.add(
                    upload.person,
                    each.values,
                    receipts=each.receipts,
                    document=each.document,
                    upload=upload.id,
                )
            self._uploads.end(upload.id, "draft", received.remarks(proposals))

    def _give_up(self, upload: Upload, state: State, reason: Said) -> None:
        with self._connections.writing():
            if self._uploads.holds(upload):
                self._uploads.end(upload.id, state, reason)

    def _remove_unused(self, originals: Iterable[str]) -> None:
        """Delete bytes to which nothing refers, which is asked while nobody can change it."""
        with self._connections.writing():
            for original in originals:
                if not any(
                    place.with_original(original)
                    for place in (self._uploads, self._store, self._shelf)
                ):
                    self._originals.remove(original)

    # Writing

    def drafts(self, person: Person) -> tuple[Draft, ...]:
        """Return the drafts of this person, the last changed first."""
        return self._drafts.of(person.id)

    def retired(self, drafts: Iterable[Draft]) -> dict[str, Retirement]:
        """Return why the cases that came of drafts are no longer public, by id."""
        return self._store.retirements([each.case_id for each in drafts if each.case_id])

    def draft(self, person: Person, draft_id: str) -> Draft:
        """Return a draft that this person may read.

        Raises:
            DraftNotFoundError: there is none, or it is not for this person.
        """
        found = self._drafts.get(draft_id)
        if not self.allowed(person, "draft.read", found):
            raise DraftNotFoundError(f"there is no draft {draft_id!r}; see the list of your drafts")
        return found

    def begin(self, person: Person) -> Draft:
        """Begin a draft without a file."""
        self._require(person, "upload")
        return self._drafts.add(person.id, {})

    def revise(self, person: Person, case_id: str) -> Draft:
        """Begin the next revision of a published case, which stays public meanwhile.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        self._require(person, "upload")
        current = self._store.latest(case_id)
        return self._drafts.add(
            person.id, current.case.as_dict(), case_id=case_id, base=current.number
        )

    def restore(self, person: Person, case_id: str, number: int) -> Draft:
        """Begin a revision that says again what an earlier one said."""
        self._require(person, "upload")
        earlier = self._store.revision(case_id, number)
        current = self._store.latest(case_id)
        return self._drafts.add(
            person.id, earlier.case.as_dict(), case_id=case_id, base=current.number
        )

    def write(
        self, person: Person, draft_id: str, version: int, values: Mapping[str, Any]
    ) -> Draft:
        """Put other values in the place of those of a draft.

        Raises:
            DraftNotFoundError: there is none, or it is not for this person.
            NotAllowedError: this person may not change it as it stands.
            StaleDraftError: someone has changed it since this person has seen it.
        """
        draft = self._may(person, "draft.edit", draft_id)
        if draft.case_id:
            values = {**values, "id": draft.case_id}
        written = self._drafts.write(draft.id, version, values)
        if person.id != draft.person:
            self._audit.note(person.id, "edit", draft.id, "edited in review")
        return written

    def discard(self, person: Person, draft_id: str) -> None:
        """Delete a draft; the file it was made of is kept."""
        with self._connections.writing():
            draft = self._may(person, "draft.delete", draft_id)
            self._drafts.remove(draft.id)
            self._audit.note(person.id, "discard", draft.id, "")

    def submit(self, person: Person, draft_id: str, version: int) -> Draft:
        """Hand a draft in for review.

        Raises:
            UnfinishedDraftError: a value is wrong; what is merely missing does not matter yet.
        """
        draft = self._may(person, "draft.submit", draft_id)
        wrong, _ = self.faults(draft)
        if wrong:
            raise UnfinishedDraftError(wrong)
        with self._connections.writing():
            submitted = self._drafts.submit(draft.id, version)
            self._audit.note(person.id, "submit", draft.id, "")
        return submitted

    def submit_all(self, person: Person, upload_id: str) -> None:
        """Hand in all drafts of a table of cases, or none.

        Raises:
            UploadNotFoundError: this person has sent in nothing under this id.
            UnfinishedDraftError: a value is wrong; names the case.
        """
        open_ones = [each for each in self.sent(person, upload_id).drafts if each.state == "draft"]
        wrong = [
            replace(problem, file=each.title)
            for each in open_ones
            for problem in self.faults(each)[0]
        ]
        if wrong:
            raise UnfinishedDraftError(wrong)
        with self._connections.writing():
            for each in open_ones:
                self.submit(person, each.id, each.version)

    def problems(self, draft: Draft) -> list[Problem]:
        """Return what is wrong with a draft, and then what is missing in it."""
        try:
            case_from(self._content(draft), "", lambda _path: None, complete=True)
        except RefusedFileError as err:
            return sorted(err.problems, key=_is_gap)
        return []

    def faults(self, draft: Draft) -> tuple[list[Problem], list[Problem]]:
        """Return what is wrong with a draft, and apart from it what is missing to publish it."""
        problems = self.problems(draft)
        wrong = [problem for problem in problems if not _is_gap(problem)]
        return wrong, problems[len(wrong) :]  # the gaps come last

    def gaps(self, draft: Draft) -> list[Problem]:
        """Return what is missing in a draft that is needed to publish it."""
        return self.faults(draft)[1]

    def original(self, draft: Draft) -> str:
        """Return the hash of the file that a draft was made of; nothing where there was none."""
        return self._uploads.get(draft.upload).original if draft.upload else ""

    def case(self, draft: Draft) -> Case:
        """Return the case that a draft would become as it stands.

        Raises:
            UnfinishedDraftError: something is missing without which nothing can be shown.
        """
        try:
            return case_from(self._content(draft), "", lambda _path: None, complete=False)
        except RefusedFileError as err:
            raise UnfinishedDraftError(err.problems) from err

    # Reviewing

    def queue(self, person: Person) -> tuple[Draft, ...]:
        """Return the drafts that wait for a review, the one that waits longest first."""
        self._require(person, "review.queue")
        return self._drafts.in_state("submitted")

    def assign(self, person: Person, draft_id: str, version: int) -> Draft:
        """Take on the review of a draft."""
        draft = self._may(person, "review.comment", draft_id)
        with self._connections.writing():
            assigned = self._drafts.change(draft.id, version, assignee=person.id)
            self._audit.note(person.id, "assign", draft.id)
        return assigned

    def comment(self, person: Person, draft_id: str, field: str, text: str) -> None:
        """Say something about a field of a draft, or about all of it."""
        own = self.draft(person, draft_id).person == person.id
        draft = self._may(person, "draft.comment" if own else "review.comment", draft_id)
        if text.strip():
            with self._connections.writing():
                self._drafts.comment(draft.id, field, person.id, text.strip())
                self._audit.note(person.id, "comment", draft.id)

    def comments(self, person: Person, draft_id: str) -> tuple[Comment, ...]:
        """Return what was said about a draft, in order."""
        return self._drafts.comments(self.draft(person, draft_id).id)

    def ask_for_changes(self, person: Person, draft_id: str, version: int, text: str) -> Draft:
        """Give a draft back to whoever wrote it, with what is to be changed."""
        return self._decide(person, draft_id, version, "changes-requested", text)

    def decline(self, person: Person, draft_id: str, version: int, reason: str) -> Draft:
        """Decline a draft, with the reason."""
        return self._decide(person, draft_id, version, "declined", reason)

    def accept(self, person: Person, draft_id: str, version: int, over: int = 0) -> Revision | None:
        """Publish a draft as the next revision of its case; return None if it says nothing new.

        Args:
            person: a moderator.
            draft_id: of a submitted draft.
            version: of the draft that this person has seen.
            over: the newest revision that this person has seen, where it is newer than the one
                that the draft was begun on: what it says is then replaced knowingly.

        Raises:
            NotAllowedError: this person may not decide, as on their own draft.
            UnfinishedDraftError: something is missing or wrong.
            StaleDraftError: someone has changed it, or its case, since this person has seen it.
        """
        with self._connections.writing():
            # All of it in here: two new cases of one name must not both find the same id free.
            draft = self._may(person, "review.decide", draft_id)
            problems = self.problems(draft)
            if problems:
                raise UnfinishedDraftError(problems)
            if self.overtaken_by(draft) not in {0, over}:
                raise StaleDraftError(
                    "the case has changed since this draft was begun; see what would be undone"
                )
            case = self.case(draft)
            upload = self._uploads.get(draft.upload) if draft.upload else None
            self._drafts.change(draft.id, version, state="published", case_id=case.id)
            revision = self._store.save(
                case,
                file=upload.file if upload else "",
                original=upload.original if upload else "",
                contributor=draft.person,
            )
            self._audit.note(person.id, "accept", draft.id, case.id)
        return revision

    def overtaken_by(self, draft: Draft) -> int:
        """Return the newest revision of its case if a draft was begun on an older one, else 0."""
        newest = self._store.newest(draft.case_id) if draft.case_id else 0
        return newest if newest > draft.base else 0

    # Retiring

    def retire(self, person: Person, case_id: str, kind: str, reason: str) -> None:
        """Archive or withdraw a published case.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        self._require(person, "case.retire", case_id)
        if kind not in {"archived", "withdrawn"}:
            raise NotAllowedError("a case is archived or withdrawn; taking down is another matter")
        with self._connections.writing():
            self._store.retire(case_id, kind, reason, person.id, int(self._now()))
            self._audit.note(person.id, kind, case_id, "")

    def take_down(self, person: Person, case_id: str, reason: str) -> None:
        """Delete every byte of a case; only its id stays, and that it was taken down.

        Raises:
            CaseNotFoundError: there never was such a case.
        """
        self._require(person, "case.takedown")
        if not self._store.was_ever(case_id):
            raise CaseNotFoundError(case_id)
        with self._connections.writing():
            self._audit.note(person.id, "take down", case_id, "")
        gone = self._store.take_down(case_id, reason, person.id, int(self._now()))
        self._remove_unused(gone)
        self._mend_snapshots()

    # Looking after

    def judge(self, person: Person, case_id: str, concept: str, verdict: str) -> None:
        """Accept or reject a tag of the machine's.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        self._require(person, "tags.judge", case_id)
        if verdict not in get_args(Verdict):
            raise NotAllowedError("a tag is accepted or rejected")
        told = cast("Verdict", verdict)
        with self._connections.writing():
            self._store.judge(case_id, concept, told, person.id, int(self._now()))
            self._audit.note(person.id, f"tag {told}", case_id, concept)

    def verdicts(self, case_id: str) -> Mapping[str, Verdict]:
        """Return what was said of the machine's tags of a case, by concept."""
        return self._store.verdicts(case_id)

    def overdue(self, person: Person) -> list[tuple[Case, date | None]]:
        """Return the cases that are to be asked about, those never confirmed first."""
        self._require(person, "review.queue")
        cases = [each.case for each in self._store.revisions(self._store.ids()).values()]
        told = [(case, self.verifying.verified(case)) for case in cases]
        late = [row for row in told if self.verifying.is_overdue(row[0])]
        return sorted(late, key=lambda row: (row[1] or date.min, row[0].id))

    def open_answers(self, person: Person) -> list[tuple[str, Answer]]:
        """Return case and answer where a contact says that something has changed."""
        self._require(person, "review.queue")
        return list(self.verifying.open_answers())

    # Leaving

    def export(self, person: Person) -> dict[str, Any]:
        """Return all that is kept of a person: account, files, drafts and more; ready for JSON."""
        drafts = self._drafts.of(person.id)
        return {
            **self._accounts.export(person.id),
            "files": [asdict(each) for each in self._uploads.of(person.id)],
            "drafts": [
                {"id": each.id, "state": each.state, "case": each.case_id, **each.values}
                for each in drafts
            ],
            "comments": [asdict(each) for each in self._drafts.said_by(person.id)],
            "adoptions": [asdict(each) for each in self._adoptions.of(person.id)],
        }

    def erase(self, person: Person, *, keep_credit: bool) -> None:
        """Delete who somebody is, and what of theirs was never published; cases stay.

        Raises:
            AccountError: nobody would be an administrator any more.
        """
        with self._connections.writing():
            self._accounts.erase(person.id, keep_credit=keep_credit)
            for draft in self._drafts.of(person.id):
                if draft.state != "published":
                    self._drafts.remove(draft.id)
            self._adoptions.forget(person.id)
            forgotten = self._uploads.forget(person.id)
        self._remove_unused(forgotten)

    def credit(self, contributor: str) -> str:
        """Return how whoever contributed a revision wants to be named; nothing if they do not."""
        person = self._accounts.by_id(contributor)
        return person.credit if person else ""

    def allowed(self, person: Person | None, action: Action, draft: Draft) -> bool:
        """Tell whether someone may do something with a draft as it stands.

        Whoever has contributed to a case decides on no revision of it, whoever wrote that.
        """
        role = person.role if person else None
        theirs = {draft.person}
        if action == "review.decide" and draft.case_id:
            theirs |= self._store.contributors(draft.case_id)
        own = person is not None and person.id in theirs
        return may(role, action, own=own, state=draft.state)

    def _content(self, draft: Draft) -> dict[str, Any]:
        return {"id": draft.case_id or self._free_id(draft), **_without_id(draft)}

    def _free_id(self, draft: Draft) -> str:
        """Propose an id that no case has: of what the author wrote, or of title and city."""
        told = draft.values
        wanted = slug(str(told.get("id") or f"{told.get('title', '')} {told.get('city', '')}"))
        numbered = (f"{wanted}-{number}" for number in count(2))
        return next(each for each in chain([wanted], numbered) if not self._store.was_ever(each))

    def _decide(self, person: Person, draft_id: str, version: int, state: str, text: str) -> Draft:
        draft = self._may(person, "review.decide", draft_id)
        if not text.strip():
            remedy = said("say why, so that its author knows what to do")
            raise UnfinishedDraftError([Problem("", said("is missing"), remedy, field="text")])
        with self._connections.writing():
            self._drafts.comment(draft.id, "", person.id, text.strip())
            decided = self._drafts.change(draft.id, version, state=state)
            self._audit.note(person.id, state, draft.id, "")
        return decided

    def _may(self, person: Person, action: Action, draft_id: str) -> Draft:
        draft = self.draft(person, draft_id)
        if not self.allowed(person, action, draft):
            raise NotAllowedError(_WHY_NOT.get(action, "this is not for you to do as it stands"))
        return draft

    def _require(self, person: Person, action: Action, case_id: str = "") -> None:
        own = bool(case_id) and person.id in self._store.contributors(case_id)
        if not may(person.role, action, own=own):
            raise NotAllowedError(
                "nobody moderates their own case; ask another moderator"
                if own
                else "your role does not allow this; ask an administrator"
            )

    def _check_quota(self, person: Person, size: int) -> None:
        files, sent = self._uploads.sent_since(person.id, self._now() - _DAY_S)
        if files >= MOST_FILES_A_DAY or sent + size > MOST_BYTES_A_DAY:
            raise QuotaError(
                term("you have sent in as much as one person may in a day; go on tomorrow")
            )


_WHY_NOT: Mapping[str, str] = {
    "review.decide": "nobody decides on their own case, or on one that is not submitted",
    "draft.edit": "it cannot be changed as it stands: it is being reviewed, or it is decided",
}


def _check_size(name: str, data: bytes) -> None:
    if not data:
        raise refused(name, said("is empty"), said("choose the file again"))
    if len(data) > MAX_BYTES:
        remedy = said("leave out pictures, or send it in parts")
        raise refused(name, said("has more than 20 MB"), remedy)


def _is_gap(problem: Problem) -> bool:
    return problem.message == "is missing" and problem.field in REQUIRED


def _without_id(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in draft.values.items() if name != "id"}
