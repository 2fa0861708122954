"""How to cite a case, and where its licence stands."""

import re
from typing import TYPE_CHECKING

from kb import names
from kb.model import Case

if TYPE_CHECKING:
    from kb.model import Revision

_CREATIVE_COMMONS = re.compile(r"CC-(?P<terms>BY(?:-NC)?(?:-SA|-ND)?)-(?P<version>\d\.\d)")


def citation(revision: "Revision", url: str) -> str:
    """Return a sentence that names the author, the case, its revision and where it stands."""
    case = revision.case
    parts = (
        f"{_author(case)} ({revision.accepted[:4]})",
        f"{case.title} [{case.title_en}]" if _is_translated(case) else case.title,
        ", ".join(filter(None, (case.city, names.country(case.country or "")))),
        f"Citypraxis case {case.id}, revision {revision.number}",
        url,
        case.licence,
    )
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def licence_url(licence: str) -> str:
    """Return the address of the licence's text; empty where we do not know it."""
    if licence == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    found = _CREATIVE_COMMONS.fullmatch(licence)
    if found is None:
        return ""
    return f"https://creativecommons.org/licenses/{found['terms'].lower()}/{found['version']}/"


def _author(case: Case) -> str:
    return case.lead_organisation.name if case.lead_organisation else "Citypraxis contributors"


def _is_translated(case: Case) -> bool:
    return case.title_en not in {"", case.title}
