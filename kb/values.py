"""The kinds of value of which a case is made: codes, dates, addresses, amounts.

A value that is refused says what is wrong and what to do, apart, in the context of pydantic's
error; `kb.formats.problems` puts file and line to them.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from kb import edtf, licences, names
from kb.languages import LANGUAGES
from kb.saying import Said, said
from kb.vocabulary import scheme

UNKNOWN = "unknown"

_Sized = TypeVar("_Sized", bound=Sized)

Path = tuple[str | int, ...]
"""Where a value stands in a case: names of fields, and numbers from 0 in lists."""

_LISTED = 12


@dataclass(frozen=True, slots=True)
class Term:
    """Says that a text is the id of a concept in a scheme."""

    scheme: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Check the id against the scheme, which is read when the first case is."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """List the ids in the published schema."""
        return {**handler(schema), "enum": [concept.id for concept in scheme(self.scheme)]}

    def _check(self, text: str) -> str:
        known = scheme(self.scheme)
        if text in known:
            return text
        raise refusal(
            "unknown_term",
            said("is not in the vocabulary {vocabulary!r}", vocabulary=known.title),
            _nearest(text, {c.id: c.label() for c in known}),
        )


def refusal(kind: Any, message: Said, remedy: Said, **context: Any) -> PydanticCustomError:
    """Make the error of a value.

    A check that looks at several fields says with ``at`` and ``value`` which of them is meant.
    """
    # Any: pydantic types the kind as a literal string, which a helper's argument cannot be.
    told = {"message": message, "remedy": remedy, **context}
    return PydanticCustomError(kind, "{message}; {remedy}", told)


def _nearest(text: str, known: Mapping[str, str]) -> Said:
    """Propose the id that was probably meant: near the id or near its English label."""
    ids = {label.casefold(): key for key, label in known.items()} | {key: key for key in known}
    close = get_close_matches(text.casefold(), ids, n=1, cutoff=0.6)
    if close:
        return said("did you mean {meant!r}?", meant=ids[close[0]])
    listed = ", ".join(list(known)[:_LISTED])
    if len(known) > _LISTED:
        return said("use one of: {names}, ...", names=listed)
    return said("use one of: {names}", names=listed)


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?", text):
        raise refusal(
            "not_a_slug",
            said("cannot be an id"),
            said("use small letters a-z, digits and hyphens, at most 100: housing-first-dublin"),
        )
    return text


def _country(code: str) -> str:
    code = names.EU_CODES.get(code.upper(), code.upper())
    if not names.is_country(code):
        raise refusal(
            "unknown_country",
            said("is not a country code"),
            said("write the two letters of ISO 3166-1, such as FI for Finland"),
        )
    return code


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise refusal(
            "unknown_language",
            said("is not one of our languages"),
            _nearest(code, {row.code: row.name for row in LANGUAGES.values()}),
        )
    return code


def _edtf(text: str) -> str:
    if not edtf.is_edtf(text):
        raise refusal(
            "not_a_date",
            said("is not a date"),
            said("write 2019, 2019-04, 2019-04-30, 2019~ (about), 2019/2021 or unknown"),
        )
    return text


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]+\.[^\s<>\"]+|doi:10\.\S+", text):
        raise refusal(
            "not_an_address", said("is not an address"), said("begin with https:// or doi:10.")
        )
    return text


def _licence(text: str) -> str:
    if text.upper() in licences.NO_LICENCES:
        raise refusal(
            "no_licence",
            said("is no licence"),
            said(
                "ask those who wrote it, and write the SPDX id of what they allow, such as "
                "CC-BY-4.0"
            ),
        )
    return text


def _number(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,2})?", text):
        raise refusal(
            "not_an_amount",
            said("is not an amount"),
            said("write digits only, with a point for cents: 4850000"),
        )
    return text


def rows_or_unknown(key: str) -> BeforeValidator:
    """Let the word ``unknown`` stand for one row whose ``key`` is unknown.

    "Asked and not known" is an answer that an empty list cannot give.
    """

    def read(value: object) -> object:
        if value == UNKNOWN:
            return ({key: UNKNOWN},)
        if isinstance(value, list | tuple):
            return value
        raise refusal(
            "rows", said("is not a list of rows"), said("write rows, or the word unknown")
        )

    return BeforeValidator(read)


def row_or_unknown(key: str) -> BeforeValidator:
    """Let the word ``unknown`` stand for a row whose ``key`` is unknown."""
    return BeforeValidator(lambda value: {key: UNKNOWN} if value == UNKNOWN else value)


class Row(BaseModel):
    """A group of fields that belong together; frozen, and it keeps what it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True)


def _without_direction(text: object) -> object:
    return text.translate(_DIRECTION) if isinstance(text, str) else text


# Embeddings, overrides and isolates: in a title they turn round what stands beside it on a page.
_DIRECTION = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))

ONE_DIRECTION = BeforeValidator(_without_direction)
"""Takes out what changes the direction of writing; in the body it stays."""


def _some(values: _Sized) -> _Sized:
    if not values:
        raise refusal("nothing", said("is empty"), said("give at least one"))
    return values


# Not a minimal length: pydantic complains of that too when one of the values is refused.
SOME = AfterValidator(_some)
"""Refuses an empty list or mapping."""


def unknown(row: Row, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of every field that the model does not know, in ``row`` and below it."""
    yield from (((*path, name), value) for name, value in (row.model_extra or {}).items())
    for name in type(row).model_fields:
        value = getattr(row, name)
        many = isinstance(value, tuple)
        for number, part in enumerate(value if many else (value,)):
            if isinstance(part, Row):
                yield from unknown(part, (*path, name, number) if many else (*path, name))


def stated(row: Row) -> dict[str, Any]:
    """Return the fields that have a value, as JSON knows values, in the model's order."""
    values = row.model_dump(mode="json", exclude_defaults=True)
    return {name: values[name] for name in (*type(row).model_fields, *values) if name in values}


def digest(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of fields in JSON; their order does not count."""
    canonical = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def dotted(path: Path) -> str:
    """Write the path of a field as ``outcomes[0].value``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


Line = Annotated[str, Field(min_length=1, max_length=300), ONE_DIRECTION]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Slug = Annotated[str, AfterValidator(_slug)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]
Edtf = Annotated[str, AfterValidator(_edtf)]
WebAddress = Annotated[str, Field(max_length=2000), ONE_DIRECTION, AfterValidator(_web_address)]
Licence = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.+-]+$", max_length=64), AfterValidator(_licence)
]
Amount = Annotated[str, AfterValidator(_number)]
