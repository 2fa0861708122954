"""What the settings say to the public, to proxies, and to those who watch."""

import os
from urllib.parse import urlsplit

from kb import secret
from kb.deployment.row import Row, row
from kb.errors import SettingError
from kb.settings import Settings

_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - to warn of it


def address(settings: Settings) -> Row:
    """Tell whether the site knows its address, and is reached by https."""
    url = settings.site_url
    return row(
        "address",
        url or "KB_SITE_URL is not set",
        fine=url.startswith("https://"),
        remedy="set KB_SITE_URL to the public address, with https; links and cookies need it",
    )


def hosts(settings: Settings) -> Row:
    """Tell whether the site refuses names that are not its own."""
    named = bool(settings.hosts or settings.site_url)
    return row(
        "hosts",
        "it answers to its own names" if named else "it answers to every name",
        fine=named,
        remedy="set KB_SITE_URL, and in KB_HOSTS further names of the site",
    )


def proxy(settings: Settings) -> Row:
    """Tell whether limits count those who ask, and not the proxy before the site."""
    named = ", ".join(map(str, settings.proxy))
    needed = settings.site_url.startswith("https://")
    return row(
        "proxy",
        f"believes {named}, {settings.proxies} deep" if named else "KB_PROXY is not set",
        fine=bool(named) or not needed,
        remedy="name the proxy that does https in KB_PROXY: all who come through it count as one",
    )


def listening(settings: Settings) -> Row:
    """Tell whether the server can be reached past the proxy."""
    return row(
        "listening",
        f"KB_HOST is {settings.host}",
        fine=settings.host not in _EVERYWHERE,
        remedy="listen on 127.0.0.1, or let a firewall or a network of containers keep others out",
        otherwise="warn",
    )


def contact(settings: Settings) -> Row:
    """Tell whether readers can reach those who run the site."""
    return row(
        "contact",
        settings.contact or "KB_CONTACT is not set",
        fine=bool(settings.contact),
        remedy="set KB_CONTACT; the accessibility statement must name it",
    )


def enforcement(settings: Settings) -> Row:
    """Tell whether the accessibility statement is whole."""
    return row(
        "enforcement",
        settings.enforcement or "KB_ENFORCEMENT is not set",
        fine=bool(settings.enforcement),
        remedy="set KB_ENFORCEMENT; public bodies in the EU must name it",
        otherwise="warn",
    )


def mail(settings: Settings) -> Row:
    """Tell whether the site can write letters."""
    server = urlsplit(settings.smtp).hostname
    return row(
        "mail",
        f"by {server}" if server else "KB_SMTP is not set",
        fine=bool(server),
        remedy="set KB_SMTP and KB_MAIL_FROM; else nobody gets a new password or a digest",
        otherwise="warn",
    )


def secrets(settings: Settings) -> Row:
    """Tell whether secrets lie in files that only the site can read."""
    if urlsplit(settings.smtp).password:
        remedy = "move it into a file, and name that in KB_SMTP_PASSWORD_FILE"
        return Row("secrets", "missing", "there is a password in KB_SMTP", remedy)
    files = (
        settings.smtp_password_file,
        settings.oidc_secret_file,
        settings.metrics_token_file,
    )
    named = [file for file in files if file is not None]
    try:
        for file in named:
            secret.read(file)
    except SettingError as err:
        told, _, remedy = str(err).rpartition("; " if "; " in str(err) else ": ")
        return Row("secrets", "missing", told, remedy)
    return Row("secrets", "ok", f"{len(named)} in files")


def log(settings: Settings) -> Row:
    """Tell whether there is a log that programs can read."""
    return row(
        "log",
        f"as {settings.log}",
        fine=settings.log == "json",
        remedy="set KB_LOG=json: a line for each request, without personal data",
        otherwise="warn",
    )


def metrics(settings: Settings) -> Row:
    """Tell whether somebody can watch the site."""
    return row(
        "metrics",
        "for who has the token" if settings.metrics_token_file else "nobody can read them",
        fine=settings.metrics_token_file is not None,
        remedy="put a token into a file, and name it in KB_METRICS_TOKEN_FILE",
        otherwise="warn",
    )


def debugging(_settings: Settings) -> Row:
    """Tell whether errors are kept from readers."""
    on = os.environ.get("FLASK_DEBUG", "0") not in {"", "0", "false", "no"}
    told = "FLASK_DEBUG is set" if on else "off"
    return row("debugging", told, fine=not on, remedy="unset it: it shows the program to readers")


CHECKS = (
    address, hosts, proxy, listening, contact, enforcement, mail, secrets, log, metrics, debugging
)  # fmt: skip
