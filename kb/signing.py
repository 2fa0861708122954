"""Links that need no account: they name what they lead to and the day, and a key of ours signs."""

import hashlib
import hmac
import time
from collections.abc import Callable

from kb.database import Connections
from kb.errors import LinkError
from kb.keys import Keys

_DAY_S = 24 * 3600
_DIGITS = 9
"""No day has more; a number without end is no number to Python either."""


class Signed:
    """The links for one purpose."""

    def __init__(
        self,
        connections: Connections,
        purpose: str,
        days: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make them.

        Args:
            connections: to the database, which has the secret of the site.
            purpose: a word that no other kind of link has.
            days: for how long a link is good.
            now: gives Unix time.
        """
        self._keys = Keys(connections)
        self._purpose = purpose
        self._days = days
        self._now = now

    def link(self, name: str) -> str:
        """Return the secret part of a link to what is called so."""
        day = self._today()
        return f"{day}-{self._signature(name, day)}"

    def check(self, name: str, secret: str) -> None:
        """Let pass who has a link to this.

        Raises:
            LinkError: the link is not ours, or too old.
        """
        text, _, signature = secret.partition("-")
        fine = text.isascii() and text.isdigit() and len(text) <= _DIGITS
        day = int(text) if fine else 0
        ours = self._signature(name, day).encode()
        signed = hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), ours)
        if not signed or not 0 <= self._today() - day <= self._days:
            raise LinkError

    def _today(self) -> int:
        return int(self._now()) // _DAY_S

    def _signature(self, name: str, day: int) -> str:
        message = f"{day} {name}".encode()
        return hmac.new(self._keys.of(self._purpose), message, hashlib.sha256).hexdigest()[:32]
