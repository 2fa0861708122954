"""CSL-JSON, the format of citation processors: one array of items."""

from collections.abc import Iterable, Iterator

from kb.exports import Context, Record
from kb.exports.arrays import Json, array
from kb.exports.citing import reference


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield an array with an item for each case."""
    return array(_item(record, context) for record in records)


def _item(record: Record, context: Context) -> Json:
    told = reference(record, context)
    item = {
        "id": told.key,
        "type": "webpage",
        "title": f"{told.title} [{told.title_en}]" if told.title_en else told.title,
        "author": [{"literal": told.author}],
        "issued": {"date-parts": [_parts(told.day)]},
        "accessed": {"date-parts": [_parts(f"{context.taken:%Y-%m-%d}")]},
        "container-title": told.publisher,
        "publisher-place": told.place,
        "number": told.number,
        "version": str(told.revision),
        "language": told.language,
        "abstract": told.abstract,
        "keyword": ", ".join(told.keywords),
        "URL": told.url,
        "note": f"Licence: {told.licence}",
    }
    return {name: value for name, value in item.items() if value}


def _parts(day: str) -> list[int]:
    return [int(part) for part in day.split("-")]
