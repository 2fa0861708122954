"""Where answering spends its processor time, function by function: all questions, then the dearest.

Usage: python -m bench.profiled [CASES]      (default 20000)

The profiler makes small functions look dearer than they are; the shares count, not the seconds.
"""

import cProfile
import pstats
import sys
from collections.abc import Iterable

from bench import kept
from bench.asking import Drawing, worst
from kb.library import Library
from kb.query import Query

_LINES = 25
_DRAWN_FROM = 2000


def main(number: int) -> None:
    """Profile and print."""
    drawn = Drawing(kept.read_rows(_DRAWN_FROM))
    questions = [each.query for each in drawn.questions()]
    with kept.site(number) as library:
        profile("200 questions", library, questions)
        for name, query in worst(drawn).items():
            profile(name, library, [query])


def profile(name: str, library: Library, queries: Iterable[Query]) -> None:
    """Ask once without and once with the profiler; print the functions that took longest."""
    asked = list(queries)
    for query in asked:
        library.search(query)
    profiler = cProfile.Profile()
    with profiler:
        for query in asked:
            library.search(query)
    print(f"\n=== {name}")
    pstats.Stats(profiler).sort_stats("tottime").print_stats(_LINES if len(asked) > 1 else 6)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
