"""Looking at what goes on around: the queue, the disk, backups, and copies that lie about."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from kb import copying, heartbeat
from kb.looks.site import DAY_S, Seen, Site, told
from kb.uploads import LEASE_S

_LATE_S = 600
"""A worker that runs has taken up by then what another has left."""
_BACKUP_DAYS = 8
_COPY_DAYS = 35
_SPARE_BYTES = 100_000_000


def leases(site: Site) -> Seen:
    """Look for files whose worker has died, and that no other has taken up."""
    now = int(site.now())
    rows = site.db.execute("SELECT id, leased FROM uploads WHERE state = 'parsing'").fetchall()
    found = [
        f"upload {upload}"
        for upload, leased in rows
        # One that ends too late was given before the clock was set back.
        if not now - _LATE_S <= leased <= now + LEASE_S + _LATE_S
    ]
    return f"{len(rows)} files that are being read", found


def disk(site: Site) -> Seen:
    """Look whether there is room for an upgrade, and for an index beside the present one."""
    free = shutil.disk_usage(site.data).free
    index = sum(_sizes((site.data / "index").rglob("*.*")))
    needed = 2 * copying.size_of(site.db) + index + _SPARE_BYTES
    short = f"an upgrade or a rebuild needs {needed / 1e6:.0f} MB"
    return f"{free / 1e6:.0f} MB left", [short] if free < needed else []


def backup(site: Site) -> Seen:
    """Look whether backups, once begun, have stopped or fail."""
    last = heartbeat.last(site.data, "backup")
    if last is None:
        return "none was made by this program", []
    age_s = site.now() - last.at
    seen = f"the last is {told(age_s)} old"
    if not last.fine:
        return seen, [f"it has gone wrong: {last.told}"]
    return seen, [seen] if age_s > _BACKUP_DAYS * DAY_S else []


def copies(site: Site) -> Seen:
    """Look for copies of before an upgrade: what was taken down since is still in them."""
    there = sorted(site.data.glob("citypraxis.sqlite.before-*"))
    old = [path for path in there if site.age_s(path) > _COPY_DAYS * DAY_S]
    return f"{len(there)} copies of before an upgrade", [
        f"{path.name}, {told(site.age_s(path))} old" for path in old
    ]


def _sizes(paths: Iterable[Path]) -> Iterable[int]:
    for path in paths:
        try:
            yield path.stat().st_size
        except FileNotFoundError:
            continue  # the index has moved on
