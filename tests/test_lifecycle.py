"""From the first word to the last revision, in any order, by anyone: the rules always hold.

A machine of Hypothesis does what people can do and keeps a simple account of what must be so:
which cases are public, how many revisions each has, and how far each draft is.
"""

import os
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from kb.errors import (
    CaseNotFoundError,
    DraftNotFoundError,
    NotAllowedError,
    RetiredCaseError,
    StaleDraftError,
    UnfinishedDraftError,
)
from kb.intake import case_in, received
from kb.library import open_library
from kb.permissions import may
from kb.query import Query
from kb.settings import Settings
from tests.conftest import COMPLETE

KILLS = int(os.environ.get("KB_KILLS", "5"))
ROLES = {
    "ana": "contributor",
    "ben": "contributor",
    "mia": "moderator",
    "max": "moderator",
    "zoe": "administrator",
}
BLOCK = "\n".join(f"{key}: {value}" for key, value in {"id": "a-case", **COMPLETE}.items())
FINISHED = case_in("a.md", f"---\n{BLOCK}\n---\n\nText.\n".encode()).as_dict()
REFUSALS = (NotAllowedError, DraftNotFoundError, StaleDraftError, UnfinishedDraftError)

anyone = st.sampled_from(sorted(ROLES))
staff = st.sampled_from(["mia", "max", "zoe"])
titles = st.sampled_from(["Housing First", "Housing first", "Bytar", "Квартири", "x"])
lacks = st.sampled_from([(), (), (), ("themes",), ("title",), ("summary", "contact")])
wrong = st.sampled_from([{}, {}, {}, {}, {"country": "XX"}, {"start": "last spring"}])
versions = st.sampled_from([0, 0, 0, 0, -1])
"""How far what someone has seen is behind."""


class Lifecycle(RuleBasedStateMachine):
    """What people do with drafts and cases, and the account that is kept of it."""

    drafts = Bundle("drafts")
    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.library = open_library(Settings(data=Path(self.folder.name), encoder="off"))
        self.people = {
            name: self.library.accounts.create(f"{name}@example.org", role, name)
            for name, role in ROLES.items()
        }
        self.work = self.library.contributing
        self.states: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.of_case: dict[str, str] = {}
        self.authors: dict[str, set[str]] = defaultdict(set)
        self.revisions: Counter[str] = Counter()
        self.public: set[str] = set()

    # What people do

    @rule(target=drafts, who=anyone)
    def begin(self, who):
        return self.noted(who, self.work.begin(self.people[who]))

    @rule(target=drafts, who=anyone, title=titles)
    def send_in(self, who, title):
        data = f"---\ntitle: {title}\noriginal_language: en\n---\n\nText.\n".encode()
        upload = self.work.receive(self.people[who], "a.md", data)
        assert self.work.read_next()
        (draft,) = self.work.sent(self.people[who], upload.id).drafts
        return self.noted(who, draft)

    @rule(target=drafts, who=anyone, case=cases, number=st.integers(0, 4))
    def revise_or_restore(self, who, case, number):
        person = self.people[who]
        try:
            if number:
                draft = self.work.restore(person, case, number)
            else:
                draft = self.work.revise(person, case)
        except CaseNotFoundError:
            assert case not in self.public or number > self.revisions[case]
            return multiple()
        assert case in self.public
        self.of_case[draft.id] = case
        return self.noted(who, draft)

    @rule(who=anyone, draft=drafts, title=titles, lacks=lacks, wrong=wrong, behind=versions)
    def write(self, who, draft, title, lacks, wrong, behind):
        values = {**FINISHED, "title": title, **wrong}
        values = {name: value for name, value in values.items() if name not in lacks}
        self.tried(
            "draft.edit", who, draft, behind, lambda p, v: self.work.write(p, draft, v, values)
        )

    @rule(who=anyone, draft=drafts, behind=versions)
    def submit(self, who, draft, behind):
        if self.tried(
            "draft.submit", who, draft, behind, lambda p, v: self.work.submit(p, draft, v)
        ):
            self.states[draft] = "submitted"

    @rule(who=staff, draft=drafts, behind=versions)
    def assign(self, who, draft, behind):
        self.tried("review.comment", who, draft, behind, lambda p, v: self.work.assign(p, draft, v))

    @rule(who=anyone, draft=drafts, text=st.sampled_from(["", "Why?"]))
    def comment(self, who, draft, text):
        own = self.owners.get(draft) == who
        action = "draft.comment" if own else "review.comment"
        self.tried(action, who, draft, 0, lambda p, _: self.work.comment(p, draft, "title", text))

    @rule(who=staff, draft=drafts, behind=versions, text=st.sampled_from(["", "Not yet."]))
    def ask(self, who, draft, behind, text):
        if self.tried(
            "review.decide", who, draft, behind,
            lambda p, v: self.work.ask_for_changes(p, draft, v, text),
        ):  # fmt: skip
            assert text
            self.states[draft] = "changes-requested"

    @rule(who=staff, draft=drafts, behind=versions)
    def decline(self, who, draft, behind):
        if self.tried(
            "review.decide", who, draft, behind, lambda p, v: self.work.decline(p, draft, v, "No.")
        ):
            self.states[draft] = "declined"

    @rule(target=cases, who=anyone, draft=drafts, behind=versions)
    def accept(self, who, draft, behind):
        def accept(person, version):
            over = self.work.overtaken_by(self.work.draft(person, draft))
            return [self.work.accept(person, draft, version, over)]

        done = self.tried("review.decide", who, draft, behind, accept)
        return self.published(draft, done[0]) if done else multiple()

    @rule(target=cases, who=st.sampled_from(["ana", "ben"]), title=titles)
    def bring_all_the_way(self, who, title):
        """Few roads end in a case when each step is a chance."""
        owner, mia = self.people[who], self.people["mia"]
        draft = self.noted(who, self.work.begin(owner))
        self.work.write(owner, draft, 1, {**FINISHED, "title": title})
        self.work.submit(owner, draft, 2)
        return self.published(draft, self.work.accept(mia, draft, 3))

    @rule(who=anyone, draft=drafts)
    def discard(self, who, draft):
        if self.tried("draft.delete", who, draft, 0, lambda p, _: [self.work.discard(p, draft)]):
            self.forget(draft)

    @rule(who=anyone, case=cases, kind=st.sampled_from(["archived", "withdrawn", "other"]))
    def retire(self, who, case, kind):
        before = self.work._store.retirement(case)
        theirs = self.people[who].id in self.work._store.contributors(case)
        try:
            self.work.retire(self.people[who], case, kind, "Because.")
        except NotAllowedError:
            assert ROLES[who] == "contributor" or kind == "other" or theirs
        except CaseNotFoundError:
            assert case not in self.public
        else:
            assert ROLES[who] != "contributor"
            assert kind != "other"
            assert not theirs
            assert case in self.public or before.kind == "archived"
            self.public.discard(case)

    @rule(who=anyone, case=cases | st.just("nowhere"))
    def take_down(self, who, case):
        try:
            self.work.take_down(self.people[who], case, "A court has ordered it.")
        except NotAllowedError:
            assert ROLES[who] != "administrator"
        except CaseNotFoundError:
            assert case == "nowhere"
        else:
            assert ROLES[who] == "administrator"
            self.public.discard(case)
            self.revisions[case] = 0
            self.authors[case].clear()
            for draft in [each for each, of in self.of_case.items() if of == case]:
                self.forget(draft)

    @rule()
    def sync(self):
        self.library.sync()
        found = self.library.search(Query(size=100))
        assert {hit.id for hit in found.hits} == self.public
        assert self.library.status().index.behind == 0

    # What must be so

    @invariant()
    def what_is_public_is_what_was_accepted_and_not_retired(self):
        assert set(self.library._store.ids()) == self.public

    @invariant()
    def revisions_are_numbered_without_gap(self):
        for case, count in self.revisions.items():
            numbers = [each.number for each in self.library._store.history(case)]
            assert numbers == list(range(1, count + 1))

    @invariant()
    def every_draft_is_where_it_was_left(self):
        for name, person in self.people.items():
            kept = {draft.id: draft.state for draft in self.work.drafts(person)}
            mine = {id_: state for id_, state in self.states.items() if self.owners[id_] == name}
            assert kept == mine

    @invariant()
    def the_queue_holds_what_is_submitted(self):
        waiting = {draft.id for draft in self.work.queue(self.people["zoe"])}
        assert waiting == {id_ for id_, state in self.states.items() if state == "submitted"}

    @invariant()
    def the_pages_of_cases_agree(self):
        for case in self.revisions:
            retired = self.library._store.retirement(case)
            assert (retired is None) == (case in self.public)
            try:
                self.library.page(case)
            except RetiredCaseError:
                assert retired.kind != "archived"

    def teardown(self):
        self.sync()
        self.library.close()
        self.folder.cleanup()

    # The account

    def noted(self, who, draft) -> str:
        self.states[draft.id], self.owners[draft.id] = draft.state, who
        assert draft.state == "draft"
        return draft.id

    def forget(self, draft: str) -> None:
        for account in (self.states, self.owners, self.of_case):
            account.pop(draft, None)

    def tried(self, action, who, draft, behind, do):
        """Do something, and hold what comes of it to the table of permissions."""
        own, state = self.owners.get(draft) == who, self.states.get(draft, "gone")
        own |= action == "review.decide" and who in self.authors[self.of_case.get(draft, "")]
        allowed = may(ROLES[who], action, own=own, state=state)
        found = self.library._connections.reading.execute(
            "SELECT version FROM drafts WHERE id = ?", [draft]
        ).fetchone()
        version = found[0] + behind if found else 1
        try:
            done = do(self.people[who], version)
        except REFUSALS as err:
            refusal = type(err)
        else:
            assert allowed
            assert not behind or action in {"draft.comment", "review.comment", "draft.delete"}
            return done or True
        assert not allowed or refusal not in {NotAllowedError, DraftNotFoundError}
        assert behind or refusal is not StaleDraftError
        return None

    def published(self, draft: str, revision):
        self.states[draft] = "published"
        case = self.of_case.get(draft)
        if revision is None:
            assert case in self.public
            return multiple()
        assert case in {None, revision.case.id}
        assert case or revision.case.id not in self.revisions
        self.of_case[draft] = revision.case.id
        self.authors[revision.case.id].add(self.owners[draft])
        self.revisions[revision.case.id] += 1
        self.public.add(revision.case.id)
        assert revision.number == self.revisions[revision.case.id]
        return revision.case.id


# What no order of steps shows, because it happens at once


@pytest.fixture
def people(library):
    return {
        name: library.accounts.create(f"{name}@example.org", role, name)
        for name, role in ROLES.items()
    }


def test_two_new_cases_of_one_name_that_are_accepted_at_once_get_two_ids(library, people):
    work = library.contributing
    waiting = []
    for _ in range(4):
        draft = work.begin(people["ana"])
        draft = work.write(people["ana"], draft.id, draft.version, FINISHED)
        waiting.append(work.submit(people["ana"], draft.id, draft.version))
    start = threading.Barrier(len(waiting))
    made = []

    def accept(draft):
        start.wait()
        made.append(work.accept(people["mia"], draft.id, draft.version))

    threads = [threading.Thread(target=accept, args=(draft,)) for draft in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each.number for each in made] == [1, 1, 1, 1]
    assert len({each.case.id for each in made}) == 4


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen while a file is being read."""

    def meanwhile(happens):
        read, waiting = received.proposals, [happens]

        def proposals(file, data):
            if waiting:
                waiting.pop()()
            return read(file, data)

        monkeypatch.setattr(received, "proposals", proposals)

    return meanwhile


def test_a_worker_that_was_too_slow_makes_no_second_draft(library, people, meanwhile, monkeypatch):
    monkeypatch.setattr("kb.uploads.LEASE_S", -1)
    work = library.contributing
    upload = work.receive(people["ana"], "a.txt", b"The city gives flats to homeless people.")

    meanwhile(lambda: (time.sleep(1.1), work.read_next()))
    work.read_next()

    sent = work.sent(people["ana"], upload.id)
    assert sent.upload.state == "draft"
    assert len(sent.drafts) == 1


@pytest.mark.parametrize("data", [b"The city gives flats to homeless people.", b"MZ\0"])
def test_of_someone_who_leaves_while_their_file_is_read_nothing_is_made(
    library, people, meanwhile, data
):
    work, ana = library.contributing, people["ana"]
    upload = work.receive(ana, "a.txt", data)

    meanwhile(lambda: work.erase(ana, keep_credit=False))

    assert work.read_next()
    assert not work.read_next()
    assert work.drafts(ana) == work.files(ana) == ()
    assert not library._originals.has(upload.original)


def test_bytes_that_somebody_else_sends_while_they_are_deleted_are_kept(library, people):
    work, data = library.contributing, b"Both have this file."
    for _ in range(5):
        ana = library.accounts.create("leaves@example.org", "contributor")
        work.receive(ana, "a.txt", data)
        sent = []
        threads = [
            threading.Thread(target=lambda ana=ana: work.erase(ana, keep_credit=False)),
            threading.Thread(
                target=lambda sent=sent: sent.append(work.receive(people["ben"], "a.txt", data))
            ),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert library._originals.read(sent[0].original) == data


@pytest.mark.parametrize("kind", ["", "taken-down", "x"])
def test_a_case_is_retired_in_no_other_way_than_the_two_there_are(library, people, kind):
    with pytest.raises(NotAllowedError):
        library.contributing.retire(people["mia"], "a-case", kind, "Because.")


def test_a_case_that_never_was_is_not_taken_down(library, people):
    with pytest.raises(CaseNotFoundError):
        library.contributing.take_down(people["zoe"], "never", "Because.")
    assert library._store.retirement("never") is None


Lifecycle.TestCase.settings = settings(
    max_examples=3 * KILLS,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLifecycle = pytest.mark.filterwarnings("ignore::ResourceWarning")(Lifecycle.TestCase)
