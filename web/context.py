"""What a view needs of its application: the library, the settings, the reader's language."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from web import args, tongue

if TYPE_CHECKING:
    from kb.contributing import Contributing
    from kb.library import Library
    from kb.query import Query
    from kb.settings import Settings


def library() -> "Library":
    """Return the library that the site shows."""
    return cast("Library", current_app.extensions["library"])


def contributing() -> "Contributing":
    """Return what contributors and moderators can do."""
    return library().contributing


def settings() -> "Settings":
    """Return the settings with which the site was started."""
    return cast("Settings", current_app.extensions["settings"])


def started() -> int:
    """Return the Unix time at which the site was started."""
    return cast("int", current_app.extensions["started"])


def reader() -> str:
    """Return the code of the language in which this request wants sentences and labels."""
    return tongue.reader()


def query() -> "Query":
    """Return the question that stands in the address, asked by this reader."""
    return replace(args.query_from(request.args), reader=reader())


def public_url(path: str) -> str:
    """Return the full public address of ``path``; the host that a client claims plays no part."""
    return settings().public_url + path
