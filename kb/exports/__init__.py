"""What cases are taken away in: one file a format, one row in `EXPORTS`.

Each writes a set of cases piece by piece, however many there are. What a set is and how it was
chosen is said by whoever asks; nothing here reads the database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import cast

from kb.errors import MissingExtraError, UnknownExportError
from kb.formats.txt import slug
from kb.model import Case, Place, Revision, Tag
from kb.saying import term


@dataclass(frozen=True, slots=True)
class Record:
    """A case as it is taken away."""

    revision: Revision
    place: Place | None = None
    tags: tuple[Tag, ...] = ()

    @property
    def case(self) -> Case:
        """What the revision says."""
        return self.revision.case


@dataclass(frozen=True, slots=True)
class Context:
    """Where, when and how a set of cases was taken."""

    site_name: str
    public_url: str
    """Address of the site, without a final slash."""
    query: str
    """In words, how the set was chosen."""
    address: str
    """Where the same set is shown."""
    taken: datetime
    """In UTC."""
    language: str = "en"
    """Of labels; it changes no text of a case."""
    bom: bool = False
    """Whether CSV begins with the mark by which Excel knows UTF-8."""
    raw: bool = False
    """Whether CSV leaves texts as they are that a spreadsheet would compute."""

    def url(self, case_id: str) -> str:
        """Return the public address of a case."""
        return f"{self.public_url}/cases/{case_id}"


Write = Callable[[Iterable[Record], Context], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Export:
    """One row: what the format is called and for what it is good."""

    name: str
    """In addresses; also that of the module."""
    suffix: str
    media_type: str
    label: str
    purpose: str
    tagged: bool = False
    """Whether it says what the machine read in the cases."""
    needs: str = ""
    """A package that is not always installed; the extra of ours that brings it has our ``name``."""

    @property
    def installed(self) -> bool:
        """Whether all that it needs is there."""
        return not self.needs or find_spec(self.needs) is not None

    @property
    def write(self) -> Write:
        """What writes it.

        Raises:
            MissingExtraError: a package that it needs is not installed.
        """
        if not self.installed:
            raise MissingExtraError(self.label, self.needs, self.name)
        return cast("Write", import_module(f"{__name__}.{self.name}").write)

    def file(self, context: Context, count: int) -> str:
        """Return a name for the file that says whose cases it holds, of when, and how many."""
        cases = "case" if count == 1 else "cases"
        site = slug(context.site_name) or "cases"
        return f"{site}-{context.taken:%Y-%m-%d}-{count}-{cases}{self.suffix}"


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROWS = (
    Export("csv", ".csv", "text/csv; charset=utf-8", "CSV",
           term("one row a case, for spreadsheets, pandas and R")),
    Export("xlsx", ".xlsx", _SHEET, "Excel",
           term("the same as a workbook, with types and a codebook")),
    Export("package", ".zip", "application/zip", term("Data package"),
           term("cases, outcomes, concepts and sources as linked tables, with types, keys, "
                "licences and checksums (Frictionless and Croissant)"), tagged=True),
    Export("jsonl", ".jsonl", "application/jsonl", "JSON Lines",
           term("every field of every case, one object a line; can be handed in again")),
    Export("parquet", ".parquet", "application/vnd.apache.parquet", "Parquet",
           term("one row a case in columns with types, for pandas, R, DuckDB"), needs="pyarrow"),
    Export("md", ".zip", "application/zip", "Markdown",
           term("a file for each case, to read, to edit, to hand in again")),
    Export("bibtex", ".bib", "application/x-bibtex; charset=utf-8", "BibTeX",
           term("references for LaTeX and JabRef")),
    Export("ris", ".ris", "application/x-research-info-systems; charset=utf-8", "RIS",
           term("references for Zotero, EndNote and Mendeley")),
    Export("csl", ".json", "application/vnd.citationstyles.csl+json", "CSL-JSON",
           term("references for Pandoc and Zotero")),
    Export("geojson", ".geojson", "application/geo+json", "GeoJSON",
           term("a point for each city, for maps")),
    Export("turtle", ".ttl", "text/turtle; charset=utf-8", "RDF (Turtle)",
           term("statements in Dublin Core, schema.org and SKOS")),
    Export("jsonld", ".jsonld", "application/ld+json", "RDF (JSON-LD)",
           term("the same statements as JSON")),
)  # fmt: skip

EXPORTS: Mapping[str, Export] = MappingProxyType({row.name: row for row in _ROWS})


def export(name: str) -> Export:
    """Return the format that is called ``name``.

    Raises:
        UnknownExportError: there is none; names those that there are.
    """
    try:
        return EXPORTS[name]
    except KeyError:
        raise UnknownExportError(name, tuple(EXPORTS)) from None
