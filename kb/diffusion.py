"""Who copied whom, and did it work: a graph of cases and cities, made of what both of them say.

A city that adapts a case says so in an adoption; a case says in its relations from whom it was
taken over, and by whom it was. Both are edges, from what was copied to who copies it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from kb import names
from kb.adoption import Adoption, State, Worked
from kb.model import Case
from kb.rows import Relation
from kb.text import folded

ADAPTS, ADAPTED_BY = "adapts", "adapted-by"
TYPES = (ADAPTS, ADAPTED_BY)
"""The types of relation that say who copied whom."""

PlaceOf = Callable[[str, str], str]
"""Gives the id of a place by its name and country, so that all spellings of it are one; or none."""


@dataclass(frozen=True, slots=True)
class Node:
    """A case that is here, or someone elsewhere: a city, or what stands at an address."""

    key: str
    """The same for all nodes that are the same."""
    city: str = ""
    country: str = ""
    case_id: str = ""
    title: str = ""
    title_en: str = ""
    language: str = ""
    """Of the title."""
    url: str = ""
    """Where to read of it elsewhere."""


@dataclass(frozen=True, slots=True)
class Edge:
    """That one was copied by the other."""

    source: Node
    target: Node
    told_by: Literal["city", "case"]
    """Whether the city that adapts has recorded it, or a case says it in its relations."""
    told_in: str
    """The id of the adoption, or of that case."""
    year: str = ""
    """EDTF; empty where it is not said."""
    state: State | Literal[""] = ""
    """Empty where it is not said, as what follows."""
    worked: Worked | Literal[""] = ""
    result: str = ""
    language: str = ""
    """Of the result."""
    link: str = ""
    """Where it can be checked."""


def edges(
    cases: Mapping[str, Case], adoptions: Iterable[Adoption], place_of: PlaceOf
) -> tuple[Edge, ...]:
    """Return who copied whom, by the names of who was copied, and then by year.

    Args:
        cases: those that are public and that an adoption or a relation names, by id.
        adoptions: of any cases; those of a case that is not public are left out.
        place_of: see `PlaceOf`.
    """
    told = [_adopted(each, cases, place_of) for each in adoptions if each.now.case_id in cases]
    related = (
        _related(case, row, cases, place_of)
        for case in cases.values()
        for row in case.relations
        if row.type in TYPES
    )
    return tuple(sorted([*told, *filter(None, related)], key=_order))


def from_case(told: Iterable[Edge], case_id: str) -> tuple[Edge, ...]:
    """Return who copied a case."""
    return tuple(edge for edge in told if edge.source.case_id == case_id)


def to_case(told: Iterable[Edge], case_id: str) -> tuple[Edge, ...]:
    """Return whom a case has copied."""
    return tuple(edge for edge in told if edge.target.case_id == case_id)


def copies(told: Iterable[Edge]) -> int:
    """Count who has copied, each once, however many have said it."""
    return len({edge.target.key for edge in told})


def matching(
    told: Iterable[Edge], text: str, state: str = "", language: str = "en"
) -> tuple[Edge, ...]:
    """Return the edges in which all words of a text stand, and in a state if one is given.

    Words are looked for in names of cities, cases and countries, these in ``language`` and in
    English; the beginning of a word is enough.
    """
    sought = folded(text)
    return tuple(
        edge for edge in told if state in {"", edge.state} and _has(_said(edge, language), sought)
    )


def _adopted(adoption: Adoption, cases: Mapping[str, Case], place_of: PlaceOf) -> Edge:
    now = adoption.now
    became = cases.get(now.became)
    return Edge(
        _of_case(cases[now.case_id]),
        _of_case(became) if became else _of_place(now.city, now.country, place_of),
        "city",
        now.adoption,
        str(now.year),
        now.state,
        now.worked,
        now.result,
        now.language,
        now.source,
    )


def _related(
    case: Case, row: Relation, cases: Mapping[str, Case], place_of: PlaceOf
) -> Edge | None:
    """Return the edge of a relation; None where it names nobody that can be shown."""
    here, other = _of_case(case), _other(row, cases, place_of)
    if other is None or other.key == here.key:
        return None
    source, target = (other, here) if row.type == ADAPTS else (here, other)
    link = row.url or ""
    result, year = row.result or "", row.year or ""
    return Edge(
        source, target, "case", case.id,
        year=year, result=result, language=case.original_language, link=link,
    )  # fmt: skip


def _other(row: Relation, cases: Mapping[str, Case], place_of: PlaceOf) -> Node | None:
    known = cases.get(row.case or "")
    if known is not None:
        return _of_case(known)
    if row.city:
        return _of_place(row.city, row.country or "", place_of)
    return Node(f"url {row.url}", country=row.country or "", url=row.url) if row.url else None


def _of_case(case: Case) -> Node:
    return Node(
        f"case {case.id}",
        case.city,
        case.country or "",
        case.id,
        case.title,
        case.title_en,
        case.original_language,
    )


def _of_place(city: str, country: str, place_of: PlaceOf) -> Node:
    place = place_of(city, country) or f"{country} {' '.join(folded(city))}"
    return Node(f"place {place}", city, country)


def _order(edge: Edge) -> tuple[str, ...]:
    return (*_name(edge.source), edge.year, *_name(edge.target), edge.told_by, edge.told_in)


def _name(node: Node) -> tuple[str, ...]:
    return (" ".join(folded(node.city or node.url)), node.key)


def _said(edge: Edge, language: str) -> frozenset[str]:
    told = [
        text
        for node in (edge.source, edge.target)
        for text in (node.city, node.title, node.title_en, node.url, *_country(node, language))
    ]
    return frozenset(folded(" ".join(told)))


def _country(node: Node, language: str) -> Iterator[str]:
    if node.country:
        yield from (
            node.country,
            names.country(node.country),
            names.country(node.country, language),
        )


def _has(said: frozenset[str], sought: Iterable[str]) -> bool:
    return all(any(word.startswith(beginning) for word in said) for beginning in sought)
