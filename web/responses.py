"""Answers that send on, answers that a client need not fetch twice, and answers that are files."""

import time
from datetime import UTC, datetime
from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from web.labels import carried

_SETTLED_S = 2


def onward(endpoint: str, **values: Any) -> Answer:
    """Send who has posted a form on to a page, in the language in which they read."""
    return redirect(url_for(endpoint, **carried(), **values), 303)


def conditional(response: Response, changed: int = 0) -> Response:
    """Give the answer a tag of its content; to someone who has it already, say only that.

    ``changed`` is the Unix time after which nothing has changed that it says, 0 if nobody knows.
    What changed just now may change once more within the second, which no date could tell.
    """
    response.add_etag()
    if 0 < changed < time.time() - _SETTLED_S:
        response.last_modified = datetime.fromtimestamp(changed, UTC)
    response.make_conditional(request)
    return response


def shown_file(response: Response, media_type: str, name: str) -> Response:
    """Send a file that a browser may show; saved, it gets ``name``."""
    return _file(response, media_type, f'inline; filename="{name}"')


def download(response: Response, media_type: str, name: str) -> Response:
    """Send a file that a browser saves as ``name``."""
    return _file(response, media_type, f'attachment; filename="{name}"')


def _file(response: Response, media_type: str, disposition: str) -> Response:
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = disposition
    return conditional(response)
