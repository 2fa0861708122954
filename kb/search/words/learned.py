"""The words of the cases of one generation of the embedded index, in one SQLite file.

Written down while indexing: every form under which a word can be typed, and every form in which it
stands in a case. The answer then needs a few look-ups on disk.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sqlite_utils import Database

from kb.database import transaction
from kb.search.words.analysis import Seen
from kb.search.words.lexicon import Lexicon
from kb.search.words.naming import Names
from kb.search.words.neighbours import Neighbours
from kb.search.words.tokens import Token, listed, table
from kb.stems import forms
from kb.text import fold


@dataclass(slots=True)
class _Written:
    """The words of a file that have been read so far: it only grows."""

    words: Neighbours = field(default_factory=Neighbours)
    newest: int = 0
    """Number of the last row."""


@lru_cache(maxsize=1)  # the file is opened anew with each state of an index
def _written(_path: Path) -> _Written:
    return _Written()


class Learned:
    """The learned words; which names go with them stands in the same file."""

    def __init__(self, path: Path, *, names: str = "") -> None:
        """Open the file.

        Args:
            path: the file.
            names: creates it, to go with the file of names so called, two folders up.

        Raises:
            sqlite3.Error: it cannot be read; an empty one in its place would answer, and wrongly.
        """
        self._path = path
        address = f"{path.absolute().as_uri()}?mode={'rwc' if names else 'rw'}"
        # check_same_thread off: an engine lets one thread at a time in.
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=10
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # Derived: what a power cut takes is learned again.
            connection.execute("PRAGMA synchronous = NORMAL")
            for statement in _SCHEMA if names else ():
                connection.execute(statement)
            if names:
                connection.execute("INSERT INTO beside VALUES (?)", [names])
            row = connection.execute("SELECT names FROM beside").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        self._db = Database(connection)
        self.names = str(row[0]) if row else ""
        """Name of the file of names that goes with it."""

    def learn(self, language: str, seen: Seen) -> None:
        """Learn the words of cases in a language; words already known cost nothing."""
        known = self._known(language)
        new = {word: read for word, read in seen.items() if word not in known}
        if not new:
            return
        with transaction(self._db):
            self._insert("seen", ((t, read.folded) for read in new.values() for t in read.tokens))
            self._insert("written", ((read.folded,) for read in new.values()))
            self._insert("known", ((language, word) for word in new))
            self._insert("waiting", ((language, r.lemma) for r in new.values() if r.lemma))

    def learn_forms(self) -> None:
        """Learn the dictionary's other forms of words that stemming does not lead to.

        This reads dictionaries, 1 s for Finnish. Lemmas wait for it in the file, also for the next
        process where this one ends.
        """
        waiting = defaultdict(set)
        for language, lemma in self._db.execute("SELECT language, lemma FROM waiting").fetchall():
            waiting[language].add(lemma)
        for language, lemmas in waiting.items():
            with transaction(self._db) as db:
                self._insert("typed", typed(language, lemmas))
                db.execute("DELETE FROM waiting WHERE language = ?", [language])

    def readings(self, folded: str) -> Iterable[tuple[str, str]]:
        """Give (language, reading) for a form that a dictionary has of a word of a case."""
        rows = self._db.execute("SELECT language, reading FROM typed WHERE form = ?", [folded])
        return list(rows.fetchall())

    def forms(self, tokens: AbstractSet[Token]) -> Iterable[tuple[Token, str]]:
        """Give (token, folded word) for each word of a case that has one of the tokens."""
        sql = "SELECT token, form FROM seen WHERE token IN (SELECT value FROM json_each(?))"
        return list(self._db.execute(sql, [listed(tokens)]).fetchall())

    def has(self, tokens: AbstractSet[Token]) -> bool:
        """Tell whether a word of a case has one of the tokens."""
        sql = "SELECT 1 FROM seen WHERE token IN (SELECT value FROM json_each(?))"
        return self._db.execute(sql, [listed(tokens)]).fetchone() is not None

    def near(self, folded: str, most: int) -> Iterator[str]:
        """Yield folded words of cases: all that differ in so many letters, and some others."""
        written = _written(self._path)
        rows = self._db.execute(
            "SELECT rowid, form FROM written WHERE rowid > ? ORDER BY rowid", [written.newest]
        ).fetchall()
        if rows:
            written.words.add(form for _, form in rows)
            written.newest = rows[-1][0]
        yield from written.words.near(folded, most)

    def close(self) -> None:
        """Close the file."""
        self._db.conn.close()

    def _known(self, language: str) -> set[str]:
        rows = self._db.execute("SELECT word FROM known WHERE language = ?", [language])
        return {row[0] for row in rows.fetchall()}

    def _insert(self, name: str, rows: Iterable[tuple[str, ...]]) -> None:
        ordered = sorted(set(rows))  # a tree that is filled in its order is written once
        if ordered:
            marks = ", ".join("?" * len(ordered[0]))
            statement = f"INSERT OR IGNORE INTO {name} VALUES ({marks})"  # noqa: S608 - our own names
            self._db.conn.executemany(statement, ordered)


def open_lexicon(path: Path) -> Lexicon:
    """Open the learned words of a generation, and the names that go with them.

    Raises:
        sqlite3.Error: one of the two cannot be read.
    """
    with ExitStack() as opened:
        learned = opened.enter_context(closing(Learned(path)))
        names = opened.enter_context(closing(Names(path.parent.parent / learned.names)))
        opened.pop_all()  # read without error: they stay open
    return Lexicon(names, learned)


def names_of(path: Path) -> Path:
    """Return the file of names that goes with learned words; the folder itself where none can."""
    try:
        with closing(Learned(path)) as learned:
            return path.parent.parent / learned.names
    except sqlite3.Error:
        return path.parent.parent


def typed(language: str, lemmas: AbstractSet[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (form, language, reading) for all forms that a dictionary has of lemmas."""
    for form, base in forms(language, lemmas):
        yield fold(form), language, fold(base)


_SCHEMA = (
    table("typed", "form TEXT, language TEXT, reading TEXT", "form, language, reading"),
    table("seen", "token TEXT, form TEXT", "token, form"),
    table("known", "language TEXT, word TEXT", "language, word"),
    table("waiting", "language TEXT, lemma TEXT", "language, lemma"),
    "CREATE TABLE IF NOT EXISTS written (form TEXT PRIMARY KEY)",  # in the order of learning
    table("beside", "names TEXT", "names"),
)
