"""Looking at what is made of the rest: whether it is whole, and agrees with what it was made of."""

import sqlite3
import time
from contextlib import closing

from kb import copying, lock
from kb.errors import IndexBusyError
from kb.looks.site import Seen, Site


def index(site: Site) -> Seen:
    """Look whether there is an index of this database and of this version of the program."""
    status = site.upkeep.status().index
    found = status.state == "missing" and not site.is_indexing()
    seen = f"{status.engine}: {status.state}"
    return seen, ["there is none of this database and this version"] if found else []


def revisions(site: Site) -> Seen:
    """Compare index and store: each case must be in the index with its current revision."""
    held, current = _compared(site)
    found = [
        f"{case_id}: revision {number}, in the index {held.get(case_id, 'none')}"
        for case_id, number in sorted(current.items())
        if held.get(case_id) != number
    ]
    return f"{len(current)} cases of the store", found


def unpublished(site: Site) -> Seen:
    """Look in the index for cases that are not public: withdrawn, taken down, or never here."""
    held, current = _compared(site)
    return f"{len(held)} cases of the index", sorted(held.keys() - current.keys())


def behind(site: Site) -> Seen:
    """Look whether the index follows the change log, after some patience."""
    deadline = time.monotonic() + site.patience_s
    if site.engine.checkpoint() is None:
        return "no index", []
    while (count := site.upkeep.status().index.behind) and not site.is_indexing():
        site.go_on()
        if time.monotonic() > deadline:
            return f"{count} cases behind", [f"{count} cases have changed, and nobody indexes them"]
        time.sleep(min(1.0, site.patience_s))
    return f"{count} cases behind", []


def seal(site: Site) -> Seen:
    """Compare the files of the index with their checksums, while nobody writes them."""
    if site.engine.checkpoint() is None:
        return "no index", []
    try:
        with lock.held(site.sync_lock, 0):
            whole = site.engine.verify()
    except IndexBusyError:
        return "the index is being written", []
    return "files of the index", [] if whole else ["they are not as they were written"]


def vectors(site: Site) -> Seen:
    """Look whether the file of vectors is whole; how far it has come is told only."""
    meaning = site.upkeep.status().meaning
    path = site.data / "vectors.sqlite"
    seen = f"{meaning.state}, {meaning.done} of {meaning.of}"
    if not path.exists():
        return seen, []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        return seen, copying.integrity(opened)


def _compared(site: Site) -> tuple[dict[str, int], dict[str, int]]:
    """Return the revisions of index and store, without cases that the index is to follow yet.

    How far it has come is asked first: what has not changed since, no later state of it may lack.
    """
    checkpoint = site.engine.checkpoint()
    if checkpoint is None or checkpoint.database != site.store.identity:
        return {}, {}  # there is no index of ours to compare, which is told elsewhere
    held = dict(site.engine.revisions())
    current = site.store.numbers(site.store.ids())
    for case_id in site.store.changed_since(checkpoint.seq)[1]:
        held.pop(case_id, None)
        current.pop(case_id, None)
    return held, current
