"""What is counted of requests and searches: numbers by route, nothing of what was asked.

With several processes, ``PROMETHEUS_MULTIPROC_DIR`` names a folder in which each keeps its own
numbers; whoever reads them gets the sum. `deploy/gunicorn.conf.py` makes and clears it.
"""

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from flask import Flask, current_app
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from kb import lock
from kb.query import Result

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WAIT_S = 10
_STATM = Path("/proc/self/statm")


class Tallies:
    """The numbers of one process."""

    def __init__(self) -> None:
        own = CollectorRegistry()
        self._requests = Counter(
            "citypraxis_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=own,
        )
        self._seconds = Histogram(
            "citypraxis_request_seconds",
            "Time until an answer begins.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=own,
        )
        self._searches = Histogram(
            "citypraxis_search_seconds",
            "Time that a search takes.",
            ("door",),
            buckets=_BUCKETS_S,
            registry=own,
        )
        self._empty = Counter(
            "citypraxis_searches_empty", "Searches that found no case.", ("door",), registry=own
        )
        self._legs = Counter(
            "citypraxis_searches_by_leg",
            "Searches in which a leg found a case of the page.",
            ("leg",),
            registry=own,
        )
        self._memory = Gauge(
            "citypraxis_web_memory_bytes",
            "Memory of all processes that answer.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._own = own

    def text(self) -> bytes:
        """Return the numbers of all processes, as Prometheus reads them."""
        folder = os.environ.get(FOLDER)
        if not folder:
            return generate_latest(self._own)
        every = CollectorRegistry()
        MultiProcessCollector(every, folder)  # type: ignore[no-untyped-call]  # it has no types
        with lock.held(Path(folder) / "lock", _WAIT_S):  # while those of a process are added up
            return generate_latest(every)

    def request(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, f"{status // 100}xx").inc()
        self._seconds.labels(route).observe(took_s)
        self._memory.set(_memory())

    def search(self, door: str, result: Result, took_s: float) -> None:
        """Count a search."""
        self._searches.labels(door).observe(took_s)
        if not result.total:
            self._empty.labels(door).inc()
        for leg in {match.leg for hit in result.hits for match in hit.matches}:
            self._legs.labels(leg).inc()


def register(app: Flask) -> None:
    """Begin to count in ``app``."""
    app.extensions["tallies"] = Tallies()


def tallies() -> Tallies:
    """Return the numbers of this application."""
    return current_app.extensions["tallies"]  # type: ignore[no-any-return]  # a dict of anything


def timed(door: str, search: Callable[[], Result]) -> Result:
    """Search, and count that ``door`` did."""
    began = perf_counter()
    result = search()
    tallies().search(door, result, perf_counter() - began)
    return result


def _memory() -> int:
    """Return how many bytes of memory this process has in use; 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return 0
