"""The tables of the data package: one row a case, an outcome, a concept of a case, a source."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kb.exports import Context, Record
from kb.exports.codebook import (
    CASES,
    Column,
    concept_id,
    of_cases,
)
from kb.exports.flat import Type, Value, flat
from kb.model import Case

Rows = Callable[[Record, Context], Iterable[list[Value]]]


@dataclass(frozen=True, slots=True)
class Key:
    """A column whose values are the ids of another table."""

    column: str
    table: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, what tells its rows apart, and to which others it leads."""

    name: str
    about: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    rows: Rows | None = None
    """What one case adds to it; None where it says nothing of cases."""

    @property
    def file(self) -> str:
        """Its name in the package."""
        return f"{self.name}.csv"


def tables() -> tuple[Table, ...]:
    """Return the tables; each leads only to such as are here."""
    return (
        Table(CASES, "One row a case.", tuple(of_cases()), ("id",), rows=_cases),
        Table(
            "outcomes",
            "One row an outcome of a case, as the case says it.",
            _columns("outcomes", _OUTCOMES),
            ("case", "number"),
            (Key("case", CASES), Key("source", "sources")),
            _outcomes,
        ),
        Table(
            "case_concepts",
            "One row for each concept that a case is about, said by its author or read by machine.",
            _columns("case_concepts", _CASE_CONCEPTS),
            ("case", "concept", "origin"),
            (Key("case", CASES), Key("concept", "concepts")),
            _case_concepts,
        ),
        Table(
            "sources",
            "One row for each source that a case names.",
            _columns("sources", _SOURCES),
            ("id",),
            (Key("case", CASES),),
            _sources,
        ),
        Table(
            "concepts",
            "One row for each concept of all vocabularies.",
            _columns("concepts", _CONCEPTS),
            ("id",),
            (Key("broader", "concepts"),),
        ),
        Table(
            "codebook",
            "One row for each column of each table.",
            _columns("codebook", _CODEBOOK),
            ("table", "column"),
        ),
    )


_Columns = list[tuple[str, Type, str]]
_OUTCOMES: _Columns = [
    ("case", "string", "id of the case"),
    ("number", "integer", "which of its outcomes, from 1"),
    ("indicator", "string", "what was counted or measured"),
    ("value", "string", "what came out, as it was said; often, but not always, a number"),
    ("unit", "string", "of the value"),
    ("baseline", "string", "what it was before"),
    ("period", "string", "when it was measured"),
    ("group", "string", "of whom"),
    ("source", "string", "id of the source that says so"),
    ("method", "string", "how it was found out"),
]
_CASE_CONCEPTS: _Columns = [
    ("case", "string", "id of the case"),
    ("concept", "string", "id of the concept"),
    ("origin", "string", "author, or machine where it was read in the text"),
    ("strength", "number", "from 0 to 1; 1 where the author says it"),
    ("passage", "string", "the sentence in which the machine read it"),
]
_SOURCES: _Columns = [
    ("id", "string", "id of the case and of the source in it"),
    ("case", "string", "id of the case"),
    ("number", "integer", "which of its sources, from 1"),
    ("url", "string", "address"),
    ("title", "string", "title"),
    ("type", "string", "kind of source; a concept of source_types"),
    ("language", "string", "in which it is written"),
    ("licence", "string", "under which it stands, if that is known"),
    ("confirms", "string", "what of the case it confirms"),
]
_CONCEPTS: _Columns = [
    ("id", "string", "vocabulary and notation, as in the address of its page"),
    ("vocabulary", "string", "name of the vocabulary"),
    ("notation", "string", "id within the vocabulary, as it stands in the table of cases"),
    ("label", "string", "name in the language of the labels"),
    ("label_en", "string", "name in English"),
    ("broader", "string", "id of the broader concept"),
    ("definition", "string", "what it means, in English"),
]
_CODEBOOK: _Columns = [
    ("table", "string", "name of the table"),
    ("column", "string", "name of the column"),
    ("type", "string", "type of its values"),
    ("about", "string", "what stands in it"),
    ("vocabulary", "string", "name of the vocabulary of which its values are, if any"),
]


def _columns(table: str, rows: Iterable[tuple[str, Type, str]]) -> tuple[Column, ...]:
    return tuple(Column(table, name, kind, about) for name, kind, about in rows)


def _cases(record: Record, context: Context) -> Iterator[list[Value]]:
    yield [column.read(record, context) for column in flat()]


def _outcomes(record: Record, _context: Context) -> Iterator[list[Value]]:
    case = record.case
    for number, row in enumerate(case.outcomes, 1):
        said = (row.indicator, row.value, row.unit, row.baseline, row.period, row.group)
        source = _source_id(case, row.source) if row.source else None
        yield [case.id, number, *said, source, row.method]


def _sources(record: Record, _context: Context) -> Iterator[list[Value]]:
    case = record.case
    seen: set[str] = set()
    for number, row in enumerate(case.sources_and_media, 1):
        source = row.id if row.id not in seen else f"{row.id}#{number}"
        seen.add(source)
        said = (row.url, row.title, row.type, row.language, row.licence, row.confirms)
        yield [_source_id(case, source), case.id, number, *said]


def _source_id(case: Case, source: str) -> str:
    return f"{case.id}/{source}"


def _case_concepts(record: Record, _context: Context) -> Iterator[list[Value]]:
    case = record.case
    for concept in dict.fromkeys(_said(case)):
        yield [case.id, concept, "author", 1.0, None]
    for tag in record.tags:
        if tag.kind == "concept" and tag.origin == "machine":
            concept = concept_id("themes", tag.value)
            yield [case.id, concept, "machine", tag.strength, tag.passage]


def _said(case: Case) -> Iterator[str]:
    for scheme, values in (
        ("themes", case.themes),
        ("target_groups", case.target_groups),
        ("innovation_types", case.innovation_type),
        ("stages", [case.stage]),
        ("scales", [case.scale]),
        ("cost_bands", [case.cost_band]),
        ("evidence_levels", [case.evidence_level]),
        ("funding", [each.programme for each in case.funding_programmes]),
        ("conditions", [each.code for each in case.conditions]),
        ("barriers", [each.code for each in case.barriers_and_failures]),
        ("transferability", [case.transferability and case.transferability.level]),
    ):
        yield from (concept_id(scheme, value) for value in values if value)
