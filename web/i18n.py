"""The sentences of the pages in the reader's language; what has no translation is in English."""

from functools import cached_property
from string import Formatter
from typing import Any

from babel.core import Locale
from babel.support import NullTranslations
from flask import Flask
from flask_babel import (
    Babel,
    Domain,
    format_decimal,
    format_percent,
    get_locale,
    gettext,
    ngettext,
)

from kb.errors import Problem
from kb.saying import Said
from web.catalogues import ENGLISH, catalogue, languages
from web.tongue import reader


def page_language() -> str:
    """Return the code of the language in which this request gets its sentences."""
    wanted = reader()
    return wanted if wanted in languages() else ENGLISH


def translated(text: str) -> str:
    """Return a sentence of `kb`, or a term of one of its tables, in the language of the page."""
    if not isinstance(text, Said):
        return str(gettext(text)) if text else ""
    if text.singular:
        template = ngettext(text.singular, text.template, text.values["count"])
    else:
        template = gettext(text.template) if text.template else ""
    return _FILLING.format(str(template), **text.values)


def problem(problem: Problem) -> str:
    """Say what is wrong, where, and what to do, in the language of the page.

    ``file:line: field 'value': message; remedy``, as `str` gives it in English.
    """
    return translated(problem.sentence)


def register(app: Flask) -> None:
    """Let the pages of ``app`` be translated."""
    _Babel(app, locale_selector=page_language, default_domain="messages")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals["page_language"] = page_language
    app.jinja_env.filters["translated"] = translated


class _Filling(Formatter):
    """Puts values into a sentence as the language of the page writes them."""

    def format_field(self, value: Any, layout: str) -> str:
        """Translate sentences within the sentence, and write numbers as they are written there."""
        if isinstance(value, Said):
            return translated(value)
        if layout == ",":
            return str(format_decimal(value))
        if layout == ".0%":
            return str(format_percent(value))
        return str(super().format_field(value, layout))


_FILLING = _Filling()


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The catalogues of this site, in place of compiled ones."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language."""
        locale = get_locale()
        return catalogue(_code(locale)) if locale else NullTranslations()


class _Babel(Babel):  # type: ignore[misc]
    @cached_property
    def domain_instance(self) -> Domain:
        """What translates."""
        return _Catalogues()


def _code(locale: Locale) -> str:
    return str(locale.language)
