"""From the model's refusals to problems with file, line, field, value and remedy."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from kb.errors import Problem, RefusedFileError, TooComplexTextError
from kb.model import REQUIRED, Case
from kb.saying import Said, said, term, verbatim
from kb.text import check_complexity
from kb.values import Path, dotted

# What pydantic says of a value, and what to do; in its words, with the names of its context.
_MESSAGES = {
    "bool_parsing": term("input should be a valid boolean, unable to interpret input"),
    "bool_type": term("input should be a valid boolean"),
    "date_from_datetime_inexact": term(
        "datetimes provided to dates should have zero time - e.g. be exact dates"
    ),
    "date_from_datetime_parsing": term("input should be a valid date or datetime, {error}"),
    "date_parsing": term("input should be a valid date in the format YYYY-MM-DD, {error}"),
    "date_type": term("input should be a valid date"),
    "dict_type": term("input should be a valid dictionary"),
    "greater_than_equal": term("input should be greater than or equal to {ge}"),
    "int_parsing": term("input should be a valid integer, unable to parse string as an integer"),
    "int_parsing_size": term("unable to parse input string as an integer, exceeded maximum size"),
    "int_type": term("input should be a valid integer"),
    "less_than_equal": term("input should be less than or equal to {le}"),
    "literal_error": term("input should be {expected}"),
    "missing": term("is missing"),
    "model_attributes_type": term(
        "input should be a valid dictionary or object to extract fields from"
    ),
    "model_type": term("input should be a valid dictionary or instance of {class_name}"),
    "string_pattern_mismatch": term("string should match pattern '{pattern}'"),
    "string_too_long": term("string should have at most {max_length} characters"),
    "string_too_short": term("string should have at least 1 character"),
    "string_type": term("input should be a valid string"),
    "string_unicode": term(
        "input should be a valid string, unable to parse raw data as a unicode string"
    ),
    "too_long": term(
        "tuple should have at most {max_length} items after validation, not {actual_length}"
    ),
    "tuple_type": term("input should be a valid tuple"),
}
_REMEDIES = {
    "missing": term("add it"),
    "string_too_long": term("shorten it to {max_length} characters"),
    "string_too_short": term("write something, or leave the field out"),
    "too_long": term("keep at most {max_length}"),
    "bool_parsing": term("write yes or no"),
    "int_parsing": term("write a whole number"),
    "greater_than_equal": term("write a number from {ge}"),
    "less_than_equal": term("write a number up to {le}"),
    "date_from_datetime_inexact": term("write a day, such as 2026-11-22"),
    "date_from_datetime_parsing": term("write a day, such as 2026-11-22"),
    "date_parsing": term("write a day, such as 2026-11-22"),
    "literal_error": term("use one of: {expected}"),
    "tuple_type": term("write a list"),
    "model_type": term("write its fields beneath it, one a line"),
    "model_attributes_type": term("write its fields beneath it, one a line"),
    "string_type": term("write plain text"),
    "string_pattern_mismatch": term("see the case format for how it is written"),
}
_SEE = term("see the case format")


def case_from(
    values: dict[str, Any], file: str, line: Callable[[Path], int | None], *, complete: bool = True
) -> Case:
    """Make a case of what a file says.

    Args:
        values: fields by name, as text, lists and mappings.
        file: name of the file, for messages.
        line: gives the line in which the value at a path stands.
        complete: refuse a case in which a field is missing that is required to publish.

    Raises:
        RefusedFileError: with one problem for each thing that is wrong.
    """
    try:
        case = Case.model_validate(values)
        check_complexity(case.body)
    except TooComplexTextError as err:
        raise RefusedFileError(
            [Problem(file, err.message, said(_SEE), line(("body",)), "body")]
        ) from err
    except ValidationError as err:
        problems = refusals(err, file, line)
        if complete:
            # Named in the same breath, so that a file is corrected once.
            named = {problem.field for problem in problems}
            blank = (name for name in REQUIRED if not values.get(name) and name not in named)
            problems += [_gap(name, file, line) for name in blank]
        raise RefusedFileError(problems) from err
    if complete and case.gaps:
        raise RefusedFileError(_gap(name, file, line) for name in case.gaps)
    return case


def refusals(err: ValidationError, file: str, line: Callable[[Path], int | None]) -> list[Problem]:
    """Return what a model refuses, with file and line put to it."""
    return [_problem(error, file, line) for error in err.errors(include_url=False)]


def _gap(name: str, file: str, line: Callable[[Path], int | None]) -> Problem:
    remedy = said("add it; where nobody knows, some fields take unknown")
    return Problem(file, said("is missing"), remedy, line((name,)), name)


def _problem(error: Any, file: str, line: Callable[[Path], int | None]) -> Problem:
    # Any: pydantic's ErrorDetails is a TypedDict whose ctx is untyped.
    context = error.get("ctx", {})
    # A refused key of a mapping is said to lie in a "[key]" beneath it.
    path: Path = tuple(part for part in (*error["loc"], *context.get("at", ())) if part != "[key]")
    value = "" if error["type"] == "missing" else _shown(context.get("value", error["input"]))
    message, remedy = context.get("message"), context.get("remedy")
    if message is None:  # not a refusal of ours
        message, remedy = _of_pydantic(error["type"], error["msg"], context)
    return Problem(file, message, remedy, line(path), dotted(path), value)


def _of_pydantic(kind: str, told: str, context: dict[str, Any]) -> tuple[Said, Said]:
    """Return message and remedy; what a later version may complain of stays in its words."""
    values = {name: each for name, each in context.items() if isinstance(each, str | int | float)}
    if kind == "literal_error":
        values["expected"] = _listed(context["expected"])
    remedy = said(_REMEDIES.get(kind, _SEE), **values)
    if kind in _MESSAGES:
        return said(_MESSAGES[kind], **values), remedy
    return verbatim(told[0].lower() + told[1:]), remedy


def _listed(expected: str) -> Said:
    """Take the English word out of a list such as ``'city', 'country' or 'europe'``."""
    several, _, last = expected.rpartition(" or ")
    return said("{several} or {last}", several=several, last=last) if several else verbatim(last)


def _shown(value: object) -> str:
    return value if isinstance(value, str | int | float) and value is not True else ""  # type: ignore[return-value]
