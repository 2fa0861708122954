"""Answers that a client need not fetch twice, and answers that are files."""

from flask import Response, request


def conditional(response: Response) -> Response:
    """Give the answer a tag of its content; to someone who has it already, say only that."""
    response.add_etag()
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
