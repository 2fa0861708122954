"""What was acknowledged, held against what a library says after the kill; and the table of it."""

import json
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from kb import copying, inventory, lock, manifest
from kb.errors import KbError
from kb.library import Library
from kb.originals import digest_of
from kb.query import Query
from tests.crash.acts import Facts, sent_file

FINAL = {"draft", "refused"}
_GIVEN_UP_S = 120
"""After so long a lease has run out."""


@dataclass(slots=True)
class Ledger:
    """Everything that is promised, and what the kills have shown."""

    promised: Facts = field(default_factory=dict)
    kills: int = 0
    hit: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    """Acts that were done, and of which nobody was told any more."""
    behind: int = 0
    lost: list[str] = field(default_factory=list)
    half_written: list[str] = field(default_factory=list)
    index: list[str] = field(default_factory=list)
    """Where index and store differ after recovery, and locks that were left."""
    seconds: list[float] = field(default_factory=list)

    def take(self, log: Path) -> dict[str, Any] | None:
        """Enter what a killed child has told; return the act at which it was killed."""
        self.kills += 1
        running = None
        for line in _whole_lines(log):
            assert "failed" not in line, line["failed"]
            if "began" in line:
                running = line
            elif "did" in line:
                running = None
                self.acknowledged[line["did"]] += 1
                self._promise(line["facts"])
        self.hit[running["began"] if running else "between two acts"] += 1
        return running

    def compare(self, running: dict[str, Any] | None, there: Facts) -> None:
        """Hold what is there to what was promised; what nobody was told of is promised next."""
        differ = {k for k in self.promised.keys() | there if self.promised.get(k) != there.get(k)}
        unexplained = {key for key in differ if not self._may(key, running, there)}
        self.lost += [f"{k}: {self.promised.get(k)} is {there.get(k)}" for k in unexplained]
        if differ - unexplained and running:
            self.unanswered[running["began"]] += 1
        self.promised = there

    def _promise(self, facts: Facts) -> None:
        self.promised |= facts
        for case_id, state in facts.values() if _is_take_down(facts) else ():
            gone = [k for k, v in self.promised.items() if v[0] == case_id and k not in facts]
            for key in gone:
                del self.promised[key]
            assert state == "taken-down"

    def _may(self, key: str, running: dict[str, Any] | None, there: Facts) -> bool:
        """Tell whether the act that was running may have made this difference."""
        if running is None:
            return False
        if key not in self.promised:
            return any(key.startswith(prefix) for prefix in running["makes"])
        case_id = self.promised[key][0]
        down = there.get(f"case:{case_id}") == [case_id, "taken-down"]
        return key in running["changes"] or (down and f"case:{case_id}" in running["changes"])

    def table(self, rounds: int) -> str:
        """Return all of it as Markdown."""
        rows = [f"| {name} | {self.hit[name]} | {self.acknowledged[name] or ''} "
                f"| {self.unanswered[name] or ''} |"
                for name in sorted({*self.hit, *self.acknowledged})]  # fmt: skip
        total = f"| **all** | **{self.kills}** | **{self.acknowledged.total()}** "
        return "\n".join([
            "| act | kills while it ran | acknowledged | done, but not acknowledged |",
            "|---|--:|--:|--:|",
            *rows,
            f"{total}| **{self.unanswered.total()}** |",
            "",
            (f"{rounds} rounds; index behind right after {self.behind} of them; "
            f"**{len(self.lost)} lost, {len(self.half_written)} half-written, "
            f"{len(self.index)} times index and store differed after recovery**; recovery "
            f"{median(self.seconds):.2f} s in the median, {max(self.seconds):.2f} s at most."),
        ])  # fmt: skip


def _is_take_down(facts: Facts) -> bool:
    return any(value[1:] == ["taken-down"] for value in facts.values())


def _whole_lines(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def locks_held(library: Library) -> Iterator[str]:
    """Yield what somebody who was killed still holds."""
    data = library.settings.data
    for name in ("sync.lock", "backup.lock"):
        try:
            with lock.held(data / name, 0):
                pass
        except KbError as err:
            yield f"{name}: {err!r}"
    try:
        with library._connections.at_once():
            pass
    except KbError as err:
        yield f"database: {err!r}"


def recover(library: Library) -> float:
    """Do what a worker does when it starts, until it is done; return the seconds it took."""
    began = time.monotonic()
    work = library.contributing
    work.tidy()
    library.snapshots.mend()
    library.check_index()
    # A lease outlives whoever is killed; here it runs out at once.
    work._uploads._now = lambda: time.time() + _GIVEN_UP_S
    while work.read_next():
        pass
    work._uploads._now = time.time
    library.sync()
    return time.monotonic() - began


def found(library: Library) -> Facts:
    """Return all that is true, by the words in which acts tell it."""
    db, store = library._connections.reading, library._store
    facts: Facts = {}
    for case_id in {row[0] for row in db.execute("SELECT case_id FROM revisions").fetchall()}:
        for each in store.history(case_id):
            facts[f"revision:{case_id}:{each.number}"] = [case_id, each.case.body, each.original]
    facts |= {f"case:{key}": [key, "public"] for key in store.ids()}
    queries: dict[str, tuple[str, Callable[..., list[str]]]] = {
        "case": ("SELECT case_id, case_id, kind FROM retirements", _same),
        "upload": ("SELECT id, '', file, original FROM uploads", _same),
        "draft": ("SELECT id, case_id, state FROM drafts WHERE upload = '' AND version > 1", _same),
        "verdict": ("SELECT case_id, case_id, verdict FROM verdicts", _same),
        "adoption": (
            ("SELECT id, case_id, coalesce((SELECT decision FROM adoption_decisions d "
             "WHERE d.record = a.id ORDER BY seq DESC), 'waiting') FROM adoptions a"), _same),
        "snapshot": ("SELECT id, '', question FROM snapshots", _asked),
    }  # fmt: skip
    for kind, (sql, told) in queries.items():
        facts |= {f"{kind}:{row[0]}": told(*row[1:]) for row in db.execute(sql).fetchall()}
    return facts


def _same(*values: str) -> list[str]:
    return list(values)


def _asked(case_id: str, question: str) -> list[str]:
    return [case_id, json.loads(question)["q"]]


def half_written(library: Library) -> Iterator[str]:
    """Yield whatever is there in part: rows, files, and rows that name a file that is not there."""
    db, data = library._connections.reading, library.settings.data
    for check in ("integrity_check", "foreign_key_check"):
        rows = db.execute(f"PRAGMA {check}").fetchall()
        if rows not in ([], [("ok",)]):
            yield f"{check}: {rows}"
    for folder in ("originals", "snapshots"):
        for path in (data / folder).glob("??/[0-9a-f]*"):
            if digest_of(path.read_bytes()) != path.name:
                yield f"{path} is not what its name says"
    named = db.execute(
        "SELECT original FROM revisions UNION SELECT original FROM uploads "
        "UNION SELECT original FROM collections"
    ).fetchall()
    for (original,) in named:
        if original and not library._originals.has(original):
            yield f"original {original} is missing"
    yield from _broken_packages(library)
    yield from _broken_uploads(db)
    yield from _broken_backups(data.parent / "backups")


def _broken_backups(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a backup that has its name; what a kill cut off has none."""
    for made in folder.glob("[0-9]*"):
        with closing(copying.reading(made / manifest.DATABASE)) as db:
            yield from (f"{made}: {fault}" for fault in copying.integrity(db))
        for name in inventory.named_in(made / manifest.DATABASE):
            if digest_of((made / name).read_bytes()) != Path(name).name:
                yield f"{made / name} is not what its name says"


def _broken_packages(library: Library) -> Iterator[str]:
    for snapshot in library.snapshots.newest():
        with library.snapshots.package(snapshot) as file, zipfile.ZipFile(file) as package:
            if package.testzip():
                yield f"package {snapshot.id} is broken"
        if snapshot.held != sum(each.state != "taken-down" for each in _cases(library, snapshot)):
            yield f"package {snapshot.id} holds a case that was taken down"


def _cases(library: Library, snapshot: Any) -> Any:
    return library.snapshots.cases(snapshot.id)


def _broken_uploads(db: Any) -> Iterator[str]:
    rows = db.execute(
        "SELECT u.id, u.file, u.state, count(d.id) FROM uploads u "
        "LEFT JOIN drafts d ON d.upload = u.id GROUP BY u.id"
    ).fetchall()
    for upload, file, state, drafts in rows:
        wanted = "refused" if file.endswith("exe") else "draft"
        if state != wanted or drafts != (state == "draft"):
            yield f"upload {upload} ({file}) is {state} with {drafts} drafts"
    for original, times in db.execute(
        "SELECT original, count(*) FROM uploads GROUP BY original HAVING count(*) > 1"
    ).fetchall():
        yield f"{original} was taken in {times} times"


def index_faults(library: Library) -> Iterator[str]:
    """Yield what the index has that the store has not, and the other way round."""
    store = library._store
    listed = store.ids()
    pages = [library.search(Query(page=n, size=100)) for n in range(1, len(listed) // 100 + 2)]
    if sorted(hit.id for page in pages for hit in page.hits) != listed:
        yield "the index has other cases than the store"
    for case_id in listed:
        body = store.latest(case_id).case.body
        if [hit.id for hit in library.search(Query(_mark(body))).hits] != [case_id]:
            yield f"{case_id} is not found by what it says now: {body}"
    status = library.status()
    if (status.index.state, status.index.behind) != ("ready", 0) or not library._engine.verify():
        yield f"the index is {status.index}"


def still_found(library: Library, facts: Facts) -> Iterator[str]:
    """Yield the texts that are found and not public: replaced, archived, withdrawn or declined."""
    public = {library._store.latest(each).case.body for each in library._store.ids()}
    unpublished = {v[1] for k, v in facts.items() if k.startswith("revision:")} - public
    for body in sorted(unpublished)[-40:]:
        if library.search(Query(_mark(body))).total:
            yield f"found although it is not public: {body}"


def _mark(body: str) -> str:
    return body.removeprefix("This is ").strip(".\n")


def send_again(library: Library, running: dict[str, Any] | None) -> None:
    """Send once more, as a form does, the file of which nobody was told that it is kept."""
    if running and running["sends"]:
        name, data, key = sent_file(running["sends"])
        ana = library.accounts.by_email("ana@example.org")
        library.contributing.receive(ana, name, data, key)


def orphans() -> list[str]:
    """Return the commands that read files and whose parent has gone."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == "1" and ("kb/intake/child.py" in command or "tesseract" in command):
            left.append(command)
    return left
