"""Tokens: with them programs act for a person through the API."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kb.accounts.links import digest, new_secret
from kb.accounts.people import People, Person, person_in
from kb.errors import AccountError
from kb.permissions import Scope, scopes_of
from kb.saying import said

PREFIX = "kb_"
"""By it, programs that look for secrets in public places know them."""
LONGEST_DAYS = 366
_LONGEST_LABEL = 100
_MOST = 20
_SEEN_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it: all but the secret, which is shown once."""

    id: str
    label: str
    scopes: tuple[Scope, ...]
    created: int
    """Unix time, as are all times here."""
    expires: int
    seen: int | None
    revoked: int | None


class Tokens(People):
    """People who let programs act for them."""

    def make_token(self, person: Person, label: str, scopes: Iterable[Scope], days: int) -> str:
        """Return the secret of a new token, which cannot be shown again.

        Raises:
            AccountError: label, scopes or days cannot be, or there are too many already.
        """
        chosen = _checked(person, label, tuple(scopes), days)
        token_id, secret, now = secrets.token_hex(8), PREFIX + new_secret(), self._now()
        with self._connections.writing() as db:
            live = [each for each in self.tokens(person.id)
                    if each.revoked is None and each.expires > now]  # fmt: skip
            if len(live) >= _MOST:
                message = said("You have {count} tokens; revoke one first", count=_MOST)
                raise AccountError("label", message)
            db.table("tokens").insert(
                {"id": token_id, "digest": digest(secret), "person": person.id,
                 "label": label.strip(), "scopes": json.dumps(chosen), "created": now,
                 "expires": now + days * 24 * 3600, "seen": None, "revoked": None}
            )  # fmt: skip
            self._audit.note(person.id, "token.make", token_id, " ".join(chosen))
        return secret

    def by_token(self, secret: str) -> tuple[Person, frozenset[Scope]] | None:
        """Return whose token it is and what it is good for; None if it is not, or no more."""
        now, key = self._now(), digest(secret)
        row = next(
            self._connections.reading.query(
                "SELECT p.*, t.scopes, t.seen FROM tokens t JOIN people p ON p.id = t.person "
                "WHERE t.digest = ? AND t.revoked IS NULL AND t.expires > ? AND p.closed IS NULL",
                [key, now],
            ),
            None,
        )
        if row is None:
            return None
        if (row["seen"] or 0) <= now - _SEEN_EVERY_S:
            with self._connections.writing() as db:
                db.execute("UPDATE tokens SET seen = ? WHERE digest = ?", [now, key])
        person = person_in(row)
        # Someone may have had more to say when the token was made.
        return person, frozenset(json.loads(row["scopes"])) & frozenset(scopes_of(person.role))

    def tokens(self, person_id: str) -> tuple[Token, ...]:
        """Return the tokens of a person, the newest first; the revoked and expired ones too."""
        rows = self._connections.reading.query(
            "SELECT * FROM tokens WHERE person = ? ORDER BY created DESC, rowid DESC", [person_id]
        )
        return tuple(map(_token, rows))

    def revoke(self, person_id: str, token_id: str) -> None:
        """End a token of a person; of another's, do nothing."""
        with self._connections.writing() as db:
            done = db.execute(
                "UPDATE tokens SET revoked = ? WHERE id = ? AND person = ? AND revoked IS NULL",
                [self._now(), token_id, person_id],
            )
            if done.rowcount:
                self._audit.note(person_id, "token.revoke", token_id)


def _token(row: dict[str, Any]) -> Token:
    own = {name: row[name] for name in Token.__slots__}
    return Token(**own | {"scopes": tuple(json.loads(row["scopes"]))})


def _checked(person: Person, label: str, scopes: tuple[Scope, ...], days: int) -> tuple[Scope, ...]:
    told = label.strip()
    if not told or len(told) > _LONGEST_LABEL or not told.isprintable():
        message = said("Say in at most {count} characters what it is for", count=_LONGEST_LABEL)
        raise AccountError("label", message)
    allowed = scopes_of(person.role)
    if not scopes or not set(scopes) <= set(allowed):
        raise AccountError(
            "scopes", said("Choose one or more of {names}", names=", ".join(allowed))
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise AccountError("days", said("Choose from 1 to {count} days", count=LONGEST_DAYS))
    return tuple(scope for scope in allowed if scope in scopes)
