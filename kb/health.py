"""How the site is, as those who run it want to know: cases, index, queue, and who gives signs."""

from collections.abc import Mapping
from dataclasses import dataclass

from kb.heartbeat import ALIVE_S, Beat, Name
from kb.upkeep import Status
from kb.uploads import State


@dataclass(frozen=True, slots=True)
class Health:
    """How the site is at one moment."""

    at: float
    """Unix time."""
    status: Status
    uploads: Mapping[State, int]
    """How many files that were sent in are in each state."""
    beats: Mapping[Name, Beat | None]
    disk_bytes: int
    disk_free_bytes: int
    """Of the disk on which the data lie."""

    @property
    def waiting(self) -> int:
        """How many files wait to be read, or are being read."""
        return self.uploads["queued"] + self.uploads["parsing"]

    @property
    def worker(self) -> str:
        """How the worker is: ``running``, ``stuck``, ``stopped``, or ``unknown``: it never ran."""
        beat = self.beats["worker"]
        if beat is None:
            return "unknown"
        if beat.is_alive(self.at):
            return "running"
        return "stuck" if self.at - beat.at < ALIVE_S else "stopped"
