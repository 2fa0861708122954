"""Sessions: who has signed in, until when. They are kept here, so that they can be ended here."""

from kb.accounts.links import digest, new_secret
from kb.accounts.people import People, Person, person_in, small
from kb.errors import SignInError

IDLE_S = 8 * 3600
LIFE_S = 7 * 24 * 3600
_SEEN_EVERY_S = 60
"""A session is not written at every click."""


class Sessions(People):
    """People who have signed in."""

    def sign_in(self, email: str, password: str, address: str) -> str:
        """Return the secret of a new session.

        Whether there is such a person can be told neither from the words nor from the time.

        Args:
            email: with any capitals.
            password: is hashed anew if the parameters have changed since.
            address: of the network, with which attempts at an account are counted.

        Raises:
            SignInError: e-mail and password fit no account.
            TooManyAttemptsError: this account was tried too often from this address.
        """
        asked = small(email)
        self._throttle.take("sign-in", asked, address)
        row = self._open_account(asked)
        if not self._passwords.fits(password, row["password"] if row else ""):
            raise SignInError
        assert row is not None  # noqa: S101 - what is kept of nobody fits no password
        if self._passwords.outdated(row["password"]):
            self._keep(row["id"], self._passwords.hash(password))
        self._throttle.forget("sign-in", asked, address)
        return self.begin_session(row["id"], "password")

    def begin_session(self, person_id: str, by_what: str) -> str:
        """Return the secret of a new session of someone who has proved who they are."""
        secret, now = new_secret(), self._now()
        with self._connections.writing() as db:
            db.execute("DELETE FROM sessions WHERE created <= ? OR seen <= ?",
                       [now - LIFE_S, now - IDLE_S])  # fmt: skip
            self._throttle.tidy()
            db.execute("UPDATE people SET joined = coalesce(joined, ?) WHERE id = ?",
                       [now, person_id])  # fmt: skip
            db.table("sessions").insert(
                {"digest": digest(secret), "person": person_id, "created": now, "seen": now}
            )
            self._audit.note(person_id, "session.begin", person_id, by_what)
        return secret

    def session(self, secret: str) -> Person | None:
        """Return whose session it is, None if it has ended."""
        now, key = self._now(), digest(secret)
        row = next(
            self._connections.reading.query(
                "SELECT p.*, s.seen FROM sessions s JOIN people p ON p.id = s.person "
                "WHERE s.digest = ? AND s.created > ? AND s.seen BETWEEN ? AND ? "
                "AND p.closed IS NULL",
                # The upper bound is for a clock that was set back: it lengthens no session much.
                [key, now - LIFE_S, now - IDLE_S + 1, now + IDLE_S],
            ),
            None,
        )
        if row is None:
            return None
        if row["seen"] <= now - _SEEN_EVERY_S:
            with self._connections.writing() as db:
                db.execute("UPDATE sessions SET seen = ? WHERE digest = ?", [now, key])
        return person_in(row)

    def sign_out(self, secret: str) -> None:
        """End one session."""
        with self._connections.writing() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", [digest(secret)])

    def sign_out_everywhere(self, person_id: str) -> None:
        """End all sessions of a person."""
        with self._connections.writing() as db:
            db.execute("DELETE FROM sessions WHERE person = ?", [person_id])
            self._audit.note(person_id, "session.end", person_id, "everywhere")

    def _open_account(self, email: str) -> dict[str, str] | None:
        sql = "SELECT id, password FROM people WHERE email = ? AND closed IS NULL"
        return next(self._connections.reading.query(sql, [email]), None)

    def _keep(self, person_id: str, kept: str) -> None:
        with self._connections.writing() as db:
            db.execute("UPDATE people SET password = ? WHERE id = ?", [kept, person_id])
