"""What people send in, and the queue of what is to be read. The bytes lie among the originals.

A worker takes a file with a lease and renews it while it is at it: if it dies, the lease runs out
and the file is taken once more. What has brought down two workers is given up, in words, and
never taken a third time.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal, get_args

from kb.database import Connections
from kb.errors import StoreUnavailableError, UploadNotFoundError
from kb.saying import Said, packed, said, unpacked

State = Literal["queued", "parsing", "draft", "refused", "failed"]

MOST_ATTEMPTS = 2
LEASE_S = 60
"""How long a file waits for a worker that has died."""
RENEWED_EVERY_S = 15

_GIVEN_UP = said(
    "too complex: reading it was broken off twice; save it in another format, or in smaller parts"
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody has sent in."""

    id: str
    person: str
    file: str
    original: str
    """SHA-256 of the bytes."""
    size: int
    state: State
    reason: str
    """Why it was refused or has failed, or what is to know about the way it was read.

    It can be translated, where it was said since that has been kept.
    """
    received: int
    changed: int


class Uploads:
    """The files that have been sent in."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._now = now

    def add(self, person: str, file: str, original: str, size: int, key: str = "") -> Upload:
        """Queue a file; the same key of the same person gives back what was queued then."""
        now, key = int(self._now()), key or secrets.token_urlsafe(12)
        row = {
            "id": secrets.token_urlsafe(12),
            "person": person,
            "file": file,
            "original": original,
            "size": size,
            "key": key,
            "state": "queued",
            "reason": "",
            "said": "",
            "attempts": 0,
            "leased": 0,
            "received": now,
            "changed": now,
        }
        with self._connections.writing() as db:
            known = self.sent_with(person, key)
            if known:
                return known
            db.table("uploads").insert(row)
        return _upload(row)

    def newest(self) -> int:
        """Return a number that grows with every file that is sent in; 0 before the first."""
        sql = "SELECT coalesce(max(rowid), 0) FROM uploads"
        found: int = self._connections.reading.execute(sql).fetchone()[0]
        return found

    def sent_with(self, person: str, key: str) -> Upload | None:
        """Return what a person has sent in with this key; None if there is nothing."""
        sql = "SELECT * FROM uploads WHERE person = ? AND key = ?"
        rows = self._connections.reading.query(sql, [person, key])
        return next(map(_upload, rows), None)

    def get(self, upload_id: str) -> Upload:
        """Return an upload.

        Raises:
            UploadNotFoundError: there is none with this id.
        """
        for found in self._query("id = ?", upload_id):
            return found
        raise UploadNotFoundError(
            said("there is no upload {upload!r}; see the list of your files", upload=upload_id)
        )

    def of(self, person: str) -> tuple[Upload, ...]:
        """Return what a person has sent in, the newest first."""
        return tuple(self._query("person = ? ORDER BY received DESC, rowid DESC", person))

    def sent_since(self, person: str, since: float) -> tuple[int, int]:
        """Return how many files, and bytes, a person has sent in since a time."""
        row = self._connections.reading.execute(
            "SELECT count(*), coalesce(sum(size), 0) FROM uploads "
            "WHERE person = ? AND received > ?",
            [person, int(since)],
        ).fetchone()
        return int(row[0]), int(row[1])

    def counts(self) -> dict[State, int]:
        """Return how many files are in each state."""
        sql = "SELECT state, count(*) FROM uploads GROUP BY state"
        found = dict(self._connections.reading.execute(sql).fetchall())
        return {state: found.get(state, 0) for state in get_args(State)}

    def with_original(self, original: str) -> tuple[Upload, ...]:
        """Return the uploads of the same bytes, the oldest first."""
        return tuple(self._query("original = ? ORDER BY received, rowid", original))

    def lease(self) -> Upload | None:
        """Take the next file to be read, for a while; return None if there is none.

        Where reading has been broken off too often, the file is given up.
        """
        now = int(self._now())
        # A lease that ends later than any could is of before the clock was set back.
        running = [now, now + LEASE_S]
        with self._connections.writing() as db:
            db.execute(
                "UPDATE uploads SET state = 'failed', reason = ?, said = ?, changed = ? "
                "WHERE state = 'parsing' AND leased NOT BETWEEN ? AND ? AND attempts >= ?",
                [str(_GIVEN_UP), _json(_GIVEN_UP), now, *running, MOST_ATTEMPTS],
            )
            found = next(
                db.query(
                    "SELECT * FROM uploads WHERE state = 'queued' "
                    "OR (state = 'parsing' AND leased NOT BETWEEN ? AND ?) "
                    "ORDER BY received, rowid LIMIT 1",
                    running,
                ),
                None,
            )
            if found is None:
                return None
            changes = {
                "state": "parsing",
                "attempts": found["attempts"] + 1,
                "leased": now + LEASE_S,
                "changed": now,
            }
            db.table("uploads").update(found["id"], changes)
        return _upload(found | changes)

    @contextmanager
    def kept(self, upload: Upload) -> Iterator[None]:
        """Renew the lease of a file for as long as the block takes."""
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=[upload, done], daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()

    def holds(self, upload: Upload) -> bool:
        """Tell whether a file that was leased is still so, by no other and not deleted since.

        Two leases of one file are never of one second, so that their times tell them apart.
        """
        sql = "SELECT 1 FROM uploads WHERE id = ? AND state = 'parsing' AND changed = ?"
        row = self._connections.reading.execute(sql, [upload.id, upload.changed]).fetchone()
        return row is not None

    def end(self, upload_id: str, state: State, reason: Said | None = None) -> None:
        """Say what became of a file; nothing happens to one that was deleted meanwhile."""
        with self._connections.writing() as db:
            db.execute(
                "UPDATE uploads SET state = ?, reason = ?, said = ?, changed = ? WHERE id = ?",
                [state, str(reason or ""), _json(reason), int(self._now()), upload_id],
            )

    def forget(self, person: str) -> list[str]:
        """Delete what is known of the files of a person; return the originals nobody else sent."""
        with self._connections.writing() as db:
            sent = {upload.original for upload in self.of(person)}
            db.execute("DELETE FROM uploads WHERE person = ?", [person])
            return sorted(each for each in sent if each and not self.with_original(each))

    def _renew(self, upload: Upload, done: threading.Event) -> None:
        while not done.wait(RENEWED_EVERY_S):
            with suppress(StoreUnavailableError), self._connections.writing() as db:
                db.execute(
                    "UPDATE uploads SET leased = ? "
                    "WHERE id = ? AND state = 'parsing' AND changed = ?",
                    [int(self._now()) + LEASE_S, upload.id, upload.changed],
                )
        self._connections.release()

    def _query(self, condition: str, value: str) -> Iterator[Upload]:
        sql = f"SELECT * FROM uploads WHERE {condition}"  # noqa: S608 - ours
        yield from map(_upload, self._connections.reading.query(sql, [value]))


def _upload(row: dict[str, Any]) -> Upload:
    own = {name: row[name] for name in Upload.__slots__}
    return Upload(**own | {"reason": unpacked(json.loads(row["said"]))} if row["said"] else own)


def _json(reason: Said | None) -> str:
    return json.dumps(packed(reason), ensure_ascii=False) if reason else ""
