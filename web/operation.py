"""What the API says of itself: each of its views carries one `Operation`, beside its code.

The description for programs (`web.openapi`) and the page for people are made of nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from kb.search.fields import FACETS, FacetRow
from web.args import PARAMETERS
from web.errors import Fault

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a view takes in its address or in a header."""

    name: str
    text: str
    schema: Mapping[str, Any]
    example: Any = None
    where: Literal["query", "path", "header"] = "query"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers where all is well."""

    text: str
    shapes: tuple[Any, ...] = ()
    """Types that pydantic can describe, all of which it has; none where it is a file."""
    example: Any = None
    media: tuple[str, ...] = (JSON,)
    status: int = HTTPStatus.OK
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the API."""

    summary: str
    text: str
    answers: tuple[Answer, ...]
    parameters: tuple[Parameter, ...] = ()
    faults: tuple[Fault, ...] = ()
    """Those of its own; what may happen to any request is added."""
    body: Mapping[str, Any] | None = None
    """The parts of the form that it takes, by name, as JSON Schema."""
    tagged: bool = True
    """Whether answers have a tag, so that 304 is an answer too."""
    limited: bool = True
    """Whether it can be asked only so often."""


View = TypeVar("View", bound=Callable[..., object])


def described(operation: Operation) -> Callable[[View], View]:
    """Let a view carry what the API says of it."""

    def mark(view: View) -> View:
        view.operation = operation  # type: ignore[attr-defined]  # functions take attributes
        return view

    return mark


def of_search(*names: str) -> tuple[Parameter, ...]:
    """Return parameters of the search page by name."""
    return tuple(
        Parameter(name, PARAMETERS[name].text, PARAMETERS[name].schema, _EXAMPLES.get(name))
        for name in names
    )


def filters() -> tuple[Parameter, ...]:
    """Return all filters of the search page."""
    return tuple(map(_filter, FACETS))


def in_path(name: str, text: str, example: str, **schema: Any) -> Parameter:
    """Return a part of the path."""
    return Parameter(name, text, {"type": "string", **schema}, example, "path")


def _filter(row: FacetRow) -> Parameter:
    values = f"ids of the vocabulary `{row.scheme}`" if row.scheme else _VALUES[row.name]
    text = f"{row.label}: {values}. Given several times, a case must have one of them."
    schema = {"type": "array", "items": {"type": "string"}}
    return Parameter(row.name, text, schema, _EXAMPLES.get(row.name))


_VALUES = {
    "country": "two letters (ISO 3166-1)",
    "city": "names as cases write them",
    "language": "two letters (ISO 639-1)",
}
_EXAMPLES: Mapping[str, Any] = MappingProxyType({"q": "homelessness", "country": ["FI", "IE"]})
