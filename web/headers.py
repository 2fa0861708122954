"""The headers that every answer carries, and the limit on what an address may say."""

from flask import Response, request
from werkzeug.exceptions import RequestURITooLarge

from web import session

MAX_ARGS_BYTES = 8_190
"""Longer questions come from no person; Apache and nginx draw the line at about the same length."""

_CONTENT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_UNUSED = ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "payment", "usb")

HEADERS = {
    "Content-Security-Policy": _CONTENT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED),
}


def protect(response: Response) -> Response:
    """Put the security headers on ``response``."""
    response.headers.update(HEADERS)
    if session.is_secure():
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def refuse_endless_address() -> None:
    """Refuse a question that would be repeated in every link of its page.

    Raises:
        RequestURITooLarge: what stands behind the ``?`` is longer than `MAX_ARGS_BYTES`.
    """
    if len(request.query_string) > MAX_ARGS_BYTES:
        raise RequestURITooLarge
