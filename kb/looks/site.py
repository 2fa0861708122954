"""What is looked at, by whom it may be stopped, and what a look is."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb import lock
from kb.database import Connections
from kb.errors import IndexBusyError
from kb.frozen import Frozen
from kb.progress import T, Watch, unwatched
from kb.search.engine import SearchEngine
from kb.store import Store
from kb.upkeep import Upkeep

Seen = tuple[str, list[str]]
"""What was looked at, and what was found."""

DAY_S = 24 * 3600


class StoppedError(Exception):
    """Raised within a check that is to stop; no door sees it."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is looked at."""

    data: Path
    connections: Connections
    store: Store
    frozen: Frozen
    engine: SearchEngine
    upkeep: Upkeep
    now: Callable[[], float] = time.time
    stop: Callable[[], bool] = bool
    """Tells whether the check is to stop; asked between two pieces of work."""
    watch: Watch = unwatched
    share: tuple[int, int] = (0, 1)
    """Which share of the files is read in whole: number, and of how many."""
    patience_s: float = 0
    """How long to wait for an index that is behind."""

    @property
    def db(self) -> sqlite3.Connection:
        """The connection of this thread."""
        return self.connections.reading.conn

    @property
    def sync_lock(self) -> Path:
        """What a process holds that is indexing."""
        return self.data / "sync.lock"

    def each(self, step: str, items: list[T]) -> Iterator[T]:
        """Yield items, unless the check is to stop."""
        for item in self.watch(step, items, len(items)):
            self.go_on()
            yield item

    def go_on(self) -> None:
        """Break off if the check is to stop."""
        if self.stop():
            raise StoppedError

    def is_indexing(self) -> bool:
        """Tell whether a process is indexing at this moment."""
        try:
            with lock.held(self.sync_lock, 0):
                return False
        except IndexBusyError:
            return True

    def age_s(self, path: Path) -> float:
        """Return how many seconds ago a file was written; one that has gone meanwhile is young."""
        try:
            return self.now() - path.stat().st_mtime
        except FileNotFoundError:
            return 0


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at."""

    name: str
    look: Callable[[Site], Seen]
    remedy: str


def told(age_s: float) -> str:
    """Say an age in words."""
    return f"{age_s / DAY_S:.0f} days" if age_s > 2 * DAY_S else f"{age_s / 3600:.0f} hours"
