"""JSON Lines: one object a line; also one array of objects. Values may be nested as in the model.

Numbers stay as they are written and yes/no is text, because types come from the model.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

from kb.errors import Problem, RefusedFileError, refused
from kb.formats import headers
from kb.formats.decoding import decode
from kb.formats.table import MAX_COLUMNS, MAX_PROBLEMS, MAX_ROWS, Table, check_size
from kb.saying import Said, said
from kb.text import normalise

MAX_DEPTH = 12
MAX_NODES = 5_000
MAX_LINE = 2_000_000
"""Characters of a case; its longest texts may have 512,000 each."""

MAX_MARKS = 2_000_000
"""Brackets and commas in a file, which tell how much memory its values take. Prose of 20 MB has
some 300,000."""

_SPACE = re.compile(r"[ \t\n]*")


class _RefusedJsonError(ValueError):
    """What we do not accept although it is JSON."""

    def __init__(self, message: Said) -> None:
        self.message = message
        super().__init__(message)


def rows(data: bytes, file: str) -> Table:
    """Read a table; its header is made of the names of all objects.

    Raises:
        RefusedFileError: with the line of each thing that is wrong.
    """
    # These two may stand in a text of JSON, where a line break may not.
    data = data.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    text = decode(data, file)
    if sum(text.count(mark) for mark in "[{,") > MAX_MARKS:
        raise refused(file, said("too complex: has too many values"), said("split it"))
    found = _of_array(text, file) if text.lstrip().startswith("[") else _of_lines(text, file)
    objects = list(islice(found, MAX_ROWS + 1))
    check_size(len(objects), file)
    header = tuple(dict.fromkeys(name for _, values in objects for name in values))
    if len(header) > MAX_COLUMNS:
        message = said("has more than {most} names of fields", most=MAX_COLUMNS)
        raise refused(file, message, said("delete some"))
    return Table(
        header,
        tuple(tuple(values.get(name, "") for name in header) for _, values in objects),
        tuple(line for line, _ in objects),
    )


def _of_lines(text: str, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, _object(line.strip())
        except (ValueError, RecursionError) as err:
            problems.append(_problem(err, file, number))
        if len(problems) == MAX_PROBLEMS:
            break
    if problems:
        raise RefusedFileError(problems)


def _of_array(text: str, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    at = _after_space(text, text.index("[") + 1)
    line, counted = 1, 0
    more = text[at : at + 1] != "]"
    while more:
        line, counted = line + text.count("\n", counted, at), at
        value, end = _value(text, at, file, line)
        yield line, value
        at = _after_space(text, end)
        more = text[at : at + 1] == ","
        at = _after_space(text, at + 1) if more else at
    if text[at : at + 1] != "]" or text[at + 1 :].strip():
        remedy = said("part the objects by commas and close it with ], or write one object a line")
        line += text.count("\n", counted, at)
        raise refused(file, said("the array does not end as one"), remedy, line)


def _value(text: str, at: int, file: str, line: int) -> tuple[dict[str, Any], int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
        return _checked(value, end - at), end
    except json.JSONDecodeError as err:
        raise RefusedFileError([_problem(err, file, err.lineno)]) from err
    except (ValueError, RecursionError) as err:
        raise RefusedFileError([_problem(err, file, line)]) from err


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _object(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise _overlong()
    return _checked(_DECODER.decode(line), len(line))


def _checked(value: Any, length: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _RefusedJsonError(said("is no object"))
    if length > MAX_LINE:
        raise _overlong()
    counted = _count(value)
    if counted > MAX_NODES:
        raise _RefusedJsonError(said("has more than {most:,} values", most=MAX_NODES))
    plain = {name: _plain(item) for name, item in value.items()}
    if same := headers.clash(plain):
        first, second = same
        raise _RefusedJsonError(
            said("the fields {first!r} and {second!r} mean the same", first=first, second=second)
        )
    return {name: item for name, item in plain.items() if item}


def _overlong() -> _RefusedJsonError:
    return _RefusedJsonError(said("has more than {most:,} characters", most=MAX_LINE))


def _count(value: Any, depth: int = 1) -> int:
    if depth > MAX_DEPTH:
        raise _RefusedJsonError(said("has more than {most} levels", most=MAX_DEPTH))
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + sum(_count(item, depth + 1) for item in value) if isinstance(value, list) else 1


def _plain(value: Any) -> Any:  # Any: what JSON can say
    if isinstance(value, dict):
        items = ((name, _plain(item)) for name, item in value.items())
        return {name: item for name, item in items if item}
    if isinstance(value, list):
        return [item for item in map(_plain, value) if item]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return normalise(value) if value is not None else ""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for written, value in pairs:
        name = normalise(written).strip()
        if not name:
            raise _RefusedJsonError(said("a field has no name"))
        if name in values:
            raise _RefusedJsonError(said("{field} is given twice", field=name))
        values[name] = value
    return values


def _constant(name: str) -> NoReturn:
    raise _RefusedJsonError(said("{word} is no value", word=name))


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=str, parse_float=str
)


def _problem(err: Exception, file: str, line: int) -> Problem:
    remedy = said("write each case as one plain object")
    if isinstance(err, _RefusedJsonError):
        return Problem(file, err.message, remedy, line)
    if isinstance(err, json.JSONDecodeError):
        message = said(
            "is not JSON: {fault} (character {number})",
            fault=err.msg[0].lower() + err.msg[1:],
            number=err.colno,
        )
        several = said("write one object a line, or one array of objects")
        return Problem(file, message, several, line)
    return Problem(file, said("is nested too deeply"), remedy, line)
