"""Passwords: which are good enough, and how they are kept."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kb.errors import AccountError
from kb.saying import said, term

SHORTEST = 12
LONGEST = 1_000
"""No limit that anyone meets; it bounds the work that a stranger can ask of us."""

# The least that OWASP asks for (Password Storage Cheat Sheet); two at once on two cores, because
# each takes 19 MiB and 40 to 140 ms.
_TIME_COST = 2
_MEMORY_KIB = 19 * 1024
_PARALLELISM = 1
_AT_ONCE = 2

NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$UqYrrymvehWOnlH2WQmgyw$"
    "NezhaoEx3m9eFVfwyP22Y19PRM6SGpXp0JRZeEAXga4"
)
"""Hash of random bytes that nobody has kept: whoever has no password is checked against it."""


class Passwords:
    """Makes and checks hashes; safe to use from several threads."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(_TIME_COST, _MEMORY_KIB, _PARALLELISM)
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """Return what is kept of ``password``."""
        with self._places:
            return self._hasher.hash(_normal(password))

    def fits(self, password: str, kept: str) -> bool:
        """Tell whether ``kept`` was made of ``password``; takes as long where there is none."""
        with self._places:
            try:
                self._hasher.verify(kept or NOBODYS, _normal(password)[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)

    def outdated(self, kept: str) -> bool:
        """Tell whether ``kept`` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def check(password: str, email: str) -> None:
    """Refuse a password that is too easy to guess.

    Raises:
        AccountError: it is too short, too long, or the e-mail address.
    """
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise AccountError("password", said("Use at least {count} characters", count=SHORTEST))
    if len(normal) > LONGEST:
        raise AccountError("password", said("Use at most {count} characters", count=LONGEST))
    if email and normal.strip().casefold() == email.casefold():
        raise AccountError("password", term("Use something else than your e-mail address"))
    if len(set(normal)) <= 2:  # noqa: PLR2004 - aaaaaaaaaaaa, abababababab
        raise AccountError("password", term("Use more than two different characters"))


def _normal(password: str) -> str:
    # The same letters can come as different code points from different keyboards (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", password)
