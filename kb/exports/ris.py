"""RIS: an entry of the type WEB for each case, as Zotero, EndNote and Mendeley read it."""

from collections.abc import Iterable, Iterator

from kb.exports import Context, Record
from kb.exports.citing import Reference, reference


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield one entry for each case."""
    for record in records:
        yield entry(reference(record, context), context).encode()


def entry(told: Reference, context: Context) -> str:
    """Return one entry."""
    lines = _lines(told, context)
    text = "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines if value)
    return f"{text}ER  - \r\n\r\n"


def _lines(told: Reference, context: Context) -> Iterator[tuple[str, str]]:
    yield "TY", "DATA" if told.dataset else "WEB"
    yield "ID", told.key
    yield "AU", told.author
    yield "TI", told.title
    yield "TT", told.title_en
    yield "PY", told.year
    yield "DA", told.day.replace("-", "/")
    yield "PB", told.publisher
    yield "CY", told.place
    yield "ET", "" if told.dataset else f"revision {told.revision}"
    yield "LA", told.language
    yield "AB", told.abstract
    yield from (("KW", keyword) for keyword in told.keywords)
    yield "UR", told.url
    yield "Y2", f"{context.taken:%Y/%m/%d}"
    yield "N1", f"Licence: {told.licence}"
    yield "N1", told.number if told.dataset else ""
