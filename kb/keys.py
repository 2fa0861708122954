"""The secret of this site, made when it is first needed, and a key for each purpose made of it.

It lies in the database, whose folder only the operator can read; processes that make it at the same
time agree on one, because a transaction decides.
"""

import hashlib
import hmac
import secrets
from functools import cached_property

from kb.database import Connections

_BYTES = 32


class Keys:
    """The keys of one site."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @cached_property
    def _site(self) -> bytes:
        """The secret itself; it never changes."""
        return self._kept() or self._made()

    def of(self, purpose: str) -> bytes:
        """Return the key for one purpose, with which nothing else is signed."""
        return hmac.new(self._site, purpose.encode(), hashlib.sha256).digest()

    def _kept(self) -> bytes:
        found = self._connections.reading.execute(
            "SELECT value FROM meta WHERE name = 'signing key'"
        ).fetchone()
        return bytes.fromhex(found[0]) if found else b""

    def _made(self) -> bytes:
        with self._connections.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO meta (name, value) VALUES ('signing key', ?)",
                [secrets.token_hex(_BYTES)],
            )
            return self._kept()
