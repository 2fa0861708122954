"""The catalogue that open-data portals harvest: DCAT-AP 3, all cases as one data set.

Names of classes and properties: https://semiceu.github.io/DCAT-AP/releases/3.0.0/. Languages,
countries and the theme are those of the authority tables of the Publications Office.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from babel.core import get_global
from flask import Blueprint, Response, make_response, url_for

from kb import quoting
from kb.exports import EXPORTS, Export
from kb.frozen import Snapshot
from kb.harvest import Listed
from web import context
from web.citation import licence_url
from web.responses import shown_file
from web.snapshots import url_of

if TYPE_CHECKING:
    from rdflib import Graph, URIRef

pages = Blueprint("catalog", __name__)

_AUTHORITY = "http://publications.europa.eu/resource/authority"
_THEME = f"{_AUTHORITY}/data-theme/SOCI"
_IANA = "https://www.iana.org/assignments/media-types"
_OAI = "http://www.openarchives.org/OAI/openarchivesprotocol.html"
# ISO 639-2/T, by which the Publications Office names languages.
_LANGUAGES = {
    "bg": "BUL", "ca": "CAT", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL",
    "en": "ENG", "es": "SPA", "et": "EST", "fi": "FIN", "fr": "FRA", "ga": "GLE",
    "hr": "HRV", "hu": "HUN", "is": "ISL", "it": "ITA", "lt": "LIT", "lv": "LAV",
    "mt": "MLT", "nl": "NLD", "no": "NOR", "pl": "POL", "pt": "POR", "ro": "RON",
    "sk": "SLK", "sl": "SLV", "sq": "SQI", "sr": "SRP", "sv": "SWE", "tr": "TUR",
    "uk": "UKR",
}  # fmt: skip


@pages.get("/catalog.ttl")
def turtle() -> Response:
    """Return the catalogue in Turtle."""
    body = _graph().serialize(format="turtle")
    return shown_file(make_response(body), "text/turtle; charset=utf-8", "catalog.ttl")


@pages.get("/catalog.jsonld")
def jsonld() -> Response:
    """Return the catalogue in JSON-LD."""
    graph = _graph()
    names = {prefix: str(space) for prefix, space in graph.namespaces()}
    told = json.loads(graph.serialize(format="json-ld", context=names))
    body = json.dumps(_in_order(told), ensure_ascii=False, indent=1)
    return shown_file(make_response(body), "application/ld+json", "catalog.jsonld")


def _in_order(told: Any) -> Any:  # Any: JSON
    """Sort what RDF leaves without order, so that the same catalogue is the same bytes."""
    if isinstance(told, dict):
        return {name: _in_order(value) for name, value in sorted(told.items())}
    if isinstance(told, list):
        return sorted(map(_in_order, told), key=json.dumps)
    return told


def _graph() -> "Graph":
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    made = _Writing(graph)
    listed = tuple(context.library().harvest.listed())
    _agent(made)
    _catalogue(made)
    _cases(made, listed)
    _vocabulary(made)
    for frozen in context.library().snapshots.newest():
        _snapshot(made, frozen)
    _services(made)
    for export in EXPORTS.values():
        if export.installed:
            _export(made, export, _licences(listed))
    return graph


class _Writing:
    """A graph, and the words of DCAT to write into it."""

    def __init__(self, graph: "Graph") -> None:
        from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Namespace, URIRef

        self.version = URIRef(f"{DCAT}version")  # new in DCAT 3, which rdflib does not know
        self.spdx = Namespace("http://spdx.org/rdf/terms#")
        self.dcat, self.dct, self.foaf, self.rdf, self.xsd = DCAT, DCTERMS, FOAF, RDF, XSD
        self._graph = graph
        for prefix, space in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("xsd", XSD),
                              ("spdx", self.spdx)):  # fmt: skip
            graph.bind(prefix, space)

    def thing(self, address: str, kind: "URIRef", title: str = "", text: str = "") -> str:
        """Say of what kind something is, what it is called and what it is."""
        self.link(address, self.rdf.type, str(kind))
        self.say(address, self.dct.title, title)
        self.say(address, self.dct.description, text)
        return address

    def link(self, address: str, name: "URIRef", target: str) -> None:
        """Say that something stands to another thing."""
        from rdflib import URIRef

        self._graph.add((URIRef(address), name, URIRef(target)))

    def say(self, address: str, name: "URIRef", text: str, **kind: Any) -> None:
        """Say something in words, in English unless ``datatype`` says that it is no text."""
        from rdflib import Literal, URIRef

        if text:
            self._graph.add((URIRef(address), name, Literal(text, **(kind or {"lang": "en"}))))


def _agent(made: _Writing) -> None:
    agent = made.thing(_site("agent"), made.foaf.Agent)
    made.say(agent, made.foaf.name, context.settings().site_name)
    made.link(agent, made.foaf.homepage, context.public_url("/"))


def _catalogue(made: _Writing) -> None:
    name = context.settings().site_name
    made.thing(
        _site("catalogue"), made.dcat.Catalog, f"Data of {name}",
        "What this knowledge base of social innovation in cities gives away as data.",
    )  # fmt: skip
    made.link(_site("catalogue"), made.dct.publisher, _site("agent"))
    made.link(_site("catalogue"), made.foaf.homepage, context.public_url("/"))
    made.link(_site("catalogue"), made.dct.language, f"{_AUTHORITY}/language/ENG")
    _modified(made, _site("catalogue"))
    for each in ("cases", "vocabularies"):
        made.link(_site("catalogue"), made.dcat.dataset, _site(each))
    for each in ("api", "oai"):
        made.link(_site("catalogue"), made.dcat.service, _site(each))


def _cases(made: _Writing, listed: Sequence[Listed]) -> None:
    address = made.thing(
        _site("cases"), made.dcat.Dataset, "All cases",
        f"{len(listed)} cases of social innovation in cities: what was done, at what cost, with "
        "what evidence, what failed. Each states its sources and its licence.",
    )  # fmt: skip
    made.link(address, made.dct.publisher, _site("agent"))
    made.link(address, made.dcat.theme, _THEME)
    made.link(address, made.dcat.landingPage, context.public_url(url_for("search.results")))
    made.say(address, made.dct.identifier, address, datatype=made.xsd.anyURI)
    _modified(made, address)
    for code in sorted({each.language for each in listed} & _LANGUAGES.keys()):
        made.link(address, made.dct.language, f"{_AUTHORITY}/language/{_LANGUAGES[code]}")
    for code in sorted({each.country for each in listed} & _countries().keys()):
        made.link(address, made.dct.spatial, f"{_AUTHORITY}/country/{_countries()[code]}")


def _vocabulary(made: _Writing) -> None:
    address = made.thing(
        _site("vocabularies"), made.dcat.Dataset, "Vocabularies",
        "The themes, target groups and other vocabularies of the cases, in SKOS.",
    )  # fmt: skip
    made.link(address, made.dct.publisher, _site("agent"))
    made.link(address, made.dcat.theme, _THEME)
    made.link(address, made.dcat.landingPage, context.public_url(url_for("vocabulary.index")))
    for name, kind in (("turtle", "text/turtle"), ("jsonld", "application/ld+json")):
        url = context.public_url(url_for(f"vocabulary.{name}"))
        _distribution(made, _site("vocabularies"), f"SKOS, {kind}", url, kind)


def _snapshot(made: _Writing, frozen: Snapshot) -> None:
    text = "A frozen result: the cases as they were, kept byte for byte."
    address = made.thing(url_of(frozen), made.dcat.Dataset, quoting.title(frozen), text)
    made.link(_site("catalogue"), made.dcat.dataset, address)
    made.link(address, made.dct.publisher, _site("agent"))
    made.link(address, made.dcat.theme, _THEME)
    made.link(address, made.dcat.landingPage, address)
    made.link(address, made.dct.isVersionOf, _site("cases"))
    made.say(address, made.dct.identifier, address, datatype=made.xsd.anyURI)
    taken = datetime.fromtimestamp(frozen.taken, UTC).isoformat()
    made.say(address, made.dct.issued, taken, datatype=made.xsd.dateTime)
    made.say(address, made.version, taken[:10], datatype=made.xsd.string)
    row, url = EXPORTS["package"], f"{address}/package"
    _distribution(made, address, row.label, url, row.media_type)
    _rights(made, url, list(frozen.licences), f"{address}#rights")
    size = str(frozen.size_bytes)
    made.say(url, made.dcat.byteSize, size, datatype=made.xsd.nonNegativeInteger)
    checksum = made.thing(f"{address}#checksum", made.spdx.Checksum)
    made.link(url, made.spdx.checksum, checksum)
    made.link(checksum, made.spdx.algorithm, str(made.spdx.checksumAlgorithm_sha256))
    made.say(checksum, made.spdx.checksumValue, frozen.sha256, datatype=made.xsd.hexBinary)


def _services(made: _Writing) -> None:
    for name, title, endpoint, standard in (
        ("api", "API", "api.index", ""),
        ("oai", "OAI-PMH", "oai.answer", _OAI),
    ):
        address = made.thing(_site(name), made.dcat.DataService, title)
        made.link(address, made.dcat.endpointURL, context.public_url(url_for(endpoint)))
        made.link(address, made.dcat.servesDataset, _site("cases"))
        made.link(address, made.dct.publisher, _site("agent"))
        if standard:
            made.link(address, made.dct.conformsTo, standard)


def _export(made: _Writing, export: Export, licences: Sequence[str]) -> None:
    url = context.public_url(url_for("export.file", format_name=export.name))
    address = _distribution(made, _site("cases"), export.label, url, export.media_type)
    made.say(address, made.dct.description, export.purpose)
    _rights(made, address, licences, _site("rights"))


def _rights(made: _Writing, address: str, licences: Sequence[str], name: str) -> None:
    if len(licences) == 1 and licence_url(licences[0]):
        made.link(address, made.dct.license, licence_url(licences[0]))
    elif licences:
        rights = made.thing(name, made.dct.RightsStatement)
        text = f"Each case has its own licence: {', '.join(licences)}."
        made.say(rights, made.dct.description, text)
        made.link(address, made.dct.rights, rights)


def _distribution(made: _Writing, dataset: str, title: str, url: str, media_type: str) -> str:
    made.link(dataset, made.dcat.distribution, url)
    made.thing(url, made.dcat.Distribution, title)
    made.link(url, made.dcat.accessURL, url)
    made.link(url, made.dcat.downloadURL, url)
    made.link(url, made.dcat.mediaType, f"{_IANA}/{media_type.partition(';')[0]}")
    return url


def _modified(made: _Writing, address: str) -> None:
    newest = context.library().harvest.newest()
    if newest:
        text = datetime.fromtimestamp(newest, UTC).isoformat()
        made.say(address, made.dct.modified, text, datatype=made.xsd.dateTime)


def _licences(listed: Sequence[Listed]) -> tuple[str, ...]:
    return tuple(name for name, _ in Counter(each.licence for each in listed).most_common())


@cache
def _countries() -> dict[str, str]:
    """Return the three letters of each country by its two, from the aliases of CLDR."""
    return dict(_three_letters())


def _three_letters() -> Iterator[tuple[str, str]]:
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == len("FIN") and alias.isalpha() and len(codes) == 1:
            yield codes[0], alias


def _site(name: str) -> str:
    return context.public_url(f"/catalog.ttl#{name}")
