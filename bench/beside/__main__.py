"""The peers, in a process and an environment of their own: a task a line in, an answer a line out.

Nothing of the product is imported here. Tasks: ``build`` (rows), ``ask`` (questions), ``change`` (a
row). Answers carry seconds of processor and of the clock, of this process alone.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from datasettes import Datasette
from fts5 import Fts5
from tantivies import Tantivy

PEERS = {"fts5": Fts5, "datasette": Datasette, "tantivy": Tantivy}


def main(folder: Path) -> None:
    """Answer until the input ends."""
    held: dict[str, Any] = {}
    for line in sys.stdin:
        task = json.loads(line)
        name = task["peer"]
        if name not in held:
            held[name] = PEERS[name](folder / name, task["facets"])
        print(json.dumps(_DO[task["do"]](held[name], task)), flush=True)


def _build(peer: Any, task: Mapping[str, Any]) -> dict[str, Any]:
    cpu, wall, _ = _timed(lambda: peer.build(_rows(Path(task["rows"]))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"cpu_s": cpu, "wall_s": wall, "bytes": peer.size(), "peak": peak}


def _ask(peer: Any, task: Mapping[str, Any]) -> list[tuple[float, float, Any]]:
    return [_timed(lambda asked=asked: peer.ask(asked)) for asked in task["questions"]]


def _change(peer: Any, task: Mapping[str, Any]) -> dict[str, float]:
    cpu, wall, _ = _timed(lambda: peer.change(task["row"]))
    return {"cpu_s": cpu, "wall_s": wall}


_DO = {"build": _build, "ask": _ask, "change": _change}


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    result = run()
    return time.process_time() - cpu, time.perf_counter() - wall, result


if __name__ == "__main__":
    main(Path(sys.argv[1]))
