"""Letters, sent through the one server that the operator names; without one there are none."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from kb.errors import MailError
from kb.settings import Settings

_WAIT_S = 10
_PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409, RFC 8314


class Mailer(Protocol):
    """Sends letters."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Send a letter of plain text.

        Raises:
            MailError: the server did not take it.
        """


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Sends letters by SMTP: encrypted, except to this very computer."""

    server: str = field(repr=False)
    """As in ``KB_SMTP``; it may hold a password, so it is never shown."""
    sender: str

    def send(self, to: str, subject: str, text: str) -> None:
        """Send a letter of plain text.

        Raises:
            MailError: the server did not take it, or offers no encryption.
        """
        where = urlsplit(self.server)
        try:
            letter = _letter(self.sender, to, subject, text)
            with _connected(where) as smtp:
                _protect(smtp, where)
                _identify(smtp, where)
                smtp.send_message(letter)
        except (OSError, smtplib.SMTPException, ValueError) as err:
            raise MailError(
                f"the mail server {where.hostname} did not take the letter "
                f"({type(err).__name__}); check KB_SMTP and KB_MAIL_FROM"
            ) from err


def mailer(settings: Settings) -> Mailer | None:
    """Return what sends letters, None where no server is named."""
    return SmtpMailer(settings.smtp, settings.mail_from) if settings.smtp else None


def _letter(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, to, subject
    letter["Date"] = formatdate(usegmt=True)
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or None)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from machines
    letter.set_content(text)
    return letter


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


def _identify(smtp: smtplib.SMTP, where: SplitResult) -> None:
    if where.username:
        smtp.login(unquote(where.username), unquote(where.password or ""))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
