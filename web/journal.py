"""One line of the log for each request: which route, how it went, how long it took. Never by whom.

The line names the rule of the route, not the address; a random id leads from a reader who reports
an error (``X-Request-ID``) to the lines about it, and to nothing else.
"""

import logging
import secrets
from functools import partial
from time import perf_counter
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, request

from kb.journal import REQUEST
from web.tallies import tallies

LOG = logging.getLogger(__name__)

NOWHERE = "none"
"""The route of a request for which there is none."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class Site(Flask):
    """An application that does not repeat in its log what was asked for."""

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Record what went wrong while a request was answered."""
        LOG.error("a request could not be answered", extra={"told": _where()}, exc_info=exc_info)


def register(app: Flask) -> None:
    """Write a line for each request to ``app``, and count it."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began, g.request_id = perf_counter(), secrets.token_hex(8)
    REQUEST.set(g.request_id)


def _end(response: Response) -> Response:
    where, status = _where(), response.status_code
    tallies().request(where["route"], where["method"], status, perf_counter() - g.began)
    response.headers["X-Request-ID"] = g.request_id
    tell = partial(_tell, {**where, "status": status, "bytes": response.content_length}, g.began)
    if response.is_streamed:  # what is made while it is sent ends later than it begins
        response.call_on_close(tell)
    else:
        tell()
    return response


def _tell(told: dict[str, Any], began: float) -> None:
    ms = round((perf_counter() - began) * 1000, 1)
    LOG.info("request", extra={"told": {**told, "ms": ms}})


def _where() -> dict[str, str]:
    route = request.url_rule.rule if request.url_rule else NOWHERE
    return {"route": route, "method": request.method if request.method in _METHODS else "other"}
