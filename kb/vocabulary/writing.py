"""Writing the files of labels, as a librarian would: one table a concept, one line a kind."""

import json
from collections.abc import Mapping
from pathlib import Path

from kb.vocabulary.reading import LISTS, Table


def text(status: str, schemes: Mapping[str, Mapping[str, Table]]) -> str:
    """Return the labels of one language as `reading.labels` reads them.

    Args:
        status: of all labels that have none of their own.
        schemes: scheme -> concept -> its labels, in the order in which they are to stand.
    """
    blocks = [f"status = {_quoted(status)}"]
    for scheme, concepts in schemes.items():
        blocks += [_block(scheme, concept_id, row, status) for concept_id, row in concepts.items()]
    return "\n\n".join(blocks) + "\n"


def replace(path: Path, content: str) -> None:
    """Put a file in place of another, whole or not at all."""
    beside = path.with_suffix(".new")
    beside.write_text(content, encoding="utf-8")
    beside.replace(path)


def _block(scheme: str, concept_id: str, row: Table, status: str) -> str:
    key = concept_id if concept_id.replace("-", "").isalpha() else _quoted(concept_id)
    lines = [f"[{scheme}.{key}]"]
    if row.get("status", status) != status:
        lines.append(f"status = {_quoted(row['status'])}")
    if "pref" in row:
        lines.append(f"pref = {_quoted(row['pref'])}")
    kinds = [kind for kind in LISTS if row.get(kind)]
    lines += [f"{kind} = [{', '.join(map(_quoted, row[kind]))}]" for kind in kinds]
    return "\n".join(lines)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
