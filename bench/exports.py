"""How fast all cases are taken away, and with how much memory; beside Datasette's CSV of them.

Usage: python bench/exports.py [CASES [DATASETTE]]      (default 2000, and the program on the path)

The cases are those of `bench.corpus`. Both sites are real processes on this machine, asked by HTTP
one after the other; the peer serves the rows of our CSV from SQLite. Memory is what the web process
held at most during an answer beyond what it held before (``VmHWM`` and ``VmRSS`` of Linux), once a
smaller set has been taken in the same format.
"""

import csv
import io
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from bench import corpus
from bench.figures import take
from kb.exports import EXPORTS
from kb.library import open_library
from kb.settings import Settings

OURS, PEER = 8141, 8142
WAIT_S = 60


def main(number: int, datasette: str) -> None:
    """Make ``number`` cases, take them away in every format, print."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        fill(root, number)
        environment = {"KB_DATA": str(root / "data"), "KB_PORT": str(OURS), "KB_ENCODER": "off"}
        unlimited = {"KB_RATE_API": "off", "KB_RATE_EXPORT": "off"}
        serve = [sys.executable, "indexer.py", "serve"]
        with running(serve, f"http://127.0.0.1:{OURS}/healthz", environment | unlimited) as site:
            taken(f"http://127.0.0.1:{OURS}/search")  # the index is open
            ours, rows = export_all(site, number)
            harvest(number)
        ratio = ours / ask_peer(root, datasette, rows)
        print(f"ratio to the peer, CSV: {ratio:.1f}x its cases a second")


def fill(root: Path, number: int) -> None:
    """Put the cases into a database and an index."""
    corpus.write(corpus.generated(number), root / "files")
    library = open_library(Settings(data=root / "data", encoder="off"))
    print(f"reading and storing: {take(lambda: library.ingest([root / 'files']))}")
    print(f"tagging and indexing: {take(library.sync)}")
    library.close()


def export_all(site: int, number: int) -> tuple[float, list[list[str]]]:
    """Take all cases away in every format; return the cases a second of CSV, and its rows."""
    speed, rows = 0.0, []
    for export in EXPORTS.values():
        if not export.installed:
            print(f"{export.name}: not installed")
            continue
        address = f"http://127.0.0.1:{OURS}/export/{export.name}?raw=1"
        taken(f"{address}&country=FI")  # what is loaded once is not counted
        grown, (seconds, data) = growth(site, lambda url=address: taken(url))
        print(
            f"{export.name}: {number / seconds:.0f} cases a second, {len(data) / 1e6:.1f} MB, "
            f"memory +{grown / 1024:.0f} MB",
            flush=True,
        )
        if export.name == "csv":
            speed, rows = number / seconds, list(csv.reader(io.StringIO(data.decode())))
            check("rows of CSV", len(rows) - 1, number)
    return speed, rows


def harvest(number: int) -> None:
    """Take all records by OAI-PMH, from token to token."""
    began, seen, told = time.perf_counter(), set(), "metadataPrefix=oai_dc"
    while told:
        _, data = taken(f"http://127.0.0.1:{OURS}/oai?verb=ListRecords&{told}")
        seen |= set(re.findall(r"<identifier>([^<]+)</identifier>", data.decode()))
        token = re.search(r"<resumptionToken[^>]*>([^<]+)<", data.decode())
        told = f"resumptionToken={token.group(1)}" if token else ""
    seconds = time.perf_counter() - began
    check("records of OAI-PMH", len(seen), number)
    print(f"OAI-PMH: {number / seconds:.0f} records a second, none left out")


def ask_peer(root: Path, datasette: str, rows: list[list[str]]) -> float:
    """Have Datasette stream the rows of our CSV; return its cases a second."""
    number = len(rows) - 1
    database = sqlite3.connect(root / "peer.sqlite")
    names = ", ".join(f'"{name}"' for name in rows[0])
    database.execute(f"CREATE TABLE cases ({names}, PRIMARY KEY (id))")
    marks = ", ".join("?" * len(rows[0]))
    database.executemany(f"INSERT INTO cases VALUES ({marks})", rows[1:])  # noqa: S608 - only marks
    database.commit()
    database.close()
    command = [
        datasette, "serve", str(root / "peer.sqlite"), "--port", str(PEER),
        "--setting", "max_csv_mb", "0", "--setting", "max_returned_rows", "1000",
    ]  # fmt: skip
    with running(command, f"http://127.0.0.1:{PEER}/-/versions.json", {}) as site:
        address = f"http://127.0.0.1:{PEER}/peer/cases.csv?_stream=on&_size=max"
        grown, (seconds, data) = growth(site, lambda: taken(address))
    check("rows of the peer", sum(1 for _ in csv.DictReader(io.StringIO(data.decode()))), number)
    print(f"peer, csv: {number / seconds:.0f} cases a second, memory +{grown / 1024:.0f} MB")
    return number / seconds


def taken(address: str) -> tuple[float, bytes]:
    """Return how many seconds an answer took, and its bytes."""
    began = time.perf_counter()
    with urlopen(address, timeout=600) as answer:  # noqa: S310 - our own addresses
        data = answer.read()
    return time.perf_counter() - began, data


def growth(process: int, run: Callable[[], tuple[float, bytes]]) -> tuple[int, tuple[float, bytes]]:
    """Return how many kB a process grew at most while something ran, and what came of it."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")  # forgets the peak
    before = memory(process)["VmRSS"]
    result = run()
    return memory(process)["VmHWM"] - before, result


def memory(process: int) -> Mapping[str, int]:
    """Return what Linux says of the memory of a process, in kB."""
    told = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return {name: int(kilobytes) for name, kilobytes in re.findall(r"(Vm\w+):\s+(\d+) kB", told)}


@contextmanager
def running(command: list[str], address: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Run a site until the block ends; yield its process once it answers."""
    process = subprocess.Popen(  # noqa: S603 - a program of ours, or the one that was named
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + WAIT_S
        while True:
            try:
                taken(address)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def check(what: str, found: int, wanted: int) -> None:
    """Stop where a figure would be about something else."""
    if found != wanted:
        sys.exit(f"{what}: {found} instead of {wanted}")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 2000,
        sys.argv[2] if len(sys.argv) > 2 else shutil.which("datasette") or "datasette",  # noqa: PLR2004
    )
