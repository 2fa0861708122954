"""What is proposed, and where in the document it stands."""

from dataclasses import dataclass
from typing import Any

from kb.document import Receipt


@dataclass(frozen=True, slots=True)
class Proposal:
    """Values of a case, shaped as `Case.as_dict` is, and the passage of each."""

    values: dict[str, Any]
    """Any: text, lists and rows, as JSON knows them."""
    receipts: tuple[Receipt, ...]

    def of(self, field: str) -> tuple[Receipt, ...]:
        """Return the receipts of a field and of what is in it."""
        return tuple(r for r in self.receipts if r.field.split(".")[0] == field)


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a rule has read, with its passage in the text of `Source`."""

    field: str
    value: Any
    """Any: a text, or a row of the case model."""
    start: int
    end: int
    shown: str = ""
    """What the receipt calls the value, where it is a row."""
