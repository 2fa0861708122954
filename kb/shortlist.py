"""A reader's shortlist: cases in an order, with a note on each. It says no more than ids and notes.

It is kept by the reader, not by us (`web.kept`), so it is small by nature.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from kb.errors import ShortlistError
from kb.saying import said
from kb.text import normalise

MOST_CASES = 30
LONGEST_NOTE = 500
"""Characters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case on a list, and what the reader has noted on it."""

    case_id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Entries in the reader's order, no case twice."""

    entries: tuple[Entry, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The cases, in their order."""
        return tuple(entry.case_id for entry in self.entries)

    @property
    def notes(self) -> dict[str, str]:
        """The notes that there are, by case."""
        return {entry.case_id: entry.note for entry in self.entries if entry.note}

    def joined(self, entries: Iterable[Entry]) -> "Shortlist":
        """Return the list with what is new of ``entries`` at its end; notes made here stay.

        Raises:
            ShortlistError: it would hold more than `MOST_CASES`; nothing is added.
        """
        found = {entry.case_id: entry for entry in (*entries, *self.entries)}
        new = [each for key, each in found.items() if key not in self.ids]
        if len(self.entries) + len(new) > MOST_CASES:
            raise ShortlistError(
                said(
                    "A shortlist holds at most {most:,} cases; remove some, then add the others.",
                    most=MOST_CASES,
                )
            )
        return Shortlist((*self.entries, *new))

    def without(self, case_id: str) -> "Shortlist":
        """Return the list without a case and its note."""
        return Shortlist(tuple(each for each in self.entries if each.case_id != case_id))

    def moved(self, case_id: str, steps: int) -> "Shortlist":
        """Return the list with a case so many places further down; at an end it stays there."""
        if case_id not in self.ids:
            return self
        here, rest = self.ids.index(case_id), self.without(case_id).entries
        there = min(max(here + steps, 0), len(rest))
        return Shortlist((*rest[:there], self.entries[here], *rest[there:]))

    def noted(self, case_id: str, note: str) -> "Shortlist":
        """Return the list with another note on a case; an empty one takes the note away.

        Raises:
            ShortlistError: the note is longer than `LONGEST_NOTE`.
        """
        note = normalise(note).strip()
        if len(note) > LONGEST_NOTE:
            raise ShortlistError(
                said(
                    "A note may have {most:,} characters, and this one has {count:,}; shorten it.",
                    most=LONGEST_NOTE,
                    count=len(note),
                )
            )
        changed = (replace(e, note=note) if e.case_id == case_id else e for e in self.entries)
        return Shortlist(tuple(changed))

    def packed(self) -> list[list[str]]:
        """Return the list as JSON knows values; `unpacked` reads it back equal."""
        return [[each.case_id, each.note] if each.note else [each.case_id] for each in self.entries]


def unpacked(told: Any) -> Shortlist:  # Any: whatever JSON can say
    """Return the list that `Shortlist.packed` took apart.

    Raises:
        ValueError: it is none.
    """
    fine = isinstance(told, list) and all(
        isinstance(row, list) and row and all(isinstance(text, str) for text in row) for row in told
    )
    if not fine:
        raise ValueError("is no shortlist")
    return Shortlist().joined(Entry(*row[:2]) for row in told)
