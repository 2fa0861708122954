"""OAI-PMH 2.0: all cases for those who harvest, by the verbs of the protocol.

An answer of the protocol is always 200, also where it says an error. Lists go by the number of the
last change, and tokens hold their place by it: nothing is kept between requests. ``responseDate``
is the datestamp of the last change that the answer knows of, not the time of a clock that may be
wrong or ahead: whoever takes it as the next ``from`` misses nothing.
"""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request, url_for

from kb.harvest import KINDS, Record, Slice, set_name
from kb.moments import utc
from kb.search import fields
from web import context, element
from web.element import XSI, Element, add
from web.oai_records import FORMATS, case_xsd
from web.oai_request import OaiError, Position, arguments, check_prefix, position, token
from web.responses import conditional

pages = Blueprint("oai", __name__)

PAGE = "OAI_PAGE"
"""Name of the setting of the application that says how many records an answer has."""
USUAL_PAGE = 100

_OAI = "http://www.openarchives.org/OAI/2.0/"
_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+")
_KINDS = dict(zip(KINDS, ("Theme", "Country", "Language", "Evidence"), strict=True))


@pages.route("/oai", methods=["GET", "POST"])
def answer() -> Response:
    """Answer a harvester; both methods read only."""
    newest = context.library().harvest.newest()
    sent = request.form if request.method == "POST" else request.args
    top = element.root(f"{{{_OAI}}}OAI-PMH", {None: _OAI, "xsi": XSI})
    top.set(f"{{{XSI}}}schemaLocation", f"{_OAI} {_OAI}OAI-PMH.xsd")
    add(top, "responseDate", utc(newest))
    base = context.public_url(url_for("oai.answer"))
    try:
        given = arguments(sent)
    except OaiError as err:
        add(top, "request", base)
        add(top, "error", str(err), code=err.code)
        return conditional(element.answered(top))
    asked = add(top, "request", base)
    for name, value in given.items():
        asked.set(name, element.clean(value))
    try:
        top.append(_VERBS[given["verb"]](given))
    except OaiError as err:
        if err.code == "badArgument":
            asked.attrib.clear()  # as the protocol wants it
        add(top, "error", str(err), code=err.code)
    return conditional(element.answered(top))


@pages.get("/schema/case.xsd")
def xsd() -> Response:
    """Return the XML Schema of the format ``citypraxis``."""
    return conditional(element.answered(case_xsd(), "application/xml"))


def _identify(_: dict[str, str]) -> Element:
    made = _element("Identify")
    host = _host()
    add(made, "repositoryName", context.settings().site_name)
    add(made, "baseURL", context.public_url(url_for("oai.answer")))
    add(made, "protocolVersion", "2.0")
    # Without an address of ours the one that every mail domain must have (RFC 5321, 4.5.1).
    add(made, "adminEmail", context.settings().mail_from or f"postmaster@{host}")
    add(made, "earliestDatestamp", utc(context.library().harvest.earliest()))
    add(made, "deletedRecord", "persistent")
    add(made, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    if _DOMAIN.fullmatch(host):
        _describe_identifiers(add(made, "description"), host)
    return made


def _describe_identifiers(parent: Element, host: str) -> None:
    made = element.root(f"{{{_IDENTIFIER}}}oai-identifier", {None: _IDENTIFIER, "xsi": XSI})
    made.set(f"{{{XSI}}}schemaLocation", f"{_IDENTIFIER} {_IDENTIFIER}.xsd")
    add(made, "scheme", "oai")
    add(made, "repositoryIdentifier", host)
    add(made, "delimiter", ":")
    add(made, "sampleIdentifier", f"oai:{host}:a-case")
    parent.append(made)


def _list_formats(given: dict[str, str]) -> Element:
    if "identifier" in given:
        _record(given["identifier"])
    made = _element("ListMetadataFormats")
    for row in FORMATS.values():
        told = add(made, "metadataFormat")
        add(told, "metadataPrefix", row.prefix)
        add(told, "schema", row.schema())
        add(told, "metadataNamespace", row.namespace)
    return made


def _list_sets(given: dict[str, str]) -> Element:
    if "resumptionToken" in given:
        raise OaiError("badResumptionToken", "All sets stand in one answer; there are no tokens.")
    made = _element("ListSets")
    for name in dict.fromkeys((*KINDS, *context.library().harvest.sets())):
        told = add(made, "set")
        add(told, "setSpec", name)
        add(told, "setName", _label(name))
    return made


def _get_record(given: dict[str, str]) -> Element:
    record = _record(given["identifier"])
    check_prefix(given["metadataPrefix"])
    made = _element("GetRecord")
    _add_record(made, record, given["metadataPrefix"])
    return made


def _list_identifiers(given: dict[str, str]) -> Element:
    place = position(given)
    found = _slice(place)
    made = _element("ListIdentifiers")
    for record in found.records:
        _add_header(made, record)
    _add_token(made, place, found)
    return made


def _list_records(given: dict[str, str]) -> Element:
    place = position(given)
    found = _slice(place)
    made = _element("ListRecords")
    for record in found.records:
        _add_record(made, record, place.prefix)
    _add_token(made, place, found)
    return made


def _slice(place: Position) -> Slice:
    size = current_app.config.get(PAGE, USUAL_PAGE)
    found = context.library().harvest.since(place.span, place.after, size)
    if not found.records and place.given:
        raise OaiError("badResumptionToken", "What was left has changed since; begin again.")
    if not found.records:
        raise OaiError("noRecordsMatch", "Nothing has changed in that time and set.")
    return found


def _add_token(parent: Element, place: Position, found: Slice) -> None:
    if not found.more and not place.given:
        return  # the list is whole
    given = place.given + len(found.records)
    last = found.records[-1].seq
    further = Position(place.verb, place.prefix, place.span, last, given)
    add(
        parent,
        "resumptionToken",
        token(further) if found.more else "",
        completeListSize=str(max(found.total, given)),
        cursor=str(place.given),
    )


def _add_record(parent: Element, record: Record, prefix: str) -> None:
    made = add(parent, "record")
    _add_header(made, record)
    if record.revision:
        FORMATS[prefix].write(add(made, "metadata"), record.revision)


def _add_header(parent: Element, record: Record) -> None:
    made = add(parent, "header", status="" if record.revision else "deleted")
    add(made, "identifier", f"{_prefix()}{record.case_id}")
    add(made, "datestamp", utc(record.at))
    for name in record.sets:
        add(made, "setSpec", name)


def _record(identifier: str) -> Record:
    found = None
    if identifier.startswith(_prefix()):
        found = context.library().harvest.record(identifier.removeprefix(_prefix()))
    if found is None:
        raise OaiError("idDoesNotExist", f"Identifiers begin with {_prefix()}.")
    return found


def _label(name: str) -> str:
    kind, value = set_name(name)
    return f"{_KINDS[kind]}: {fields.label(kind, value)}" if value else _KINDS[kind]


def _prefix() -> str:
    return f"oai:{_host()}:"


def _host() -> str:
    return urlsplit(context.settings().public_url).hostname or "localhost"


def _element(name: str) -> Element:
    return element.root(f"{{{_OAI}}}{name}", {None: _OAI})


_VERBS = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
}
