"""Words of people to codes: concepts of the vocabularies, countries and languages, by any label."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import product
from string import ascii_uppercase
from types import MappingProxyType

from kb import names
from kb.formats.headers import key
from kb.languages import LANGUAGES
from kb.saying import Said, said
from kb.values import UNKNOWN
from kb.vocabulary import Concept, scheme

_SHOWN = 15

# What people write and the CLDR does not.
_COUNTRIES = {
    "BA": ("Bosnia",),
    "CZ": ("Czech Republic", "Tschechische Republik", "République tchèque", "Česká republika"),
    "GB": ("Great Britain", "Großbritannien", "England", "Scotland", "Wales", "Northern Ireland"),
    "IE": ("Republic of Ireland",),
    "MD": ("Republic of Moldova",),
    "MK": ("Macedonia", "Mazedonien"),
    "NL": ("The Netherlands", "Holland"),
    "SK": ("Slovak Republic", "Slovenská republika"),
    "TR": ("Turkey", "Türkiye"),
    "US": ("USA", "United States of America"),
}
_LANGUAGES = {"nb": "no", "nn": "no"}
"""Bokmål and Nynorsk are one language to us."""


def term(name: str, text: str) -> str | None:
    """Return the id of the concept that ``text`` means: its id, a label in any language, or both.

    Args:
        name: of the scheme.
        text: what someone wrote.
    """
    ids, labels = _terms(name)
    written = text.strip().casefold()
    first, _, rest = written.partition(" ")
    if ids.get(first) and labels.get(key(rest)) == ids[first]:
        return ids[first]
    return ids.get(written) or labels.get(key(text))


def country(text: str) -> str | None:
    """Return the ISO 3166-1 code of a country by its code or its name in any language."""
    code = text.strip().upper()
    code = names.EU_CODES.get(code, code)
    return code if names.is_country(code) else _countries().get(key(text))


def language(text: str) -> str | None:
    """Return the code of one of our languages by its code or its name in any of them."""
    code = text.strip().lower().replace("_", "-").partition("-")[0]
    code = _LANGUAGES.get(code, code)
    return code if code in LANGUAGES else _languages().get(key(text))


def is_unknown(text: str) -> bool:
    """Tell whether a text says in any language that nobody knows."""
    return term("barriers", text) == UNKNOWN


@lru_cache(maxsize=1_000)
def proposal(name: str, text: str, in_language: str) -> Said:
    """Say what may have been meant by a text that is no concept of a scheme."""
    from rapidfuzz import fuzz, process

    labels = _terms(name)[1]
    if close := process.extractOne(key(text), labels.keys(), scorer=fuzz.ratio, score_cutoff=75):
        concept = scheme(name)[labels[close[0]]]
        return said("did you mean {meant!r}?", meant=concept.label(in_language))
    listed = [concept.label(in_language) for concept in scheme(name)]
    if len(listed) > _SHOWN:
        return said("write one of the codebook in the template")
    return said("use one of: {names}", names=", ".join(listed))


@cache
def _terms(name: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return ids and labels of a scheme, folded; a preferred label wins over others."""
    concepts = tuple(scheme(name))
    preferred = _unique((label, one.id) for one in concepts for label in one.pref.values())
    others = _unique((label, one.id) for one in concepts for _, label in one.names())
    return _ids(concepts), MappingProxyType(others | preferred)


def _ids(concepts: Iterable[Concept]) -> Mapping[str, str]:
    """Return the ids as they may be written: a spreadsheet makes 6.1 of 06.1.

    It makes 5.1 of 05.10 as well: what may mean two is left to the person.
    """
    ids = {one.id.casefold(): one.id for one in concepts}
    short = {written[1:]: one for written, one in ids.items() if written[:1] == "0"}
    sure = {written: one for written, one in short.items() if f"{one}0" not in ids}
    return MappingProxyType(sure | ids)


@cache
def _countries() -> Mapping[str, str]:
    pairs = map("".join, product(ascii_uppercase, repeat=2))
    codes = [code for code in pairs if names.is_country(code)]
    of_cldr = ((names.country(code, one), code) for one in LANGUAGES for code in codes)
    written = ((name, code) for code, called in _COUNTRIES.items() for name in called)
    return MappingProxyType(_unique(of_cldr) | _unique(written))


@cache
def _languages() -> Mapping[str, str]:
    codes = {code: code for code in LANGUAGES} | _LANGUAGES
    of_cldr = (
        (names.language(code, one), ours) for code, ours in codes.items() for one in LANGUAGES
    )
    own = ((name, row.code) for row in LANGUAGES.values() for name in (row.name, row.endonym))
    return MappingProxyType(_unique(of_cldr) | _unique(own))


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what the names mean, folded, without those that mean two things."""
    found: dict[str, set[str]] = {}
    for name, meant in pairs:
        found.setdefault(key(name), set()).add(meant)
    return {name: next(iter(meant)) for name, meant in found.items() if name and len(meant) == 1}
