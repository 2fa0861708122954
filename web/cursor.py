"""Cursors: where someone is who goes through a long answer, in the address and nowhere else.

A cursor says which cases have been given, not after which one to go on: every new case moves the
scores of all others, and a case that is corrected may move anywhere, so that no position stays
where it was. One bit a case is enough, 1.7 kB of address in the middle of 10,000 cases; the place
of a bit is that of the case among all that there ever were, which never changes.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from kb.query import Query

_CHECK_BYTES = 9


def written(query: Query, given: Iterable[str], ever: Sequence[str]) -> str:
    """Return the cursor of someone who asked ``query`` and was ``given`` these cases.

    Args:
        query: the question; page, size and language of labels play no part.
        given: ids of cases.
        ever: every case that there ever was, the first one first.
    """
    known = frozenset(given)
    bits = sum(1 << place for place, case_id in enumerate(ever) if case_id in known)
    packed = zlib.compress(bits.to_bytes(-(-len(ever) // 8), "little"), level=9)
    return urlsafe_b64encode(_check(query, known, packed) + packed).decode().rstrip("=")


def read(text: str, query: Query, ever: Sequence[str]) -> frozenset[str] | None:
    """Return the cases that were given, or None where this is no cursor of ours for ``query``."""
    try:
        told = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        packed = told[_CHECK_BYTES:]
        unpacked = zlib.decompressobj().decompress(packed, len(ever) // 8 + 1)
    except (ValueError, zlib.error):
        return None
    given = frozenset(_named(int.from_bytes(unpacked, "little"), ever))
    fine = told[:_CHECK_BYTES] == _check(query, given, packed)
    return given if fine and given and _is_written(text, told) else None


def _named(bits: int, ever: Sequence[str]) -> Iterator[str]:
    return (case_id for place, case_id in enumerate(ever) if bits >> place & 1)


def _is_written(text: str, told: bytes) -> bool:
    return urlsafe_b64encode(told).decode().rstrip("=") == text


def _check(query: Query, given: frozenset[str], packed: bytes) -> bytes:
    """Return a digest of question, cases and writing; who makes one up harms only themselves."""
    usual = Query()
    asked = replace(query, page=usual.page, size=usual.size, reader=usual.reader)
    parts = [*(part for pair in asked.pairs() for part in pair), "", packed.hex(), *sorted(given)]
    return sha256("\0".join(parts).encode()).digest()[:_CHECK_BYTES]
