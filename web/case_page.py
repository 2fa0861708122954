"""What a case page shows and in which order: the answers an official needs first come first."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from kb import evidence
from kb.model import ENGLISH, Case
from kb.rows import Source
from kb.search import fields
from kb.values import unknown
from web.i18n import translated
from web.labels import Prose, facet_language, spoken

if TYPE_CHECKING:
    from kb.pages import CasePage, SimilarCase

_MOST_REASONS = 4
_HEADING = re.compile(r"<(/?)h([2-5])>")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page; its template is ``cases/_<id>.html``."""

    id: str
    heading: str
    has: Callable[["CasePage"], Any]
    """Whether the case has anything to say there."""


def _told(*names: str) -> Callable[["CasePage"], bool]:
    return lambda page: any(getattr(page.revision.case, name) for name in names)


def _always(_: "CasePage") -> bool:
    return True


SECTIONS = (
    Section("summary", _l("In short"), _told("summary", "summary_en")),
    Section("challenge", _l("The challenge"), _told("challenge", "challenge_en")),
    Section("solution", _l("What was done"), _told("solution", "solution_en")),
    Section("outcomes", _l("What came of it"), _told("outcomes")),
    Section("evidence", _l("How well it is shown to work"), _always),
    Section("barriers", _l("What stood in the way or failed"), _always),
    Section("conditions", _l("What must be in place"), _told("conditions")),
    Section(
        "transfer",
        _l("Taking it over in another city"),
        lambda page: page.revision.number or page.revision.case.transferability,
    ),
    Section(
        "money", _l("What it costs and who pays"), _told("cost_band", "cost", "funding_programmes")
    ),
    Section(
        "people",
        _l("Who runs it and who takes part"),
        _told("lead_organisation", "partners", "participation_level"),
    ),
    Section("text", _l("The case in full"), _told("body", "body_en")),
    Section("relations", _l("Related cases"), _told("relations")),
    Section("similar", _l("Similar cases"), lambda page: page.similar),
    Section(
        "subjects",
        _l("What it is about"),
        lambda page: page.tags or _told("themes", "target_groups", "innovation_type")(page),
    ),
    Section("policy", _l("Policies it serves"), _told("policy_links")),
    Section("sources", _l("Sources"), _told("sources_and_media")),
    Section("collections", _l("Where it has been taken up"), lambda page: page.collections),
    Section("contact", _l("Whom to ask"), _told("contact")),
    Section("cite", _l("How to cite and reuse it"), _always),
    Section("record", _l("About this record"), _always),
)

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "title": _l("title"),
        "summary": _l("summary"),
        "original_language": _l("original language"),
        "city": _l("city"),
        "country": _l("country"),
        "themes": _l("themes"),
        "target_groups": _l("target groups"),
        "innovation_type": _l("innovation type"),
        "stage": _l("stage"),
        "start": _l("start"),
        "challenge": _l("challenge"),
        "solution": _l("solution"),
        "lead_organisation": _l("lead organisation"),
        "cost_band": _l("cost band"),
        "funding_programmes": _l("funding programmes"),
        "conditions": _l("conditions"),
        "barriers_and_failures": _l("barriers and failures"),
        "transferability": _l("transferability"),
        "sources_and_media": _l("sources and media"),
        "contact": _l("contact"),
    }
)
"""What a case must say, named within a sentence."""


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A source and the place on the page that statements link to."""

    number: int
    """From 1, as in the list."""
    anchor: str
    source: Source
    url: str
    host: str


def sections(page: "CasePage") -> tuple[Section, ...]:
    """Return the sections that have something to say."""
    return tuple(section for section in SECTIONS if section.has(page))


def languages(case: Case) -> tuple[str, ...]:
    """Return the languages in which the whole text can be read, the original one first."""
    return tuple(language for language in case.languages if "body" in case.told(language))


def telling(case: Case, language: str) -> Mapping[str, Prose]:
    """Return the prose in ``language``, and in the case's own language what is not translated."""
    preferred = (ENGLISH, case.original_language, language)  # the last one wins
    return {
        name: Prose(text, spoken)
        for spoken in preferred
        for name, text in case.told(spoken).items()
    }


def body(page: "CasePage", language: str) -> Markup:
    """Return the full text with its headings one step down, beneath the heading of its section.

    The library has made the HTML safe (`kb.text.to_html`): its headings have no attributes, and
    what looks like one in the text is escaped.
    """
    html = page.bodies.get(language, "")
    return Markup(_HEADING.sub(lambda tag: f"<{tag[1]}h{int(tag[2]) + 1}>", html))  # noqa: S704 - see above


def sources(case: Case) -> Mapping[str, SourceLink]:
    """Return the sources by their id, in the case's order."""
    return {
        source.id: SourceLink(number, f"source-{number}", source, *address(source.url or ""))
        for number, source in enumerate(case.sources_and_media, 1)
    }


def grounds(case: Case) -> tuple[str, ...]:
    """Say on what the level of evidence rests, but for the source, which the page links to."""
    without_source = case.evidence and case.evidence.model_copy(update={"source": None})
    return tuple(map(translated, evidence.grounds(without_source)))


def gaps(case: Case) -> tuple[str, ...]:
    """Name the fields that are required to publish and have no value."""
    return tuple(str(FIELDS[name]) for name in case.gaps)


def extras(case: Case) -> Iterator[tuple[str, Any]]:
    """Yield name and value of every field that the model does not know; rows are told by number."""
    for path, value in unknown(case):
        parts = (f" {part + 1}" if isinstance(part, int) else f": {part}" for part in path)
        yield "".join(parts).removeprefix(": "), value


def reasons(alike: "SimilarCase", reader: str) -> tuple[Markup, ...]:
    """Say the few most telling of what two cases share; no theme beside one that is narrower."""
    shared = [(each.facet, each.value) for each in alike.shared]
    broader = {fields.parent(*each) for each in shared}
    told = [each for each in shared if each[0] != "theme" or each[1] not in broader]
    return tuple(_reason(facet, value, reader) for facet, value in told[:_MOST_REASONS])


def _reason(facet: str, value: str, reader: str) -> Markup:
    label = spoken(fields.label(facet, value, reader), facet_language(facet, value))
    said = Markup(_("%(facet)s %(value)s"))  # noqa: S704 - a sentence of ours
    return said % {
        "facet": translated(fields.facet_name(facet)),
        "value": Markup("<b>{}</b>").format(label),
    }


def address(url: str) -> tuple[str, str]:
    """Return the link of a source, also of a DOI, and the host that it leads to."""
    link = f"https://doi.org/{url.removeprefix('doi:')}" if url.startswith("doi:") else url
    try:
        return link, (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:  # https://[::x] passes as an address but cannot be taken apart
        return link, ""
