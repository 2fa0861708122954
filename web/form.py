"""A draft as a form of HTML, and what was posted as the fields of a draft again.

The names of inputs are paths into the case: ``outcomes-0-value``. The form knows no field by name:
`kb.form` derives them from the model.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from babel import Locale
from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from kb import form, names
from kb.errors import Problem
from kb.form import FormField
from kb.languages import LANGUAGES
from kb.saying import Said
from kb.text import normalise
from kb.values import UNKNOWN
from kb.vocabulary import scheme
from web import args, context, i18n
from web.i18n import translated

LONG_SCHEME = 60
"""A vocabulary with more concepts is typed and completed, a shorter one is chosen from."""

MAX_BYTES = 8_000_000
"""Of a posted draft: two bodies of half a million characters, which grow sixfold on their way."""
MAX_PARTS = 5_000

_BLANK_LINES = 1
Posted = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One field with what stands in it."""

    field: FormField
    name: str
    """Of the HTML input, and its id."""
    path: str
    """Dotted, as receipts and problems have it."""
    values: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    rows: tuple[tuple["Input", ...], ...] = ()

    @property
    def value(self) -> str:
        """The one value, or nothing."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form with its inputs."""

    id: str
    title: str
    inputs: tuple[Input, ...]

    def has(self, anchors: Iterable[str]) -> bool:
        """Tell whether one of these ids is of an input in this section."""
        names = {each.name for each in self.inputs}
        return any(anchor.split("-")[0] in names for anchor in anchors)


def make_room() -> None:
    """Let a draft be posted whole: texts of half a million characters, and a part for each value.

    It runs before anything reads the form; who is not signed in is turned away before that.
    """
    if request.endpoint == "contribute.save":
        request.max_form_memory_size = MAX_BYTES
        request.max_form_parts = MAX_PARTS


def parts(values: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the form with the values of a draft in it."""
    return tuple(
        Part(
            section.id,
            section.title,
            tuple(_input(field, values.get(field.name), (field.name,)) for field in section.fields),
        )
        for section in form.sections()
    )


def themes() -> tuple[str, ...]:
    """Return the names of all themes for this reader, to be completed from."""
    return tuple(concept.label(context.reader()) for concept in scheme("themes"))


def countries(chosen: str) -> tuple[Option, ...]:
    """Return the countries that can be chosen, by their names for this reader."""
    return tuple(_options(FormField("country", "", "country"), frozenset({chosen})))


def read(posted: Posted, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were posted; what the form does not know is kept as it was."""
    kept = {name: value for name, value in before.items() if name not in form.by_name()}
    told = ((name, _read(field, posted, name)) for name, field in form.by_name().items())
    return kept | {name: value for name, value in told if value not in ("", [], {}, None)}


def label(path: str) -> str:
    """Name the field at a dotted path: ``cost.total`` is *Cost, as far as it is known: Total*."""
    return reduce(
        lambda field, part: _("%(field)s: %(part)s", field=field, part=part),
        map(translated, form.steps(path)),
    )


def titled(title: str) -> str:
    """Return the title of a draft as it is; only the one of an untitled draft is translated."""
    return translated(title) if isinstance(title, Said) else title


def told(problem: Problem) -> str:
    """Say in the language of the page what is wrong with a file or a draft, and where."""
    return i18n.problem(replace(problem, file=titled(problem.file)))


def number(name: str) -> int:
    """Return a whole number that was posted; 0 where there is none."""
    return args.number(request.form.get(name, "")) or 0


def anchor(problem: Problem) -> str:
    """Return the id of the input that a problem is about."""
    name, *rest = problem.field.replace("[", ".").replace("]", "").split(".")
    field = form.by_name().get(name)
    steps = {"rows": 2, "group": 1}.get(field.kind, 0) if field else 0
    return "-".join((name, *rest[:steps]) if len(rest) >= steps else (name,))


def _input(field: FormField, value: Any, path: tuple[str, ...]) -> Input:
    name, dotted = "-".join(path), ".".join(path)
    if field.kind in {"group", "rows"}:
        if value == UNKNOWN:  # short for one row whose first field is unknown
            value = {field.fields[0].name: UNKNOWN}
        rows = _rows(value) if field.kind == "rows" else [value if _is_row(value) else {}]
        return Input(field, name, dotted, rows=tuple(_inner(field, rows, path)))
    values = tuple(_texts(value))
    options = tuple(_options(field, frozenset(values)))
    if field.kind == "terms" and not options:
        values = tuple(_named(field.scheme, each) for each in values)
        values += ("",) * max(_BLANK_LINES, field.most - len(values))
    return Input(field, name, dotted, values, options)


def _inner(
    field: FormField, rows: Sequence[Mapping[str, Any]], path: tuple[str, ...]
) -> Iterator[tuple[Input, ...]]:
    for number, row in enumerate(rows):
        step = (*path, str(number)) if field.kind == "rows" else path
        yield tuple(_input(each, row.get(each.name), (*step, each.name)) for each in field.fields)


def _rows(value: Any) -> list[Mapping[str, Any]]:
    """Return the rows of a value, and an empty one to write in."""
    told = value if isinstance(value, list | tuple) else [value]
    return [*(each for each in told if _is_row(each)), {}]


def _is_row(value: Any) -> bool:
    return isinstance(value, Mapping)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, list | tuple):
        yield from (str(each) for each in value)
    elif value is not None and not isinstance(value, Mapping):
        yield str(value)


def _options(field: FormField, chosen: frozenset[str]) -> Iterator[Option]:
    known = list(_choices(field))
    single = field.kind not in {"terms", "languages"}
    if known and single:
        yield Option("", _("not said"), not chosen)
    for value, label in known:
        yield Option(value, label, value in chosen)
    if known:  # what is wrong is shown too, to be corrected
        listed = {value for value, _ in known}
        yield from (Option(value, value, chosen=True) for value in sorted(chosen - listed) if value)


def _choices(field: FormField) -> Iterator[tuple[str, str]]:
    reader = context.reader()
    if field.scheme and len(scheme(field.scheme).concepts) <= LONG_SCHEME:
        yield from ((concept.id, concept.label(reader)) for concept in scheme(field.scheme))
    elif field.kind in {"language", "languages"}:
        called = ((code, names.language(code, reader)) for code in LANGUAGES)
        yield from sorted(called, key=lambda row: row[1])
    elif field.kind == "country":
        yield from sorted(_countries(reader), key=lambda row: row[1])
    elif field.kind == "yes-no":
        yield from (("yes", _("yes")), ("no", _("no")))
    else:
        yield from ((value, translated(form.choice(value))) for value in field.choices)


def _countries(reader: str) -> Iterator[tuple[str, str]]:
    codes = (str(code) for code in Locale("en").territories)
    return ((code, names.country(code, reader)) for code in codes if names.is_country(code))


def _named(scheme_name: str, value: str) -> str:
    concept = scheme(scheme_name).concepts.get(value)
    return concept.label(context.reader()) if concept else value


def _read(field: FormField, posted: Posted, name: str) -> Any:  # Any: as JSON knows values
    if field.kind == "group":
        return _read_row(field, posted, name)
    if field.kind == "rows":
        rows = (_read_row(field, posted, f"{name}-{n}") for n in _numbers(posted, name))
        return [row for row in rows if row]
    texts = [text for sent in posted.getlist(name) if (text := normalise(sent).strip())]
    if field.kind == "terms":
        return [_id_of(field.scheme, text) for text in texts]
    if field.kind in {"languages", "lines", "numbers"}:
        return [part.strip() for text in texts for part in _split(field, text) if part.strip()]
    return _plain(field, texts[0]) if texts else ""


def _read_row(field: FormField, posted: Posted, name: str) -> dict[str, Any]:
    told = ((each.name, _read(each, posted, f"{name}-{each.name}")) for each in field.fields)
    return {key: value for key, value in told if value not in ("", [], {}, None)}


def _numbers(posted: Posted, name: str) -> Iterable[int]:
    """Return the numbers of the rows that were posted, in order."""
    steps = (key.removeprefix(f"{name}-").split("-")[0] for key in posted if key.startswith(name))
    numbers = {args.number(step) for step in steps}
    return sorted(number for number in numbers if number is not None)


def _split(field: FormField, text: str) -> list[str]:
    return text.replace(";", ",").split(",") if field.kind == "numbers" else text.split("\n")


def _plain(field: FormField, text: str) -> Any:
    return text == "yes" if field.kind == "yes-no" else text


def _id_of(scheme_name: str, text: str) -> str:
    """Return the id of what was typed: an id, or a name in the reader's language or in English."""
    known = scheme(scheme_name)
    called = {
        concept.label(language).casefold(): concept.id
        for language in ("en", context.reader())
        for concept in known
    }
    return text if text in known else called.get(text.casefold(), text)
