"""Cases that a reader has put together, as an address names them: ``case=a&case=b``."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import request

from web import context
from web.converters import SlugConverter

if TYPE_CHECKING:
    from kb.pages import Chosen

_SHOWN = 60
"""Characters of what is no id that are said again."""
_MOST = 100
"""Ids of one address that are looked at."""


def choice() -> "Chosen":
    """Return what is here of the cases that the address of this request names."""
    return chosen(request.args.getlist("case"))


def chosen(case_ids: Iterable[str]) -> "Chosen":
    """Return what is here of some cases; what can be no id is told, and not looked for."""
    told = tuple(dict.fromkeys(filter(None, case_ids)))[:_MOST]
    found = context.library().chosen(each for each in told if _is_id(each))
    strange = (each[:_SHOWN] for each in told if not _is_id(each))
    return replace(found, unknown=(*found.unknown, *strange))


def _is_id(text: str) -> bool:
    return re.fullmatch(SlugConverter.regex, text) is not None
