"""How to cite a case, and where its licence stands."""

from typing import TYPE_CHECKING

from kb import names
from kb.exports.citing import author, is_translated, licence_url

if TYPE_CHECKING:
    from kb.model import Revision

__all__ = ["citation", "is_translated", "licence_url"]


def citation(revision: "Revision", url: str) -> str:
    """Return a sentence that names the author, the case, its revision and where it stands."""
    case = revision.case
    parts = (
        f"{author(case)} ({revision.accepted[:4]})",
        f"{case.title} [{case.title_en}]" if is_translated(case) else case.title,
        ", ".join(filter(None, (case.city, names.country(case.country or "")))),
        f"Citypraxis case {case.id}, revision {revision.number}",
        url,
        case.licence,
    )
    return ". ".join(part.rstrip(".") for part in parts if part) + "."
