"""The columns of a batch, and the values of a case that a row of them makes.

One row of `COLUMNS` a column: where it stands in a case and how its cells are read. Names of
columns are those of `kb.formats.headers`. A cell from JSON may be nested as the model is; it then
stands for the whole field.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from kb.formats import cells, headers
from kb.formats.cells import concept, concepts, noted
from kb.model import Case
from kb.saying import term

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    path: Path
    """Names of fields that lead to its place in a case."""
    read: Callable[[str], Any] = cells.line
    """Makes the value of one text."""
    parts: Callable[[str], list[str]] | None = None
    """Parts a cell that holds several values; None where it holds one."""
    scheme: str = ""
    """The vocabulary of which it is, if any."""
    key: str = ""
    """The field of a row in which the concept stands."""
    remedy: str = ""
    """What to do where the remedy of the model would speak of rows of fields."""

    def value(self, cell: Any) -> Any:  # Any: text, or what JSON can say
        """Return what a cell says, as the model takes it."""
        if self.parts is None:
            return self.read(cell) if isinstance(cell, str) else cell
        each = self.parts(cell) if isinstance(cell, str) else cell
        if not isinstance(each, list):
            return each
        return [self.read(one) if isinstance(one, str) else one for one in each]


def _text(name: str, *path: str) -> Column:
    return Column(name, path or (name,), str.strip)


def _line(name: str, *path: str) -> Column:
    return Column(name, path or (name,))


def _one_of(scheme: str, name: str, *path: str) -> Column:
    return Column(name, path or (name,), concept(scheme), scheme=scheme)


def _some_of(scheme: str, name: str) -> Column:
    return Column(name, (name,), concept(scheme), concepts(scheme), scheme)


def _noted(scheme: str, name: str, field: str, key: str, note: str) -> Column:
    return Column(name, (field,), noted(scheme, key, note), concepts(scheme), scheme, key)


_ROWS = (
    _line("id"),
    _line("title"),
    _line("title_en"),
    _text("summary"),
    _text("summary_en"),
    Column(
        "original_language",
        ("original_language",),
        cells.language,
        remedy=term("write its name in any language, or two letters such as pl"),
    ),
    _line("city"),
    Column(
        "country",
        ("country",),
        cells.country,
        remedy=term("write its name in any language, or two letters such as PL"),
    ),
    _some_of("themes", "themes"),
    _some_of("target_groups", "target_groups"),
    _some_of("innovation_types", "innovation_type"),
    _one_of("stages", "stage"),
    Column("start", ("start",), cells.date),
    Column("end", ("end",), cells.date),
    _text("challenge"),
    _text("solution"),
    _line("lead_organisation", "lead_organisation", "name"),
    _one_of("organisation_types", "lead_organisation_type", "lead_organisation", "type"),
    Column("partners", ("partners",), cells.partner, cells.pieces),
    _one_of("cost_bands", "cost_band"),
    Column("cost_total", ("cost", "total"), cells.amount),
    Column(
        "cost_currency", ("cost", "currency"), cells.currency, remedy=term("write EUR, PLN, SEK")
    ),
    Column("cost_year", ("cost", "year"), cells.date),
    _noted("funding", "funding_programmes", "funding_programmes", "programme", "note"),
    _noted("conditions", "conditions", "conditions", "code", "text"),
    _noted("barriers", "barriers", "barriers_and_failures", "code", "text"),
    _one_of("transferability", "transferability_level", "transferability", "level"),
    Column(
        "outcomes",
        ("outcomes",),
        cells.outcome,
        cells.pieces,
        remedy=term("write indicator = value unit, such as People housed = 72 people"),
    ),
    Column(
        "sources",
        ("sources_and_media",),
        cells.source,
        cells.addresses,
        remedy=term("write addresses that begin with https:// or doi:10. and part them by ;"),
    ),
    Column("contact_organisation", ("contact", "organisation"), cells.organisation),
    Column(
        "contact_email",
        ("contact", "email"),
        remedy=term("write one address, such as housing@example.org"),
    ),
    Column(
        "licence", ("licence",), cells.licence, remedy=term("write its SPDX id, such as CC-BY-4.0")
    ),
    _text("body"),
    # Not in the template, and read where someone has them.
    _one_of("scales", "scale"),
    Column("last_verified", ("last_verified",), cells.date),
    Column("review_by", ("review_by",), cells.date),
    _line("imported_from", "imported_from", "url"),
    *(_text(name) for name in ("challenge_en", "solution_en", "body_en")),
)

COLUMNS: Mapping[str, Column] = MappingProxyType({row.name: row for row in _ROWS})

ADDED = frozenset(
    {
        "start_year", "country_name", "theme_labels", "target_group_labels", "stage_label",
        "evidence_level", "evidence_label", "geonames", "latitude", "longitude", "revision",
        "accepted", "url", "licence_noncommercial", "licence_sharealike", "licence_noderivatives",
    }
)  # fmt: skip
"""What stands beside the columns of a case in a table that was taken away from here."""
_TELLING = frozenset({"evidence_level", "revision", "accepted", "url"})
"""These in one table say that it was."""


def values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a case, shaped as `Case.as_dict` gives them.

    Args:
        row: the cells by the names of their columns as written, in any of our languages, without
            the blank ones. What is no column of ours is kept as it is.
    """
    found: dict[str, Any] = {}
    for name, cell in row.items():
        column = column_of(name)
        if column is None:
            field = headers.field(name)
            found[field if field in Case.model_fields else name] = cell
        else:
            _put(found, column, column.value(cell), nested=isinstance(cell, dict))
    _number_sources(found.get("sources_and_media"))
    return found


def added(header: Iterable[str]) -> frozenset[str]:
    """Return the columns that were added when a table was taken away; it says them no more."""
    return ADDED.intersection(header) if _TELLING.issubset(header) else frozenset()


def column_of(name: str) -> Column | None:
    """Return the column that is called ``name`` in any of our languages."""
    return COLUMNS.get(headers.field(name))


def _put(found: dict[str, Any], column: Column, value: Any, *, nested: bool) -> None:
    first, *rest = column.path
    if nested or not rest:
        around = found.get(first)
        found[first] = {**value, **around} if nested and isinstance(around, dict) else value
        return
    inner = found.setdefault(first, {})
    if isinstance(inner, dict):
        inner[rest[0]] = value


def _number_sources(sources: object) -> None:
    """Give the sources the ids by which outcomes name them, where a file gives none."""
    if isinstance(sources, list):
        for number, row in enumerate(sources, 1):
            if isinstance(row, dict):
                row.setdefault("id", f"s{number}")
