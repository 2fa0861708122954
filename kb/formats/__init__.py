"""File formats: one file a format, one row in `FORMATS`.

A *case file* says what the fields of a case are; a *document* is text, of which a draft is made; a
*batch* is a table with one case a row. The module of a format is imported when it is needed:
parsers of office files are large, and only a process of its own ever opens them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType, ModuleType
from typing import Literal

from kb.errors import refused
from kb.saying import Said, said


@dataclass(frozen=True, slots=True)
class Format:
    """One row: what a file of this kind is called and what it holds."""

    name: str
    """Also that of the module, but for Markdown (md) and plain text (txt)."""
    suffixes: tuple[str, ...]
    media_type: str
    kind: Literal["case", "document", "batch"]
    writes: bool = False
    """Whether a case can be written in it."""

    @property
    def module(self) -> ModuleType:
        """What reads and writes it."""
        return import_module(f"{__name__}.{_MODULES.get(self.name, self.name)}")


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_MODULES = {"markdown": "md", "text": "txt"}
_COLLECTIONS = (".yaml", ".yml")
_ROWS = (
    Format("markdown", (".md", ".markdown"), "text/markdown", "case", writes=True),
    Format("text", (".txt",), "text/plain", "case"),
    Format("docx", (".docx",), f"{_OPEN_XML}wordprocessingml.document", "document"),
    Format("odt", (".odt",), "application/vnd.oasis.opendocument.text", "document"),
    Format("pdf", (".pdf",), "application/pdf", "document"),
    Format("rtf", (".rtf",), "application/rtf", "document"),
    Format("html", (".html", ".htm", ".mhtml", ".mht"), "text/html", "document"),
    Format("csv", (".csv",), "text/csv", "batch"),
    Format("xlsx", (".xlsx",), f"{_OPEN_XML}spreadsheetml.sheet", "batch"),
    Format("jsonl", (".jsonl",), "application/jsonl", "batch"),
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
    raise refused(file, not_read(suffix), said("save it as {endings}", endings=known))


def not_read(suffix: str) -> Said:
    """Say that files with this ending are not read."""
    if suffix:
        return said("files ending in {ending} are not read", ending=suffix)
    return said("files ending in nothing are not read")


def is_collection(file: str) -> bool:
    """Tell by the end of its name whether a file holds a collection and not a case."""
    return PurePath(file).suffix.lower() in _COLLECTIONS


def is_meant(path: PurePath) -> bool:
    """Tell whether a file in a folder is meant for us: not hidden, no README, known ending."""
    suffixes = {suffix for row in FORMATS.values() for suffix in row.suffixes}
    readable = path.suffix.lower() in suffixes.union(_COLLECTIONS)
    return readable and not path.name.startswith(".") and path.stem.upper() != "README"
