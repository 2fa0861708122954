"""File formats: one file a format, one row in `FORMATS`.

A reader makes one case of the bytes of one file; a writer makes the file of a case again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

from kb.errors import Problem, RefusedFileError
from kb.formats import collection, md, txt
from kb.formats.decoding import Guess
from kb.model import Case


@dataclass(frozen=True, slots=True)
class Format:
    """One row: what a file of this kind is called and who reads and writes it."""

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    read: Callable[[bytes, str, Guess], Case]
    write: Callable[[Case], bytes] | None = None


_ROWS = (
    Format("markdown", (".md", ".markdown"), "text/markdown", md.read, md.write),
    Format("text", (".txt",), "text/plain", txt.read),
)

FORMATS: Mapping[str, Format] = MappingProxyType({row.name: row for row in _ROWS})


def for_file(file: str) -> Format:
    """Return the format of the file by the end of its name.

    Raises:
        RefusedFileError: no format has this ending; names those that we read.
    """
    suffix = PurePath(file).suffix.lower()
    for row in FORMATS.values():
        if suffix in row.suffixes:
            return row
    known = ", ".join(suffix for row in FORMATS.values() for suffix in row.suffixes)
    raise RefusedFileError(
        [
            Problem(
                file, f"files ending in {suffix or 'nothing'} are not read", f"save it as {known}"
            )
        ]
    )


def is_collection(file: str) -> bool:
    """Tell by the end of its name whether a file holds a collection and not a case."""
    return PurePath(file).suffix.lower() in collection.SUFFIXES


def is_meant(path: PurePath) -> bool:
    """Tell whether a file in a folder is meant for us: not hidden, no README, known ending."""
    suffixes = {suffix for row in FORMATS.values() for suffix in row.suffixes}
    readable = path.suffix.lower() in suffixes.union(collection.SUFFIXES)
    return readable and not path.name.startswith(".") and path.stem.upper() != "README"
