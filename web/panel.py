"""The filters as a form shows them: what is in sight, what a click away, what beneath what."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.query import Facet, FacetValue
from web.i18n import translated
from web.labels import facet_language

SHORT = 8
"""A facet with more values shows the first few and what is chosen; the others are a click away.

What is narrower than one of those comes into sight once that is chosen.
"""
FIRST = 5
MOST = 40
"""Values of one facet on a page; people reach the others by typing, programs by the API."""
MOST_OF = {"city": 9}
"""Fewer where one would rather type the name; a checkbox costs a page 100 of its 50,000 bytes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One checkbox."""

    value: str
    label: str
    count: int
    selected: bool
    language: str
    """Of the label; empty for names and numbers."""
    inner: tuple["Choice", ...] = ()

    @property
    def chosen(self) -> bool:
        """Whether it, or one beneath it, is selected."""
        return self.selected or self.open

    @property
    def open(self) -> bool:
        """Whether one beneath it is selected."""
        return any(choice.selected for choice in self.inner)


@dataclass(frozen=True, slots=True)
class Fieldset:
    """One facet of the form."""

    name: str
    label: str
    shown: tuple[Choice, ...]
    more: tuple[Choice, ...]
    left_out: int
    """How many values are not on the page at all."""


def fieldsets(facets: Sequence[Facet]) -> tuple[Fieldset, ...]:
    """Return the form's fieldsets, without values that would find nothing and are not selected."""
    built = (_fieldset(facet, _choices(facet)) for facet in facets)
    return tuple(fieldset for fieldset in built if fieldset.shown)


def _fieldset(facet: Facet, choices: list[Choice]) -> Fieldset:
    first = len(choices) if len(choices) <= SHORT else FIRST
    shown = [c for place, c in enumerate(choices) if place < first or c.chosen]
    more = [
        replace(c, inner=()) for place, c in enumerate(choices) if place >= first and not c.chosen
    ]
    kept = more[: max(0, MOST_OF.get(facet.name, MOST) - len(shown))]
    label = translated(facet.label)
    return Fieldset(facet.name, label, tuple(shown), tuple(kept), len(more) - len(kept))


def _choices(facet: Facet) -> list[Choice]:
    """Return the choices of ``facet``; a value whose parent is no value stands for itself."""
    useful = [value for value in facet.values if value.count or value.selected]
    present = {value.value for value in useful}
    beneath: dict[str, list[Choice]] = defaultdict(list)
    for value in useful:
        if value.parent in present:
            beneath[value.parent].append(_choice(facet.name, value))
    top = [value for value in useful if value.parent not in present]
    return [_choice(facet.name, value, beneath[value.value]) for value in top]


def _choice(facet: str, value: FacetValue, inner: Sequence[Choice] = ()) -> Choice:
    return Choice(
        value=value.value,
        label=value.label,
        count=value.count,
        selected=value.selected,
        language=facet_language(facet, value.value),
        inner=tuple(inner),
    )
