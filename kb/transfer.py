"""Taking a case over in another city: what can be recorded, who decides on it, and the graph of it.

Whoever asks is a `Person`, and what they may is in `kb.permissions`.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from kb.accounts import Person
from kb.adoption import Adoption, Decision, Record, Report
from kb.adoptions import Adoptions
from kb.audit import Audit
from kb.database import Connections
from kb.diffusion import TYPES, Edge, edges
from kb.errors import (
    AdoptionNotFoundError,
    NotAllowedError,
    Problem,
    QuotaError,
    RefusedAdoptionError,
)
from kb.model import Case
from kb.nlp import detect
from kb.permissions import Action, may
from kb.reporting import place_of, report_from
from kb.saying import said, term
from kb.store import Store
from kb.text import normalise

MOST_A_DAY = 50
"""Records of one person: what they send in is read by people."""
_DAY_S = 24 * 3600
_LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A record that waits for a decision, with what whoever decides has to know."""

    record: Record
    case: Case | None
    """None where it is not public at present."""
    before: Adoption | None
    """What is accepted of the same adoption."""
    same_city: bool
    """Whether another adoption of the case by this city is accepted already."""
    known_place: bool
    """Whether the gazetteer knows the city."""
    own: bool
    """Whether it is not for whoever asks to decide."""


class Transfer:
    """What people can do about adoptions. `kb.library.open_library` puts one together."""

    def __init__(
        self, connections: Connections, store: Store, now: Callable[[], float] = time.time
    ) -> None:
        self._connections = connections
        self._store = store
        self._adoptions = Adoptions(connections, now)
        self._audit = Audit(connections, now)
        self._now = now
        self._graph: tuple[tuple[str, int, int], tuple[Edge, ...]] | None = None

    # Recording

    def record(
        self, person: Person, case_id: str, told: Mapping[str, str], adoption: str = ""
    ) -> Record:
        """Keep what a city says of its adoption of a case; a moderator decides whether it is shown.

        What was recorded last in the same words is returned, and not kept again.

        Args:
            person: whoever records it.
            case_id: of a public case.
            told: fields of `Report` by name, as they were typed.
            adoption: id of the one that this goes on with; empty for a new one.

        Raises:
            AdoptionNotFoundError: this person has recorded none with this id for the case.
            CaseNotFoundError: there is no such case.
            QuotaError: this person has recorded too much today.
            RefusedAdoptionError: with a problem for each thing that is wrong.
        """
        self._require(person, "adoption.record", {person.id})
        self._store.latest(case_id)
        mine = [each for each in self.mine(person) if each.case_id == case_id]
        if adoption and not _open(mine, adoption):
            raise AdoptionNotFoundError(adoption)
        report = report_from(told, lambda key: key != case_id and bool(self._store.numbers([key])))
        newest = {each.adoption: each for each in mine}
        for each in newest.values():
            if adoption in {"", each.adoption} and _says(each, report):
                return each
        self._check_quota(person)
        return self._keep(person, case_id, report, adoption)

    def withdraw(self, person: Person, adoption: str) -> Record:
        """Take an adoption back; return its first record.

        Raises:
            AdoptionNotFoundError: this person has recorded none with this id.
        """
        records = self._adoptions.records(adoption)
        if not records or records[0].person != person.id:
            raise AdoptionNotFoundError(adoption)
        self._require(person, "adoption.record", {records[0].person})
        with self._connections.writing():
            self._adoptions.withdraw(adoption, person.id)
            self._audit.note(person.id, "adoption withdrawn", adoption)
        return records[0]

    def mine(self, person: Person) -> tuple[Record, ...]:
        """Return what this person has recorded, the oldest first."""
        return self._adoptions.of(person.id)

    def mine_to_continue(self, person: Person, adoption: str) -> Record:
        """Return the last record of an adoption of this person that they can go on with.

        Raises:
            AdoptionNotFoundError: this person has recorded none with this id, or withdrawn it.
        """
        found = _open(self.mine(person), adoption)
        if not found:
            raise AdoptionNotFoundError(adoption)
        return found[-1]

    # Deciding

    def queue(self, person: Person) -> tuple[Asked, ...]:
        """Return the records that wait for a decision, the one that waits longest first."""
        self._require(person, "adoption.decide", set())
        waiting = self._adoptions.waiting()
        cases = self._cases({each.case_id for each in waiting})
        return tuple(self._asked(person, each, cases.get(each.case_id)) for each in waiting)

    def decide(
        self, person: Person, record_id: str, decision: Decision, reason: str = ""
    ) -> Record:
        """Accept a record, so that everyone sees it, or decline it with the reason.

        Raises:
            AdoptionNotFoundError: there is no such record.
            NotAllowedError: it is theirs or about their case, or it is decided already.
            RefusedAdoptionError: no reason was given for declining it.
        """
        if decision not in {"accepted", "declined"}:
            raise NotAllowedError("a record is accepted or declined")
        with self._connections.writing():
            record = self._adoptions.get(record_id)
            self._require(person, "adoption.decide", self._concerned(record))
            if record.decision != "waiting":
                raise NotAllowedError("it is decided already; see the list of what waits")
            reason = normalise(reason).strip()[:_LONGEST_REASON]
            if decision == "declined" and not reason:
                remedy = said("say why, so that its author knows what to do")
                raise RefusedAdoptionError(
                    [Problem("", said("is missing"), remedy, field="reason")]
                )
            self._adoptions.decide(record.id, decision, reason, person.id)
            self._audit.note(person.id, f"adoption {decision}", record.id, record.case_id)
        return self._adoptions.get(record_id)

    # Reading

    def adoptions(self, case_id: str) -> tuple[Adoption, ...]:
        """Return the adoptions of a case that everyone may see, in the order they began."""
        return self._adoptions.of_case(case_id)

    def graph(self) -> tuple[Edge, ...]:
        """Return who copied whom, of all that is public; made anew only when some of it changed."""
        state = (
            self._store.identity,
            self._store.newest_change(),
            self._adoptions.newest_decision(),
        )
        if self._graph is None or self._graph[0] != state:
            self._graph = state, self._edges()
        return self._graph[1]

    def _edges(self) -> tuple[Edge, ...]:
        adoptions = self._adoptions.accepted()
        found = self._store.related(TYPES)
        related = {key: each.case for key, each in found.items()}
        named = {row.case for case in related.values() for row in case.relations if row.case}
        named |= {key for each in adoptions for key in (each.now.case_id, each.now.became) if key}
        return edges({**self._cases(named), **related}, adoptions, place_of)

    def _keep(self, person: Person, case_id: str, report: Report, adoption: str) -> Record:
        language = detect.detect(report.result).language if report.result else ""
        with self._connections.writing():
            if adoption and not _open(self._adoptions.records(adoption), adoption):
                raise AdoptionNotFoundError(adoption)  # it was withdrawn just now
            record = self._adoptions.add(
                report, person=person.id, case_id=case_id, adoption=adoption, language=language
            )
            self._audit.note(person.id, "adoption recorded", record.id, case_id)
        return record

    def _check_quota(self, person: Person) -> None:
        since = self._now() - _DAY_S
        if sum(each.at > since for each in self.mine(person)) >= MOST_A_DAY:
            raise QuotaError(
                term("you have sent in as much as one person may in a day; go on tomorrow")
            )

    def _asked(self, person: Person, record: Record, case: Case | None) -> Asked:
        others = self._adoptions.of_case(record.case_id)
        place = place_of(record.city, record.country)
        return Asked(
            record,
            case,
            next((each for each in others if each.now.adoption == record.adoption), None),
            any(
                place_of(each.now.city, each.now.country) == place
                for each in others
                if each.now.adoption != record.adoption and place
            ),
            bool(place),
            person.id in self._concerned(record),
        )

    def _concerned(self, record: Record) -> set[str]:
        """Return for whom it is not to decide: it is theirs, or it speaks for their case."""
        return {record.person} | self._store.contributors(record.case_id)

    def _require(self, person: Person, action: Action, concerned: set[str]) -> None:
        if not may(person.role, action, own=person.id in concerned):
            raise NotAllowedError("nobody decides on their own, and not every role may decide")

    def _cases(self, case_ids: set[str]) -> dict[str, Case]:
        found = self._store.revisions(sorted(case_ids))
        return {key: each.case for key, each in found.items()}


def _open(records: Iterable[Record], adoption: str) -> list[Record]:
    """Return those of the records that are of an adoption which is not withdrawn."""
    return [each for each in records if each.adoption == adoption and each.decision != "withdrawn"]


def _says(record: Record, report: Report) -> bool:
    """Tell whether a record that still stands says the same as a report."""
    told = {name: value or "" for name, value in report.model_dump(exclude={"agreed"}).items()}
    kept = asdict(record)
    return record.decision in {"waiting", "accepted"} and all(
        kept[name] == value for name, value in told.items()
    )
