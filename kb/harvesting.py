"""Taking over cases from other sites, at the command line: again and again, and each only once.

What is whole is published, as `kb.ingesting` does: an operator answers for it. What is not, or
would undo what somebody did here, becomes a draft that people decide on. Nothing is merged,
overwritten or deleted by itself. Each record is one transaction, so that a run that is broken off
is simply run again.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kb.accounts import OPERATOR, Accounts, Person
from kb.adopting import Adopted, adopted, bare_digest
from kb.audit import Audit
from kb.database import Connections
from kb.drafts import Draft, Drafts
from kb.errors import AccountError, DraftNotFoundError
from kb.harvested import Harvested, Taken
from kb.intake.gate import clean_name
from kb.likeness import Alike
from kb.model import Case
from kb.originals import Originals
from kb.peers import Foreign, Peer
from kb.permissions import may
from kb.progress import UNCOUNTED, Watch, unwatched
from kb.saying import said
from kb.store import Store
from kb.uploads import Uploads

FindAlike = Callable[[Mapping[str, Any], str, str], tuple[Alike, ...]]
"""Gives published cases like some values and their text, other than the case of an id."""

_MOST_SHOWN = 3


@dataclass(slots=True)
class Harvest:
    """What came of harvesting a site: ids of cases, or of records with a reason."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    drafted: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    """Cases that were retired here and are not brought back."""
    gone: list[tuple[str, str]] = field(default_factory=list)
    """Record and case where the other site has deleted what is public here."""
    alike: list[tuple[str, Alike]] = field(default_factory=list)
    """New cases, and published ones that may be the same."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """Where things are put."""

    connections: Connections
    store: Store
    originals: Originals
    uploads: Uploads
    drafts: Drafts
    harvested: Harvested
    audit: Audit
    find_alike: FindAlike


class Harvesting:
    """Puts records of other sites among the cases and the drafts."""

    def __init__(
        self,
        connections: Connections,
        store: Store,
        originals: Originals,
        accounts: Accounts,
        find_alike: FindAlike,
    ) -> None:
        self._accounts = accounts
        self._to = _Tables(
            connections,
            store,
            originals,
            Uploads(connections),
            Drafts(connections),
            Harvested(connections),
            Audit(connections),
            find_alike,
        )

    def person(self, email: str) -> Person:
        """Return who answers for what is harvested; the drafts are theirs.

        Raises:
            AccountError: nobody has this address, or they may contribute nothing.
        """
        found = self._accounts.by_email(email)
        if found is None or found.state == "closed" or not may(found.role, "upload"):
            message = f"nobody who may contribute has the address {email!r}; see add-user"
            raise AccountError("email", message)
        return found

    def since(self, peer: Peer, set_name: str) -> str:
        """Return the date from which a site is to be asked; empty where everything is."""
        return self._to.harvested.since(peer.source, peer.format, set_name)

    def run(  # noqa: PLR0913 - one for each thing that an operator says
        self,
        peer: Peer,
        person: Person,
        *,
        set_name: str = "",
        since: str = "",
        licence: str = "",
        dry_run: bool = False,
        watch: Watch = unwatched,
    ) -> Harvest:
        """Take over the records of a site, those that have changed since the last full run.

        Args:
            peer: the site.
            person: whose drafts those will be that cannot be published.
            set_name: of OAI-PMH, as the peer was opened with.
            since: another date to ask from; the date for next time is then left as it is.
            licence: that of records that name none.
            dry_run: write nothing, and say what would become of each record.
            watch: shows how far it is.

        Raises:
            PeerError: the site does not answer as it should. What was taken over before stays.
        """
        result = Harvest()
        one = _One(self._to, peer, person, result, dry_run=dry_run)
        begun = since or self.since(peer, set_name)
        # How many there will be is not known before the last one.
        for foreign in watch("Harvesting", peer.records(begun), UNCOUNTED):
            one.take(foreign, licence)
        if peer.asked and not (since or dry_run or result.refused):
            self._to.harvested.remember(peer.source, peer.format, set_name, peer.asked)
        result.gone = list(dict.fromkeys([*result.gone, *self._to.harvested.gone(peer.source)]))
        return result


class _One:
    """Decides what becomes of a record, and does it unless nothing is to be written."""

    def __init__(
        self, tables: _Tables, peer: Peer, person: Person, result: Harvest, *, dry_run: bool
    ) -> None:
        self._to = tables
        self._peer = peer
        self._person = person
        self._result = result
        self._dry_run = dry_run

    def take(self, foreign: Foreign, licence: str) -> None:
        """Take over one record."""
        if foreign.refusal:
            self._result.refused.append((foreign.identifier, foreign.refusal))
            return
        read, before = adopted(foreign, self._peer, licence), len(self._result.new)
        # One transaction, so that whoever looks, or is killed, finds all of it or nothing.
        with nullcontext() if self._dry_run else self._to.connections.writing():
            known = self._to.harvested.get(self._peer.source, foreign.identifier)
            if foreign.deleted:
                self._delete(known)
            else:
                self._sort(read, known)
        if len(self._result.new) > before:
            self._compare(read)

    def _compare(self, read: Adopted) -> None:
        """Look for cases that may be the same as a new one, while nobody waits for us."""
        case_id = self._result.new[-1]
        found = self._to.find_alike(read.values, str(read.values.get("body", "")), case_id)
        self._result.alike += [(case_id, each) for each in found[:_MOST_SHOWN]]

    def _sort(self, read: Adopted, known: Taken | None) -> None:
        if known is not None and known.digest == read.digest:
            self._again(read, known)
        elif known is None:
            self._first(read)
        elif known.fate == "case":
            self._of_case(read, known)
        else:
            self._of_draft(read, known)

    def _again(self, read: Adopted, known: Taken) -> None:
        self._result.unchanged.append(known.object)
        if known.gone:
            self._do(lambda: self._put(read, known.object, known.revision, known.fate))

    def _first(self, read: Adopted) -> None:
        """Publish a record that was never here, unless its id is taken."""
        case = read.case
        if case is None:
            self._draft(read, read.lacks)
        elif not self._to.store.was_ever(case.id):
            self._publish(read, case, self._result.new)
        elif self._to.store.retirement(case.id):
            self._result.retired.append(case.id)
        elif bare_digest(self._to.store.latest(case.id).case.as_dict()) == read.digest:
            self._result.unchanged.append(case.id)
            number = self._to.store.newest(case.id)
            self._do(lambda: self._put(read, case.id, number, "case"))
        else:
            self._draft(read, f"the id {case.id} is that of another case here")

    def _of_case(self, read: Adopted, known: Taken) -> None:
        """Make the next revision of a case that was published from this record."""
        if self._to.store.retirement(known.object) or not self._to.store.newest(known.object):
            self._result.retired.append(known.object)
        elif self._to.store.newest(known.object) != known.revision:
            self._draft(read, "the case was edited here since it was taken over", known.object)
        elif read.case is None:
            self._draft(read, read.lacks, known.object)
        else:
            # It keeps the id that it has here, whatever it is called there now.
            case = read.case.model_copy(update={"id": known.object})
            self._publish(read, case, self._result.changed)

    def _of_draft(self, read: Adopted, known: Taken) -> None:
        """See to a record that has changed since a draft was made of it."""
        draft = self._found(known.object)
        if draft is None:
            self._result.unchanged.append(known.object)  # somebody has deleted it: that stands
        elif draft.state == "published":
            self._draft(read, "the case was completed here", draft.case_id)
        elif draft.version == 1:
            self._do(lambda: self._to.drafts.remove(draft.id))
            self._first(read)
        else:
            reason = f"the record has changed at {self._peer.site}; compare {read.foreign.url}"
            self._result.drafted.append((read.foreign.identifier, reason))
            self._do(lambda: self._tell(read, draft, reason))

    def _publish(self, read: Adopted, case: Case, told: list[str]) -> None:
        told.append(case.id)
        original = self._keep(read)

        def act() -> None:
            saved = self._to.store.save(
                case,
                file=clean_name(read.foreign.file),
                original=original,
                contributor=f"harvested from {self._peer.site}",
            )
            number = saved.number if saved else self._to.store.newest(case.id)
            self._put(read, case.id, number, "case")

        self._do(act)

    def _draft(self, read: Adopted, reason: str, case_id: str = "") -> None:
        """Make a draft: for review where it is whole, else for its person to complete."""
        self._result.drafted.append((read.foreign.identifier, reason))
        original, foreign = self._keep(read), read.foreign

        def act() -> None:
            owner = self._person.id
            upload = self._to.uploads.add(
                owner, clean_name(foreign.file), original, len(foreign.original)
            )
            told = said("harvested from {site}", site=self._peer.site)
            self._to.uploads.end(upload.id, "draft", told)
            made = self._to.drafts.add(
                owner,
                {**read.values, **({"id": case_id} if case_id else {})},
                receipts=foreign.receipts,
                document=foreign.document,
                upload=upload.id,
                case_id=case_id,
                base=self._to.store.newest(case_id) if case_id else 0,
            )
            self._to.drafts.comment(
                made.id, "", owner, f"Harvested from {self._peer.site}: {reason}."
            )
            if read.case is not None:
                self._to.drafts.submit(made.id, made.version)
            self._put(read, made.id, 0, "draft")

        self._do(act)

    def _delete(self, known: Taken | None) -> None:
        """Note that a record is gone there; ours is for a moderator to archive."""
        if known is not None and not known.gone:
            self._do(lambda: self._note_gone(known))
            if (
                self._dry_run
                and known.fate == "case"
                and not self._to.store.retirement(known.object)
            ):
                self._result.gone.append((known.identifier, known.object))

    def _note_gone(self, known: Taken) -> None:
        self._to.harvested.put(replace(known, gone=True))
        self._to.audit.note(OPERATOR, "deleted at source", known.object, known.identifier)

    def _tell(self, read: Adopted, draft: Draft, reason: str) -> None:
        self._to.drafts.comment(draft.id, "", self._person.id, f"{reason[0].upper()}{reason[1:]}.")
        self._put(read, draft.id, 0, "draft")

    def _put(
        self, read: Adopted, object_id: str, revision: int, fate: Literal["case", "draft"]
    ) -> None:
        foreign, source = read.foreign, self._peer.source
        self._to.harvested.put(
            Taken(
                source,
                foreign.identifier,
                foreign.datestamp,
                read.digest,
                fate,
                object_id,
                revision,
            )
        )

    def _keep(self, read: Adopted) -> str:
        """Keep the record as it came, before anything refers to it."""
        return "" if self._dry_run else self._to.originals.keep(read.foreign.original)

    def _do(self, act: Callable[[], object]) -> None:
        if not self._dry_run:
            act()

    def _found(self, draft_id: str) -> Draft | None:
        try:
            return self._to.drafts.get(draft_id)
        except DraftNotFoundError:
            return None
