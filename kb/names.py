"""Names of countries and languages in the reader's language, from the CLDR by way of Babel."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

EU_CODES = {"EL": "GR", "UK": "GB"}
"""Country codes of the EU's interinstitutional style guide that differ from ISO 3166-1."""

# CLDR names them, ISO 3166-1 does not assign them.
_NOT_COUNTRIES = {
    "AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ",
}  # fmt: skip


_SCRIPTS = {"sr": "sr_Latn"}
"""Languages in two scripts, with that of our own sentences and labels."""


def is_country(code: str) -> bool:
    """Tell whether ``code`` is an ISO 3166-1 alpha-2 code, or XK for Kosovo."""
    return code.isalpha() and code.isupper() and code in _territories("en")


def country(code: str, language: str = "en") -> str:
    """Name the country in ``language``; the code itself where CLDR has no name."""
    return _territories(language).get(code) or _territories("en").get(code, code)


def language(code: str, in_language: str = "en") -> str:
    """Name the language ``code`` in ``in_language``; the code itself where CLDR has no name."""
    return str(_locale(in_language).languages.get(code) or _locale("en").languages.get(code, code))


@lru_cache(maxsize=64)
def _territories(language: str) -> dict[str, str]:
    names = _locale(language).territories
    return {code: str(name) for code, name in names.items() if code not in _NOT_COUNTRIES}


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_SCRIPTS.get(language, language).replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")
