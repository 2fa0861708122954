"""Signs of life of what runs beside the pages: the worker, and what a timer starts.

Each writes one small file, so that it can be read when the database cannot. Whoever adds a task
that may silently stop gives it a name in `NAMES`, and calls `beat` when it has done its work: the
status page, ``/metrics`` and ``check --deploy`` then say how long ago that was.
"""

import json
import os
import resource
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, get_args

Name = Literal["worker", "check", "backup"]
NAMES: tuple[Name, ...] = get_args(Name)

EVERY_S = 15
ALIVE_S = 60
"""A worker that has given no sign for longer has ended, or its computer sleeps."""
STUCK_S = 3600
"""No step of the worker takes so long; one that does will not end."""

_KIB = 1024


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life."""

    at: float
    """Unix time."""
    fine: bool = True
    """Whether what was done went well."""
    told: str = ""
    """What is being done, or what came of it: a word or two, and nothing that somebody typed."""
    since: float = 0.0
    """When that began."""
    memory_bytes: int = 0
    """The most that the process has had in use."""

    def is_alive(self, now: float) -> bool:
        """Tell whether a process that beats all the time still does, and gets on."""
        return now - self.at < ALIVE_S and not self.is_stuck()

    def is_stuck(self) -> bool:
        """Tell whether it has been at the same step for too long."""
        return bool(self.since) and self.at - self.since > STUCK_S


def beat(data: Path, name: Name, sign: Beat) -> None:
    """Write a sign of life into the folder of the data; a full disk stops nobody."""
    path = _path(data, name)
    beside = path.with_name(f"{name}.{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        beside.write_text(json.dumps(asdict(sign)), encoding="utf-8")
        beside.replace(path)


def last(data: Path, name: Name) -> Beat | None:
    """Return the last sign of life; None where there was none, or it cannot be read."""
    try:
        return Beat(**json.loads(_path(data, name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


class Pulse:
    """Beats for the worker while it runs, also during a step that takes minutes."""

    def __init__(self, data: Path, now: Callable[[], float] = time.time) -> None:
        self._data = data
        self._now = now
        self._done = threading.Event()
        self._step = ("starting", now())
        self._thread = threading.Thread(target=self._beat_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _err: object, _trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def at(self, step: str) -> None:
        """Say which step begins."""
        self._step = (step, self._now())

    def _beat_on(self) -> None:
        while True:
            told, since = self._step
            sign = Beat(self._now(), told=told, since=since, memory_bytes=peak_memory())
            beat(self._data, "worker", sign)
            if self._done.wait(EVERY_S):
                return


def peak_memory() -> int:
    """Return the most bytes of memory that this process has had in use."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB


def _path(data: Path, name: Name) -> Path:
    return data / "beats" / f"{name}.json"
