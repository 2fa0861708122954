"""The fields of a case as a form asks for them: derived from the model, in the order of a talk.

What is here and not in the model are words: what a field is called and what a good answer is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from kb.model import REQUIRED, Case
from kb.values import Row, Term

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


def label(path: str) -> str:
    """Name the field at a dotted path: ``cost.total`` is *Cost, as far as it is known: Total*."""
    top, *rest = path.replace("[", ".").replace("]", "").split(".")
    field = by_name().get(top)
    if field is None:
        return path
    said = [field.label]
    for step in rest:
        inner = next((each for each in field.fields if each.name == step), None)
        said += [str(int(step) + 1)] if step.isdigit() else [inner.label] if inner else []
    return ": ".join(said)


def _of_model(model: type[Row], names: Iterable[str]) -> Iterator[FormField]:
    for name in names:
        yield _field(model, name, model.model_fields[name])


def _field(model: type[Row], name: str, info: FieldInfo) -> FormField:
    path = name if model is Case else f"{model.__name__}.{name}"
    shape = _shape(Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation)
    return FormField(
        name=name,
        label=_LABELS.get(path) or _LABELS.get(name) or name.replace("_", " ").capitalize(),
        help=_HELP.get(path, ""),
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
        "What it is",
        ("title", "summary", "original_language", "city", "country", "themes", "target_groups",
         "innovation_type", "stage", "start", "end", "scale", "novelty"),
    ),
    ("story", "The story", ("challenge", "solution", "body")),
    ("results", "What came of it", ("outcomes", "evidence")),
    ("money", "What it costs and who pays", ("cost_band", "cost", "funding_programmes")),
    (
        "people",
        "Who runs it and who takes part",
        ("lead_organisation", "partners", "participation_level", "contact"),
    ),
    (
        "others",
        "For another city",
        ("conditions", "barriers_and_failures", "transferability", "relations"),
    ),
    ("sources", "Sources and rights", ("sources_and_media", "licence", "policy_links")),
    (
        "english",
        "In English",
        ("title_en", "summary_en", "challenge_en", "solution_en", "body_en", "translation_status"),
    ),
    (
        "record",
        "About this record",
        ("nuts3", "lau", "wikidata", "last_verified", "review_by", "imported_from"),
    ),
)  # fmt: skip

_LABELS = {
    "original_language": "Language of the case",
    "target_groups": "For whom",
    "innovation_type": "Type of innovation",
    "start": "Began",
    "end": "Ended",
    "novelty": "New to",
    "challenge": "The challenge",
    "solution": "What was done",
    "body": "The case in full",
    "evidence": "How well it is shown to work",
    "cost_band": "Cost, roughly",
    "cost": "Cost, as far as it is known",
    "funding_programmes": "Who pays",
    "lead_organisation": "Who leads it",
    "participation_level": "How residents take part",
    "contact": "Whom to ask",
    "conditions": "What must be in place",
    "barriers_and_failures": "What stood in the way or failed",
    "transferability": "Taking it over",
    "relations": "Related cases",
    "sources_and_media": "Sources",
    "policy_links": "Policies it serves",
    "title_en": "Title in English",
    "summary_en": "Summary in English",
    "challenge_en": "The challenge, in English",
    "solution_en": "What was done, in English",
    "body_en": "The case in full, in English",
    "translation_status": "Who has confirmed the translation",
    "nuts3": "NUTS 3 code",
    "lau": "LAU code",
    "wikidata": "Wikidata number",
    "review_by": "To be looked at again by",
    "imported_from": "Taken over from",
    "Origin.first": "Address where it was published first",
    "Origin.datestamp": "Last changed there",
    "Origin.taken": "Taken over on",
    "Cost.staff_fte": "Staff, full-time equivalents",
    "Cost.per_beneficiary": "Per person reached",
    "Cost.year": "In money of the year",
    "PolicyLinks.epsr": "Principles of the European Pillar of Social Rights",
    "PolicyLinks.sdg": "Sustainable Development Goals",
    "PolicyLinks.iso37101": "ISO 37101",
    "Source.id": "Short name, to refer to it",
    "Source.confirms": "What it confirms",
    "Source.alt": "Description, of a picture",
    "Outcome.group": "For whom",
    "Outcome.source": "Short name of its source",
    "Condition.code": "Kind",
    "Barrier.code": "Kind",
    "Barrier.changed": "What was changed because of it",
    "Transferability.adapt": "What another city must adapt",
    "Contact.email": "E-mail of a role, not of a person",
    "Contact.visits": "Visits are welcome",
    "Contact.consent": "Agreed to be named on",
    "Evidence.theory_of_change": "It is said how it is meant to work",
    "Evidence.measured": "Results are measured",
    "Evidence.comparison": "Compared with",
    "Evidence.evaluator": "Evaluated by",
    "Evidence.replicated": "Repeated elsewhere with an evaluation",
    "Evidence.at_scale": "Run by others at scale",
    "url": "Address",
}

_HELP = {
    "title": "What was done and where, as a colleague in another city would say it: "
    "Housing First in Dublin.",
    "summary": "Three sentences: the problem, what was done, what came of it.",
    "city": "Its own name, in its own language.",
    "themes": "One to three, the most exact ones first.",
    "target_groups": "The people for whom it is made.",
    "innovation_type": "One or two. Where nobody can say: not known.",
    "stage": "As it stands today. One that was stopped is worth as much as one that goes on.",
    "start": "2019, 2019-04, 2019-04-30, 2019~ (about), or unknown.",
    "end": "Only if it has ended; written like the beginning.",
    "challenge": "What was wrong, for whom, since when; with a figure if there is one.",
    "solution": "What was done, step by step: enough for a colleague to begin.",
    "body": "The case in full, 300 to 700 words. Headings (##), lists (-), links [text](address).",
    "outcomes": "One result a row, with the source that says it. A result that was hoped for and "
    "did not come is a result.",
    "evidence": "Answers, not a mark: the level follows from them.",
    "cost_band": "Over its whole life.",
    "cost": "What is known: the sum, or one part of it, with a note on what it covers.",
    "funding_programmes": "The city, the state, the European Union, a foundation; one a row.",
    "lead_organisation": "The one that answers for it.",
    "partners": "Who takes part, and with what.",
    "contact": "An office and its address: not a private person.",
    "conditions": "Without which it would not have worked: a law, a sum, a partner, one person's "
    "will.",
    "barriers_and_failures": "What failed, and what was changed because of it. Other cities read "
    "this first.",
    "transferability": "How far another city can take it over, and what it must change.",
    "sources_and_media": "At least one: where can a reader check what is said?",
    "licence": "CC-BY-4.0 lets everyone use the text if they name you.",
    "translation_status": "Draft until someone who speaks the language has read it.",
    "wikidata": "Of the place, such as Q1757; needed where another city has the same name.",
}
