"""What a document says of the fields of a case, each value with the passage it came from.

Rules and words in all languages, no model. Nothing is proposed without a passage, nothing that is
not in its passage, and where the document contradicts itself the first passage counts. A person
decides on every value.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from kb.document import Document, Receipt
from kb.drafting import (
    cost,
    form,
    organisations,
    outcomes,
    period,
    place,
    sources,
    stage,
    story,
    title,
    topics,
)
from kb.drafting.proposal import Found, Proposal
from kb.drafting.source import Source, read
from kb.model import Case

__all__ = ["Proposal", "Receipt", "propose"]

_SHOWN = 200


def propose(document: Document) -> Proposal:
    """Read a document for the fields of a case.

    Args:
        document: of its text, the first 200,000 characters are read.

    Returns:
        Values that `Case` accepts once it has its id, title and language; each has a receipt.
    """
    if not document.text.strip():
        return Proposal({}, ())
    source = read(document)
    found = [one for one in _all(source) if _is_in_text(one, source)]
    values = _values(found)
    refused = _refused(values)
    kept = [one for one in found if _name(one) not in refused]
    return Proposal(_values(kept), tuple(_receipt(one, source, document.text) for one in kept))


def _all(source: Source) -> Iterator[Found]:
    answers = form.read(source)
    yield from _language(source)
    titles = list(title.title(source, answers))
    yield from titles
    summaries = list(title.summary(source, answers, titles[0].end if titles else 0))
    yield from summaries
    yield from story.find(source, answers)
    yield from place.find(source, answers)
    yield from topics.find(source, answers, _text(titles), _text(summaries))
    yield from stage.find(source, answers)
    yield from period.find(source, answers)
    leaders = list(organisations.lead(source, answers))
    yield from leaders
    leader = leaders[0].value["name"] if leaders else ""
    yield from organisations.partners(source, answers, leader)
    yield from outcomes.find(source, answers)
    yield from cost.cost(source, answers)
    yield from cost.funding(source, answers)
    yield from sources.find(source)
    yield from organisations.contact(source, answers, leader)


def _text(found: list[Found]) -> str:
    return str(found[0].value) if found else ""


def _language(source: Source) -> Iterator[Found]:
    if source.detected and source.spans:
        first = source.spans[0]
        yield Found("original_language", source.language, first.start, first.end)


def _is_in_text(found: Found, source: Source) -> bool:
    return 0 <= found.start < found.end <= len(source.text)


def _name(found: Found) -> str:
    return found.field.split(".")[0]


def _values(found: Iterable[Found]) -> dict[str, Any]:
    """Put values together as `Case.as_dict` does: what has a number in its path is a list."""
    values: dict[str, Any] = {}
    for one in found:
        if "." in one.field:
            values.setdefault(_name(one), []).append(one.value)
        else:
            values.setdefault(one.field, one.value)
    return values


def _refused(values: dict[str, Any]) -> frozenset[str]:
    """Return the fields that the model does not accept: no text may stop a draft."""
    needed = {"id": "draft", "title": "-", "original_language": "en"}
    try:
        Case.model_validate(needed | values)
    except ValidationError as error:
        return frozenset(str(problem["loc"][0]) for problem in error.errors() if problem["loc"])
    return frozenset()


def _receipt(found: Found, source: Source, text: str) -> Receipt:
    start, end = source.place(found.start, found.end)
    shown = found.shown or str(found.value)
    return Receipt(found.field, shown[:_SHOWN], text[start:end], start, end)
