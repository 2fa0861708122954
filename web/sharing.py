"""What pages of other sites may read (CORS): what is for everyone, without credentials."""

import re

from flask import Response, request

_SHARED = re.compile(
    r"/(api/|export/|feeds/|oai$|schema/|vocabulary\.|catalog\.|snapshots/[^/]+/package$)"
)
_READS = "GET, HEAD"
_TAKEN = "If-None-Match, If-Modified-Since, Accept, Content-Type"
_SHOWN = "Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, X-Total-Count"
_KEPT_S = 24 * 3600


def share(response: Response) -> Response:
    """Let other sites read ``response``, if it is for everyone; answer them who ask beforehand.

    Nothing that was made for the owner of a cookie or of a token is shared, and nothing is written
    from there.
    """
    asked = request.headers.get("Access-Control-Request-Method")
    reads = (asked if request.method == "OPTIONS" and asked else request.method) in _METHODS
    if not reads or response.cache_control.private or not _SHARED.match(request.path):
        return response
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _READS
        response.headers["Access-Control-Allow-Headers"] = _TAKEN
        response.headers["Access-Control-Max-Age"] = str(_KEPT_S)
    else:
        response.headers["Access-Control-Expose-Headers"] = _SHOWN
    return response


_METHODS = {"GET", "HEAD", "OPTIONS"}
