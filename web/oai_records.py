"""A case as metadata: in Dublin Core, which everyone reads, and whole, in elements of our own.

Why elements of our own: DataCite and its like demand a DOI and have no place for outcomes, costs,
what failed, or evidence. Ours loses nothing, so another knowledge base can take the case over.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for

from kb import edtf, names, skos
from kb.model import ENGLISH, PROSE, Case, Revision
from kb.vocabulary import scheme
from web import context, element
from web.citation import licence_url
from web.element import XSI, Element, add

_DC = "http://purl.org/dc/elements/1.1/"
_OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_OURS = "urn:citypraxis:case:1"
"""As the JSON Schema of a case is named; the number is that of `kb.model.MODEL_VERSION`."""
_XSD = "http://www.w3.org/2001/XMLSchema"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

Said = tuple[str, str, str]
"""Element, text, language of the text where it is known."""


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A form in which every record can be had."""

    prefix: str
    namespace: str
    schema: Callable[[], str]
    """Gives the address of the XML Schema."""
    write: Callable[[Element, Revision], Element]
    """Adds the metadata of a revision to an element."""


def subjects(case: Case) -> Iterator[tuple[str, str, str]]:
    """Yield label, language and address of the concepts that the author gives a case."""
    given = [("themes", case.themes), ("target_groups", case.target_groups)]
    for scheme_name, ids in given:
        for concept in (scheme(scheme_name)[each] for each in ids):
            address = skos.concept_uri(context.settings().public_url, concept)
            yield concept.label(), ENGLISH, address


def case_url(case_id: str) -> str:
    """Return the public address of a case."""
    return context.public_url(url_for("cases.case", case_id=case_id))


def case_xsd() -> Element:
    """Return the XML Schema of a case in elements of ours: its fields, in any order."""
    made = element.root(
        f"{{{_XSD}}}schema",
        {"xs": _XSD, None: _OURS},
        targetNamespace=_OURS,
        elementFormDefault="qualified",
    )
    case = add(add(made, "element", name="case"), "complexType")
    choice = add(case, "choice", minOccurs="0", maxOccurs="unbounded")
    for name in Case.model_fields:
        add(choice, "element", name=name, type="value")
    add(choice, "element", name="other", type="value")
    for name in ("revision", "accepted", "url"):
        add(case, "attribute", name=name, type="xs:string", use="required")
    value = add(made, "complexType", name="value", mixed="true")
    inside = add(value, "sequence")
    add(inside, "any", namespace="##targetNamespace", processContents="skip",
        minOccurs="0", maxOccurs="unbounded")  # fmt: skip
    add(value, "attribute", name="name", type="xs:string")
    # For xml:lang, without fetching the schema of that namespace.
    add(value, "anyAttribute", namespace=element.XML, processContents="skip")
    return made


def _dublin_core(parent: Element, revision: Revision) -> Element:
    made = _top(parent, f"{{{_OAI_DC}}}dc", {"oai_dc": _OAI_DC, "dc": _DC}, FORMATS["oai_dc"])
    for name, text, language in dict.fromkeys(_told(revision)):
        if text:
            add(made, f"{{{_DC}}}{name}", text, lang=language)
    return made


def _told(revision: Revision) -> Iterator[Said]:
    case = revision.case
    own = case.original_language
    yield "title", case.title, own
    yield "title", case.title_en, ENGLISH
    if case.lead_organisation:
        yield "creator", case.lead_organisation.name, ""
    for label, language, address in subjects(case):
        yield "subject", label, language
        yield "subject", address, ""
    yield "description", case.summary, own
    yield "description", case.summary_en, ENGLISH
    yield "publisher", context.settings().site_name, ""
    yield from (("contributor", partner.name, "") for partner in case.partners)
    yield "date", revision.accepted[:10], ""
    yield "type", "Text", ""
    yield "format", "text/html", ""
    yield "identifier", case_url(case.id), ""
    yield from (("source", each.url or each.title or "", "") for each in case.sources_and_media)
    if case.imported_from and case.imported_from.url:
        yield "source", case.imported_from.url, ""
    yield from (("language", code, "") for code in case.languages)
    yield from (("relation", _related(each.case, each.url), "") for each in case.relations)
    yield from _coverage(case)
    yield "rights", licence_url(case.licence) or case.licence, ""


def _coverage(case: Case) -> Iterator[Said]:
    yield "coverage", case.city, ""
    yield "coverage", names.country(case.country) if case.country else "", ENGLISH
    yield "coverage", case.nuts3 or "", ""
    if case.start != edtf.UNKNOWN:
        yield "coverage", f"{case.start}/{case.end}" if case.end else case.start, ""


def _related(case_id: str | None, url: str | None) -> str:
    return case_url(case_id) if case_id else url or ""


def _whole(parent: Element, revision: Revision) -> Element:
    case = revision.case
    made = _top(parent, f"{{{_OURS}}}case", {None: _OURS}, FORMATS["citypraxis"])
    made.set("revision", str(revision.number))
    made.set("accepted", revision.accepted)
    made.set("url", case_url(case.id))
    # The licence is always said, also the usual one: who takes the case over must not guess it.
    for name, value in {**case.as_dict(), "licence": case.licence}.items():
        _field(made, name, value, _language_of(name, case), known=name in Case.model_fields)
    return made


def _field(
    parent: Element, name: str, value: object, language: str = "", *, known: bool = True
) -> None:
    """Add a value: groups by the names of their fields, lists as ``item``, the rest as text."""
    fits = known and _NAME.fullmatch(name)
    made = add(parent, name if fits else "other", lang=language, **({} if fits else {"name": name}))
    if isinstance(value, dict):
        for key, part in value.items():
            _field(made, str(key), part)
    elif isinstance(value, list):
        for part in value:
            _field(made, "item", part)
    else:
        made.text = element.clean(_text(value)) or None


def _text(value: Any) -> str:  # Any: whatever JSON can say
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _language_of(name: str, case: Case) -> str:
    if name.removesuffix("_en") not in PROSE:
        return ""
    return ENGLISH if name.endswith("_en") else case.original_language


def _top(
    parent: Element, tag: str, namespaces: dict[str | None, str], told: MetadataFormat
) -> Element:
    made = element.root(tag, namespaces | {"xsi": XSI})
    made.set(f"{{{XSI}}}schemaLocation", f"{told.namespace} {told.schema()}")
    parent.append(made)
    return made


FORMATS = {
    row.prefix: row
    for row in (
        MetadataFormat(
            "oai_dc", _OAI_DC, lambda: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            _dublin_core,
        ),
        MetadataFormat(
            "citypraxis", _OURS, lambda: context.public_url(url_for("oai.xsd")), _whole
        ),
    )
}  # fmt: skip
