"""One process at a time: a lock that the system releases however a process ends."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import IndexBusyError


@contextmanager
def held(path: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock of this name while the block runs.

    Raises:
        IndexBusyError: another process has held it for ``wait_s`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as err:
                if time.monotonic() > deadline:
                    raise IndexBusyError(
                        f"another process has held {path.name} for {wait_s:.0f} s; try again later"
                    ) from err
                time.sleep(0.1)
        yield
