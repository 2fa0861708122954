"""What the columns of a batch are called, in any of our languages.

The names stand in ``columns.toml``; names of fields, as the case format and JSON have them, are
read too.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.languages import LANGUAGES
from kb.model import Case
from kb.text import folded

_FILE = Path(__file__).parent / "columns.toml"
_HINTS = "hints"
_EVERY = "mul"

WHOLE: Mapping[str, str] = MappingProxyType(
    {
        "transferability": "transferability_level",
        "sources_and_media": "sources",
        "barriers_and_failures": "barriers",
        "cost": "cost_total",
        "contact": "contact_organisation",
    }
)
"""Fields of the model that a batch has as one or more columns: field -> the first of them."""


def key(text: str) -> str:
    """Return what all spellings of a name share: no case, accents, spaces or punctuation."""
    return "".join(folded(text))


def columns() -> tuple[str, ...]:
    """Return the columns of the template, in its order."""
    return tuple(name for name in _read() if name != _HINTS)


def field(name: str) -> str:
    """Return the column that is called ``name``, or nothing where none is."""
    return _columns().get(key(name), "")


def label(column: str, language: str) -> str:
    """Call a column in ``language``; by its id where it has no name."""
    names = _read().get(column, {})
    own = names.get(language) or names.get(_EVERY) or names.get("en") or (column,)
    return str(own[0])


def hint(column: str, language: str = "en") -> str:
    """Say what a good answer looks like; in English where nobody has said it in ``language``."""
    hints = _read()[_HINTS]
    return str(hints.get(language, {}).get(column) or hints["en"].get(column, ""))


def language(names: Iterable[str]) -> str:
    """Return the language in which most of the names are a column's, or nothing."""
    found = Counter(code for name in names for code in _languages().get(key(name), ()))
    return max(found, key=lambda code: (found[code], code == "en"), default="")


def language_of(text: str) -> str:
    """Return the language of the first line of a table that has names of columns."""
    for line in text.split("\n", 20)[:20]:
        if found := language(re.split(r'[;,\t|"]', line)):
            return found
    return ""


def clash(names: Iterable[str]) -> tuple[str, str] | None:
    """Return two names that mean the same column, if there are such."""
    seen: dict[str, str] = {}
    for name in names:
        meant = field(name) or f"\0{name}"
        if meant in seen:
            return seen[meant], name
        seen[meant] = name
    return None


@cache
def _read() -> Mapping[str, dict[str, Any]]:  # Any: names of a column, or hints by language
    return MappingProxyType(tomllib.loads(_FILE.read_text(encoding="utf-8")))


@cache
def _columns() -> Mapping[str, str]:
    fields = {key(name): WHOLE.get(name, name) for name in Case.model_fields}
    own = {key(name): name for name in columns()}
    called = {key(name): column for column, _, name in _names()}
    return MappingProxyType(fields | own | called)


@cache
def _languages() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for _, code, name in _names():
        if code in LANGUAGES:
            found.setdefault(key(name), set()).add(code)
    return MappingProxyType({name: frozenset(codes) for name, codes in found.items()})


def _names() -> Iterable[tuple[str, str, str]]:
    for column in columns():
        for code, names in _read()[column].items():
            yield from ((column, code, name) for name in names)
