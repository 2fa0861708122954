"""What the leg of meaning costs as it grows: making the file, opening it, answering, memory.

Usage: python bench/vectors.py [PASSAGES ...]      (default 3000 60000 1000000)

Passages are made of the vectors that ship: each is one of them, turned towards another of its
language and scattered, so that languages and topics lie together as they do in the corpus. The peer
is NumPy with all vectors in memory as numbers of 4 bytes and one multiplication for each question,
and FAISS (`IndexFlatIP` and, as it is approximate, `IndexHNSWFlat` up to 60,000) where it is
installed. Each is measured in two processes of its own, at the same time: what they hold alone
(private) and with others (PSS counts a shared page by halves), beyond
what they held before. Times are of the processor where it
says CPU; one thread for all.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.intake import VECTORS, case_in
from kb.search.engine import Checkpoint
from kb.search.meaning.chunks import chunks
from kb.search.meaning.directions import Directions
from kb.search.meaning.levels import unit
from kb.search.meaning.spaces import PassageSpace
from kb.search.meaning.vectors import Vectors

MODEL = "made-up"
SIZES = (3_000, 60_000, 1_000_000)
A_CASE = 7  # passages of a case of the corpus, on average
QUESTIONS = 60
BLOCK = 20_000
APPROXIMATE_UP_TO = 60_000
MB = 1e6


def main(sizes: list[int]) -> None:
    """Measure each size and print a table."""
    print("| passages | what | made, CPU s | file, MB | opened, CPU s | first answer, ms | "
          "median, CPU ms | p95, CPU ms | median, wall ms | p95, wall ms | peak while made, MB | "
          "RSS, MB | PSS, MB | private, MB | same best 20 |")  # fmt: skip
    print("|" + "---|" * 15)
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), size)


def measure(folder: Path, size: int) -> None:
    """Print one row for us and one for each peer."""
    fill(folder, size)
    made = json.loads(run("make", folder))
    truth: NDArray[np.int64] | None = None
    for name in PEERS:
        if name.startswith("FAISS") and not find_spec("faiss"):
            continue
        if name == "FAISS, HNSW" and size > APPROXIMATE_UP_TO:
            continue
        both = [start("ask", folder, name) for _ in range(2)]
        told, _ = (json.loads(process.communicate()[0]) for process in both)
        best = np.array(told["best"])
        truth = best if truth is None else truth
        same = np.mean([len({*a} & {*b}) / len(a) for a, b in zip(best, truth, strict=True)])
        print_row(size, name, told, made if name == "ours" else None, float(same))


def print_row(
    size: int, name: str, told: dict[str, float], made: dict[str, float] | None, same: float
) -> None:
    """Print what one of them took."""
    cells = [f"{size:,}", name]
    cells += [f"{made['s']:.1f}", f"{made['mb']:.0f}"] if made else ["", ""]
    cells += [f"{told[key]:.{digits}f}" for key, digits in COLUMNS.items()]
    cells += [f"{made['peak']:.0f}" if made else ""]
    cells += [f"{told[key]:.0f}" for key in ("Rss", "Pss", "Private")]
    print("| " + " | ".join([*cells, f"{same:.1%}"]) + " |", flush=True)


COLUMNS = {"opened": 2, "first": 1, "median": 2, "p95": 2, "median_wall": 2, "p95_wall": 2}


def fill(folder: Path, size: int) -> None:
    """Put so many passages into a file of vectors, and their directions and questions beside."""
    vectors = Vectors(folder / "vectors.sqlite")
    languages, shipped = corpus()
    chance = np.random.default_rng(8)
    wanted: dict[str, list[tuple[str, bytes]]] = {}
    numbers = np.sort(chance.integers(0, max(1, size // A_CASE), size))
    for start in range(0, size, BLOCK):
        places = range(start, min(size, start + BLOCK))
        spoken, made = scattered(chance, languages, shipped, len(places))
        keys = [place.to_bytes(16) for place in places]
        for place, key, language in zip(places, keys, spoken, strict=True):
            wanted.setdefault(f"case-{numbers[place]:07}", []).append((language, key))
        vectors.keep(MODEL, dict(zip(keys, made, strict=True)))
    vectors.note(wanted.items(), [], Checkpoint("bench", "1", 1), anew=True)
    vectors.close()
    asked = scattered(chance, languages, shipped, QUESTIONS)[1]
    np.save(folder / "questions.npy", unit(asked - shipped.mean(axis=0)))


def corpus() -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """Return language and vector of each passage that ships."""
    with np.load(Path("corpus") / VECTORS, allow_pickle=False) as file:
        matrix = file["vectors"] * file["scales"][:, None]
        rows = {key.tobytes(): row for key, row in zip(file["keys"], matrix, strict=True)}
    paths = sorted(Path("corpus").glob("*/*.md"))
    found = [each for path in paths for each in chunks(case_in(str(path), path.read_bytes()))]
    return np.array([c.language for c in found]), np.array([rows[c.key] for c in found], np.float32)


def scattered(
    chance: np.random.Generator,
    languages: NDArray[np.str_],
    shipped: NDArray[np.float32],
    number: int,
) -> tuple[list[str], NDArray[np.float32]]:
    """Return vectors like those of the corpus: between two of a language, with some noise."""
    chosen = chance.integers(0, len(shipped), number)
    order = np.argsort(languages, kind="stable")
    begins = np.searchsorted(languages[order], languages[chosen])
    ends = np.searchsorted(languages[order], languages[chosen], side="right")
    other = order[chance.integers(begins, ends)]
    share = chance.uniform(0, 0.5, (number, 1)).astype(np.float32)
    noise = chance.normal(0, 0.01, (number, shipped.shape[1])).astype(np.float32)
    made = (1 - share) * shipped[chosen] + share * shipped[other] + noise
    return languages[chosen].tolist(), unit(made)


# What is done in processes of their own


def make(folder: Path) -> dict[str, float]:
    """Make the file that is mapped."""
    vectors = Vectors(folder / "vectors.sqlite")
    directions = Directions(vectors, folder / "directions")
    before, began = peak(), time.process_time()
    directions.bring_up(MODEL)
    seconds = time.process_time() - began
    (file,) = (folder / "directions").glob("*.arrays")
    return {"s": seconds, "mb": file.stat().st_size / MB, "peak": peak() - before}


def ask(folder: Path, name: str) -> dict[str, object]:
    """Open one of them and put the questions to it."""
    questions = np.load(folder / "questions.npy")
    before, began = memory(), time.process_time()
    answer = PEERS[name](folder)
    opened = time.process_time() - began
    best, cpu, wall = [], [], []
    for question in [questions[0], *questions]:
        began, began_wall = time.process_time(), time.perf_counter()
        best.append(answer(question))
        cpu.append(1e3 * (time.process_time() - began))
        wall.append(1e3 * (time.perf_counter() - began_wall))
    meet(folder, "answered")
    held = {name: size - before[name] for name, size in memory().items()}
    meet(folder, "measured")
    return {
        "opened": opened,
        "first": wall[0],
        **spread("", cpu[1:]),
        **spread("_wall", wall[1:]),
        **held,
        "best": best[1:],
    }


def meet(folder: Path, at: str) -> None:
    """Wait for the other process, which shares pages with this one while it lives."""
    (folder / f"{at}-{os.getpid()}").touch()
    while len(list(folder.glob(f"{at}-*"))) % 2:
        time.sleep(0.05)


def ours(folder: Path) -> Callable[[NDArray[np.float32]], list[str]]:
    """Return how we answer: the best 20 cases."""
    laid = Directions(Vectors(folder / "vectors.sqlite"), folder / "directions").lay(MODEL)
    space = PassageSpace(laid.beside, laid.passages, laid.means, laid.gone)

    def answer(question: NDArray[np.float32]) -> list[str]:
        found = space.nearest(question)
        return [found.cases[n] for n in np.argpartition(found.cosines, -20)[-20:]]

    return answer


def all_rows(folder: Path) -> Iterator[tuple[tuple[str, ...], NDArray[np.float32]]]:
    """Yield cases and directions in full, without the means of their languages."""
    vectors = Vectors(folder / "vectors.sqlite")
    means = Directions(vectors, folder / "directions").lay(MODEL).means
    table = means.table()
    with vectors.view() as view:
        for rows in view.all_passages(MODEL):
            yield tuple(rows.owners), unit(rows.matrix - table[means.numbers(rows.languages)])


def numpy_in_memory(folder: Path) -> Callable[[NDArray[np.float32]], list[str]]:
    """Return how NumPy answers with all vectors in memory."""
    owners, matrix = gathered(folder)
    cases, starts = np.unique(owners, return_index=True)

    def answer(question: NDArray[np.float32]) -> list[str]:
        best = np.maximum.reduceat(matrix @ question, starts)
        return cases[np.argpartition(best, -20)[-20:]].tolist()

    return answer


def faiss_flat(folder: Path) -> Callable[[NDArray[np.float32]], list[str]]:
    """Return how FAISS answers without approximation: the cases of the best 200 passages."""
    import faiss

    return faiss_by(faiss.IndexFlatIP(384), folder)


def faiss_graph(folder: Path) -> Callable[[NDArray[np.float32]], list[str]]:
    """Return how FAISS answers by a graph of neighbours, approximately."""
    import faiss

    index = faiss.IndexHNSWFlat(384, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efSearch = 256
    return faiss_by(index, folder)


def faiss_by(index: object, folder: Path) -> Callable[[NDArray[np.float32]], list[str]]:
    """Fill an index of FAISS and return how it answers."""
    owners, matrix = gathered(folder)
    index.add(matrix)  # type: ignore[attr-defined]
    del matrix

    def answer(question: NDArray[np.float32]) -> list[str]:
        _, found = index.search(question[None, :], 200)  # type: ignore[attr-defined]
        return list(dict.fromkeys(owners[found[0]].tolist()))[:20]

    return answer


def gathered(folder: Path) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """Return the case and the direction of each passage, all in memory."""
    owners, parts = [], []
    for own, matrix in all_rows(folder):
        owners += own
        parts.append(matrix)
    return np.array(owners), np.concatenate(parts)


PEERS: dict[str, Callable[[Path], Callable[[NDArray[np.float32]], list[str]]]] = {
    "NumPy": numpy_in_memory,
    "ours": ours,
    "FAISS, flat": faiss_flat,
    "FAISS, HNSW": faiss_graph,
}


def spread(name: str, taken: list[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    ranked = sorted(taken)
    return {
        f"median{name}": statistics.median(ranked),
        f"p95{name}": ranked[int(0.95 * (len(ranked) - 1))],
    }


def memory() -> dict[str, float]:
    """Return what this process holds, in MB."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    held = {line.split(":")[0]: int(line.split()[1]) * 1024 / MB for line in lines}
    private = held["Private_Clean"] + held["Private_Dirty"]
    return {"Rss": held["Rss"], "Pss": held["Pss"], "Private": private}


def peak() -> float:
    """Return what this process has held at most, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / MB


def start(*arguments: object) -> "subprocess.Popen[str]":
    """Start this script in a process of its own, with one thread."""
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.Popen(  # noqa: S603 - our own
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **one}
    )


def run(*arguments: object) -> str:
    """Run it to its end and return what it prints."""
    return start(*arguments).communicate()[0]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", folder]:
            print(json.dumps(make(Path(folder))))
        case ["ask", folder, name]:
            print(json.dumps(ask(Path(folder), name)))
        case sizes:
            main([int(size) for size in sizes] or list(SIZES))
