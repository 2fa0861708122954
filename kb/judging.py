"""What people have said of the machine's tags, and what that does to the tags.

A rejected tag goes, an accepted one counts fully, and both change how strongly the same concept
is believed in other cases, when these are tagged the next time. An author's tags are never touched.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from kb.model import Tag

Verdict = Literal["accepted", "rejected"]

_DOUBT = 2
"""As many accepted tags each concept is believed to have had before anyone has judged: the first
rejection takes a third of the strength, and not all of it (Laplace's rule of succession)."""


@dataclass(frozen=True, slots=True)
class Record:
    """How often the machine was right about a concept."""

    accepted: int = 0
    rejected: int = 0

    @property
    def trust(self) -> float:
        """By what the strength of a tag is multiplied; 1 where nobody has rejected one."""
        right = self.accepted + _DOUBT
        return right / (right + self.rejected)


def judged(
    tags: Iterable[Tag], verdicts: Mapping[str, Verdict], records: Mapping[str, Record]
) -> tuple[Tag, ...]:
    """Return the tags of a case as people have judged them.

    Args:
        tags: as the tagger and the author have made them.
        verdicts: concept -> what was said of it in this case.
        records: concept -> what was said of it in all cases.
    """
    return tuple(_judged(tags, verdicts, records))


def _judged(
    tags: Iterable[Tag], verdicts: Mapping[str, Verdict], records: Mapping[str, Record]
) -> Iterator[Tag]:
    for tag in tags:
        if tag.kind != "concept" or tag.origin == "author":
            yield tag
        elif verdicts.get(tag.value) == "accepted":
            yield replace(tag, strength=1.0)
        elif tag.value not in verdicts:
            trust = records.get(tag.value, Record()).trust
            yield replace(tag, strength=round(tag.strength * trust, 3))
