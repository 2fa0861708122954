"""A ZIP archive of case files, as `ingest` reads them."""

from collections.abc import Iterable, Iterator

from kb import archive
from kb.exports import Context, Record
from kb.formats import md


def write(records: Iterable[Record], _context: Context) -> Iterator[bytes]:
    """Yield an archive with a file for each case."""
    return archive.stream((f"{each.case.id}.md", [md.write(each.case)]) for each in records)
