"""Addresses and questions: what stands behind the ``?`` as a `Query`, and back.

A page forgives (`query_from`); a program is told what could not be read (`unreadable`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import MultiDict

from kb import fitting, names
from kb.fitting import Town
from kb.languages import LANGUAGES
from kb.nlp.gazetteer import gazetteer
from kb.query import ALL_LEGS, MAX_DEPTH, MAX_SIZE, SORTS, WORDS, Query, Sort
from kb.search.fields import FACET_NAMES

_USUAL = Query()
_ON, _OFF = "yes", "no"
_SHOWN = 100
"""Characters of what is refused that are said again."""
_DIGITS = 9
"""No number that we read is longer."""
_TOWN_REMEDY = (
    "use the GeoNames id of a populated place of Europe with 15,000 inhabitants or more, or leave "
    "it out and give inhabitants and in"
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A parameter that says nothing we understand; of a long one the beginning is said again."""

    parameter: str
    value: str
    detail: str

    def __post_init__(self) -> None:
        """Shorten what is said again."""
        object.__setattr__(self, "parameter", self.parameter[:_SHOWN])
        object.__setattr__(self, "value", self.value[:_SHOWN])


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that is no filter; it stands in an address once, unless it says otherwise."""

    text: str
    """What it does, for those who program."""
    schema: Mapping[str, Any]
    """What it may be, as JSON Schema."""
    readable: Callable[[str], bool] = lambda _: True
    remedy: str = ""
    many: bool = False
    """Whether it can be given several times."""


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
        town=town_from(args),
    )


def town_from(args: MultiDict[str, str]) -> Town:
    """Read what a reader says of her city: a place of the gazetteer, or a description."""
    told = {name: [each for each in args.getlist(name) if PARAMETERS[name].readable(each)]
            for name in OF_TOWN}  # fmt: skip
    affords, lacks = next(iter(told["afford"]), ""), tuple(dict.fromkeys(told["lacks"]))
    place = gazetteer().get(told["town"][0]) if told["town"] else None
    if place:
        return fitting.town_of(place, affords, lacks)
    inhabitants = int(told["inhabitants"][0]) if told["inhabitants"] else None
    return Town("", inhabitants, next(iter(told["in"]), ""), affords, lacks)


def args_of(query: Query) -> list[tuple[str, str]]:
    """Write the question, without what goes without saying; `query_from` reads it back equal."""
    return query.pairs()


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
        if len(values) > 1 and name in PARAMETERS and not PARAMETERS[name].many:
            details = ["can be given only once"] * len(values)
        for value, detail in zip(values, details, strict=True):
            if detail:
                yield Unreadable(name, value, detail)
    yield from _too_deep(args)
    yield from _unfit(args)


def _unfit(args: MultiDict[str, str]) -> Iterator[Unreadable]:
    town = args.get("town", "")
    if _is_place_id(town) and gazetteer().get(town) is None:
        yield Unreadable("town", town, f"is no place that we know; {_TOWN_REMEDY}")
    if args.get("sort") == "fit" and not town_from(args).is_known:
        yield Unreadable("sort", "fit", f"say what it is to fit: give {', '.join(OF_TOWN)}")


def _too_deep(args: MultiDict[str, str]) -> Iterator[Unreadable]:
    page, query = args.get("page", ""), query_from(args)
    if _is_number(page) and int(page) > query.page:
        last = f"the last page that can be asked for is {query.page}"
        yield Unreadable("page", page, f"with {query.size} cases a page, {last}; narrow the search")


def _detail(name: str, value: str) -> str:
    if name not in PARAMETERS:
        return f"is not a parameter; use {', '.join((*PARAMETERS, *FACET_NAMES))}"
    row = PARAMETERS[name]
    return "" if row.readable(value) else row.remedy


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


def _is_place_id(text: str) -> bool:
    return _is_number(text) and not text.startswith("0")


def _is_size(text: str) -> bool:
    return _is_number(text) and int(text) <= MAX_SIZE


def _one_of(values: tuple[str, ...], text: str, usual: str) -> Parameter:
    remedy = f"use one of {', '.join(values)}"
    schema = {"type": "string", "enum": list(values), "default": usual}
    return Parameter(text, schema, lambda value: value in values, remedy)


PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        "q": Parameter("The question, in any language; see the help for what it may hold.",
                       {"type": "string"}),
        "sort": _one_of(SORTS, "The order; `fit` needs to know your city.", _USUAL.sort),
        "page": Parameter(
            f"Which page. The {MAX_DEPTH} first cases can be reached; `next` reaches all.",
            {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH, "default": _USUAL.page},
            _is_number,
            "use a whole number from 1",
        ),
        "size": Parameter(
            "How many cases a page has.",
            {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": _USUAL.size},
            _is_size,
            f"use a whole number from 1 to {MAX_SIZE}",
        ),
        "lang": _one_of(
            tuple(LANGUAGES),
            "The language of labels. It hides no case; the language of cases is `language`.",
            _USUAL.reader,
        ),
        "expand": _one_of(
            (_ON, _OFF), "Whether cases are found by what the words mean too.", _ON
        ),
        "town": Parameter(
            "Your city, by its GeoNames id: each case then says how it fits, and `sort=fit` orders "
            "by that. It hides no case, and plays no part in exports, feeds and snapshots.",
            {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"},
            _is_place_id,
            _TOWN_REMEDY,
        ),
        "inhabitants": Parameter(
            "How many people live in your city, where `town` does not say which it is.",
            {"type": "integer", "minimum": 1, "maximum": 10**_DIGITS - 1},
            _is_number,
            "use a whole number from 1",
        ),
        "in": Parameter(
            "The country of your city, two letters (ISO 3166-1), where `town` does not say which "
            "it is.",
            {"type": "string", "pattern": "^[A-Z]{2}$"},
            names.is_country,
            "use two letters of ISO 3166-1, such as FI",
        ),
        "afford": Parameter(
            "The dearest cost band that your city can pay.",
            {"type": "string", "enum": list(fitting.COSTS)},
            lambda value: value in fitting.COSTS,
            f"use one of {', '.join(fitting.COSTS)}",
        ),
        "lacks": Parameter(
            "A condition that your city cannot meet; may be given several times.",
            {"type": "array", "items": {"type": "string", "enum": list(fitting.NEEDS)}},
            lambda value: value in fitting.NEEDS,
            f"use one of {', '.join(fitting.NEEDS)}",
            many=True,
        ),
    }
)  # fmt: skip
OF_TOWN = ("town", "inhabitants", "in", "afford", "lacks")
"""What a reader says of her city."""
