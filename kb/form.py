"""The fields of a case as a form asks for them: derived from the model, in the order of a talk.

What is not in the model are words: what a field is called and what a good answer is (`wording`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from kb.model import REQUIRED, Case
from kb.saying import term
from kb.values import Row, Term
from kb.wording import CHOICES, HELP, LABELS

Kind = Literal[
    "line", "text", "term", "terms", "country", "language", "languages", "choice", "yes-no",
    "lines", "numbers", "group", "rows",
]  # fmt: skip

_LONG = 400
"""A text that may have more characters gets more than one line."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form, or a group of them."""

    name: str
    label: str
    kind: Kind
    help: str = ""
    required: bool = False
    """To be published; a draft may lack it."""
    scheme: str = ""
    choices: tuple[str, ...] = ()
    longest: int = 0
    """Characters; 0 where the model sets no limit."""
    most: int = 0
    """Values or rows; 0 where the model sets no limit."""
    fields: tuple["FormField", ...] = ()


@dataclass(frozen=True, slots=True)
class FormSection:
    """Fields that are asked for together."""

    id: str
    title: str
    fields: tuple[FormField, ...]


@cache
def sections() -> tuple[FormSection, ...]:
    """Return the form; every field of the model but the id stands in it once."""
    return tuple(
        FormSection(section_id, title, tuple(_of_model(Case, names)))
        for section_id, title, names in _SECTIONS
    )


@cache
def by_name() -> Mapping[str, FormField]:
    """Return the fields of the form by their names in the model."""
    return {field.name: field for section in sections() for field in section.fields}


def steps(path: str) -> tuple[str, ...]:
    """Name the steps of a dotted path: of ``outcomes[0].value`` *Outcomes*, *1* and *Value*."""
    top, *rest = path.replace("[", ".").replace("]", "").split(".")
    field = by_name().get(top)
    if field is None:
        return (path,)
    said = [field.label]
    for step in rest:
        inner = next((each for each in field.fields if each.name == step), None)
        said += [str(int(step) + 1)] if step.isdigit() else [inner.label] if inner else []
    return tuple(said)


def choice(value: str) -> str:
    """Name one of the values between which a field lets choose."""
    return CHOICES.get(value, value)


def _of_model(model: type[Row], names: Iterable[str]) -> Iterator[FormField]:
    for name in names:
        yield _field(model, name, model.model_fields[name])


def _field(model: type[Row], name: str, info: FieldInfo) -> FormField:
    path = name if model is Case else f"{model.__name__}.{name}"
    shape = _shape(Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation)
    return FormField(
        name=name,
        label=LABELS.get(path) or LABELS[name],
        help=HELP.get(path, ""),
        required=model is Case and name in REQUIRED,
        **shape,
    )


def _shape(annotation: Any) -> dict[str, Any]:  # Any: annotations have no common type
    """Return kind and limits of a field from the type that the model gives it."""
    bare, metadata = _peeled(annotation)
    if get_origin(bare) is tuple:
        return _many(get_args(bare)[0], metadata)
    if isinstance(bare, type) and issubclass(bare, Row):
        return {"kind": "group", "fields": tuple(_of_model(bare, bare.model_fields))}
    if get_origin(bare) is Literal:
        return {"kind": "choice", "choices": get_args(bare)}
    if bare is bool:
        return {"kind": "yes-no"}
    return _one(metadata)


def _one(metadata: tuple[Any, ...]) -> dict[str, Any]:
    term = next((each for each in metadata if isinstance(each, Term)), None)
    if term:
        return {"kind": "term", "scheme": term.scheme}
    checks = {getattr(getattr(each, "func", None), "__name__", "") for each in metadata}
    for kind in ("country", "language"):
        if f"_{kind}" in checks:
            return {"kind": kind}
    longest = max((_limit(each) for each in metadata), default=0)
    long = longest > _LONG and "_web_address" not in checks
    return {"kind": "text" if long else "line", "longest": longest}


def _many(inner: Any, metadata: tuple[Any, ...]) -> dict[str, Any]:
    shape = _shape(inner)
    most = max((_limit(each) for each in metadata), default=0)
    bare, _ = _peeled(inner)
    kinds = {"term": "terms", "language": "languages", "group": "rows"}
    kind = "numbers" if bare is int else kinds.get(shape["kind"], "lines")
    return {**shape, "kind": kind, "most": most}


def _peeled(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return a type without ``Annotated`` and ``| None``, and what they were annotated with."""
    metadata: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata += tuple(more)
        elif get_origin(annotation) in {Union, UnionType}:
            annotation = next(each for each in get_args(annotation) if each is not NoneType)
        else:
            return annotation, metadata


def _limit(metadata: Any) -> int:
    """Return the greatest length that an annotation allows, 0 if it says nothing of it."""
    own = getattr(metadata, "max_length", None)
    inner = (getattr(each, "max_length", None) for each in getattr(metadata, "metadata", ()))
    return next((found for found in (own, *inner) if found), 0)


_SECTIONS = (
    (
        "what",
        term("What it is"),
        ("title", "summary", "original_language", "city", "country", "themes", "target_groups",
         "innovation_type", "stage", "start", "end", "scale", "novelty"),
    ),
    ("story", term("The story"), ("challenge", "solution", "body")),
    ("results", term("What came of it"), ("outcomes", "evidence")),
    ("money", term("What it costs and who pays"), ("cost_band", "cost", "funding_programmes")),
    (
        "people",
        term("Who runs it and who takes part"),
        ("lead_organisation", "partners", "participation_level", "contact"),
    ),
    (
        "others",
        term("For another city"),
        ("conditions", "barriers_and_failures", "transferability", "relations"),
    ),
    ("sources", term("Sources and rights"), ("sources_and_media", "licence", "policy_links")),
    (
        "english",
        term("In English"),
        ("title_en", "summary_en", "challenge_en", "solution_en", "body_en", "translation_status"),
    ),
    (
        "record",
        term("About this record"),
        ("nuts3", "lau", "wikidata", "last_verified", "review_by", "imported_from"),
    ),
)  # fmt: skip
