"""Seconds, bytes and tables: what all measurements have in common."""

import gc
import os
import platform
import re
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(os.environ.get("KB_BENCH_PAGE", "docs/performance.md"))
"""Where tables go; ``/dev/null`` only prints them."""
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What something took."""

    cpu_s: float
    """Of this process and of those that it started and waited for."""
    wall_s: float

    def __str__(self) -> str:
        """Say both, the processor first."""
        return f"{self.cpu_s:.1f} s ({self.wall_s:.1f} s)"


def take(run: Callable[[], object]) -> Taken:
    """Run something and tell what it took."""
    gc.collect()
    cpu, wall = _processor_s(), time.perf_counter()
    run()
    return Taken(_processor_s() - cpu, time.perf_counter() - wall)


def _processor_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def high(values: Sequence[float], share: float = 0.95) -> float:
    """Return the value that so many stay under."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def ms(seconds: float) -> str:
    """Write seconds as milliseconds, with a digit where there are few."""
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"  # noqa: PLR2004


def ratio(ours: float, theirs: float) -> str:
    """Write how many times as much ours is: 0.5x is half of theirs."""
    if not theirs:
        return "-"
    times = ours / theirs
    return f"{times:.0f}x" if times >= 10 else f"{times:.2g}x"  # noqa: PLR2004


def peak_bytes() -> int:
    """Return the most memory that this process, or one that it waited for, has had."""
    which = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in which) * 1024


def memory(process: int) -> tuple[int, int]:
    """Return resident and proportional memory of a process, in bytes (Linux)."""
    told = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", told, re.MULTILINE))
    return int(found["Rss"]) * 1024, int(found["Pss"]) * 1024


def size(path: Path) -> int:
    """Return the bytes of a file or of all files under a folder."""
    below = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in below if each.is_file())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def publish(name: str, text: str, command: str) -> None:
    """Print figures, and put them into the page of figures between the marks of their name."""
    told = f"{text}\n\n{_machine()}; `{command}`"
    print(f"\n## {name}\n\n{told}\n", flush=True)
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if begin in page:
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        PAGE.write_text(f"{before}{begin}\n{told}\n{end}{after}", encoding="utf-8")


def _machine() -> str:
    load, _, _ = os.getloadavg()
    return (
        f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores of {_processor()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, load {load:.1f}"
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()
