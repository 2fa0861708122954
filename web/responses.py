"""Answers that a client need not fetch twice."""

from flask import Response, request


def conditional(response: Response) -> Response:
    """Give the answer a tag of its content; to someone who has it already, say only that."""
    response.add_etag()
    response.make_conditional(request)
    return response
