"""What is said of a data package as a whole, whoever is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.exports import Context
from kb.exports.tables import Table
from kb.licences import marked


@dataclass(frozen=True, slots=True)
class Written:
    """What can be checked of a file."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Described:
    """Tables as they were written, and where they come from."""

    context: Context
    tables: tuple[Table, ...]
    written: Mapping[str, Written]
    """By the name of the table."""
    licences: Mapping[str, int]
    """How many cases have which licence."""

    @property
    def count(self) -> int:
        """How many cases there are."""
        return sum(self.licences.values())

    @property
    def name(self) -> str:
        """A short title."""
        return f"{self.context.site_name}: {self.context.query}"

    @property
    def about(self) -> str:
        """What the package holds and what to heed."""
        parts = [f"{self.count} cases of social innovation in cities. {self.context.query}."]
        if len(self.licences) > 1:
            parts.append("They are under different licences: see the column licence.")
        if bound := marked(self.licences):
            said = "; ".join(f"{count} {label}" for label, count in bound.items())
            parts.append(f"Bound by their licences: {said} (see the columns licence_*).")
        if not self.context.raw:
            parts.append(
                "A text that a spreadsheet would take for a formula has an apostrophe before it."
            )
        parts.append("Coordinates of cities: GeoNames, CC BY 4.0.")
        return " ".join(parts)

    @property
    def citation(self) -> str:
        """How to cite the package."""
        taken = f"{self.context.taken:%Y-%m-%d}"
        return f"{self.name} ({self.count} cases, taken {taken}). {self.context.address}"


def written(value: Mapping[str, Any]) -> bytes:
    """Write a description as JSON for people to read."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
