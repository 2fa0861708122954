"""CSL-JSON, the format of citation processors: one array of items."""

from collections.abc import Iterable, Iterator

from kb.exports import Context, Record
from kb.exports.arrays import Json, array
from kb.exports.citing import Reference, reference


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield an array with an item for each case."""
    return array(entry(reference(record, context), context) for record in records)


def entry(told: Reference, context: Context) -> Json:
    """Return one item."""
    item = {
        "id": told.key,
        "type": "dataset" if told.dataset else "webpage",
        "title": f"{told.title} [{told.title_en}]" if told.title_en else told.title,
        "author": [{"literal": told.author}],
        "issued": {"date-parts": [_parts(told.day)]},
        "accessed": {"date-parts": [_parts(f"{context.taken:%Y-%m-%d}")]},
        "container-title": told.publisher,
        "publisher-place": told.place,
        "number": told.number,
        "version": "" if told.dataset else str(told.revision),
        "language": told.language,
        "abstract": told.abstract,
        "keyword": ", ".join(told.keywords),
        "URL": told.url,
        "note": f"Licence: {told.licence}",
    }
    return {name: value for name, value in item.items() if value}


def _parts(day: str) -> list[int]:
    return [int(part) for part in day.split("-")]
