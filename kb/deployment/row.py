"""What one check says."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "missing"]


@dataclass(frozen=True, slots=True)
class Row:
    """The answer of one check."""

    name: str
    state: State
    """``missing`` keeps a site from being public; with ``warn`` it works less well."""
    told: str
    remedy: str = ""
    """What to do, where something is to be done."""


def row(name: str, told: str, *, fine: bool, remedy: str, otherwise: State = "missing") -> Row:
    """Return a row that needs its remedy only where it is not ``fine``."""
    return Row(name, "ok", told) if fine else Row(name, otherwise, told, remedy)
