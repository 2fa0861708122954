"""Whether all that was acknowledged is there and as it was, and what is derived agrees with it."""

import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from kb import heartbeat
from kb.errors import KbError
from kb.heartbeat import Beat
from kb.looks import LOOKS, Look, Site, StoppedError
from kb.moments import utc
from kb.progress import Watch, unwatched

LOG = logging.getLogger(__name__)

_SHOWN = 100
_DAY_S = 24 * 3600
_STALE_S = 3 * _DAY_S
"""The worker checks once a day; after three it has stopped."""
_DAYS = 30
"""In so many days the worker reads every file in whole."""
_PATIENCE_S = 10


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one look."""

    name: str
    looked_at: str
    found: tuple[str, ...]
    """What is wrong: nothing, if all is well; of very much the first hundred."""
    count: int
    """How much is wrong."""
    remedy: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a check."""

    at: int
    """Unix time at which it ended."""
    seconds: float
    rows: tuple[Row, ...]

    @property
    def faults(self) -> tuple[Row, ...]:
        """The looks that found something."""
        return tuple(row for row in self.rows if row.count)

    def as_dict(self) -> dict[str, Any]:
        """Return it for programs; the keys stay as they are (docs/operations.md)."""
        return {
            "at": utc(self.at),
            "seconds": round(self.seconds, 1),
            "ok": not self.faults,
            "looks": [asdict(row) for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class LastCheck:
    """How the last check went, and whether it is so long ago that the checker must have stopped."""

    state: Literal["ok", "faults", "stale", "never"]
    at: int | None = None
    """Unix time at which it ended."""
    age_s: int | None = None
    faults: str = ""
    """Names of the looks that found something."""


class Checking:
    """The check of one site. `kb.library.open_library` puts it together."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def run(self, watch: Watch = unwatched, patience_s: float = _PATIENCE_S) -> Report:
        """Look at everything at once, each file from its first byte to its last."""
        report = self._report(replace(self._site, watch=watch, patience_s=patience_s))
        self._keep(report)
        return report

    def daily(self, stop: Callable[[], bool]) -> Report | None:
        """Check if that was not done within a day; return nothing if it was, or was broken off.

        Of the files, a thirtieth is read in whole, another each day.
        """
        now = self._site.now()
        last = heartbeat.last(self._site.data, "check")
        if last is not None and 0 <= now - last.at < _DAY_S:
            return None
        share = (int(now // _DAY_S) % _DAYS, _DAYS)
        try:
            report = self._report(replace(self._site, stop=stop, share=share))
        except StoppedError:
            return None
        self._keep(report)
        for row in report.faults:
            LOG.error("check: %s: %s (%s); %s", row.name, row.count, row.found[0], row.remedy)
        return report

    def last(self) -> LastCheck:
        """Say how the last check went."""
        last = heartbeat.last(self._site.data, "check")
        if last is None:
            return LastCheck("never")
        age_s = int(self._site.now() - last.at)
        state: Literal["ok", "faults", "stale"] = "ok" if last.fine else "faults"
        return LastCheck("stale" if age_s > _STALE_S else state, int(last.at), age_s, last.told)

    def _report(self, site: Site) -> Report:
        begun = time.monotonic()
        rows = tuple(_row(look, site) for look in site.each("Checking", list(LOOKS)))
        return Report(int(site.now()), time.monotonic() - begun, rows)

    def _keep(self, report: Report) -> None:
        told = ", ".join(row.name for row in report.faults)
        heartbeat.beat(self._site.data, "check", Beat(report.at, not told, told))


def unopened(data: Path, err: KbError) -> Report:
    """Report a site whose database cannot be opened, so that nothing else can be looked at."""
    row = Row("integrity", str(data), (str(err),), 1, LOOKS[0].remedy)
    return Report(int(time.time()), 0.0, (row,))


def _row(look: Look, site: Site) -> Row:
    try:
        seen, found = look.look(site)
    except (KbError, OSError, sqlite3.Error) as err:
        seen, found = "nothing", [f"it could not be looked at: {err}"]
    return Row(look.name, seen, tuple(found[:_SHOWN]), len(found), look.remedy)
