"""Settings, read from the environment once and passed on as a value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kb.errors import SettingError


def _setting(default: Any, doc: str) -> Any:  # Any: dataclasses.field is typed that way too
    return field(default=default, metadata={"help": doc})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set; each field is read from ``KB_<NAME IN CAPITALS>``."""

    data: Path = _setting(
        Path("data"), "folder of the database, the originals and the search index"
    )
    host: str = _setting("127.0.0.1", "address the web server listens on")
    port: int = _setting(8000, "port the web server listens on; 0 takes a free one")
    site_url: str = _setting("", "address under which the public reaches the site")
    site_name: str = _setting("citypraxis", "name of the site, in the page head")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from ``env`` (default: the process environment).

        Raises:
            SettingError: a value cannot be used; the message names it and what is expected.
        """
        source = os.environ if env is None else env
        given: dict[str, Any] = {}
        for row in fields(cls):
            text = source.get(f"KB_{row.name.upper()}", "").strip()
            if text:
                given[row.name] = _READERS.get(row.name, str)(text)
        return cls(**given)

    @property
    def public_url(self) -> str:
        """The site's own address without a final slash."""
        return (self.site_url or f"http://{self.host}:{self.port}").rstrip("/")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise SettingError(f"KB_PORT is {text!r}; give a number from 0 to 65535, such as 8000")
    return int(text)


def _site_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise SettingError(f"KB_SITE_URL is {text!r}; give a full address, such as https://x.example")
    return text


_READERS: dict[str, Any] = {"data": Path, "port": _port, "site_url": _site_url}
