"""What a city says of its adoption of a case, read from what was typed, or refused with reasons."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from kb.adoption import Report
from kb.errors import Problem, RefusedAdoptionError
from kb.formats.problems import refusals
from kb.nlp import place_called, places
from kb.saying import said
from kb.text import normalise


def report_from(told: Mapping[str, str], is_other_case: Callable[[str], bool]) -> Report:
    """Make a report of the fields of a form; what is no field of it is passed over.

    Args:
        told: what was typed, by the name of the field.
        is_other_case: tells whether an id is that of a public case that another has become.

    Raises:
        RefusedAdoptionError: with a problem for each thing that is wrong.
    """
    texts = ((name, normalise(told.get(name, "")).strip()) for name in Report.model_fields)
    try:
        report = Report.model_validate({name: text for name, text in texts if text})
    except ValidationError as err:
        raise RefusedAdoptionError(refusals(err, "", lambda _path: None)) from err
    problems = [*filter(None, (_misplaced(report), _dangling(report, is_other_case)))]
    if problems:
        raise RefusedAdoptionError(problems)
    return report


def place_of(city: str, country: str) -> str:
    """Return the id of a place in the gazetteer; nothing where it knows none, as of small towns."""
    place = place_called(city, country or None)
    return place.id if place else ""


def _misplaced(report: Report) -> Problem | None:
    """Say so where a city is well known, and in another country."""
    countries = places.gazetteer().countries(report.city)
    if not countries or report.country in countries or place_of(report.city, report.country):
        return None
    listed = ", ".join(sorted(countries))
    return Problem(
        "",
        said("{city} is in {countries} by the gazetteer", city=report.city, countries=listed),
        said("choose that country, or correct the name of the city"),
        field="country",
        value=report.country,
    )


def _dangling(report: Report, is_other_case: Callable[[str], bool]) -> Problem | None:
    if report.became is None or is_other_case(report.became):
        return None
    return Problem(
        "",
        said("is no other case here"),
        said("write the last part of the address of its page: housing-first-dublin"),
        field="became",
        value=report.became,
    )
