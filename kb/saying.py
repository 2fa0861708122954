"""Sentences for people, in a form that can be said in other languages: a template and its values.

Here they are English. Whoever shows one looks its template up in the catalogues, and puts the same
values into what is found there (`web.i18n.translated`).
"""

from collections.abc import Mapping
from typing import Any


class Said(str):
    """A sentence that remembers what it was made of; everywhere else it is a plain string."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]


def said(template: str, /, **values: Any) -> Said:
    """Put values into a template, as `str.format` does, and keep both.

    ``said("has {count} cells, but the header has {wanted}", count=3, wanted=4)``
    """
    sentence = Said(template.format(**values))
    sentence.template = template
    sentence.values = values
    return sentence


def term(text: str, /) -> str:
    """Return ``text``, which is marked by this as something that people read.

    For what stands in tables that are made before anyone's language is known.
    """
    return text
