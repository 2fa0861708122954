"""What letters about followed searches say, in the language for which the search was saved."""

from collections.abc import Iterator

from flask import Flask, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from kb import names
from kb.digests import Digest, Part
from kb.mail import Letter
from kb.model import Case
from web import context, links
from web.following import called
from web.i18n import page_language
from web.labels import carried, number

_ONE_CLICK = "List-Unsubscribe=One-Click"
"""By it a mail program ends letters without asking anyone (RFC 8058), where the link is safe."""


def letter(site: Flask, digest: Digest) -> Letter:
    """Write a digest; ``site`` has the sentences, and nobody asks it for a page."""
    with site.test_request_context(query_string={"lang": digest.language}):
        return Letter(_subject(digest), "\n".join(_lines(digest)), _headers(digest))


def _subject(digest: Digest) -> str:
    return str(
        ngettext(
            "%(site)s: %(count)s new case for you",
            "%(site)s: %(count)s new cases for you",
            digest.count,
            count=number(digest.count),
            site=context.settings().site_name,
        )
    )


def _lines(digest: Digest) -> Iterator[str]:
    yield _("New or changed in the searches that you follow:")
    for part in digest.parts:
        yield from _part(part)
    yield ""
    yield "-- "  # the mark before a signature, RFC 3676
    yield _("All searches that you follow, and how often e-mail comes:")
    yield context.public_url(url_for("following.index", **carried()))
    yield _("No more e-mail:")
    yield _stop_url(digest)
    yield ""


def _part(part: Part) -> Iterator[str]:
    yield from (
        "",
        called(part.followed),
        context.public_url(links.search_url(part.followed.query)),
        "",
    )
    for case in part.cases:
        yield f"* {_title(case)}"
        yield f"  {_where(case)}"
        path = url_for("cases.case", case_id=case.id, **carried())
        yield f"  {context.public_url(path)}"
    left = len(part.news.new) - len(part.cases)
    if left:
        more = ngettext("and %(count)s more", "and %(count)s more", left, count=number(left))
        yield f"* {more}"


def _title(case: Case) -> str:
    title = " ".join(case.title.split())
    english = " ".join((case.title_en or "").split())
    return f"{title} [{english}]" if english and english != title else title


def _where(case: Case) -> str:
    country = names.country(case.country, context.reader()) if case.country else ""
    return ", ".join(part for part in (case.city, country) if part)


def _stop_url(digest: Digest) -> str:
    person_id, secret = digest.person.id, digest.secret
    path = url_for("following.stop", person_id=person_id, secret=secret, **carried())
    return context.public_url(path)


def _headers(digest: Digest) -> dict[str, str]:
    address = _stop_url(digest)
    told = {"List-Unsubscribe": f"<{address}>", "Content-Language": page_language()}
    return told | ({"List-Unsubscribe-Post": _ONE_CLICK} if address.startswith("https:") else {})
