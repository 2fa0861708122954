"""Sets of cases that are taken away: as they stood at one moment, however long the taking lasts.

What is held of a set is the number of each revision. Revisions never change, so that they can be
read in blocks while others write, and a reader who goes away leaves nothing open.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from kb import nlp
from kb.errors import UnwritableFileError
from kb.exports import Context, Record
from kb.model import ENGLISH
from kb.query import WORDS, Query
from kb.saying import said, term
from kb.search.fields import FACETS, label
from kb.settings import Settings
from kb.store import Store

T = TypeVar("T")

_BLOCK = 100


@dataclass(frozen=True, slots=True)
class Exported:
    """Cases to take away."""

    count: int
    records: Iterator[Record]
    """In the order of the result page; they are read while they are taken."""
    licences: Mapping[str, int]
    """How many of them have which licence, the most frequent first."""


def exported(store: Store, case_ids: Sequence[str], *, tagged: bool = True) -> Exported:
    """Return those of the cases that are public now, as they stand now.

    Args:
        store: where they are.
        case_ids: in the order in which they are to be taken.
        tagged: whether what the machine read in them is taken too, which takes a third longer.
    """
    numbers = store.numbers(case_ids)
    wanted = [(case_id, numbers[case_id]) for case_id in case_ids if case_id in numbers]
    records = _records(store, wanted, tagged=tagged)
    return Exported(len(wanted), records, store.licences(case_ids))


def context(
    settings: Settings, query: Query, collection: str = "", *, bom: bool = False, raw: bool = False
) -> Context:
    """Say where, when and how the cases of a question, or of a collection, are taken."""
    return Context(
        site_name=settings.site_name,
        public_url=settings.public_url,
        query=described(query, collection),
        address=settings.public_url + address(query, collection),
        taken=now(),
        language=query.reader,
        bom=bom,
        raw=raw,
    )


def now() -> datetime:
    """Return the time to the second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def save(written: Iterable[bytes], path: Path) -> None:
    """Write a file; what is there already is replaced only by a whole one.

    Raises:
        UnwritableFileError: it cannot be written; a part of it is not left behind.
    """
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.writelines(written)
        beside.replace(path)
    except OSError as err:
        raise UnwritableFileError(str(path), err.strerror or str(err)) from err
    finally:
        beside.unlink(missing_ok=True)


def address(query: Query, collection: str = "") -> str:
    """Return where the site shows the cases of a question, or of a collection."""
    if collection:
        return f"/collections/{collection}"
    asked = query.unpaged().pairs()
    return f"/search?{urlencode(asked)}" if asked else "/search"


def described(
    query: Query, collection: str = "", language: str = ENGLISH, say: Callable[[str], str] = str
) -> str:
    """Say in words which cases a question, or a collection, chooses.

    Args:
        query: the question.
        collection: id of the collection that is meant in place of a question.
        language: of the names of values.
        say: gives a sentence of `kb` in the reader's language; files and citations have English.
    """
    if collection:
        return say(said("The cases of the collection “{collection}”", collection=collection))
    parts = [_asked(query.text, say)]
    if query.legs == WORDS:
        parts.append(say(term("by these words only")))
    for row in FACETS:
        chosen = query.filters.get(row.name, ())
        values = [label(row.name, each, language) or say(term("none")) for each in chosen]
        if values:
            either = reduce(lambda a, b: say(said("{one} or {other}", one=a, other=b)), values)
            parts.append(say(said("{name}: {value}", name=say(row.label), value=either)))
    return reduce(lambda a, b: say(said("{one}; {other}", one=a, other=b)), parts)


def _asked(words: str, say: Callable[[str], str]) -> str:
    return say(said("Cases found for “{words}”", words=words) if words else term("All cases"))


def _records(store: Store, wanted: Sequence[tuple[str, int]], *, tagged: bool) -> Iterator[Record]:
    for start in range(0, len(wanted), _BLOCK):
        block = dict(wanted[start : start + _BLOCK])
        revisions = store.revisions_at(block)
        places, tags = store.places(list(block)), store.tags(list(block)) if tagged else {}
        for case_id, number in block.items():
            # Missing is what was taken down since: the law does not wait for a download.
            if case_id in revisions:
                place = _of(number, places.get(case_id), "")
                yield Record(
                    revisions[case_id], nlp.place(place), _of(number, tags.get(case_id), ())
                )


def _of(number: int, read: tuple[int, T] | None, nothing: T) -> T:
    """Return what was read in this revision; what was read in another is read again soon."""
    return read[1] if read is not None and read[0] == number else nothing
