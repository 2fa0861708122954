"""What has changed between two revisions of a case, field by field and word by word."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from kb.saying import term

# A word with the space behind it: spaces alone would be compared with each other, all with all.
_PIECES = re.compile(r"\S+\s*|\s+")
_LINES = re.compile(r"[^\n]+\n?|\n")
_MOST_WORDS = 4_000
"""A longer text is compared line by line: words take time that grows with the square."""
_MOST_LINES = 5_000
"""A text of more lines, which none that is shown as a page has, is only put beside the other."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or one of them."""

    kind: Literal["kept", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field that is not as it was."""

    field: str
    pieces: tuple[Piece, ...]


def between(
    before: Mapping[str, Any], after: Mapping[str, Any], say: Callable[[str], str] = str
) -> tuple[Change, ...]:
    """Return the fields that differ, in the order of the later one; as `Case.as_dict` has them.

    What is not said by the case itself, yes and no, is said by ``say``.
    """
    names = dict.fromkeys((*after, *before))
    told = ((name, _text(before.get(name), say), _text(after.get(name), say)) for name in names)
    return tuple(Change(name, pieces(old, new)) for name, old, new in told if old != new)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Return what was kept, removed and added, in reading order."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        old, new = _LINES.findall(before), _LINES.findall(after)
    if max(len(old), len(new)) > _MOST_LINES:
        old, new = ([text] if text else [] for text in (before, after))
    return tuple(_pieces(old, new))


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    # Words that stand everywhere may be passed over where there are very many.
    matcher = SequenceMatcher(None, old, new, autojunk=len(new) > _MOST_WORDS)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("kept", "".join(old[first:last]))
        else:
            if last > first:
                yield Piece("removed", "".join(old[first:last]))
            if end > start:
                yield Piece("added", "".join(new[start:end]))


def _text(value: Any, say: Callable[[str], str]) -> str:
    """Write a value as a person reads it: a row a line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_text(each, say)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(_text(each, say) for each in value)
    if isinstance(value, bool):
        return say(term("yes") if value else term("no"))
    return "" if value is None else str(value)
