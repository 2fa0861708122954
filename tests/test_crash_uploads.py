"""What was sent in is kept and read once, whenever a process is killed.

One process sends in and another reads; each is killed at random moments, ``KB_KILLS`` times (5 if
unset). Leases are short here: what a worker has left is taken again after a second.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from kb.intake import case_in
from kb.library import Library, open_library
from kb.settings import Settings
from tests.kb import pdfs

ROOT = Path(__file__).parents[1]
KILLS = int(os.environ.get("KB_KILLS", "5"))
LONGEST_S = 2.5
FINAL = {"draft", "refused", "failed"}

START = """
import itertools, sys, time
from pathlib import Path
from kb import contributing, uploads
from kb.library import open_library
from kb.settings import Settings

uploads.LEASE_S, contributing.MOST_FILES_A_DAY = 0, 10**6
library = open_library(Settings(data=Path(sys.argv[1]), encoder="off"))
work = library.contributing
ana = library.accounts.by_email("ana@example.org")
"""
# Prints key, id, hash and name only when the file is acknowledged; every third is sent twice.
SENDER = f"""{START}
pdf = Path(sys.argv[3]).read_bytes()
for number in itertools.count(int(sys.argv[2])):
    text = f"Mark {{number}}. The city has given flats to homeless people."
    name, data = [
        (f"{{number}}.txt", text.encode()),
        (f"{{number}}.pdf", pdf.replace(b"MARK", b"%04d" % number)),
        (f"{{number}}.exe", b"MZ\\0" + text.encode()),
    ][number % 3]
    for _ in range(1 + (number % 3 == 0)):
        sent = work.receive(ana, name, data, f"key-{{number}}")
        print(number, sent.id, sent.original, name, flush=True)
    time.sleep(0.1)
"""
READER = f"""{START}
print("ready", flush=True)
while True:
    work.read_next() or time.sleep(0.05)
"""
# Accepts drafts that wait; prints when one is acknowledged.
REVIEWER = f"""{START}
mia = library.accounts.by_email("mia@example.org")
print("ready", flush=True)
for draft in work.queue(mia):
    print(draft.id, work.accept(mia, draft.id, draft.version).case.id, flush=True)
"""


@pytest.fixture
def started(tmp_path):
    """Start a process and wait for its first line."""

    def started(code: str, *arguments: object) -> tuple[subprocess.Popen[str], str]:
        child = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "data"),
             *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip
        return child, child.stdout.readline()

    return started


def killed(child: subprocess.Popen[str], first: str) -> list[str]:
    """Kill a process at some moment and return the whole lines that it has said."""
    try:
        rest, _ = child.communicate(timeout=random.uniform(0, LONGEST_S))  # noqa: S311 - any moment
    except subprocess.TimeoutExpired:
        child.kill()
        rest, _ = child.communicate()
    lines = f"{first}{rest}".splitlines(keepends=True)
    return [line.strip() for line in lines if line.endswith("\n")]


def reopened(library: Library) -> Library:
    return open_library(Settings(data=library.settings.data, encoder="off"))


def read_all(library: Library) -> None:
    """Read what waits, as a worker that was started again does."""
    end = time.monotonic() + 60
    while waiting(library):
        assert time.monotonic() < end, "the queue does not become empty"
        library.contributing.read_next() or time.sleep(0.1)


def waiting(library: Library) -> list[str]:
    files = library.contributing.files(library.accounts.by_email("ana@example.org"))
    return [file.id for file in files if file.state not in FINAL]


def orphans() -> list[str]:
    """Return the commands that read files and whose parent has gone."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == "1" and ("kb/intake/child.py" in command or "tesseract" in command):
            found.append(command)
    return found


def test_what_was_sent_in_is_kept_and_read_once_whoever_is_killed(
    library, started, tmp_path, monkeypatch
):
    monkeypatch.setattr("kb.uploads.LEASE_S", 0)
    ana = library.accounts.create("ana@example.org", "contributor", "Ana")
    library.close()
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(pdfs.pdf(pdfs.paragraph("MARK", "Flats for homeless people in Dublin.")))
    acknowledged: dict[int, tuple[str, str, str]] = {}

    for _ in range(KILLS):
        reader = started(READER)
        sender = started(SENDER, max(acknowledged, default=0) + 1, pdf)
        for line in killed(*sender):
            number, upload, original, name = line.split()
            told = acknowledged.setdefault(int(number), (upload, original, name))
            assert told == (upload, original, name)
        killed(*reader)
    time.sleep(1.5)
    opened = reopened(library)
    read_all(opened)

    work = opened.contributing
    files = {file.id: file for file in work.files(ana)}
    assert acknowledged
    for upload, original, name in acknowledged.values():
        assert (files[upload].original, files[upload].file) == (original, name)
        assert opened._originals.read(original)
    # At most the one that a kill has cut off before it was acknowledged comes on top.
    assert 0 <= len(files) - len(acknowledged) <= KILLS
    assert set(Counter(file.original for file in files.values()).values()) == {1}
    made = Counter(draft.upload for draft in work.drafts(ana))
    for file in files.values():
        assert made[file.id] == (file.state == "draft"), file
        assert file.state == "refused" if file.file.endswith("exe") else file.state in FINAL
        assert file.state != "failed" or "broken off twice" in file.reason
    of_upload = {draft.upload: draft for draft in work.drafts(ana)}
    for number, (upload, _, name) in acknowledged.items():
        if upload in of_upload:
            mark = f"Mark {number}." if name.endswith("txt") else f"{number:04}"
            assert mark in of_upload[upload].document.text
    assert not orphans()
    opened.close()


def test_a_kill_leaves_a_draft_published_with_its_case_or_neither(library, started, write_case):
    ana = library.accounts.create("ana@example.org", "contributor", "Ana")
    library.accounts.create("mia@example.org", "moderator", "Mia")
    work = library.contributing
    for number in range(12 * KILLS):
        draft = work.begin(ana)
        path = write_case(f"case-{number}")
        case = case_in(path.name, path.read_bytes())
        draft = work.write(ana, draft.id, draft.version, case.as_dict())
        work.submit(ana, draft.id, draft.version)
    library.close()
    acknowledged: dict[str, str] = {}

    for _ in range(KILLS):
        child, first = started(REVIEWER)
        time.sleep(random.uniform(0, 0.05))  # noqa: S311 - any moment
        child.kill()
        rest, _ = child.communicate()
        assert first == "ready\n"
        lines = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        acknowledged |= dict(line.split() for line in lines)
        opened = reopened(library)

        drafts = {draft.id: draft for draft in opened.contributing.drafts(ana)}
        published = {each.case_id for each in drafts.values() if each.state == "published"}
        assert published == set(opened._store.ids())
        assert len(published) == sum(each.state == "published" for each in drafts.values())
        for draft_id, case_id in acknowledged.items():
            assert (drafts[draft_id].state, drafts[draft_id].case_id) == ("published", case_id)
            assert [each.number for each in opened._store.history(case_id)] == [1]
        assert opened._connections.reading.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        opened.close()


def test_what_an_attempt_to_send_or_to_delete_has_left_is_cleared_away_after_a_day(library):
    originals = library._originals
    unused = originals.keep(b"nothing refers to it")
    used = library.contributing.receive(
        library.accounts.create("ana@example.org", "contributor"), "a.md", b"text"
    ).original
    fresh = originals.keep(b"something is about to refer to it")
    broken = originals._path(unused).with_name(f".{unused}.1.1")
    broken.write_bytes(b"noth")
    for path in (originals._path(unused), originals._path(used), broken):
        os.utime(path, (1, 1))

    library.contributing.tidy()

    assert not originals.has(unused)
    assert not broken.exists()
    assert originals.has(used)
    assert originals.has(fresh)
