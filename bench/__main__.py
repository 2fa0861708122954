"""All measurements, one after the other; each writes its tables into docs/performance.md.

Usage: python -m bench [--quick]      (KB_BENCH_PAGE=/dev/null only prints the tables)

Some 30 minutes on two cores with nothing else running. ``--quick`` takes 91 and 500 cases and
loads of ten seconds, to see that everything runs; its figures say little, so that
`make bench-quick` only prints them.
"""

import sys

from bench import build, engine, kept, start, web
from bench.figures import take

_QUICK = 500


def main(*, quick: bool) -> None:
    """Run all; building comes first, because it makes what the others measure."""
    small, large = (_QUICK, _QUICK) if quick else (2000, 20_000)
    plan = {
        "build": lambda: build.main([small] if quick else build.SIZES),
        "engine": lambda: engine.main([kept.REAL, *dict.fromkeys((small, large))]),
        "start": lambda: start.main([*dict.fromkeys((small, large))]),
        "web": lambda: web.main(large, 10 if quick else web.SECONDS),
    }
    for name, run in plan.items():
        print(f"{name}: {take(run)}", flush=True)


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
