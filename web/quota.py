"""How much may be asked from one network address in a time: what is left is said in every answer.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. Each process counts for itself, in
memory, in windows that begin for everyone at once, so that what is held is dropped with the window.
It holds digests, under a key that nobody knows, and no addresses.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from kb.settings import Rate, Settings
from web import session

_OAI = "/oai"
_MOST_ADDRESSES = 50_000
"""6 MB; where more ask, counting begins anew rather than that a stranger is refused."""
_SUBSCRIBER = 64
"""Bits of an IPv6 address that tell subscribers apart; each has all the others to themselves."""


class TooFastError(TooManyRequests):
    """Raised when an address has asked for all that it may in this window."""

    fault = "too-fast"
    """What `web.errors` says of it."""


@dataclass(frozen=True, slots=True)
class Left:
    """What an address may still ask."""

    most: int
    window_s: int
    left: int
    """Below zero where it has asked too much."""
    after_s: int
    """Seconds until the next window."""


class Window:
    """Counts what each address asks in the present window of time."""

    def __init__(self, rate: Rate, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._now = now
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._begun = now()
        self._asked: dict[bytes, int] = {}

    def take(self, address: str) -> Left:
        """Count one more request from ``address``."""
        who = blake2b(_subscriber(address), key=self._key, digest_size=8).digest()
        with self._lock:
            now, window_s = self._now(), self._rate.window_s
            if now >= self._begun + window_s or len(self._asked) >= _MOST_ADDRESSES:
                self._begun, self._asked = now, {}
            asked = self._asked[who] = self._asked.get(who, 0) + 1
            after_s = max(1, round(self._begun + window_s - now))
        return Left(self._rate.most, window_s, self._rate.most - asked, after_s)


def register(app: Flask, settings: Settings) -> None:
    """Count what is asked of ``app``, as far as the settings say so."""
    rates = {"export": settings.rate_export, "api": settings.rate_api}
    app.extensions["windows"] = {name: Window(rate) for name, rate in rates.items() if rate}
    app.before_request(_count)
    app.after_request(_tell)


def kind(path: str) -> str:
    """Return what is counted: files made of all cases, answers to programs, or nothing."""
    if path.startswith("/export/") or (
        path.startswith("/snapshots/") and path.endswith("/package")
    ):
        return "export"
    return "api" if path.startswith(session.API) or path == _OAI else ""


def _count() -> None:
    name = kind(request.path)
    window = current_app.extensions["windows"].get(name)
    if window is None or request.method == "OPTIONS":
        return
    left = window.take(session.address())
    g.quota = name, left
    if left.left < 0:
        # What harvesters wait at is 503 (Implementation Guidelines of OAI-PMH, Flow Control).
        refused = ServiceUnavailable if request.path == _OAI else TooFastError
        raise refused(retry_after=left.after_s)


def _tell(response: Response) -> Response:
    if "quota" in g:
        name, left = g.quota
        response.headers["RateLimit-Policy"] = f'"{name}";q={left.most};w={left.window_s}'
        response.headers["RateLimit"] = f'"{name}";r={max(0, left.left)};t={left.after_s}'
    return response


def _subscriber(address: str) -> bytes:
    try:
        read = ip_address(address)
    except ValueError:
        return address.encode("utf-8", "replace")[:64]
    if isinstance(read, IPv6Address) and read.ipv4_mapped is None:
        return read.packed[: _SUBSCRIBER // 8]
    return read.packed
