"""Letters, sent through the one server that the operator names; without one there are none."""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from kb import secret
from kb.errors import MailError, SettingError
from kb.settings import Settings

_WAIT_S = 10
_LONGEST_LINE = 998  # RFC 5322
_PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409, RFC 8314


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written to somebody."""

    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """More of the head, such as ``List-Unsubscribe``."""


class Mailer(Protocol):
    """Sends letters."""

    def send(
        self, to: str, subject: str, text: str, headers: Mapping[str, str] = _NO_HEADERS
    ) -> None:
        """Send a letter of plain text, with more in its head if need be.

        Raises:
            MailError: the server did not take it.
        """


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Sends letters by SMTP: encrypted, except to this very computer."""

    server: str = field(repr=False)
    """As in ``KB_SMTP``; it may hold a password, so it is never shown."""
    sender: str
    password_file: Path | None = None
    """Where the password lies that is not in ``server``; read for each letter."""

    def send(
        self, to: str, subject: str, text: str, headers: Mapping[str, str] = _NO_HEADERS
    ) -> None:
        """Send a letter of plain text, with more in its head if need be.

        Raises:
            MailError: the server did not take it, or offers no encryption.
        """
        where = urlsplit(self.server)
        try:
            letter = _letter(self.sender, to, Letter(subject, text, headers))
            with _connected(where) as smtp:
                _protect(smtp, where)
                _identify(smtp, where, self.password_file)
                smtp.send_message(letter)
        except SettingError as err:
            raise MailError(f"no letter was sent: {err}") from err
        except (OSError, smtplib.SMTPException, ValueError) as err:
            raise MailError(
                f"the mail server {where.hostname} did not take the letter "
                f"({type(err).__name__}); check KB_SMTP and KB_MAIL_FROM"
            ) from err


def mailer(settings: Settings) -> Mailer | None:
    """Return what sends letters, None where no server is named."""
    if not settings.smtp:
        return None
    return SmtpMailer(settings.smtp, settings.mail_from, settings.smtp_password_file)


def _letter(sender: str, to: str, written: Letter) -> EmailMessage:
    letter = EmailMessage(_Policy())
    letter["From"], letter["To"], letter["Subject"] = sender, to, written.subject
    letter["Date"] = formatdate(usegmt=True)
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or None)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from machines
    for name, value in written.headers.items():
        letter[name] = value
    letter.set_content(written.text)
    return letter


class _Policy(EmailPolicy):
    """Leaves addresses in the head whole.

    The usual policy encodes what is too long for a line and has no spaces: then no mail program
    finds the address in it.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write a line of the head; the standard library says neither what a value is."""
        whole = self.clone(max_line_length=_LONGEST_LINE) if name.startswith("List-") else self
        return EmailPolicy.fold_binary(whole, name, value)


def _connected(where: SplitResult) -> smtplib.SMTP:
    host, port = where.hostname or "", where.port or _PORTS[where.scheme]
    if where.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=_WAIT_S, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=_WAIT_S)


def _protect(smtp: smtplib.SMTP, where: SplitResult) -> None:
    if where.scheme == "smtps":
        return
    smtp.ehlo()
    if smtp.has_extn("starttls"):
        smtp.starttls(context=ssl.create_default_context())
    elif not _is_here(where.hostname or ""):
        raise smtplib.SMTPNotSupportedError("no STARTTLS")


def _identify(smtp: smtplib.SMTP, where: SplitResult, password_file: Path | None) -> None:
    if where.username:
        password = secret.read(password_file) if password_file else unquote(where.password or "")
        smtp.login(unquote(where.username), password)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
