"""Links by which people set their password: invitations, new passwords, the first administrator.

A link is a secret of 32 bytes, of which only the SHA-256 is kept. It works once.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from kb.accounts import passwords
from kb.accounts.people import OPERATOR, People, Person, address_of, role_of, small
from kb.errors import AccountError, LinkError
from kb.permissions import Role
from kb.saying import said, term

Purpose = Literal["invitation", "reset", "first"]

LIFE_S: Mapping[Purpose, int] = MappingProxyType(
    {"invitation": 7 * 24 * 3600, "reset": 3600, "first": 7 * 24 * 3600}
)
_SECRET_BYTES = 32
_MOST_RESETS, _RESETS_WINDOW_S = 5, 3600


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for."""

    purpose: Purpose
    person: Person | None
    """Whose password it sets; None for the first administrator, who is nobody yet."""


class Links(People):
    """People who are let in by a link."""

    def invite(self, email: str, role: Role, name: str = "", *, by: str = OPERATOR) -> str:
        """Return the secret of an invitation; whoever was invited before gets a new one.

        Raises:
            AccountError: this is no e-mail address, no role, or they have signed in already.
        """
        with self._connections.writing() as db:
            person = self.by_email(email) or self.create(email, role, name, by=by)
            if person.state == "active":
                message = said("There is an account of {email} already", email=person.email)
                raise AccountError("email", message)
            db.execute(
                "UPDATE people SET role = ?, password = '', joined = NULL, closed = NULL "
                "WHERE id = ?",
                [role_of(role), person.id],
            )
            self._audit.note(by, "person.invite", person.id, role)
            return self._new("invitation", person.id)

    def reset(self, email: str, *, by: str = "") -> str | None:
        """Return the secret of a link to a new password, None where nobody has this address.

        Raises:
            TooManyAttemptsError: it has been asked for too often, whether they exist or not.
        """
        asked = small(email)
        if not by:
            self._throttle.take("reset", asked, most=_MOST_RESETS, window_s=_RESETS_WINDOW_S)
        with self._connections.writing():
            person = self.by_email(asked)
            if person is None or person.state == "closed":
                return None
            self._audit.note(by, "person.reset", person.id)
            return self._new("reset", person.id)

    def first_run(self) -> str | None:
        """Return the secret with which the first administrator comes in, None if anyone is here.

        Asked again, it returns another and the one before does not work any more.
        """
        with self._connections.writing() as db:
            if db.execute("SELECT 1 FROM people").fetchone():
                return None
            return self._new("first", None)

    def open_link(self, secret: str) -> Link:
        """Say what a link is for, without using it up: programs that scan mail open links too.

        Raises:
            LinkError: it is not known, used up, or too old.
        """
        row = next(
            self._connections.reading.query(
                "SELECT * FROM links WHERE digest = ? AND used IS NULL AND expires > ?",
                [digest(secret), self._now()],
            ),
            None,
        )
        if row is None or (row["purpose"] == "first" and any(self._select("true", []))):
            raise LinkError
        return Link(row["purpose"], self.person(row["person"]) if row["person"] else None)

    def set_password(
        self, secret: str, password: str, *, email: str = "", name: str = ""
    ) -> Person:
        """Use a link up: set a password and end all sessions.

        Args:
            secret: of the link.
            password: from now on the only one.
            email: of the first administrator; others have one.
            name: of whoever has none yet.

        Raises:
            LinkError: the link is not known, used up, or too old.
            AccountError: password, e-mail or name cannot be used; the link still works.
        """
        link = self.open_link(secret)
        passwords.check(password, link.person.email if link.person else address_of(email))
        kept = self._passwords.hash(password)  # before the transaction: it takes long
        with self._connections.writing():
            link = self.open_link(secret)  # someone may have been faster
            person = link.person or self.create(email, "administrator", name, by="")
            if name and not person.name:
                person = self.describe(person.id, name=name, credit=person.credit or name)
            self._settle(person.id, kept)
            self._audit.note(person.id, "person.password", person.id, link.purpose)
        return self.person(person.id)

    def change_password(self, person_id: str, old: str, new: str) -> None:
        """Set another password, and end all sessions; ``old`` is not asked of who has none.

        Raises:
            AccountError: the old one is wrong, or the new one cannot be used.
            TooManyAttemptsError: a wrong old one has been given too often.
        """
        self.confirm(person_id, old)
        passwords.check(new, self.person(person_id).email)
        kept = self._passwords.hash(new)
        with self._connections.writing():
            self._settle(person_id, kept)
            self._audit.note(person_id, "person.password", person_id, "changed")

    def has_password(self, person_id: str) -> bool:
        """Tell whether someone has a password; who signs on elsewhere has none."""
        return bool(self._kept(person_id))

    def confirm(self, person_id: str, password: str) -> None:
        """Make sure that it is still the same person; those without a password pass.

        Raises:
            AccountError: it is not their password.
            TooManyAttemptsError: a wrong one has been given too often.
        """
        kept = self._kept(person_id)
        if not kept:
            return
        self._throttle.take("confirm", person_id)
        if not self._passwords.fits(password, kept):
            raise AccountError("old", term("This is not your password; try again"))
        self._throttle.forget("confirm", person_id)

    def _kept(self, person_id: str) -> str:
        rows = self._connections.reading.query(
            "SELECT password FROM people WHERE id = ?", [person_id]
        )
        return str(next(rows, {"password": ""})["password"])

    def _settle(self, person_id: str, kept: str) -> None:
        now = self._now()
        with self._connections.writing() as db:
            db.execute(
                "UPDATE people SET password = ?, joined = coalesce(joined, ?) WHERE id = ?",
                [kept, now, person_id],
            )
            db.execute("DELETE FROM sessions WHERE person = ?", [person_id])
            db.execute(
                "UPDATE links SET used = ? WHERE used IS NULL AND (person = ? OR person IS NULL)",
                [now, person_id],
            )

    def _new(self, purpose: Purpose, person_id: str | None) -> str:
        secret = new_secret()
        row: dict[str, Any] = {
            "digest": digest(secret),
            "person": person_id,
            "purpose": purpose,
            "expires": self._now() + LIFE_S[purpose],
            "used": None,
        }
        with self._connections.writing() as db:
            db.execute("DELETE FROM links WHERE expires < ?",
                       [self._now() - max(LIFE_S.values())])  # fmt: skip
            # Anyone can ask for a new password of anyone: that ends no link which they were given.
            if purpose != "reset":
                db.execute("DELETE FROM links WHERE person IS ? AND purpose = ?",
                           [person_id, purpose])  # fmt: skip
            db.table("links").insert(row)
        return secret


def new_secret() -> str:
    """Return a secret that nobody guesses, safe in addresses and cookies."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def digest(secret: str) -> str:
    """Return what is kept of a secret; as it is random, a fast digest is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
