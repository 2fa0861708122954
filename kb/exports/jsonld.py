"""RDF in JSON-LD 1.1 (W3C, 2020): the statements that Turtle has."""

from collections.abc import Iterable, Iterator

from kb.exports import Context, Record
from kb.exports.arrays import Json, array, begun
from kb.exports.rdf import PREFIXES, Iri, Literal, Node, Statement, subjects


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield an object whose graph has a node for each case and each concept."""
    nodes = (
        {"@id": address, **_said(statements)} for address, statements in subjects(records, context)
    )
    return array(nodes, begun({"@context": PREFIXES}, "@graph"), "]}")


def _said(statements: Iterable[Statement]) -> Json:
    said: Json = {}
    for name, value in statements:
        if name == "rdf:type" and isinstance(value, Iri):
            said["@type"] = value.name
        else:
            said.setdefault(name, []).append(_node(value))
    return said


def _node(node: Node) -> Json:
    if isinstance(node, Iri):
        return {"@id": node.name or node.address}
    if isinstance(node, Literal):
        kind = {"@language": node.language} if node.language else {}
        return {"@value": node.text, **(kind or ({"@type": node.type} if node.type else {}))}
    return _said(node.statements)
