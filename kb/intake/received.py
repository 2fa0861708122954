"""What a file that somebody has sent in proposes: a draft of one case, or one for each row.

Nothing here publishes, and nothing refuses for what is merely missing: a draft is there to be
filled in.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kb import drafting, formats
from kb.document import Block, Document, Receipt
from kb.errors import RefusedFileError, refused
from kb.formats import md
from kb.formats.decoding import decode
from kb.formats.preview import preview
from kb.formats.table import Table
from kb.intake import gate, sandbox
from kb.nlp import detect
from kb.saying import Said, lines, said

MOST_CHARACTERS = 200_000
"""Of a document, as much is taken; a case has two or three pages, and a page of a report 3,000."""
_MOST_OF_CASE = 1_200_000
"""The texts of a case may have 512,000 each, and there are two long ones."""
_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_ITEM = re.compile(r"[-*•·]\s+(.+)")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A draft to be, and where its values come from."""

    values: Mapping[str, Any]
    receipts: tuple[Receipt, ...] = ()
    document: Document | None = None
    remarks: tuple[Said, ...] = ()
    """What a contributor should know of how the file was read."""


def proposals(file: str, data: bytes) -> tuple[Proposed, ...]:
    """Read a file that was sent in; text is read out of other formats in a process of its own.

    Raises:
        RefusedFileError: nothing can be made of it; says why and what to do.
    """
    name = gate.check(file, data)
    kind = formats.FORMATS[name].kind
    if kind == "batch":
        return _of_table(sandbox.rows(name, data, file), file)
    if kind == "document":
        return (_of_document(sandbox.extract(name, data, file)),)
    text = decode(data, file, lambda text: detect.detect(text).language)
    if md.has_fields(text):
        if len(text) > _MOST_OF_CASE:
            message = said("is too long for one case: it has {count:,} characters", count=len(text))
            raise refused(file, message, said("shorten it, or split it"))
        return (Proposed(md.fields(text, file)),)
    # One more than is taken, so that it is seen that there is more.
    return (_of_document(_of_text(text[: MOST_CHARACTERS + 1]), len(text)),)


def get_ready() -> None:
    """Load what the first document would wait for: vocabularies, places, models of languages."""
    drafting.propose(Document((Block("The city of Dublin helps people without a home."),)))


def remarks(proposed: Iterable[Proposed]) -> Said:
    """Put together what is to know of how a file was read, each thing once."""
    return lines(dict.fromkeys(remark for each in proposed for remark in each.remarks))


def _of_document(document: Document, length: int = 0) -> Proposed:
    document = _shortened(document, length)
    found = drafting.propose(document)
    values = {**found.values, "body": document.markdown}
    return Proposed(values, found.receipts, document, document.notes)


def _shortened(document: Document, length: int) -> Document:
    """Keep the beginning of a document that is longer than anyone reads beside a form."""
    text, starts = document.text, document.starts
    if len(text) <= MOST_CHARACTERS and length <= MOST_CHARACTERS:
        return document
    whole = bisect_right([end - 2 for end in starts[1:]], MOST_CHARACTERS)
    note = said(
        "only the first {taken:,} of {count:,} characters were taken; if the case is told further "
        "on, send those pages as a file of their own",
        taken=MOST_CHARACTERS,
        count=max(length, len(text)),
    )
    blocks = document.blocks[:whole] or (_cut(document.blocks[0]),)
    return replace(document, blocks=blocks, notes=(*document.notes, note))


def _cut(block: Block) -> Block:
    return replace(block, text=block.text[:MOST_CHARACTERS])


def _of_table(table: Table, file: str) -> tuple[Proposed, ...]:
    """Make a draft of each row, or of none: a table that is half taken in is hard to put right."""
    seen = preview(table, file, lambda text: (detect.detect(text).language, "", ""))
    if seen.problems:
        raise RefusedFileError(seen.problems)
    return tuple(
        # An id that was made of the title may be that of a case which is here.
        Proposed({k: v for k, v in row.values.items() if k != "id" or "id" not in row.assumed},
                 remarks=seen.notes)
        for row in seen.rows
    )  # fmt: skip


def _of_text(text: str) -> Document:
    """Part a plain text into blocks: empty lines part them, and a few marks that people type."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        if all(_HEADING.fullmatch(line) or _ITEM.fullmatch(line) for line in lines):
            blocks += (_marked(line) for line in lines)
        elif lines:
            blocks.append(Block("\n".join(lines)))
    return Document(tuple(blocks))


def _marked(line: str) -> Block:
    heading = _HEADING.fullmatch(line)
    if heading:
        return Block(heading[2], "heading", len(heading[1]))
    item = _ITEM.fullmatch(line)
    return Block(item[1] if item else line, "item")
