"""What stands in each column of the tables, for people and for data packages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.exports.flat import Type, flat
from kb.vocabulary import Concept, scheme, scheme_names


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table."""

    table: str
    name: str
    type: Type
    about: str
    scheme: str = ""
    """The vocabulary of which its values are, if any."""


CASES = "cases"
CODEBOOK_HEADER = ("table", "column", "type", "about", "vocabulary")
CONCEPTS_HEADER = ("id", "vocabulary", "notation", "label", "label_en", "broader", "definition")


def of_cases() -> Iterator[Column]:
    """Yield the columns of the table of cases."""
    yield from (Column(CASES, row.name, row.type, row.about, row.scheme) for row in flat())


def rows(columns: Iterable[Column]) -> Iterator[list[str]]:
    """Yield one row a column, as `CODEBOOK_HEADER` names them."""
    for column in columns:
        about = column.about
        if column.type == "list":
            about += " (several, parted by semicolons)"
        yield [column.table, column.name, column.type, about, column.scheme]


def concepts(language: str) -> Iterator[list[str]]:
    """Yield one row for each concept there is, as `CONCEPTS_HEADER` names them."""
    for name in scheme_names():
        for each in scheme(name):
            broader = concept_id(name, each.broader) if each.broader else ""
            yield [concept_id(name, each.id), name, each.id, *_said(each, language, broader)]


def concept_id(scheme_name: str, notation: str) -> str:
    """Return by what a concept is named among those of all vocabularies, as in its address."""
    return f"{scheme_name}/{notation}"


def _said(concept: Concept, language: str, broader: str) -> list[str]:
    return [concept.label(language), concept.label(), broader, concept.definition]
