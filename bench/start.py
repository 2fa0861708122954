"""Starting: from a process to its first answer, and what a commit costs those who read.

Usage: python -m bench.start [CASES...]      (default 2000 20000)

Cold: the files of the site are put out of the file cache before (`posix_fadvise`); the programs
stay in it. Each figure is the median of some processes of their own.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import pairwise

from bench import kept
from bench.figures import middle, ms, publish, table

SIZES = (2000, 20_000)
_ROUNDS = 5
_WORD = "housing"


def main(sizes: Sequence[int]) -> None:
    """Measure at each size and publish."""
    rows = []
    for number in sizes:
        with kept.site(number):
            pass
        for name, cold in (("cold", True), ("warm", False)):
            told = _median([_start(number, cold=cold) for _ in range(_ROUNDS)])
            rows.append([str(number), name, *(ms(told[step]) for step in _STEPS)])
    publish("start", table(("cases", "file cache", *_STEPS.values()), rows), "make bench-start")
    again = {number: _median([_reopened(number) for _ in range(_ROUNDS)]) for number in sizes}
    found = [[str(number), *(ms(told[step]) for step in _AGAIN)] for number, told in again.items()]
    publish("reopen", table(("cases", *_AGAIN.values()), found), "make bench-start")


_STEPS = {
    "import": "import, ms", "open": "open, ms", "first": "first search, ms",
    "second": "the same again", "other": "another word", "cpu": "all of it, ms CPU",
}  # fmt: skip
_AGAIN = {
    "before": "a search before, ms CPU", "commit": "commit of one case, ms CPU (in the writer)",
    "after": "first search after it, ms CPU", "later": "the next, ms CPU",
}  # fmt: skip


def _start(number: int, *, cold: bool) -> Mapping[str, float]:
    if cold:
        _forget(number)
    return _told("--start", number)


def _reopened(number: int) -> Mapping[str, float]:
    return _told("--reopen", number)


def _told(what: str, number: int) -> Mapping[str, float]:
    command = [sys.executable, "-m", "bench.start", what, str(number)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ourselves
    told: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def start(number: int) -> None:
    """Import, open, search; print the seconds of each."""
    marks = [time.perf_counter()]
    import indexer  # noqa: F401 - what a start of the site imports
    from kb.library import open_library
    from kb.query import Query

    marks.append(time.perf_counter())
    with closing(open_library(kept.settings(number))) as library:
        marks.append(time.perf_counter())
        for word in (_WORD, _WORD, "Arbeitslose"):
            library.search(Query(word, size=10))
            marks.append(time.perf_counter())
    steps = [after - before for before, after in pairwise(marks)]
    names = ("import", "open", "first", "second", "other")
    print(json.dumps(dict(zip(names, steps, strict=True)) | {"cpu": time.process_time()}))


def reopen(number: int) -> None:
    """Search before and after another process has committed a case; print what each took."""
    from kb.library import open_library
    from kb.query import Query

    with closing(open_library(kept.settings(number))) as library:

        def searched() -> float:
            return _cpu_s(lambda: library.search(Query(_WORD, size=10)))

        searched()
        before = searched()
        commit = _told("--commit", number)["commit"]
        told = {"before": before, "commit": commit, "after": searched(), "later": searched()}
    print(json.dumps(told))


def commit(number: int) -> None:
    """Change a case and sync; print what the sync took."""
    from kb.formats import md
    from kb.library import open_library

    with closing(open_library(kept.settings(number))) as library:
        library.status()
        case = kept.first(number)
        changed = case.model_copy(update={"body": f"{case.body}\n\nquetzal{time.time_ns()}"})
        library.receive(f"{case.id}.md", md.write(changed), "operator")
        print(json.dumps({"commit": _cpu_s(library.sync)}))


def _cpu_s(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _forget(number: int) -> None:
    """Put the files of a site out of the file cache."""
    os.sync()
    for path in kept.settings(number).data.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _median(rounds: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {name: middle([each[name] for each in rounds]) for name in rounds[0]}


_DO = {"--start": start, "--reopen": reopen, "--commit": commit}

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in _DO:
        _DO[sys.argv[1]](int(sys.argv[2]))
    else:
        main([int(each) for each in sys.argv[1:]] or SIZES)
