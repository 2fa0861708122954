"""What a reference to a case says, in whichever format: who, when, what, where."""

import re
from dataclasses import dataclass

from kb import names
from kb.exports import Context, Record
from kb.model import Case
from kb.vocabulary import scheme

_CREATIVE_COMMONS = re.compile(r"CC-(?P<terms>BY(?:-NC)?(?:-SA|-ND)?)-(?P<version>\d\.\d)")


@dataclass(frozen=True, slots=True)
class Reference:
    """The parts of a reference, without anything that only one format knows."""

    key: str
    author: str
    """An organisation; nobody is cited by their own name."""
    year: str
    """In which this revision was accepted."""
    day: str
    """ISO 8601."""
    title: str
    title_en: str
    """Empty where the title is in English or nobody has translated it."""
    abstract: str
    language: str
    place: str
    publisher: str
    number: str
    """What was published: which case, which revision."""
    revision: int
    url: str
    licence: str
    keywords: tuple[str, ...]
    dataset: bool = False
    """Whether it is a set of cases, which has no revisions."""


def reference(record: Record, context: Context) -> Reference:
    """Return the reference to a case as it stands in ``record``."""
    case, revision = record.case, record.revision
    return Reference(
        key=case.id,
        author=author(case),
        year=revision.accepted[:4],
        day=revision.accepted[:10],
        title=_line(case.title),
        title_en=_line(case.title_en) if is_translated(case) else "",
        abstract=_line(case.summary or case.summary_en),
        language=case.original_language,
        place=", ".join(filter(None, (_line(case.city), names.country(case.country or "")))),
        publisher=context.site_name,
        number=f"Case {case.id}, revision {revision.number}",
        revision=revision.number,
        url=context.url(case.id),
        licence=case.licence,
        keywords=tuple(scheme("themes")[each].label(context.language) for each in case.themes),
    )


def author(case: Case) -> str:
    """Return who stands for the case."""
    return _line(case.lead_organisation.name) if case.lead_organisation else ANONYMOUS


ANONYMOUS = "Citypraxis contributors"


def is_translated(case: Case) -> bool:
    """Tell whether the case has an English title besides its own."""
    return case.title_en not in {"", case.title}


def licence_url(licence: str) -> str:
    """Return the address of the licence's text; empty where we do not know it."""
    if licence == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    found = _CREATIVE_COMMONS.fullmatch(licence)
    if found is None:
        return ""
    return f"https://creativecommons.org/licenses/{found['terms'].lower()}/{found['version']}/"


def _line(text: str) -> str:
    return " ".join(text.split())
