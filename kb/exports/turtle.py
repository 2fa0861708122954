"""RDF in Turtle (W3C, 2014)."""

from collections.abc import Iterable, Iterator

from kb.exports import Context, Record
from kb.exports.rdf import PREFIXES, Iri, Literal, Node, Statement, subjects

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield the prefixes, then a paragraph for each case and each concept."""
    yield "".join(f"@prefix {name}: <{it}> .\n" for name, it in PREFIXES.items()).encode()
    for address, statements in subjects(records, context):
        yield f"\n<{address}>\n    {_said(statements)} .\n".encode()


def _said(statements: Iterable[Statement]) -> str:
    return " ;\n    ".join(f"{name} {_node(value)}" for name, value in statements)


def _node(node: Node) -> str:
    if isinstance(node, Iri):
        return node.name or f"<{node.address}>"
    if isinstance(node, Literal):
        text = f'"{node.text.translate(_ESCAPES)}"'
        if node.language:
            return f"{text}@{node.language}"
        return f"{text}^^{node.type}" if node.type else text
    inside = " ; ".join(f"{name} {_node(value)}" for name, value in node.statements)
    return f"[ {inside} ]"
