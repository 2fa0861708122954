"""What may become a case or a collection: reading a file, guessing what it leaves open.

What cannot become either is refused.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from kb import formats
from kb.collection import Collection
from kb.errors import Problem, RefusedFileError, refused
from kb.formats import collection
from kb.formats.problems import case_from
from kb.formats.txt import slug
from kb.intake import received
from kb.model import Case
from kb.nlp import detect, places
from kb.saying import said, verbatim

if TYPE_CHECKING:
    from kb.formats.decoding import Guess

VECTORS = "vectors.npz"
"""Name of the file of vectors that lies beside the cases it was computed from."""


def case_in(file: str, data: bytes) -> Case:
    """Return the one case that a file tells.

    Raises:
        RefusedFileError: it tells none that can be kept, or several; with a problem for each
            reason.
    """
    case, *others = _cases(file, data)
    if others:
        raise refused(file, verbatim("holds several cases"), verbatim("use ingest"))
    return case


def contents(file: str, data: bytes) -> tuple[Case | Collection, ...]:
    """Return what a file holds, by the end of its name.

    Raises:
        RefusedFileError: it holds nothing that can be kept; with a problem for each reason.
    """
    if formats.is_collection(file):
        return (collection.read(data, file),)
    return tuple(_cases(file, data))


def _cases(file: str, data: bytes) -> Iterator[Case]:
    found = formats.for_file(file)
    if found.kind == "case":
        read: Callable[[bytes, str, Guess], Case] = found.module.read
        cases: Iterable[Case] = (read(data, file, _guess),)
    else:
        proposed = received.proposals(PurePath(file).name, data)
        cases = [_proposed(file, each.values) for each in proposed]
    for case in cases:
        check_place(case, file)
        yield case


def _proposed(file: str, values: Mapping[str, Any]) -> Case:
    """Make a case, perhaps with gaps, of what a document proposes."""
    called = f"{values.get('title', '')} {values.get('city', '')}".strip()
    own = {"id": slug(called or PurePath(file).stem), "title": PurePath(file).stem}
    return case_from({**own, **values}, file, lambda _path: None, complete=False)


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files among ``paths``, and of a folder those meant for us, each once."""
    seen: set[Path] = set()
    for path in paths:
        for file in _meant_in(path) if path.is_dir() else (path,):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _meant_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and _is_meant(p))


def _is_meant(path: Path) -> bool:
    return path.name == VECTORS or formats.is_meant(path)


def bytes_of(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        RefusedFileError: it is not there or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as err:
        message = verbatim("there is no such file")
        raise refused(str(path), message, verbatim("check the path")) from err
    except OSError as err:
        message = verbatim(f"cannot be read: {err.strerror}")
        raise refused(str(path), message, verbatim("check its permissions")) from err


def _guess(text: str) -> tuple[str, str, str]:
    language = detect.detect(text).language
    home = places.home(text, language) if language else None
    return (language, home.place.name, home.place.country) if home else (language, "", "")


def check_place(case: Case, file: str) -> None:
    """Refuse a country in which the city is not, where the city is well known.

    Raises:
        RefusedFileError: names the countries in which it is.
    """
    if not case.city or case.country is None or case.nuts3 or case.wikidata:
        return
    countries = places.gazetteer().countries(case.city)
    if countries and case.country not in countries:
        listed = ", ".join(sorted(countries))
        message = said(
            "{city} is in {countries} by the gazetteer", city=case.city, countries=listed
        )
        remedy = said(
            "write country: {countries}; if another place is meant, give its nuts3 or wikidata "
            "code",
            countries=listed,
        )
        raise RefusedFileError(
            [Problem(file, message, remedy, field="country", value=case.country)]
        )
