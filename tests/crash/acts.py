"""What people and the worker do, to be killed at it: each act in a table, told before and after.

Whoever acts goes on until killed. Before an act they say what it may change or make; afterwards,
and only when it has been acknowledged, what is true from then on.
"""

import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from kb import contributing, lookahead, transfer
from kb.errors import KbError
from kb.frozen import Question
from kb.intake import case_in
from kb.library import Library, open_library
from kb.query import Query
from kb.settings import Settings
from tests.conftest import COMPLETE
from tests.kb import pdfs

Facts = dict[str, list[str]]
"""What is true: of what, and what; the first word of each value is the case that it is about."""
CASES = 40
"""The command line writes so many cases again and again."""
_PEOPLE = {"ana": "contributor", "mia": "moderator", "ada": "administrator"}


@dataclass(slots=True)
class Desk:
    """Who acts, with what, and what comes next."""

    library: Library
    any: random.Random
    number: int

    def next(self) -> int:
        self.number += 1
        return self.number

    def person(self, name: str) -> Any:
        return self.library.accounts.by_email(f"{name}@example.org")

    def some(self, found: Any) -> Any:
        """Choose one, or return None where there is none."""
        listed = list(found)
        return self.any.choice(listed) if listed else None

    def public(self) -> str | None:
        return self.some(self.library.languages())


@dataclass(frozen=True, slots=True)
class Begun:
    """What an act may do, whether or not it is acknowledged."""

    changes: tuple[str, ...] = ()
    """Facts that may be others afterwards; of a case that is taken down, all of its facts."""
    makes: tuple[str, ...] = ()
    """How new facts begin."""
    sends: int = 0
    """The number of a file that is being sent."""


Act = Callable[[Desk], Iterator[Begun | Facts]]
"""Yields what it may do, does it, and yields the facts; nothing where there is nothing to do."""


def mark(number: int) -> str:
    return f"This is mark{number}."


def case_file(case_id: str, number: int) -> bytes:
    block = "\n".join(f"{key}: {value}" for key, value in {"id": case_id, **COMPLETE}.items())
    return f"---\n{block}\n---\n\n{mark(number)}\n".encode()


def sent_file(number: int) -> tuple[str, bytes, str]:
    """Return the name, bytes and key of a file that somebody sends in."""
    text = f"{mark(number)} The city has given flats to homeless people.".encode()
    if number % 5 == 0:
        return f"{number}.exe", b"MZ\0" + text, f"key-{number}"
    if number % 10 == 2:  # it is read in a process of its own, which must not be left behind
        return f"{number}.pdf", pdfs.pdf(pdfs.paragraph(text.decode())), f"key-{number}"
    if number % 5 == 1:
        return f"{number}.md", case_file(f"sent-{number}", number), f"key-{number}"
    return f"{number}.txt", text, f"key-{number}"


def ingest(desk: Desk) -> Iterator[Begun | Facts]:
    number = desk.next()
    case_id = f"case-{number % CASES}"
    retired = desk.library._store.retirement(case_id)
    if retired and retired.kind == "taken-down":
        case_id = f"case-n{number}"
    yield Begun((f"case:{case_id}",), (f"case:{case_id}", f"revision:{case_id}:"))
    data = case_file(case_id, number)
    saved = desk.library.receive(f"{case_id}.md", data, "tester")
    yield {f"case:{case_id}": [case_id, "public"], **revision(saved)}


def upload(desk: Desk) -> Iterator[Begun | Facts]:
    number = desk.next()
    name, data, key = sent_file(number)
    yield Begun(makes=("upload:",), sends=number)
    sent = desk.library.contributing.receive(desk.person("ana"), name, data, key)
    yield {f"upload:{sent.id}": ["", name, sent.original]}


def write(desk: Desk) -> Iterator[Begun | Facts]:
    """Begin a draft, of a new case or of the next revision of one, and write it."""
    work, ana, number = desk.library.contributing, desk.person("ana"), desk.next()
    case_id = desk.public() if number % 3 else None
    yield Begun(makes=("draft:",))
    draft = work.revise(ana, case_id) if case_id else work.begin(ana)
    case = case_in("a.md", case_file(case_id or f"paper-{number}", number))
    draft = work.write(ana, draft.id, draft.version, case.as_dict())
    yield {f"draft:{draft.id}": [draft.case_id, draft.state]}


def submit(desk: Desk) -> Iterator[Begun | Facts]:
    work, ana = desk.library.contributing, desk.person("ana")
    mine = (each for each in work.drafts(ana) if each.state == "draft" and each.version > 1)
    draft = desk.some(each for each in mine if not each.upload)
    if draft:
        yield Begun((f"draft:{draft.id}",))
        work.submit(ana, draft.id, draft.version)
        yield {f"draft:{draft.id}": [draft.case_id, "submitted"]}


def publish(desk: Desk) -> Iterator[Begun | Facts]:
    work, mia = desk.library.contributing, desk.person("mia")
    draft = desk.some(work.queue(mia))
    if draft:
        case_id = draft.case_id or draft.values["id"]
        changed = (f"draft:{draft.id}", f"case:{case_id}")
        yield Begun(changed, (f"case:{case_id}", f"revision:{case_id}:"))
        saved = work.accept(mia, draft.id, draft.version, over=work.overtaken_by(draft))
        public = {f"case:{case_id}": [case_id, "public"]} if saved else {}
        yield {f"draft:{draft.id}": [case_id, "published"], **public, **revision(saved)}


def decline(desk: Desk) -> Iterator[Begun | Facts]:
    work, mia = desk.library.contributing, desk.person("mia")
    draft = desk.some(work.queue(mia))
    if draft:
        yield Begun((f"draft:{draft.id}",))
        work.decline(mia, draft.id, draft.version, "It says nothing new.")
        yield {f"draft:{draft.id}": [draft.case_id, "declined"]}


def withdraw(desk: Desk) -> Iterator[Begun | Facts]:
    yield from _retire(desk, "withdrawn")


def archive(desk: Desk) -> Iterator[Begun | Facts]:
    yield from _retire(desk, "archived")


def _retire(desk: Desk, kind: str) -> Iterator[Begun | Facts]:
    case_id = desk.public()
    if case_id:
        yield Begun((f"case:{case_id}",))
        desk.library.contributing.retire(desk.person("mia"), case_id, kind, "It has ended.")
        yield {f"case:{case_id}": [case_id, kind]}


def take_down(desk: Desk) -> Iterator[Begun | Facts]:
    case_id = desk.public()
    if case_id:
        yield Begun((f"case:{case_id}",))
        desk.library.contributing.take_down(desk.person("ada"), case_id, "A court says so.")
        yield {f"case:{case_id}": [case_id, "taken-down"]}


def judge(desk: Desk) -> Iterator[Begun | Facts]:
    """Judge a tag of the machine's."""
    case_id, verdict = desk.public(), desk.any.choice(["accepted", "rejected"])
    if case_id:
        key = f"verdict:{case_id}"
        yield Begun((key,), (key,))
        desk.library.contributing.judge(desk.person("mia"), case_id, "06.1", verdict)
        yield {key: [case_id, verdict]}


def adopt(desk: Desk) -> Iterator[Begun | Facts]:
    case_id = desk.public()
    if case_id:
        yield Begun(makes=("adoption:",))
        told = {
            "city": "Ghent", "country": "BE", "year": "2020", "state": "running",
            "organisation": f"Office {desk.next()}", "contact": "office@ghent.example",
            "agreed": "yes",
        }  # fmt: skip
        record = desk.library.transfer.record(desk.person("ana"), case_id, told)
        yield {f"adoption:{record.id}": [case_id, record.decision]}


def decide(desk: Desk) -> Iterator[Begun | Facts]:
    """Decide on a record of an adoption."""
    mia, decision = desk.person("mia"), desk.any.choice(["accepted", "declined"])
    asked = desk.some(desk.library.transfer.queue(mia))
    if asked:
        yield Begun((f"adoption:{asked.record.id}",))
        desk.library.transfer.decide(mia, asked.record.id, decision, "Seen.")
        yield {f"adoption:{asked.record.id}": [asked.record.case_id, decision]}


def take_back(desk: Desk) -> Iterator[Begun | Facts]:
    """Withdraw a record of an adoption."""
    ana = desk.person("ana")
    records = desk.library.transfer.mine(ana)
    record = desk.some(each for each in records if each.decision != "withdrawn")
    if record:
        yield Begun((f"adoption:{record.id}",))
        desk.library.transfer.withdraw(ana, record.adoption)
        yield {f"adoption:{record.id}": [record.case_id, "withdrawn"]}


def freeze(desk: Desk) -> Iterator[Begun | Facts]:
    question = desk.any.choice(["", "homeless people", "flats", "hostels"])
    yield Begun(makes=("snapshot:",))
    snapshot = desk.library.snapshots.freeze(Question(Query(question)))
    yield {f"snapshot:{snapshot.id}": ["", question]}


def read(desk: Desk) -> Iterator[Begun | Facts]:
    """Read what was sent in."""
    yield Begun()
    desk.library.contributing.read_next()
    yield {}


def sync(desk: Desk) -> Iterator[Begun | Facts]:
    yield Begun()
    desk.library.sync()
    yield {}


def rebuild(desk: Desk) -> Iterator[Begun | Facts]:
    yield Begun()
    desk.library.rebuild()
    yield {}


def mend(desk: Desk) -> Iterator[Begun | Facts]:
    """Do what a worker does when it starts."""
    yield Begun()
    desk.library.contributing.tidy()
    desk.library.snapshots.mend()
    desk.library.check_index()
    yield {}


def backup(desk: Desk) -> Iterator[Begun | Facts]:
    """Back up beside the data, as a timer does."""
    yield Begun()
    desk.library.backups.make(desk.library.settings.data.parent / "backups", keep=3)
    yield {}


def revision(saved: Any) -> Facts:
    if saved is None:
        return {}
    case = saved.case
    return {f"revision:{case.id}:{saved.number}": [case.id, case.body, saved.original]}


# Who does what, and how often beside the other acts. A new act needs a row here, and for what it
# promises a line in `ledger.found`.
ACTS: Mapping[str, Mapping[Act, int]] = {
    "web": {
        ingest: 6, upload: 5, write: 4, submit: 4, publish: 6, decline: 1, withdraw: 1, archive: 1,
        take_down: 1, judge: 1, adopt: 2, decide: 2, take_back: 1, freeze: 2,
    },
    "worker": {read: 5, sync: 6, rebuild: 1, mend: 1, backup: 2},
}  # fmt: skip


def go_on(who: str, desk: Desk, say: Callable[..., None]) -> None:
    """Act until killed."""
    acts = ACTS[who]
    while True:
        (act,) = desk.any.choices(list(acts), list(acts.values()))
        do(act, desk, say)


def do(act: Act, desk: Desk, say: Callable[..., None]) -> None:
    steps = act(desk)
    begun = next(steps, None)
    if begun is None:
        return
    name = act.__name__
    say(began=name, changes=begun.changes, makes=begun.makes, sends=begun.sends)
    try:
        say(did=name, facts=next(steps))
    except KbError as err:  # it was refused, in words: then nothing of it may have happened
        say(did=name, facts={}, refused=repr(err))


def opened(data: Path) -> Library:
    contributing.MOST_FILES_A_DAY = transfer.MOST_A_DAY = 10**6
    lookahead._WORTHWHILE = 99  # the few words are known sooner than processes are started
    return open_library(Settings(data=data, encoder="off"))


def settle(library: Library) -> None:
    """Give a library its people."""
    for name, role in _PEOPLE.items():
        library.accounts.create(f"{name}@example.org", role, name.title())


def warm_up() -> None:
    """Do every act in a folder of its own, so that whatever is slow the first time is known."""
    with tempfile.TemporaryDirectory() as folder:
        library = opened(Path(folder))
        settle(library)
        desk = Desk(library, random.Random(1), 0)  # noqa: S311 - nothing secret
        for _ in range(6):
            for act in (*ACTS["web"], *ACTS["worker"]):
                if act is not take_down:
                    do(act, desk, lambda **_: None)
        library.close()


def be(who: str, data: Path, log: Path, number: int) -> NoReturn:
    """Open the data, say so in the log, and act until killed."""
    told = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(**what: object) -> None:
        os.write(told, f"{json.dumps(what)}\n".encode())

    try:
        library = opened(data)
        say(ready=True)
        any_act = random.Random(number)  # noqa: S311 - nothing secret
        go_on(who, Desk(library, any_act, number), say)
    except BaseException as err:  # noqa: BLE001 - nothing but a kill may end it
        say(failed=repr(err))
    os._exit(1)
