"""The page on which a reader says which city the cases are to fit; it keeps nothing of it.

What she says goes into the address of the result. The place of a name is looked up here, once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from kb import fitting, names
from kb.fitting import Town, town_of
from kb.model import Place
from kb.nlp.gazetteer import gazetteer, name_key
from kb.text import fold
from web import context, links
from web.args import OF_TOWN, number, town_from

pages = Blueprint("fit", __name__)

_MOST_CHOICES = 10
_GROUPED = re.compile(r"\d{1,3}(?:[\s.,'’]\d{3})+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a form: a city, or what is wrong with it, or which place could be meant."""

    town: Town = field(default_factory=Town)
    errors: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Place, ...] = ()


@pages.get("/fit")
def index() -> Answer | str:
    """Ask for the city; with an answer, go to the cases in the order in which they fit it."""
    query = context.query()
    asked = _asked() if "go" in request.args else Asked(query.town)
    if "go" in request.args and not asked.errors and not asked.choices:
        return redirect(links.search_url(replace(query, town=asked.town, sort="fit", page=1)), 303)
    plain = query.for_anyone()
    return render_template(
        "search/fit.html",
        query=query,
        asked=asked,
        town=asked.town,
        typed=_typed(asked.town),
        countries=_countries(context.reader()),
        hidden=[pair for pair in links.pairs(plain) if pair[0] not in {"page", *OF_TOWN}],
        back=links.search_url(plain),
        rules=[(fitting.WORDS[kind], points) for kind, points in fitting.POINTS.items()],
        costs=fitting.COSTS,
        needs=fitting.NEEDS,
    )


def _asked() -> Asked:
    """Read the form; a name that is typed counts more than a description beside it."""
    name, inhabitants = request.args.get("named", "").strip(), _inhabitants()
    described = town_from(
        MultiDict(each for each in request.args.items(multi=True) if each[0] != "town")
    )
    town = replace(described, inhabitants=number(inhabitants) or None)
    return _named(name, town) if name else Asked(town, dict(_faults(town, inhabitants)))


def _named(name: str, described: Town) -> Asked:
    found, chosen = _places(name), request.args.get("town", "")
    meant = [place for place in found if place.id == chosen] or found
    if len(meant) == 1:
        return Asked(town_of(meant[0], described.affords, described.lacks))
    if found:
        return Asked(described, {"town": _("Several places are called so; choose one")}, found)
    unknown = _(
        "We know no place called “%(name)s” with 15,000 inhabitants or more; check the spelling, "
        "or leave it out and describe your city",
        name=name,
    )
    return Asked(described, {"named": unknown})


def _places(name: str) -> tuple[Place, ...]:
    """Return the places of a name, or of what stands before its comma: ``Graz, Austria``.

    Those whose official name begins so come first, then those that other languages call so.
    """
    known = gazetteer()
    named = known.named(name) or known.named(name.partition(",")[0])
    key = name_key(name.partition(",")[0])
    found = sorted(named, key=lambda place: not name_key(place.name).startswith(key))
    return tuple(found[:_MOST_CHOICES])


def _faults(town: Town, typed: str) -> Iterator[tuple[str, str]]:
    if typed and town.inhabitants is None:
        yield "inhabitants", _("Write how many people live there in digits, such as 120000")
    elif not town.is_known:
        yield "named", _("Name your city, or describe it")


def _typed(town: Town) -> Mapping[str, str]:
    """Return what stands in the fields: what was typed, else what the address says."""
    told = {"named": town.name, "inhabitants": "" if town.name else str(town.inhabitants or "")}
    return {name: request.args.get(name) or value for name, value in told.items()}


def _inhabitants() -> str:
    typed = request.args.get("inhabitants", "").strip()
    return re.sub(r"\D", "", typed) if _GROUPED.fullmatch(typed) else typed


@cache
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    """Return code and name of the countries of the gazetteer, in the order of their names."""
    named = {code: names.country(code, language) for code in {p.country for p in gazetteer()}}
    return tuple(sorted(named.items(), key=lambda pair: fold(pair[1])))
