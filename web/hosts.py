"""The names of the site. ``Host`` is written by whoever asks, and caches believe it."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from kb.settings import Settings

HERE = ("localhost", "127.0.0.1")
"""Those who look after it ask by these; from elsewhere they lead nowhere."""


def answered(settings: "Settings") -> list[str] | None:
    """Return the names; None where the operator names none, as for a try: then it is every name.

    One that begins with a dot stands for all that end so. Werkzeug, which compares them, knows no
    IPv6 address in place of a name: a site at one has to be named in ``KB_HOSTS`` too.
    """
    public = urlsplit(settings.site_url).hostname or ""
    named = [*settings.hosts, *([public] if public and ":" not in public else [])]
    return [*named, *HERE] if named else None
