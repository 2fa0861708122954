"""What the labels of concepts can be typed as: made once for a vocabulary, then only read.

All indexes of a folder share one file, whose name tells what it was made from and what its bytes
are. It is written beside and renamed: whoever opens it finds the whole.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from shutil import copyfile

from kb import prepared, stems
from kb.languages import LANGUAGES
from kb.search.words.neighbours import Neighbours
from kb.search.words.tokens import Token, listed, table, worded
from kb.text import fold, spellings
from kb.vocabulary import NAMED_SCHEMES, fingerprint, nameable

StopTable = Mapping[str, AbstractSet[str]]
"""The folded stop words by language."""

_LAYOUT = 1
"""Counts the changes of the tables below."""

_MADE: dict[str, Path] = {}  # by what it was made from: the folders of a process share the work


@dataclass(frozen=True, slots=True)
class Name:
    """A label of a concept, as the set of tokens each of its words may be."""

    concept: str
    words: tuple[frozenset[Token], ...]


class Names:
    """The names of all concepts and the stop words of all languages, in one read-only file."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        self._path = path
        self._db = _opened(path)
        try:
            self._db.execute("SELECT 1 FROM names")
        except sqlite3.Error:
            self._db.close()
            raise

    def stopping(self, folded: str) -> frozenset[str]:
        """Return the languages in which the word means little: *di*, *the*, *für*."""
        rows = self._db.execute("SELECT language FROM stops WHERE word = ?", [folded])
        return frozenset(row[0] for row in rows.fetchall())

    def readings(self, folded: str) -> Iterator[tuple[str, str]]:
        """Yield (language, reading) for a form of a word of a label."""
        sql = "SELECT language, reading FROM typed WHERE form = ?"
        yield from self._db.execute(sql, [folded]).fetchall()

    def has(self, tokens: Iterable[Token]) -> bool:
        """Tell whether a label has one of the tokens."""
        sql = "SELECT 1 FROM said WHERE token IN (SELECT value FROM json_each(?))"
        return self._db.execute(sql, [listed(tokens)]).fetchone() is not None

    def beginning(self, tokens: Iterable[Token]) -> Iterator[Name]:
        """Yield the labels whose first word is one of the tokens."""
        rows = self._db.execute(
            "SELECT DISTINCT concept, words FROM firsts JOIN names USING (name) "
            "WHERE token IN (SELECT value FROM json_each(?)) ORDER BY concept, words",
            [listed(sorted(tokens))],
        )
        for concept, text in rows.fetchall():
            yield Name(concept, tuple(frozenset(word) for word in json.loads(text)))

    @property
    def written(self) -> Neighbours:
        """The folded words of labels."""
        return _written(self._path)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages in which concepts have labels, whatever the languages of the cases."""
        rows = self._db.execute("SELECT DISTINCT language FROM names")
        return frozenset(row[0] for row in rows.fetchall()) & LANGUAGES.keys()

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _opened(path: Path) -> sqlite3.Connection:
    # check_same_thread off: SQLite itself lets one thread at a time in.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )


@lru_cache(maxsize=1)  # the file stays, though it is opened anew with each state of an index
def _written(path: Path) -> Neighbours:
    with closing(_opened(path)) as db:
        return Neighbours(form for (form,) in db.execute("SELECT form FROM written").fetchall())


def names_in(folder: Path, stop_words: StopTable) -> Path:
    """Return the file of names in a folder, made now (some 5 s) if there is no whole one yet."""
    made_of = _made_of(stop_words)
    for found in folder.glob(f"names-{made_of}-*.sqlite"):
        if _was_whole(found):
            return found
    beside = folder / f"names-{made_of}.new"
    made = _MADE.get(made_of)
    if made is not None and _was_whole(made):
        copyfile(made, beside)
        return beside.replace(folder / made.name)
    beside.unlink(missing_ok=True)
    _make(beside, stop_words)
    _MADE[made_of] = beside.replace(folder / f"names-{made_of}-{_checksum(beside)}.sqlite")
    return _MADE[made_of]


def is_whole(path: Path) -> bool:
    """Tell whether a file of names is there and as it was written."""
    try:
        return path.stem.rpartition("-")[2] == _checksum(path)
    except OSError:
        return False


def _was_whole(path: Path) -> bool:
    """Tell the same, without reading again what has not been written since."""
    try:
        state = path.stat()
    except OSError:
        return False
    return _judged(path, state.st_mtime_ns, state.st_size)


@lru_cache
def _judged(path: Path, _written_ns: int, _size_bytes: int) -> bool:
    return is_whole(path)


def remove_but(folder: Path, kept: AbstractSet[str]) -> None:
    """Delete the files of names in a folder but for those so called."""
    for path in folder.glob("names-*"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:16]


def _made_of(stop_words: StopTable) -> str:
    """Return a text that changes when something does from which the names are made."""
    stops = sorted((language, sorted(found)) for language, found in stop_words.items())
    told = f"{_LAYOUT} {stems.VERSION} {fingerprint(*NAMED_SCHEMES)} {json.dumps(stops)}"
    return sha256(told.encode()).hexdigest()[:12]


def _make(path: Path, stop_words: StopTable) -> None:
    for language in LANGUAGES:
        prepared.load(language)
    names = [(c.id, *name) for c in nameable().values() for name in c.names()]
    read = [(c, code, worded(label, code, stop_words)) for c, code, label in names]
    # Inflected forms of a label are mostly read as the same words.
    rows = list(enumerate(sorted({row for row in read if row[2]})))
    written = {word for *_, label in names for word in spellings(label)}
    filled: dict[str, Iterable[tuple[str | int, ...]]] = {
        "stops": ((word, code) for code, found in stop_words.items() for word in found),
        "names": ((n, c, code, json.dumps(found)) for n, (c, code, found) in rows),
        "firsts": ((token, n) for n, (*_, found) in rows for token in found[0]),
        "said": (
            (token,) for token in {token for *_, found in read for word in found for token in word}
        ),
        "written": ((word,) for word in set(map(fold, written))),
        "typed": _typed(),
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")  # a half-written file is never opened
        db.execute("BEGIN")
        for statement in _SCHEMA:
            db.execute(statement)
        for name, found in filled.items():
            marks = ", ".join("?" * (_COLUMNS[name].count(",") + 1))
            db.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", found)  # noqa: S608 - our own names
        db.execute("COMMIT")
        db.execute("VACUUM")


def _typed() -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        for form, base in prepared.forms(language):
            yield fold(form), language, fold(base)


_COLUMNS = {
    "typed": "form TEXT, language TEXT, reading TEXT",
    "said": "token TEXT",
    "written": "form TEXT",
    "stops": "word TEXT, language TEXT",
    "firsts": "token TEXT, name INTEGER",
    "names": "name INTEGER, concept TEXT, language TEXT, words TEXT",
}
_KEYS = {
    "typed": "form, language, reading",
    "said": "token",
    "written": "form",
    "stops": "word, language",
    "firsts": "token, name",
    "names": "name",
}
_SCHEMA = tuple(table(name, columns, _KEYS[name]) for name, columns in _COLUMNS.items())
