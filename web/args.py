"""Addresses and questions: what stands behind the ``?`` as a `Query`, and back.

A page forgives (`query_from`); a program is told what could not be read (`unreadable`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from kb.languages import LANGUAGES
from kb.query import ALL_LEGS, MAX_SIZE, SORTS, WORDS, Query, Sort
from kb.search.fields import FACET_NAMES

_USUAL = Query()
_ON, _OFF = "yes", "no"
_SHOWN_VALUE = 100
"""Characters of a refused value that are said again."""
_DIGITS = 9
"""No number that we read is longer."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A parameter that says nothing we understand."""

    parameter: str
    value: str
    detail: str


def query_from(args: MultiDict[str, str]) -> Query:
    """Read the question; what cannot be read, and an empty value, counts as not said."""
    return Query(
        text=args.get("q", ""),
        filters={name: tuple(filter(None, args.getlist(name))) for name in FACET_NAMES},
        sort=_sort(args.get("sort", "")),
        page=_number(args.get("page", ""), _USUAL.page),
        size=_number(args.get("size", ""), _USUAL.size),
        reader=reader_from(args),
        legs=WORDS if args.get("expand") == _OFF else ALL_LEGS,
    )


def args_of(query: Query) -> list[tuple[str, str]]:
    """Write the question, without what goes without saying; `query_from` reads it back equal."""
    filters = [(name, value) for name, values in query.filters.items() for value in values]
    said = [
        ("q", query.text, _USUAL.text),
        ("sort", query.sort, _USUAL.sort),
        ("page", str(query.page), str(_USUAL.page)),
        ("size", str(query.size), str(_USUAL.size)),
        ("lang", query.reader, _USUAL.reader),
        ("expand", _OFF if query.legs == WORDS else _ON, _ON),
    ]
    kept = [(name, value) for name, value, usual in said if value != usual]
    return [pair for pair in kept if pair[0] == "q"] + filters + [p for p in kept if p[0] != "q"]


def reader_from(args: MultiDict[str, str]) -> str:
    """Read the language in which the reader wants labels; English unless it is one of ours."""
    code = args.get("lang", "")
    return code if code in LANGUAGES else _USUAL.reader


def unreadable(args: MultiDict[str, str]) -> Iterator[Unreadable]:
    """Yield every parameter that `query_from` would pass over."""
    for name, values in args.lists():
        if name in FACET_NAMES:
            continue
        details = [_detail(name, value) for value in values]
        if len(values) > 1 and name in _CHECKS:
            details = ["can be given only once"] * len(values)
        for value, detail in zip(values, details, strict=True):
            if detail:
                yield Unreadable(name[:_SHOWN_VALUE], value[:_SHOWN_VALUE], detail)
    yield from _too_deep(args)


def _too_deep(args: MultiDict[str, str]) -> Iterator[Unreadable]:
    page, query = args.get("page", ""), query_from(args)
    if _is_number(page) and int(page) > query.page:
        last = f"the last page that can be asked for is {query.page}"
        yield Unreadable("page", page, f"with {query.size} cases a page, {last}; narrow the search")


def _detail(name: str, value: str) -> str:
    if name not in _CHECKS:
        return f"is not a parameter; use {', '.join((*_CHECKS, *FACET_NAMES))}"
    readable, remedy = _CHECKS[name]
    return "" if readable(value) else remedy


def number(text: str) -> int | None:
    """Return a whole number as a form of ours sends it; None where it is none, or endless."""
    fine = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if fine else None


def _sort(text: str) -> Sort:
    return text if text in SORTS else _USUAL.sort


def _number(text: str, usual: int) -> int:
    return int(text) if _is_number(text) else usual


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) > 0


def _is_size(text: str) -> bool:
    return _is_number(text) and int(text) <= MAX_SIZE


_CHECKS: dict[str, tuple[Callable[[str], bool], str]] = {
    "q": (lambda _: True, ""),
    "sort": (lambda text: text in SORTS, f"use one of {', '.join(SORTS)}"),
    "page": (_is_number, "use a whole number from 1"),
    "size": (_is_size, f"use a whole number from 1 to {MAX_SIZE}"),
    "lang": (lambda text: text in LANGUAGES, f"use one of {', '.join(LANGUAGES)}"),
    "expand": (lambda text: text in {_ON, _OFF}, f"use {_ON} or {_OFF}"),
}
