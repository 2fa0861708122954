"""Markdown with front matter: the format in which cases are kept, corrected and exchanged."""

from pathlib import PurePath
from typing import Any

from kb.errors import Problem, RefusedFileError, refused
from kb.formats import front_matter
from kb.formats.decoding import Guess, decode
from kb.formats.problems import case_from
from kb.model import Case
from kb.saying import said

_FENCE = "---"


def read(data: bytes, file: str, guess: Guess) -> Case:
    """Read a case; the id is the file's name where the front matter gives none.

    The author's word about language and place wins: ``guess`` fills in the language only if none is
    given.

    Raises:
        RefusedFileError: with a problem for each thing that is wrong.
    """
    text = decode(data, file)
    block, body, line = _split(text, file)
    fields = front_matter.read(block, file)
    if "body" in fields.values:
        raise RefusedFileError(
            [
                Problem(
                    file,
                    said("is not a field"),
                    said("write the text below the front matter"),
                    fields.line(("body",)),
                    "body",
                )
            ]
        )
    values = {"id": PurePath(file).stem, **fields.values, "body": body.strip()}
    if not values.get("original_language") and (language := guess(body)[0]):
        values["original_language"] = language
    fields.lines["body",] = line
    return case_from(values, file, fields.line)


def has_fields(text: str) -> bool:
    """Tell whether a text begins with front matter."""
    return text.partition("\n")[0].rstrip() == _FENCE


def fields(text: str, file: str) -> dict[str, Any]:
    """Return the fields of a text with front matter as they stand, right or wrong.

    Raises:
        RefusedFileError: the front matter cannot be read.
    """
    block, body, _ = _split(text, file)
    return {**front_matter.read(block, file).values, "body": body.strip()}


def write(case: Case) -> bytes:
    """Write a case so that `read` gives an equal one."""
    values = case.as_dict()
    body = values.pop("body", "")
    ordered = {"id": values.pop("id"), **values}
    return f"{_FENCE}\n{front_matter.write(ordered)}{_FENCE}\n\n{body}\n".encode()


def _split(text: str, file: str) -> tuple[str, str, int]:
    """Return front matter, body, and the line of the file in which the body begins."""
    first, _, rest = text.partition("\n")
    if first.rstrip() != _FENCE:
        remedy = said("begin with a line --- and the fields")
        raise refused(file, said("has no front matter"), remedy, 1)
    lines = rest.split("\n")
    end = next((n for n, line in enumerate(lines) if line.rstrip() == _FENCE), None)
    if end is None:
        remedy = said("close it with a line ---")
        raise refused(file, said("the front matter has no end"), remedy, 1)
    after = lines[end + 1 :]
    blank = next((n for n, line in enumerate(after) if line.strip()), 0)
    return "\n".join(lines[:end]) + "\n", "\n".join(after), end + blank + 3
