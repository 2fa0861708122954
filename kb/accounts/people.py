"""People: who there is, in which role, and how they want to be named."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from kb.accounts.passwords import Passwords
from kb.accounts.throttle import Throttle
from kb.audit import Audit
from kb.database import Connections
from kb.errors import AccountError, PersonNotFoundError
from kb.permissions import ROLES, Role
from kb.saying import said, term

State = Literal["invited", "active", "closed"]

OPERATOR = "operator"
"""Who acts at the command line."""

_EMAIL = re.compile(r"[^\s@<>(),;:\\\"]+@[^\s@<>(),;:\\\"]+\.[^\s@<>(),;:\\\"]+")
_KELVIN = "\N{KELVIN SIGN}"
_LONGEST_EMAIL = 254  # RFC 5321
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account."""

    id: str
    email: str
    name: str
    role: Role
    credit: str
    """How they are named with their cases; empty where they do not want to be."""
    state: State = "active"
    created: int = 0
    """Unix time."""

    @property
    def called(self) -> str:
        """What they are called where they are known."""
        return self.name or self.email


class People:
    """The people in the database, and what all that is done with accounts shares."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._clock = now
        self._audit = Audit(connections, now)
        self._throttle = Throttle(connections, now)
        self._passwords = Passwords()

    def create(self, email: str, role: Role, name: str = "", *, by: str = OPERATOR) -> Person:
        """Add someone, who cannot sign in before they have a password.

        Raises:
            AccountError: this is no e-mail address, no role, or someone has it already.
        """
        address, person_id = address_of(email), secrets.token_hex(8)
        with self._connections.writing() as db:
            if self.by_email(address):
                message = said("There is an account of {email} already", email=address)
                raise AccountError("email", message)
            db.table("people").insert(
                {"id": person_id, "email": address, "name": one_line("name", name),
                 "role": role_of(role), "credit": one_line("name", name), "password": "",
                 "created": self._now(), "joined": None, "closed": None}
            )  # fmt: skip
            self._audit.note(by, "person.create", person_id, role)
        return self.person(person_id)

    def by_id(self, person_id: str) -> Person | None:
        """Return a person, closed or not; None if there is none, as for what an operator did."""
        return next(self._select("id = ?", [person_id]), None)

    def person(self, person_id: str) -> Person:
        """Return a person, closed or not.

        Raises:
            PersonNotFoundError: there is none with this id.
        """
        found = self.by_id(person_id)
        if found is None:
            raise PersonNotFoundError(person_id)
        return found

    def by_email(self, email: str) -> Person | None:
        """Return the person with this address, closed or not; None if there is none."""
        return next(self._select("email = ?", [small(email)]), None)

    def everyone(self) -> tuple[Person, ...]:
        """Return all people in the order of their addresses, the closed ones last."""
        return tuple(self._select("true ORDER BY closed IS NOT NULL, email", []))

    def credits(self) -> dict[str, str]:
        """Return how people want to be named with their cases, by id."""
        rows = self._connections.reading.execute("SELECT id, credit FROM people").fetchall()
        return {person_id: credit for person_id, credit in rows if credit}

    def describe(self, person_id: str, *, name: str, credit: str) -> Person:
        """Change how someone is called, and how they are named with their cases.

        Raises:
            AccountError: one of them is longer than a line.
        """
        with self._connections.writing() as db:
            changes = {"name": one_line("name", name), "credit": one_line("credit", credit)}
            db.table("people").update(self.person(person_id).id, changes)
            self._audit.note(person_id, "person.describe", person_id)
        return self.person(person_id)

    def change_role(self, person_id: str, role: Role, *, by: str = OPERATOR) -> Person:
        """Give someone another role; they have to sign in again, and what a token may shrinks too.

        Raises:
            AccountError: nobody would be an administrator any more.
            PersonNotFoundError: there is no such person.
        """
        with self._connections.writing() as db:
            person = self.person(person_id)
            if role != "administrator":
                self._keep_an_administrator(person)
            db.execute("UPDATE people SET role = ? WHERE id = ?", [role_of(role), person_id])
            db.execute("DELETE FROM sessions WHERE person = ?", [person_id])
            self._audit.note(by, "person.role", person_id, f"{person.role} to {role}")
        return self.person(person_id)

    def close(self, person_id: str, *, by: str = OPERATOR) -> None:
        """Let someone in no more, by no way; what they contributed stays.

        Raises:
            AccountError: nobody would be an administrator any more.
            PersonNotFoundError: there is no such person.
        """
        with self._connections.writing() as db:
            self._keep_an_administrator(self.person(person_id))
            db.execute("UPDATE people SET closed = ? WHERE id = ?", [self._now(), person_id])
            self._lock_out(person_id)
            self._audit.note(by, "person.close", person_id)

    def _lock_out(self, person_id: str) -> None:
        with self._connections.writing() as db:
            for table in ("sessions", "links", "tokens"):
                db.execute(f"DELETE FROM {table} WHERE person = ?", [person_id])  # noqa: S608 - ours

    def _keep_an_administrator(self, leaving: Person) -> None:
        others = self._select(
            "role = 'administrator' AND closed IS NULL AND joined IS NOT NULL AND id <> ?",
            [leaving.id],
        )
        if leaving.role == "administrator" and leaving.state != "closed" and not any(others):
            raise AccountError(
                "role",
                term(
                    "This is the only administrator; make someone else one first, who has signed in"
                ),
            )

    def _select(self, condition: str, values: list[Any]) -> Iterator[Person]:
        sql = f"SELECT * FROM people WHERE {condition}"  # noqa: S608 - ours
        yield from map(person_in, list(self._connections.reading.query(sql, values)))

    def _now(self) -> int:
        return int(self._clock())


def person_in(row: dict[str, Any]) -> Person:
    """Return the person whom a row of the table describes."""
    state: State = "closed" if row["closed"] else "active" if row["joined"] else "invited"
    own = {name: row[name] for name in ("id", "email", "name", "role", "credit", "created")}
    return Person(**own, state=state)


def address_of(email: str) -> str:
    """Return an e-mail address as it is kept.

    Raises:
        AccountError: it is none.
    """
    told = small(email)
    if len(told) > _LONGEST_EMAIL or not _EMAIL.fullmatch(told) or not told.isprintable():
        raise AccountError("email", term("Give one e-mail address, such as name@city.example"))
    return told


def small(email: str) -> str:
    """Return an e-mail address in small letters, by which it is looked up.

    The Kelvin sign stays, of which ``lower`` makes a k: it would be the address of someone else.
    """
    return _KELVIN.join(part.lower() for part in email.strip().split(_KELVIN))


def role_of(role: str) -> str:
    """Return a role that is one.

    Raises:
        AccountError: it is none.
    """
    if role not in ROLES:
        raise AccountError("role", said("Choose one of {names}", names=", ".join(ROLES)))
    return role


def one_line(field: str, text: str) -> str:
    """Return a name as it is kept: one line.

    Raises:
        AccountError: it is too long for one, or holds what nobody sees.
    """
    told = " ".join(text.split())
    if len(told) > _LONGEST_NAME or not told.isprintable():
        message = said("Use one line of at most {count} characters", count=_LONGEST_NAME)
        raise AccountError(field, message)
    return told
