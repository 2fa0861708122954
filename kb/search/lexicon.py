"""What people may type and what it can mean: learned from the cases and from the vocabulary.

Dictionaries are too slow and too large for answering (10 s and 330 MB to open all of them), so what
they say about the words of this collection is written down while indexing: every form under which a
word can be typed, every form in which it stands in a case, every label of a concept. The answer
then needs a few look-ups on disk. One lexicon belongs to one generation of an index.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlite_utils import Database

from kb import prepared
from kb.database import transaction
from kb.languages import LANGUAGES
from kb.stems import content, forms, lemma, parts, readings, stems
from kb.text import fold, words
from kb.vocabulary import ANY_LANGUAGE, nameable

Token = str
"""``language:reading``, or ``=word`` for the folded word itself, whatever its language."""


@dataclass(frozen=True, slots=True)
class Name:
    """A label of a concept, as the set of tokens each of its words may be."""

    concept: str
    words: tuple[frozenset[Token], ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept that part of a question names."""

    concept: str
    places: frozenset[int]
    """Which words of the question name it, counted from 0."""


class Lexicon:
    """The lexicon in one SQLite file."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open a lexicon.

        Raises:
            sqlite3.Error: it cannot be read; an empty one in its place would answer, and wrongly.
        """
        address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        # check_same_thread off: an engine lets one thread at a time in.
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=10
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # Derived: what a power cut takes is learned again.
            connection.execute("PRAGMA synchronous = NORMAL")
            for statement in _SCHEMA if create else ("SELECT 1 FROM names",):
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        self._db = Database(connection)

    def learn(
        self, language: str, found: AbstractSet[str], stops: AbstractSet[str] = frozenset()
    ) -> None:
        """Learn the words of cases in a language; words already known cost nothing.

        For languages whose stems change, the dictionary's other forms of these words are learned
        too: this reads the dictionary, up to 4 s for Finnish.
        """
        new = found - self._known_words(language)
        if not new:
            return
        with transaction(self._db):
            self._insert("seen", _seen_rows(language, new, stops))
            self._insert("written", ((fold(word),) for word in new))
            self._learn_forms(language, new)
            self._insert("known", ((language, word) for word in new))

    def learn_names(self, stop_words: Mapping[str, AbstractSet[str]]) -> None:
        """Learn the labels of all concepts, and the folded stop words of each language."""
        for language in LANGUAGES:
            prepared.load(language)
        names = [(c.id, *name) for c in nameable().values() for name in c.names()]
        with transaction(self._db):
            stops = ((word, code) for code, found in stop_words.items() for word in found)
            self._insert("stops", stops)
            read = [(c, code, _name_words(label, code, stop_words)) for c, code, label in names]
            # Inflected forms of a label are mostly read as the same words.
            rows = list(enumerate(sorted({row for row in read if row[2]})))
            self._insert("names", ((n, c, code, json.dumps(found)) for n, (c, code, found) in rows))
            self._insert("firsts", ((t, n) for n, (*_, found) in rows for t in found[0]))
            self._insert("said", ((t,) for *_, found in read for word in found for t in word))
            written = (word.text for *_, label in names for word in words(label))
            self._insert("written", ((fold(word),) for word in written))
            for language in LANGUAGES:
                self._learn_typed(language, prepared.forms(language))

    def tokens(self, word: str, languages: AbstractSet[str]) -> frozenset[Token]:
        """Return everything that ``word`` may be in one of ``languages``.

        Where it is a stop word it is nothing but itself: Dutch *over* is not *overheid*.
        """
        folded = fold(word)
        rows = self._db.execute("SELECT language FROM stops WHERE word = ?", [folded])
        languages = languages - {row[0] for row in rows.fetchall()}
        rows = self._db.execute("SELECT language, reading FROM typed WHERE form = ?", [folded])
        learned = {f"{language}:{reading}" for language, reading in rows.fetchall()}
        read = {f"{language}:{reading}" for language, reading in stems(word, languages)}
        return frozenset({f"={folded}"} | learned | read)

    def surface(self, tokens: Iterable[Token]) -> dict[Token, frozenset[str]]:
        """Return the folded words of cases that stand behind each token."""
        found: dict[Token, set[str]] = defaultdict(set)
        asked = list(tokens)
        rows = self._db.execute(
            "SELECT token, form FROM seen WHERE token IN (SELECT value FROM json_each(?))",
            [json.dumps(asked)],
        )
        for token, form in rows.fetchall():
            found[token].add(form)
        for token in asked:
            if token.startswith("="):
                found[token].add(token[1:])
        return {token: frozenset(forms) for token, forms in found.items()}

    def is_said(self, tokens: Iterable[Token]) -> bool:
        """Tell whether a label of a concept or a word of a case has one of the tokens."""
        sql = (
            "SELECT 1 FROM said WHERE token IN (SELECT value FROM json_each(:asked)) "
            "UNION ALL SELECT 1 FROM seen WHERE token IN (SELECT value FROM json_each(:asked))"
        )
        return self._db.execute(sql, {"asked": json.dumps(list(tokens))}).fetchone() is not None

    @cached_property
    def written(self) -> Mapping[int, Sequence[str]]:
        """Return the folded words of cases and labels, by their number of letters."""
        found: dict[int, list[str]] = defaultdict(list)
        for (form,) in self._db.execute("SELECT form FROM written ORDER BY form").fetchall():
            found[len(form)].append(form)
        return found

    def is_stop(self, word: str) -> bool:
        """Tell whether the word means little in one of the languages: *di*, *the*, *für*."""
        return (
            self._db.execute("SELECT 1 FROM stops WHERE word = ?", [fold(word)]).fetchone()
            is not None
        )

    def meanings(self, question: tuple[frozenset[Token], ...]) -> tuple[Mention, ...]:
        """Return the concepts that a question names, given the tokens of each of its words.

        All words of a label must occur; of several labels of a concept the one with most words
        counts, and a concept whose words are all part of a longer name does not.
        """
        best: dict[str, Mention] = {}
        for name in self._candidates(question):
            places = _places(name, question)
            known = best.get(name.concept)
            if places and (known is None or len(places) > len(known.places)):
                best[name.concept] = Mention(name.concept, places)
        return tuple(
            meaning
            for meaning in best.values()
            if not any(meaning.places < other.places for other in best.values())
        )

    def close(self) -> None:
        """Close the file."""
        self._db.conn.close()

    def _candidates(self, question: tuple[frozenset[Token], ...]) -> Iterator[Name]:
        """Yield the labels whose first word is asked for."""
        rows = self._db.execute(
            "SELECT DISTINCT concept, words FROM firsts JOIN names USING (name) "
            "WHERE token IN (SELECT value FROM json_each(?)) ORDER BY concept, words",
            [json.dumps(sorted(frozenset().union(*question)))],
        )
        for concept, text in rows.fetchall():
            yield Name(concept, tuple(frozenset(word) for word in json.loads(text)))

    @cached_property
    def name_languages(self) -> frozenset[str]:
        """The languages in which concepts have labels, whatever the languages of the cases."""
        rows = self._db.execute("SELECT DISTINCT language FROM names")
        return frozenset(row[0] for row in rows.fetchall()) & LANGUAGES.keys()

    def _known_words(self, language: str) -> set[str]:
        rows = self._db.execute("SELECT word FROM known WHERE language = ?", [language])
        return {row[0] for row in rows.fetchall()}

    def _learn_forms(self, language: str, found: AbstractSet[str]) -> None:
        """Learn the dictionary's other forms of these words, where stemming does not find them."""
        if not LANGUAGES[language].stem_changes:
            return
        lemmas = {lemma(word, language) for word in found} - {""}
        self._learn_typed(language, forms(language, lemmas))

    def _learn_typed(self, language: str, found: Iterable[tuple[str, str]]) -> None:
        self._insert("typed", ((fold(form), language, fold(base)) for form, base in found))

    def _insert(self, table: str, rows: Iterable[tuple[str | int, ...]]) -> None:
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return
        marks = ", ".join("?" * len(first))
        statement = f"INSERT OR IGNORE INTO {table} VALUES ({marks})"  # noqa: S608 - our own names
        self._db.conn.execute(statement, first)
        self._db.conn.executemany(statement, rows)


_MIN_WORDS = 2

_SCHEMA = tuple(
    f"CREATE TABLE IF NOT EXISTS {table} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"
    for table, columns, key in (
        ("typed", "form TEXT, language TEXT, reading TEXT", "form, language, reading"),
        ("seen", "token TEXT, form TEXT", "token, form"),
        ("known", "language TEXT, word TEXT", "language, word"),
        ("said", "token TEXT", "token"),
        ("written", "form TEXT", "form"),
        ("stops", "word TEXT, language TEXT", "word, language"),
        ("firsts", "token TEXT, name INTEGER", "token, name"),
        ("names", "name INTEGER, concept TEXT, language TEXT, words TEXT", "name"),
    )
)


def tokens_in(word: str, language: str, stops: AbstractSet[str] = frozenset()) -> frozenset[Token]:
    """Return the tokens under which a word of a case in ``language`` is indexed.

    A compound is also found by its parts, a stop word only as it stands.
    """
    # Names are inflected by no language here.
    if language == ANY_LANGUAGE or fold(word) in stops:
        return frozenset({f"={fold(word)}"})
    found = set(readings(word, language))
    for part in parts(word, language):
        found |= readings(part, language)
    return frozenset({f"={fold(word)}"} | {f"{language}:{reading}" for reading in found})


def _seen_rows(
    language: str, found: AbstractSet[str], stops: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    for word in found:
        folded = fold(word)
        for token in tokens_in(word, language, stops):
            if not token.startswith("="):
                yield token, folded


def _name_words(
    label: str, language: str, stop_words: Mapping[str, AbstractSet[str]]
) -> tuple[tuple[Token, ...], ...]:
    stops = stop_words.get(language, frozenset())
    found = [word.text for word in words(label)]
    telling = content(found, language, stops)
    if len(telling) < _MIN_WORDS:  # "Housing First" is not "housing"
        telling = found
    return tuple(
        (f"={fold(word)}",)
        if language == ANY_LANGUAGE or fold(word) in stops
        else tuple(sorted({f"{language}:{reading}" for reading in readings(word, language)}))
        for word in telling
    )


def _places(name: Name, question: tuple[frozenset[Token], ...]) -> frozenset[int]:
    """Return which words of the question the name's words are, or nothing if one is not there."""
    places = set()
    for word in name.words:
        place = next(
            (n for n, tokens in enumerate(question) if tokens & word and n not in places), None
        )
        if place is None:
            return frozenset()
        places.add(place)
    return frozenset(places)
