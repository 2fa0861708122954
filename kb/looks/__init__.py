"""What a check looks at: a row each. Nothing is changed by looking.

Others go on working meanwhile. What is only on its way, as a file before its row or a case before
it is indexed, is no fault; what seems to be one is therefore looked at once more, or left alone
while it is young.
"""

from kb.inventory import ORIGINALS, PACKAGES
from kb.looks import around, derived, kept
from kb.looks.site import Look, Seen, Site, StoppedError

__all__ = ["LOOKS", "Look", "Seen", "Site", "StoppedError"]

_RESTORE = "restore a backup into a new folder: indexer.py restore"
_BRING_BACK = "bring the file back from a backup; where there is none, ask for it to be sent again"
_SYNC = "run indexer.py sync, and look whether the worker runs"
_REBUILD = "run indexer.py rebuild"

LOOKS = (
    Look("integrity", kept.integrity, _RESTORE),
    Look("references", kept.references, _RESTORE),
    Look("originals-missing", kept.missing(ORIGINALS), _BRING_BACK),
    Look("originals-altered", kept.altered(ORIGINALS), _BRING_BACK),
    Look("packages-missing", kept.missing(PACKAGES), _BRING_BACK),
    Look("packages-altered", kept.altered(PACKAGES), _BRING_BACK),
    Look("orphans", kept.orphans, "start the worker anew, which deletes what no row names"),
    Look("taken-down", kept.taken_down, "start the worker anew, which removes what was taken down"),
    Look("index", derived.index, _SYNC),
    Look("seal", derived.seal, _REBUILD),
    Look("behind", derived.behind, _SYNC),
    Look("revisions", derived.revisions, _REBUILD),
    Look("unpublished", derived.unpublished, _REBUILD),
    Look("leases", around.leases, "start the worker: indexer.py work"),
    Look("vectors", derived.vectors, "delete vectors.sqlite; the worker computes it again"),
    Look("disk", around.disk, "free some, or move KB_DATA to a larger disk"),
    Look("backup", around.backup, "run indexer.py backup, and look why its timer does not"),
    Look("copies", around.copies, "delete them, once the upgrade is known to be good"),
)
