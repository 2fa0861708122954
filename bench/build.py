"""Building: from files to an index, beside the peers; and how soon a published case is found.

Usage: python -m bench.build [CASES...]      (default 2000 10000 20000)

Each step runs in a process of its own. Processor counts that process and those it starts; memory
is the most that all of them held together, by their proportional share, looked at twice a second.
The site of each size is kept for the other benches. The peers are given plain text and finished
facets: they do not read front matter, keep originals, or tag.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bench import kept, peers
from bench.figures import MB, high, memory, middle, ms, publish, ratio, size, table, take
from kb.formats import md
from kb.library import Library, open_library
from kb.query import Query

SIZES = (2000, 10_000, 20_000)
_ROUNDS = 7
_LOOK_S = 0.01
_GIVE_UP_S = 60


def main(sizes: Sequence[int]) -> None:
    """Measure at each size and publish."""
    command = "make bench-build"
    built = {number: build(number) for number in sizes}
    publish("build", table(_HEAD, _rows(built)), command)
    beside = {number: build_peers(number) for number in sizes}
    publish("build-peers", table(_PEER_HEAD, _peer_rows(built, beside)), command)
    soon = {number: until_found(number) for number in sizes}
    publish("publish", table(_SOON_HEAD, _soon_rows(soon, beside)), command)


Figures = Mapping[str, Mapping[str, float]]
"""Step -> ``cpu_s``, ``wall_s``, ``peak``."""


def build(number: int) -> Figures:
    """Build the site of so many cases from nothing, step by step; say what each took."""
    kept.files(number)
    shutil.rmtree(kept.settings(number).data, ignore_errors=True)
    return {step: _in_a_process(step, number) for step in STEPS}


def _read(library: Library, number: int) -> None:
    library.ingest([kept.files(number)])


def _tag_and_index(library: Library, _number: int) -> None:
    library.sync()


def _index_again(library: Library, _number: int) -> None:
    library.rebuild()


STEPS: Mapping[str, Callable[[Library, int], None]] = {
    "reading": _read, "tagging and indexing": _tag_and_index, "rebuild": _index_again,
}  # fmt: skip


def step(name: str, number: int) -> None:
    """Do one step and print what it took, as JSON."""
    with closing(open_library(kept.settings(number))) as library, _peak() as most:
        taken = take(lambda: STEPS[name](library, number))
    print(json.dumps({"cpu_s": taken.cpu_s, "wall_s": taken.wall_s, "peak": max(most)}))


def _in_a_process(name: str, number: int) -> Mapping[str, float]:
    command = [sys.executable, "-m", "bench.build", "--step", name, str(number)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ourselves
    told: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{number} cases, {name}: {told}", flush=True)
    return told


@contextmanager
def _peak() -> Iterator[list[int]]:
    """Look at the memory of this process and its children while the block runs."""
    most, stop = [0], threading.Event()

    def look() -> None:
        while not stop.wait(0.5):
            most.append(sum(_share(process) for process in _family(os.getpid())))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield most
    finally:
        stop.set()
        watcher.join()


def _family(process: int) -> Iterable[int]:
    told = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [process, *map(int, told.split())]


def _share(process: int) -> int:
    try:
        return memory(process)[1]
    except (OSError, KeyError):  # it has ended
        return 0


def build_peers(number: int) -> Mapping[str, Mapping[str, float]]:
    """Have the peers index the same texts, and change a case; say what it took."""
    with peers.running(kept.ROOT / "peers") as beside:
        told: dict[str, Mapping[str, float]] = {}
        row = kept.row(kept.first(number))
        for name in peers.NAMES:
            figures = beside.build(name, kept.rows(number))
            changes = [
                beside.change(name, row | {"text": f"{row['text']} {n}"}) for n in range(_ROUNDS)
            ]
            told[name] = {**figures, "change_s": middle([each["wall_s"] for each in changes])}
    return told


def until_found(number: int) -> Sequence[float]:
    """Return the seconds from accepting a case until another process finds it, some times over."""
    with kept.site(number) as library:
        case = kept.first(number)
        worker = [sys.executable, "indexer.py", "work"]
        environment = {
            **os.environ,
            "KB_DATA": str(kept.settings(number).data),
            "KB_ENCODER": "off",
        }
        with _running(worker, environment):
            time.sleep(10)  # it has checked the index
            taken = []
            for _ in range(_ROUNDS):
                word = f"quetzal{time.time_ns()}"
                with _reader(number, word) as reader:
                    changed = case.model_copy(update={"body": f"{case.body}\n\n{word}"})
                    began = time.time()
                    library.receive(f"{case.id}.md", md.write(changed), "operator")
                    taken.append(float(reader.stdout.readline()) - began)  # type: ignore[union-attr]
                time.sleep(0.7)  # not in step with the looks of the worker
    return taken


def read_until(number: int, word: str) -> None:
    """Ask for a word until it is found; print the moment of that."""
    with closing(open_library(kept.settings(number))) as library:
        library.search(Query(word))
        print("ready", flush=True)
        end = time.monotonic() + _GIVE_UP_S
        while library.search(Query(f'"{word}" OR {word}')).total == 0:
            if time.monotonic() > end:
                sys.exit(f"{word} is not found after {_GIVE_UP_S} s")
            time.sleep(_LOOK_S)
        print(time.time(), flush=True)


@contextmanager
def _reader(number: int, word: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "bench.build", "--read", str(number), word]
    with _running(command, dict(os.environ)) as reader:
        reader.stdout.readline()  # type: ignore[union-attr]  # it has been opened
        yield reader


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


_HEAD = ("cases", *(f"{name}, CPU s (wall)" for name in STEPS), "most memory", "database", "index",
         "of it lexicon")  # fmt: skip
_PEER_HEAD = ("cases", "engine", "building, CPU s", "size", "one change, ms",
              "ours to it: building", "size")  # fmt: skip
_SOON_HEAD = ("cases", "accepted until found: median", "longest", *peers.TOLD.values())


def _rows(built: Mapping[int, Figures]) -> Iterable[Sequence[str]]:
    for number, steps in built.items():
        data = kept.settings(number).data
        told = [f"{each['cpu_s']:.0f} ({each['wall_s']:.0f})" for each in steps.values()]
        most = max(each["peak"] for each in steps.values())
        lexicon = sum(size(path) for path in (data / "index").glob("g-*/lexicon*"))
        sizes = [size(data / "citypraxis.sqlite"), size(data / "index"), lexicon]
        yield [str(number), *told, *(f"{each / MB:.0f} MB" for each in (most, *sizes))]


def _peer_rows(
    built: Mapping[int, Figures], beside: Mapping[int, Mapping[str, Mapping[str, float]]]
) -> Iterable[Sequence[str]]:
    for number, engines in beside.items():
        ours = built[number]["rebuild"]["cpu_s"]
        index = size(kept.settings(number).data / "index")
        for name, told in engines.items():
            yield [
                str(number), peers.TOLD[name], f"{told['cpu_s']:.1f}",
                f"{told['bytes'] / MB:.0f} MB", ms(told["change_s"]),
                ratio(ours, told["cpu_s"]), ratio(index, told["bytes"]),
            ]  # fmt: skip


def _soon_rows(
    soon: Mapping[int, Sequence[float]], beside: Mapping[int, Mapping[str, Mapping[str, float]]]
) -> Iterable[Sequence[str]]:
    for number, taken in soon.items():
        theirs = [f"{ms(told['change_s'])} ms" for told in beside[number].values()]
        yield [str(number), f"{middle(taken):.2f} s", f"{high(taken, 1):.2f} s", *theirs]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["--read"]:
        read_until(int(sys.argv[2]), sys.argv[3])
    else:
        main([int(each) for each in sys.argv[1:]] or SIZES)
