"""The text of a file with the passages marked from which a draft was filled in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from markupsafe import Markup, escape

from kb.document import Document, Receipt


def by_field(receipts: Iterable[Receipt]) -> Mapping[str, tuple[tuple[int, Receipt], ...]]:
    """Return number and receipt of the values, by the first step of their path."""
    found: dict[str, list[tuple[int, Receipt]]] = defaultdict(list)
    for number, receipt in enumerate(receipts, 1):
        found[receipt.field.split(".")[0]].append((number, receipt))
    return {field: tuple(rows) for field, rows in found.items()}


def marked(document: Document, receipts: Iterable[Receipt]) -> Markup:
    """Return the text as HTML, in which each passage can be linked to as ``passage-<number>``.

    A passage that others lie over is in several marks; ``data-of`` says of which passages each is.
    """
    return Markup("").join(_stretches(document.text, list(enumerate(receipts, 1))))


def _stretches(text: str, receipts: list[tuple[int, Receipt]]) -> Iterator[Markup]:
    """Yield the text cut wherever a passage begins or ends; passages may lie over each other."""
    cuts = sorted({0, len(text)} | {at for _, each in receipts for at in (each.start, each.end)})
    for start, end in pairwise(cuts):
        of = [(n, each) for n, each in receipts if each.start <= start and end <= each.end]
        anchors = Markup("").join(
            Markup('<a id="passage-{}"></a>').format(n) for n, each in of if each.start == start
        )
        said = anchors + escape(text[start:end])
        numbers = " ".join(str(n) for n, _ in of)
        yield Markup('<mark data-of="{}">{}</mark>').format(numbers, said) if of else said
