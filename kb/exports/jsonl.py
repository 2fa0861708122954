"""JSON Lines: every field of every case as the model has it, and what was added to it.

`kb.formats.jsonl` reads it back to an equal case. The licence is always said, also the usual one.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from kb.exports import Context, Record


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield one line for each case."""
    for record in records:
        text = json.dumps(whole(record, context), ensure_ascii=False, separators=(",", ":"))
        yield f"{text}\n".encode()


def whole(record: Record, context: Context) -> dict[str, Any]:
    """Return a case with its provenance, as JSON knows values."""
    case = record.case
    values = case.as_dict()
    if case.evidence is not None:
        # All answers: "none" to each is one too, and the reader takes an empty object for nothing.
        values["evidence"] |= case.evidence.model_dump(mode="json", exclude_none=True)
    return {
        **values,
        "licence": case.licence,
        "evidence_level": case.evidence_level,
        "revision": record.revision.number,
        "accepted": record.revision.accepted,
        "url": context.url(case.id),
    }
