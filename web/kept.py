"""Where a reader's shortlist is kept: in a cookie of their browser, and nowhere with us.

It is signed, so that what comes back is what we sent. The same sealed text carries the notes of a
list that is shared by a link.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from flask import Response, g, make_response
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from werkzeug.wrappers import Response as Answer

from kb.errors import ShortlistError
from kb.saying import said
from kb.shortlist import Shortlist, unpacked
from web import context, session

_COOKIE = "shortlist"
DAYS = 90
_AGE_S = DAYS * 24 * 3600
MOST_BYTES = 3_500
"""Browsers keep 4,096 bytes of a cookie with its name and attributes."""

Trouble = Literal["", "old", "broken"]


@dataclass(frozen=True, slots=True)
class Kept:
    """The list of whoever asks."""

    shortlist: Shortlist
    trouble: Trouble = ""
    """Why a list that was sent along could not be read."""
    size_bytes: int = 0

    @property
    def fullness(self) -> int:
        """How much of the room in the cookie is taken, in percent."""
        return min(100, -(-100 * self.size_bytes // MOST_BYTES))


def kept() -> Kept:
    """Return the shortlist that this request brings along; an empty one where it brings none."""
    if "shortlist" not in g:
        sealed = session.cookie(_COOKIE)
        g.shortlist = Kept(Shortlist())  # should reading fail, the error page reads no second time
        if sealed:
            g.shortlist = _kept(sealed)
            g.asked_by_cookie = True  # no cache may show this page to others
    return g.shortlist  # type: ignore[no-any-return]  # g takes anything


def keep(answer: Answer, shortlist: Shortlist) -> Response:
    """Let the browser keep a list; an empty one is forgotten.

    Raises:
        ShortlistError: it is too large for a cookie; the browser keeps the one that it has.
    """
    response = make_response(answer)
    if not shortlist.entries:
        return session.drop_cookie(response, _COOKIE)
    session.set_cookie(response, _COOKIE, seal(shortlist), _AGE_S)
    return response


def seal(shortlist: Shortlist) -> str:
    """Return a list as a signed text that can stand in a cookie or an address.

    Raises:
        ShortlistError: it is too large for that.
    """
    sealed = _sealer().dumps(shortlist.packed())
    text = sealed if isinstance(sealed, str) else sealed.decode()
    if len(text) > MOST_BYTES:
        raise ShortlistError(
            said(
                "A browser keeps only a little for a site, and this is too much; "
                "shorten a note, or remove a case."
            )
        )
    return text


def unseal(text: str, max_age_s: int | None = None) -> Shortlist:
    """Return the list that was sealed.

    Raises:
        SignatureExpired: it was sealed longer ago.
        BadData: it is not what we have sealed.
    """
    try:
        return unpacked(_sealer().loads(text, max_age=max_age_s))
    except (ValueError, ShortlistError) as err:
        raise BadData(str(err)) from err


def _kept(sealed: str) -> Kept:
    try:
        return Kept(unseal(sealed, _AGE_S), size_bytes=len(sealed))
    except SignatureExpired:
        return Kept(Shortlist(), "old")
    except BadData:
        return Kept(Shortlist(), "broken")


def _sealer() -> URLSafeTimedSerializer:
    key = context.library().keys.of("shortlist")
    return URLSafeTimedSerializer(key, salt="shortlist", signer_kwargs={"digest_method": sha256})
