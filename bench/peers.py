"""Asks the peers, which run in a process and an environment of their own (`bench/beside`)."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.asking import FACETS, Asked

PYTHON = os.environ.get("KB_PEER", ".venv/peer/bin/python")
TOLD = {
    "datasette": "SQLite FTS5, as Datasette asks",
    "fts5": "SQLite FTS5, as fast as we could",
    "tantivy": "tantivy",
}
NAMES = tuple(TOLD)
_PROGRAM = Path(__file__).parent / "beside"


class Peers:
    """The process of the peers, and its folder."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def build(self, name: str, rows: Path) -> Mapping[str, float]:
        """Index rows; return ``cpu_s``, ``wall_s``, ``bytes`` and the ``peak`` of memory so far."""
        return self._do(name, do="build", rows=str(rows.absolute()))

    def ask(self, name: str, questions: Sequence[Asked]) -> list[tuple[float, float, Any]]:
        """Return seconds of processor, of the clock, and what was found, for each question."""
        return [
            (cpu, wall, found)
            for cpu, wall, found in self._do(
                name, do="ask", questions=[each.as_dict() for each in questions]
            )
        ]

    def change(self, name: str, row: Mapping[str, Any]) -> Mapping[str, float]:
        """Replace a case; return how long that took until it is found."""
        return self._do(name, do="change", row=row)

    def _do(self, name: str, **task: Any) -> Any:
        assert self._process.stdin  # noqa: S101 - it was started with pipes
        assert self._process.stdout  # noqa: S101
        print(json.dumps({"peer": name, "facets": FACETS, **task}), file=self._process.stdin)
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def running(folder: Path) -> Iterator[Peers]:
    """Run the peers over an empty folder until the block ends."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [PYTHON, str(_PROGRAM), str(folder)]
    process = subprocess.Popen(  # noqa: S603 - a program of ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Peers(process)
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()
