"""One row a case: the columns that CSV, XLSX, Parquet, GeoJSON and the data package share.

The columns of a batch (`kb.formats.columns`) come first, in the order of its template, so that a
table that was taken away can be handed in again; then what the knowledge base says of the case.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from kb import licences, names
from kb.exports import Context, Record
from kb.formats import headers
from kb.formats.cells import line
from kb.formats.columns import COLUMNS, Path
from kb.model import Case
from kb.rows import Outcome, Source
from kb.vocabulary import scheme

Type = Literal["string", "integer", "number", "boolean", "date", "datetime", "list"]
Value = str | int | float | Decimal | date | datetime | list[str] | None
Read = Callable[[Record, Context], Value]


@dataclass(frozen=True, slots=True)
class Flat:
    """One column of a table of cases."""

    name: str
    type: Type
    read: Read
    about: str = ""
    scheme: str = ""
    """The vocabulary of which its values are, if any."""


@cache
def flat() -> tuple[Flat, ...]:
    """Return the columns, in their order."""
    return (*_given(), *_OURS)


def joined(values: Iterable[str]) -> str:
    """Write several values into one cell; a semicolon parts them, so none stands within one."""
    return "; ".join(line(value.replace(";", ",")) for value in values)


def _given() -> Iterator[Flat]:
    template = headers.columns()
    for name in (*template, *(each for each in COLUMNS if each not in template)):
        column = COLUMNS[name]
        about = headers.hint(name) if name in template else _ABOUT[name]
        scheme_name = column.scheme
        read = _SPECIAL.get(name) or _at(column.path)
        yield Flat(name, _TYPES.get(name, "string"), read, about, scheme_name)


def _at(path: Path) -> Read:
    def read(record: Record, _context: Context) -> Value:
        value: Any = record.case  # what lies on the way are rows of the model
        for name in path:
            value = getattr(value, name) if value is not None else None
        return list(value) if isinstance(value, tuple) else value or None

    return read


def _of_case(read: Callable[[Case], Value]) -> Read:
    return lambda record, _context: read(record.case)


def _start(case: Case) -> str | None:
    return case.start if "start" in case.model_fields_set else None


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _outcome(row: Outcome) -> str:
    return f"{row.indicator} = {row.value} {row.unit or ''}".strip()


def _source(row: Source) -> str:
    return " ".join(part for part in (row.title, row.url) if part)


def _noted(code: str, note: str | None) -> str:
    return f"{code}: {note}" if note else code


_SPECIAL: Mapping[str, Read] = {
    "start": _of_case(_start),
    "partners": _of_case(lambda case: [each.name for each in case.partners]),
    "cost_total": _of_case(lambda case: _amount(case.cost.total if case.cost else None)),
    "funding_programmes": _of_case(
        lambda case: [_noted(each.programme, each.note) for each in case.funding_programmes]
    ),
    "conditions": _of_case(lambda case: [_noted(each.code, each.text) for each in case.conditions]),
    "barriers": _of_case(
        lambda case: [_noted(each.code, each.text) for each in case.barriers_and_failures]
    ),
    "outcomes": _of_case(lambda case: [_outcome(each) for each in case.outcomes]),
    "sources": _of_case(lambda case: [_source(each) for each in case.sources_and_media]),
}
_LISTS = (
    "themes", "target_groups", "innovation_type", "partners", "funding_programmes", "conditions",
    "barriers", "outcomes", "sources",
)  # fmt: skip
_TYPES: Mapping[str, Type] = {
    **dict.fromkeys(_LISTS, "list"),
    "cost_total": "number",
    "last_verified": "date",
    "review_by": "date",
}
_ABOUT: Mapping[str, str] = {
    "scale": "how large the area is in which it runs",
    "last_verified": "day on which somebody last confirmed it",
    "review_by": "day by which it is to be confirmed again",
    "challenge_en": "the challenge in English",
    "solution_en": "the solution in English",
    "body_en": "the full text in English, in Markdown",
    "imported_from": "address at the site from which it was taken over, if it was",
}


def _labels(scheme_name: str, read: Callable[[Case], Iterable[str]]) -> Read:
    def labels(record: Record, context: Context) -> Value:
        found = scheme(scheme_name)
        return [found[each].label(context.language) for each in read(record.case)]

    return labels


def _label(scheme_name: str, read: Callable[[Case], str | None]) -> Read:
    def label(record: Record, context: Context) -> Value:
        value = read(record.case)
        return scheme(scheme_name)[value].label(context.language) if value else None

    return label


def _country(record: Record, context: Context) -> Value:
    code = record.case.country
    return names.country(code, context.language) if code else None


def _term(name: str, label: str) -> Flat:
    def read(record: Record, _context: Context) -> Value:
        return bool(getattr(licences.terms(record.case.licence), name))

    return Flat(f"licence_{name}", "boolean", read, f"whether its licence says: {label}")


def accepted(record: Record) -> datetime:
    """Return when the revision was accepted."""
    return datetime.fromisoformat(record.revision.accepted).astimezone(UTC)


_OURS = (
    Flat("start_year", "integer", _of_case(lambda case: case.year), "year in which it began"),
    Flat("country_name", "string", _country, "name of the country in the language of the labels"),
    Flat("theme_labels", "list", _labels("themes", lambda case: case.themes), "names of themes"),
    Flat(
        "target_group_labels",
        "list",
        _labels("target_groups", lambda case: case.target_groups),
        "names of target_groups",
    ),
    Flat("stage_label", "string", _label("stages", lambda case: case.stage), "name of stage"),
    Flat(
        "evidence_level",
        "string",
        _of_case(lambda case: case.evidence_level),
        "how well it is confirmed, computed from answers about evidence",
        "evidence_levels",
    ),
    Flat(
        "evidence_label",
        "string",
        _label("evidence_levels", lambda case: case.evidence_level),
        "name of evidence_level",
    ),
    Flat(
        "geonames",
        "string",
        lambda record, _: record.place.id if record.place else None,
        "id of the city in GeoNames (CC BY 4.0)",
    ),
    Flat(
        "latitude",
        "number",
        lambda record, _: record.place.latitude if record.place else None,
        "of the city, in degrees (WGS 84), from GeoNames (CC BY 4.0)",
    ),
    Flat(
        "longitude",
        "number",
        lambda record, _: record.place.longitude if record.place else None,
        "of the city, in degrees (WGS 84), from GeoNames (CC BY 4.0)",
    ),
    Flat(
        "revision",
        "integer",
        lambda record, _: record.revision.number,
        "number of the revision of the case that this is; cite it",
    ),
    Flat("accepted", "datetime", lambda record, _: accepted(record), "when the revision came in"),
    Flat("url", "string", lambda record, context: context.url(record.case.id), "address"),
    *(_term(name, label) for name, label in licences.LABELS.items()),
)
