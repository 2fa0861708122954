"""How often something may be tried: counted in the database, by all processes together."""

import hashlib
import time
from collections.abc import Callable

from kb.database import Connections
from kb.errors import TooManyAttemptsError

MOST = 10
WINDOW_S = 15 * 60


class Throttle:
    """Lets so many attempts pass in a window of time.

    What is counted is kept as a digest: the table holds no e-mail and no network address.
    """

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._now = now

    def take(self, *what: str, most: int = MOST, window_s: int = WINDOW_S) -> None:
        """Count one more attempt at ``what``.

        Raises:
            TooManyAttemptsError: there were ``most`` in the last ``window_s`` seconds already; this
                one is not counted, so that waiting helps.
        """
        key, now = _key(what), int(self._now())
        with self._connections.writing() as db:
            # What was counted in the future was so before the clock was set back.
            db.execute(
                "DELETE FROM attempts WHERE key = ? AND at NOT BETWEEN ? AND ?",
                [key, now - window_s + 1, now],
            )
            done, first = db.execute(
                "SELECT count(*), min(at) FROM attempts WHERE key = ?", [key]
            ).fetchone()
            if done >= most:
                raise TooManyAttemptsError(max(1, first + window_s - now))
            db.table("attempts").insert({"key": key, "at": now})

    def forget(self, *what: str) -> None:
        """Count no attempt at ``what`` any more."""
        with self._connections.writing() as db:
            db.execute("DELETE FROM attempts WHERE key = ?", [_key(what)])

    def tidy(self, older_than_s: int = 24 * 3600) -> None:
        """Delete what is too old to count."""
        with self._connections.writing() as db:
            db.execute("DELETE FROM attempts WHERE at < ?", [int(self._now()) - older_than_s])


def _key(what: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(what).encode()).hexdigest()
