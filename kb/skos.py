"""The vocabularies as SKOS: for other thesauri and catalogues to take, and labels from theirs.

Written here, because the whole takes a library seven seconds and this a tenth of one; read by
rdflib. Properties: SKOS (W3C, 2009); the status of labels that nobody has confirmed is noted.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import refused
from kb.saying import verbatim
from kb.vocabulary import ANY_LANGUAGE, Concept, Scheme, scheme, scheme_names

if TYPE_CHECKING:
    from rdflib import Graph

EUROVOC = "http://eurovoc.europa.eu/"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

Labels = Mapping[str, tuple[str, ...]]
"""Language -> labels."""


def concept_uri(base: str, concept: Concept) -> str:
    """Return the address that names a concept, and at which its page stands."""
    return f"{base}/vocabulary/{concept.scheme}/{concept.id}"


def turtle(base: str) -> str:
    """Return all vocabularies in Turtle.

    Args:
        base: public address of the site, without a final slash.
    """
    lines = [f"@prefix skos: <{_SKOS}> .", "@prefix dct: <http://purl.org/dc/terms/> .", ""]
    for name in scheme_names():
        lines += _scheme_lines(base, scheme(name))
    return "\n".join(lines) + "\n"


def jsonld(base: str) -> dict[str, Any]:
    """Return all vocabularies in JSON-LD."""
    graph = []
    for name in scheme_names():
        found = scheme(name)
        address = f"{base}/vocabulary/{name}"
        tops = [concept_uri(base, concept) for concept in found if not concept.broader]
        title = {"@language": "en", "@value": found.title}
        graph.append(
            {"@id": address, "@type": "ConceptScheme", "title": title, "hasTopConcept": tops}
        )
        graph += [_node(base, address, found, concept) for concept in found]
    return {"@context": _CONTEXT, "@graph": graph}


def labels_in(path: Path) -> Mapping[str, Labels]:
    """Return the labels that a SKOS file gives our themes, through their matches in EuroVoc.

    Args:
        path: Turtle, RDF/XML, JSON-LD or N-Triples, told by its suffix.

    Returns:
        Theme -> language -> preferred and alternative labels.

    Raises:
        RefusedFileError: it cannot be read, or says nothing of any of our matches.
    """
    graph = _graph(path)
    found = {concept.id: _labels_of(graph, concept) for concept in scheme("themes")}
    found = {concept_id: own for concept_id, own in found.items() if own}
    if not found:
        message = verbatim("has none of the concepts that ours are matched to")
        raise refused(str(path), message, verbatim("give EuroVoc in SKOS"))
    return found


def _graph(path: Path) -> "Graph":
    from rdflib import Graph
    from rdflib.util import guess_format

    try:
        return Graph().parse(path, format=guess_format(str(path)) or "turtle")
    except Exception as err:  # each parser of rdflib raises its own
        message = verbatim(f"is no RDF: {err}")
        raise refused(str(path), message, verbatim("give Turtle, RDF/XML or JSON-LD")) from err


def _labels_of(graph: "Graph", concept: Concept) -> Labels:
    from rdflib import Literal, URIRef

    own: dict[str, dict[str, None]] = defaultdict(dict)
    for number in concept.eurovoc:
        for kind in ("prefLabel", "altLabel"):
            for label in sorted(
                graph.objects(URIRef(EUROVOC + number), URIRef(_SKOS + kind)), key=str
            ):
                if isinstance(label, Literal) and label.language:
                    own[label.language][str(label)] = None
    return {language: tuple(texts) for language, texts in own.items()}


_CONTEXT = {
    "@vocab": _SKOS,
    "title": "http://purl.org/dc/terms/title",
    **{name: {"@type": "@id"} for name in ("inScheme", "broader", "narrower", "closeMatch")},
    "hasTopConcept": {"@type": "@id"},
    **{name: {"@container": "@language"} for name in ("prefLabel", "altLabel", "hiddenLabel")},
    "definition": {"@language": "en"},
    "editorialNote": {"@language": "en"},
}


def _scheme_lines(base: str, found: Scheme) -> Iterator[str]:
    address = f"{base}/vocabulary/{found.name}"
    yield f"<{address}> a skos:ConceptScheme ;"
    yield f"    dct:title {_literal(found.title, 'en')} ."
    yield ""
    for concept in found:
        yield f"<{concept_uri(base, concept)}> a skos:Concept ;"
        said = list(_statements(base, address, found, concept))
        yield from (f"    {name} {value} ;" for name, value in said[:-1])
        yield f"    {said[-1][0]} {said[-1][1]} ."
        yield ""


def _statements(
    base: str, address: str, found: Scheme, concept: Concept
) -> Iterator[tuple[str, str]]:
    yield "skos:notation", _literal(concept.id)
    for kind, labels in _labels(concept):
        for language, texts in labels.items():
            yield from ((f"skos:{kind}", _literal(text, language)) for text in texts)
    if concept.definition:
        yield "skos:definition", _literal(concept.definition, "en")
    for number in concept.eurovoc:
        yield "skos:closeMatch", f"<{EUROVOC}{number}>"
    if concept.broader:
        yield "skos:broader", f"<{concept_uri(base, found[concept.broader])}>"
    else:
        yield "skos:topConceptOf", f"<{address}>"
    if note := _drafts(concept):
        yield "skos:editorialNote", _literal(note, "en")
    yield "skos:inScheme", f"<{address}>"


def _node(base: str, address: str, found: Scheme, concept: Concept) -> dict[str, Any]:
    node: dict[str, Any] = {
        "@id": concept_uri(base, concept),
        "@type": "Concept",
        "notation": concept.id,
        "inScheme": address,
    }
    for kind, labels in _labels(concept):
        if labels:
            single = kind == "prefLabel"
            node[kind] = {code: texts[0] if single else texts for code, texts in labels.items()}
    if concept.definition:
        node["definition"] = concept.definition
    if concept.eurovoc:
        node["closeMatch"] = [EUROVOC + number for number in concept.eurovoc]
    if concept.broader:
        node["broader"] = concept_uri(base, found[concept.broader])
    if note := _drafts(concept):
        node["editorialNote"] = note
    return node


def _labels(concept: Concept) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield kind and labels; SKOS lets a label be of one kind only."""
    said: dict[str, set[str]] = defaultdict(set)
    preferred = {language: (text,) for language, text in concept.pref.items()}
    for kind, given in (
        ("prefLabel", preferred),
        ("altLabel", concept.alt),
        ("hiddenLabel", concept.hidden),
    ):
        kept: dict[str, list[str]] = {}
        for language, texts in given.items():
            new = [text for text in dict.fromkeys(texts) if text not in said[language]]
            said[language].update(new)
            if new:
                kept[language] = new
        yield kind, kept


def _drafts(concept: Concept) -> str:
    drafts = sorted(concept.pref.keys() - concept.confirmed - {"en", ANY_LANGUAGE})
    return f"Labels not yet confirmed by a native reader: {', '.join(drafts)}." if drafts else ""


def _literal(text: str, language: str = "") -> str:
    escaped = "".join(_ESCAPES.get(letter, letter) for letter in text)
    return f'"{escaped}"@{language}' if language else f'"{escaped}"'
