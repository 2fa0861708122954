"""The one door out: addresses of other sites are asked here, only when an operator harvests.

Only http and https, also after a redirect. What comes is counted while it comes, because nobody
has to say its length, or to say it truly.
"""

import http.client
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from kb.errors import PeerError

TIMEOUT_S = 60
"""Without a byte."""
LONGEST_S = 1800
"""For one answer; a site that sends a byte a minute is given up."""
MAX_ANSWER_BYTES = 50_000_000
"""Of an answer that is read at once: a hundred cases have less than 10 MB."""
MAX_FILE_BYTES = 500_000_000
"""Of a file: 30,000 cases, at what ours have."""
MOST_TRIES = 5
LONGEST_WAIT_S = 300
_USUAL_WAIT_S = 10
_CHUNK = 65_536
_DIGITS = 16
_SCHEMES = ("http", "https")
_BUSY = frozenset({429, 503})
_AGENT = "citypraxis-harvester"


def answer(address: str) -> bytes:
    """Return what is at an address.

    Raises:
        PeerError: it cannot be had, or is too large.
    """
    return b"".join(_pieces(address, MAX_ANSWER_BYTES))


def download(address: str, file: IO[bytes]) -> None:
    """Write what is at an address into a file; see `answer`."""
    for piece in _pieces(address, MAX_FILE_BYTES):
        file.write(piece)
    file.flush()


def _pieces(address: str, most: int) -> Iterator[bytes]:
    size, end = 0, time.monotonic() + LONGEST_S
    try:
        with _opened(address) as response:
            told = response.headers.get("Content-Length", "")
            while piece := response.read1(_CHUNK):
                size += len(piece)
                if size > most:
                    raise PeerError(address, f"sends more than {most // 1_000_000} MB", _SMALLER)
                if time.monotonic() > end:
                    raise PeerError(address, f"takes longer than {LONGEST_S} s", _AGAIN)
                yield piece
    except (OSError, http.client.HTTPException) as err:
        raise PeerError(address, f"was broken off: {_said(err)}", _AGAIN) from err
    if _is_count(told) and size < int(told):
        raise PeerError(address, f"was cut short: {size} bytes of {told}", _AGAIN)


def _opened(address: str) -> http.client.HTTPResponse:
    """Ask, and ask again where the other site says that it is busy."""
    for tried in range(1, MOST_TRIES + 1):
        try:
            request = Request(_checked(address), headers={"User-Agent": _AGENT})  # noqa: S310 - checked
            response: http.client.HTTPResponse = _opener().open(request, timeout=TIMEOUT_S)
        except HTTPError as err:
            with err:
                if err.code not in _BUSY or tried == MOST_TRIES:
                    raise PeerError(address, f"answers {err.code}", _CHECK) from err
                time.sleep(_wait(address, err.headers.get("Retry-After", "")))
        except (URLError, OSError, http.client.HTTPException, ValueError) as err:
            raise PeerError(address, f"cannot be reached: {_said(err)}", _CHECK) from err
        else:
            return response
    raise PeerError(address, "is busy", _AGAIN)


class _Redirects(HTTPRedirectHandler):
    """Follows within http and https only; the usual one would also go to ftp."""

    max_redirections = 5

    def redirect_request(  # noqa: PLR0913, PLR0917 - as the library calls it
        self, req: Request, fp: IO[bytes], code: int, msg: str,
        headers: http.client.HTTPMessage, newurl: str,
    ) -> Request | None:  # fmt: skip
        """Return what to ask instead."""
        _checked(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def http_error_302(  # as the library calls it
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> object:
        """Follow, or say why not in our words."""
        target = urlsplit(headers.get("Location", ""))
        if target.scheme and target.scheme not in _SCHEMES:
            _checked(headers["Location"])
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _opener() -> OpenerDirector:
    opener = OpenerDirector()
    for handler in (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, _Redirects,
                    HTTPErrorProcessor):  # fmt: skip
        opener.add_handler(handler())
    return opener


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise PeerError(address, "is no address of the web", "give one that begins with https://")
    return address


def _wait(address: str, told: str) -> float:
    """Return for how many seconds to wait, as a header ``Retry-After`` says it."""
    wait: float = _USUAL_WAIT_S
    if _is_count(told):
        wait = int(told)
    elif told:
        try:
            wait = (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            wait = _USUAL_WAIT_S
    if wait > LONGEST_WAIT_S:
        raise PeerError(address, f"asks us to come back in {wait:.0f} s", "harvest again then")
    return max(0, wait)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _DIGITS


def _said(err: Exception) -> str:
    return str(getattr(err, "reason", "") or err or type(err).__name__)


_AGAIN = "harvest again: what has been taken over stays, and the rest is taken up"
_CHECK = "check the address, and harvest again later"
_SMALLER = "harvest in parts, with --set or --from"
