"""From the model's refusals to problems with file, line, field, value and remedy."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from kb.errors import Problem, RefusedFileError, TooComplexTextError
from kb.model import REQUIRED, Case
from kb.text import check_complexity
from kb.values import Path, dotted

_REMEDIES = {
    "missing": "add it",
    "string_too_long": "shorten it to {max_length} characters",
    "string_too_short": "write something, or leave the field out",
    "too_long": "keep at most {max_length}",
    "bool_parsing": "write yes or no",
    "int_parsing": "write a whole number",
    "greater_than_equal": "write a number from {ge}",
    "less_than_equal": "write a number up to {le}",
    "date_from_datetime_inexact": "write a day, such as 2026-11-22",
    "date_from_datetime_parsing": "write a day, such as 2026-11-22",
    "date_parsing": "write a day, such as 2026-11-22",
    "literal_error": "use one of: {expected}",
    "tuple_type": "write a list",
    "model_type": "write its fields beneath it, one a line",
    "model_attributes_type": "write its fields beneath it, one a line",
    "string_type": "write plain text",
    "string_pattern_mismatch": "see the case format for how it is written",
}


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
            [Problem(file, str(err), "see the case format", line(("body",)), "body")]
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
    remedy = "add it; where nobody knows, some fields take unknown"
    return Problem(file, "is missing", remedy, line((name,)), name)


def _problem(error: Any, file: str, line: Callable[[Path], int | None]) -> Problem:
    # Any: pydantic's ErrorDetails is a TypedDict whose ctx is untyped.
    context = error.get("ctx", {})
    # A refused key of a mapping is said to lie in a "[key]" beneath it.
    path: Path = tuple(part for part in (*error["loc"], *context.get("at", ())) if part != "[key]")
    value = "" if error["type"] == "missing" else _shown(context.get("value", error["input"]))
    message = context.get("message") or error["msg"][0].lower() + error["msg"][1:]
    remedy = context.get("remedy") or _REMEDIES.get(error["type"], "see the case format")
    return Problem(
        file,
        "is missing" if error["type"] == "missing" else message,
        remedy.format_map(_Known(context)),
        line(path),
        dotted(path),
        value,
    )


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"({key})"


def _shown(value: object) -> str:
    return value if isinstance(value, str | int | float) and value is not True else ""  # type: ignore[return-value]
