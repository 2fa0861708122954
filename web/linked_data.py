"""What the page of a case says of it to search engines (schema.org) and to reference managers.

It says what the page says, in fewer words, and nothing that the case does not.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from kb import edtf, names
from web import context
from web.citation import licence_url
from web.oai_records import case_url, subjects

if TYPE_CHECKING:
    from kb.model import Case, Place
    from kb.pages import CasePage

Json = dict[str, Any]
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def json_ld(page: "CasePage") -> Markup:
    """Return a case in JSON-LD, safe within ``<script>``, where it is data and is not run."""
    text = json.dumps(_schema_org(page), ensure_ascii=False, separators=(",", ":"))
    return Markup("".join(_ESCAPES.get(letter, letter) for letter in text))  # noqa: S704 - escaped


def meta(page: "CasePage") -> Iterator[tuple[str, str, str]]:
    """Yield name, content and language of the tags that Zotero and its like read."""
    revision, case = page.revision, page.revision.case
    site, url, own = context.settings().site_name, case_url(case.id), case.original_language
    accepted = revision.accepted[:10]
    lead = case.lead_organisation.name if case.lead_organisation else ""
    yield "citation_title", case.title, own
    yield "citation_author", lead, ""
    yield "citation_publication_date", accepted.replace("-", "/"), ""
    yield "citation_language", own, ""
    yield "citation_technical_report_institution", site, ""
    yield "citation_public_url", url, ""
    # What the tags above have no name for.
    yield "DC.type", "Text", ""
    yield "DC.rights", licence_url(case.licence) or case.licence, ""


def _schema_org(page: "CasePage") -> Json:
    revision, case = page.revision, page.revision.case
    url, site = case_url(case.id), context.settings().site_name
    lead = case.lead_organisation
    told = {
        "@context": "https://schema.org",
        "@type": "Report",
        "url": url,
        "headline": case.title,
        "alternativeHeadline": case.title_en if case.title_en != case.title else "",
        "inLanguage": list(case.languages) or case.original_language,
        "author": {"@type": "Organization", "name": lead.name} if lead else None,
        "publisher": {"@type": "Organization", "name": site},
        "dateModified": revision.accepted,
        "version": revision.number,
        "license": licence_url(case.licence) or case.licence,
        "about": [{"@id": address, "name": label} for label, _, address in subjects(case)],
        "spatialCoverage": _place(case, page.place),
        "temporalCoverage": _time(case),
        "citation": [each.url or each.title for each in case.sources_and_media],
    }
    return {name: value for name, value in told.items() if value}


def _place(case: "Case", place: "Place | None") -> Json | None:
    country = {"@type": "Country", "name": names.country(case.country)} if case.country else None
    if not case.city:
        return country
    told: Json = {"@type": "City", "name": case.city}
    if country:
        told["containedInPlace"] = country
    if place:
        told["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
    return told


def _time(case: "Case") -> str:
    """Return when it began or ran, if that is said as exactly as ISO 8601 does."""
    if case.start == edtf.UNKNOWN or not _is_plain(case.start):
        return ""
    if case.end is None:
        return case.start
    return f"{case.start}/{case.end}" if _is_plain(case.end) else ""


def _is_plain(date: str) -> bool:
    return date.replace("-", "").isdigit()
