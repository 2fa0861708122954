"""Reading the files of the vocabularies; a damaged one is refused with its name and what is wrong.

``<scheme>.toml`` holds the structure of a scheme, ``labels/<language>.toml`` what its concepts are
called in a language: a librarian changes the first, a native reader one of the second.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kb.errors import VocabularyError

Table = Mapping[str, Any]

LISTS = ("alt", "hidden", "exclude")
STATUSES = ("draft", "confirmed")


def structure(path: Path) -> Table:
    """Return a scheme as its file says it, without labels.

    Raises:
        VocabularyError: the file cannot be read, or a concept has no id of its own.
    """
    raw = _parsed(path)
    seen = set()
    for number, row in enumerate(raw.get("concept", ()), 1):
        concept_id = row.get("id")
        if not isinstance(concept_id, str) or concept_id in seen:
            raise VocabularyError(path.name, f"concept {number}", "needs an id of its own")
        seen.add(concept_id)
    if not seen or not isinstance(raw.get("title"), str):
        raise VocabularyError(path.name, "the file", "needs a title and concepts")
    return raw


def status(path: Path) -> str:
    """Return the status of the labels of one language that have none of their own.

    Raises:
        VocabularyError: the file cannot be read.
    """
    return str(_parsed(path).get("status", "draft"))


def labels(path: Path) -> Mapping[str, Mapping[str, Table]]:
    """Return the labels of one language: by scheme, then by concept, with their status.

    Raises:
        VocabularyError: the file cannot be read, or a label is no text.
    """
    raw = dict(_parsed(path))
    status = raw.pop("status", "draft")
    found: dict[str, dict[str, Table]] = {}
    for scheme, concepts in raw.items():
        for concept_id, row in concepts.items():
            table = {"status": status, **row}
            for fault in _faults(table):
                raise VocabularyError(path.name, f"{scheme} {concept_id!r}", fault)
            found.setdefault(scheme, {})[concept_id] = table
    return found


def _faults(row: Table) -> Iterator[str]:
    if unknown := set(row) - {"pref", "status", *LISTS}:
        yield f"has no place for {', '.join(sorted(unknown))}"
    if row["status"] not in STATUSES:
        yield f"has a status that is none of {', '.join(STATUSES)}"
    if not _is_text(row.get("pref", "-")):
        yield "has a pref that is no text"
    for kind in LISTS:
        texts = row.get(kind, [])
        if not isinstance(texts, list) or not all(map(_is_text, texts)):
            yield f"needs a list of texts under {kind}"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as err:
        raise VocabularyError(path.name, "the file", f"cannot be read: {err}") from err
    except tomllib.TOMLDecodeError as err:
        raise VocabularyError(path.name, "the file", f"is not TOML: {err}") from err
