"""What was acknowledged is kept, whenever the process is killed.

A child takes in cases and syncs; it is killed at random moments, ``KB_KILLS`` times (5 if unset).
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kb.library import Library, open_library
from kb.query import Query
from kb.settings import Settings

ROOT = Path(__file__).parents[1]
KILLS = int(os.environ.get("KB_KILLS", "5"))
LONGEST_S = 2.0

# Prints "id number hash" only when the case is acknowledged; syncs in between, as a worker would.
# It begins when everything is loaded, so that most kills hit a write.
WRITER = """
import sys
from pathlib import Path
from kb import lookahead
from kb.library import open_library
from kb.settings import Settings

lookahead._WORTHWHILE = 99  # the few words are known sooner than processes are started
library = open_library(Settings(data=Path(sys.argv[1])))
number = int(sys.argv[2])
template = Path(sys.argv[3]).read_text()

def receive(case_id):
    text = template.replace("id: template", f"id: {case_id}").replace("MARK", f"mark{number}")
    return library.receive(f"{case_id}.md", text.encode(), "tester").original

receive("warm")
library.sync()
while True:
    number += 1
    case_id = f"case-{number % 9}" if number % 3 else f"case-n{number}"
    print(case_id, number, receive(case_id), flush=True)
    if number % 16 == 0:
        library.rebuild()
    elif number % 2:
        library.sync()
"""


@pytest.fixture
def killed(tmp_path, write_case):
    """Let a child write from a number on, kill it, and return the lines it acknowledged."""
    template = write_case("template", "This is MARK.")
    moments = random.Random()  # noqa: S311 - any moment will do

    def killed(number: int) -> list[tuple[str, int, str]]:
        arguments = [str(tmp_path / "data"), str(number), str(template)]
        child = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-W", "ignore", "-c", WRITER, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        first = child.stdout.readline()
        try:
            rest, _ = child.communicate(timeout=moments.uniform(0, LONGEST_S))
        except subprocess.TimeoutExpired:
            child.kill()
            rest, _ = child.communicate()
        lines = f"{first}{rest}".splitlines(keepends=True)
        whole = [line.split() for line in lines if line.endswith("\n")]
        return [(case_id, int(told), original) for case_id, told, original in whole]

    return killed


def check(library: Library, acknowledged: list[tuple[str, int, str]]) -> None:
    """Hold the library to every acknowledged case, its original, and an index of all cases."""
    kept = {case_id: library._store.history(case_id) for case_id, _, _ in acknowledged}
    for case_id, number, original in acknowledged:
        (revision,) = (each for each in kept[case_id] if each.original == original)
        assert revision.case.body == f"This is mark{number}."
    stored = library._store.ids()
    for case_id in stored:
        for revision in library._store.history(case_id):
            assert f"id: {case_id}\n".encode() in library._originals.read(revision.original)
    pages = [library.search(Query(page=page, size=100)) for page in range(1, 11)]
    assert sorted({hit.id for page in pages for hit in page.hits}) == stored[:1000]
    assert pages[0].total == len(stored)


def check_texts(library: Library, acknowledged: list[tuple[str, int, str]]) -> None:
    """Hold the index to the newest text of each case that the last child wrote."""
    for case_id in {case_id for case_id, _, _ in acknowledged}:
        mark = library._store.latest(case_id).case.body.removeprefix("This is ")
        assert [hit.id for hit in library.search(Query(mark)).hits] == [case_id]


def test_acknowledged_cases_survive_kills_at_any_moment(library, killed):
    library.sync()
    library.close()
    acknowledged: list[tuple[str, int, str]] = []

    for _ in range(KILLS):
        told = killed(acknowledged[-1][1] + 1 if acknowledged else 0)
        acknowledged += told
        opened = open_library(Settings(data=library.settings.data))
        opened.sync()

        assert told
        check(opened, acknowledged)
        check_texts(opened, told)
        assert opened.status().index.state == "ready"
        assert opened._engine.verify()
        opened.close()
