"""Looking at what cannot be made again: the database, and the files that its rows name."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from kb import copying, inventory
from kb.inventory import FOLDERS, PACKAGES
from kb.looks.site import Seen, Site, told

YOUNG_S = 3600
"""A file is written before the row that names it; so long nobody misses that row."""
_STEPS = 1_000_000
"""Of SQLite between two questions whether to stop: some hundredths of a second."""


def integrity(site: Site) -> Seen:
    """Have SQLite look through every page of the database."""
    site.db.set_progress_handler(site.stop, _STEPS)
    try:
        found = copying.integrity(site.db)
    except sqlite3.OperationalError as err:
        site.go_on()
        found = [str(err)]
    finally:
        site.db.set_progress_handler(None, 0)
    return f"{copying.size_of(site.db) / 1e6:.1f} MB of database", found


def references(site: Site) -> Seen:
    """Have SQLite look for rows that refer to rows that are not there."""
    (tables,) = site.db.execute("SELECT count(*) FROM sqlite_master WHERE type='table'").fetchone()
    return f"{tables} tables", copying.references(site.db)


def missing(folder: str) -> Callable[[Site], Seen]:
    """Look for files that rows name and that are not there."""

    def look(site: Site) -> Seen:
        named = _named(site, folder)
        gone = [name for name in named if not (site.data / name).exists()]
        still = set(_named(site, folder)) if gone else set()  # or taken down at this moment
        return f"{len(named)} files that rows name", [name for name in gone if name in still]

    return look


def altered(folder: str) -> Callable[[Site], Seen]:
    """Read files in whole, and compare them with the hash that is their name."""

    def look(site: Site) -> Seen:
        number, of = site.share
        chosen = [
            name
            for name in sorted(inventory.present(site.data, folder))
            if inventory.is_name(name) and int(inventory.promised(name)[:8], 16) % of == number
        ]
        found = [name for name in site.each("Reading", chosen) if _differs(site.data / name)]
        return f"{len(chosen)} files, byte for byte", found

    return look


def orphans(site: Site) -> Seen:
    """Look for files that no row names, unless they are young."""
    there = [name for folder in FOLDERS for name in inventory.present(site.data, folder)]
    named = inventory.named(site.db)
    found = []
    for name in sorted(set(there) - named):
        age_s = site.age_s(site.data / name)
        if age_s > YOUNG_S:
            found.append(f"{name}, {told(age_s)} old")
    return f"{len(there)} files", found


def taken_down(site: Site) -> Seen:
    """Look for packages that still hold a case which was taken down."""
    overdue = [f"snapshot {each.id}" for each in site.frozen.overdue()]
    former = [
        name
        for name in inventory.present(site.data, PACKAGES)
        if site.frozen.is_former(inventory.promised(name))
    ]
    return "packages of snapshots", overdue + former


def _named(site: Site, folder: str) -> list[str]:
    return sorted(name for name in inventory.named(site.db) if name.startswith(f"{folder}/"))


def _differs(path: Path) -> bool:
    try:
        return inventory.digest_of_file(path) != path.name
    except FileNotFoundError:
        return False  # taken down meanwhile; if not, it is missing
