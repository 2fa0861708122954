"""SQLite's FTS5 with facets, as a site on Datasette would have them, with what speeds that up.

Per facet one narrow table ordered by case. What a question finds is put into a temporary table
once; each facet joins it from there (CROSS JOIN keeps SQLite from beginning with the facet).
"""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SNIPPET = "snippet(texts, 1, '<b>', '</b>', '…', 40)"
TOKENS = "unicode61 remove_diacritics 2"


class Fts5:
    """One database."""

    def __init__(self, path: Path, facets: Iterable[str]) -> None:
        self.facets = tuple(facets)
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA cache_size = -200000")
        self.db.execute("PRAGMA mmap_size = 2000000000")
        self.db.execute("PRAGMA temp_store = MEMORY")
        self.db.execute("CREATE TEMP TABLE hit (id INTEGER PRIMARY KEY, bad REAL)")

    def build(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Index rows of ``id``, ``title``, ``text`` and ``facets``."""
        run = self.db.execute
        run("PRAGMA journal_mode = WAL")
        run("BEGIN")
        run("CREATE TABLE cases (id INTEGER PRIMARY KEY, slug TEXT, title TEXT, text TEXT)")
        run(
            "CREATE VIRTUAL TABLE texts USING fts5(title, text, content='cases', "
            f"content_rowid='id', tokenize='{TOKENS}')"
        )
        for name in self.facets:
            run(
                f"CREATE TABLE {name} (id INTEGER, value TEXT, PRIMARY KEY (id, value)) "
                "WITHOUT ROWID"
            )
        for number, row in enumerate(rows, 1):
            run(
                "INSERT INTO cases VALUES (?, ?, ?, ?)",
                (number, row["id"], row["title"], row["text"]),
            )
            for name in self.facets:
                values = {(number, value) for value in row["facets"][name]}
                self.db.executemany(f"INSERT INTO {name} VALUES (?, ?)", values)  # noqa: S608
        run("INSERT INTO texts(texts) VALUES ('rebuild')")
        run("COMMIT")
        for name in self.facets:
            run(f"CREATE INDEX {name}_by_value ON {name} (value)")
        run("INSERT INTO texts(texts) VALUES ('optimize')")
        run("ANALYZE")

    def change(self, row: Mapping[str, Any]) -> None:
        """Replace the text of a case, so that it is found from then on."""
        number, title, text = self.db.execute(
            "SELECT id, title, text FROM cases WHERE slug = ?", [row["id"]]
        ).fetchone()
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute(
            "INSERT INTO texts(texts, rowid, title, text) VALUES ('delete', ?, ?, ?)",
            (number, title, text),
        )
        self.db.execute("UPDATE cases SET text = ? WHERE id = ?", (row["text"], number))
        self.db.execute(
            "INSERT INTO texts(rowid, title, text) VALUES (?, ?, ?)",
            (number, row["title"], row["text"]),
        )
        self.db.execute("COMMIT")

    def ask(self, asked: Mapping[str, Any]) -> tuple[int, int] | None:
        """Answer with ten snippets and all facets; return how many were found and facet values."""
        if asked["form"] == "fuzzy":
            return None
        filters = asked["filters"]
        self.db.execute("DELETE FROM hit")
        self.db.execute(
            "INSERT INTO hit SELECT rowid, bm25(texts) FROM texts WHERE texts MATCH ?",
            [match(asked)],
        )
        where, values = _passing(filters, "hit.id")
        (total,) = self.db.execute(
            f"SELECT count(*) FROM hit WHERE {where}", values  # noqa: S608 - names of our own
        ).fetchone()  # fmt: skip
        best = self.db.execute(
            f"SELECT id FROM hit WHERE {where} ORDER BY bad LIMIT 10", values  # noqa: S608
        ).fetchall()  # fmt: skip
        for (number,) in best:
            self.db.execute(
                f"SELECT {SNIPPET}, slug, cases.title FROM texts CROSS JOIN cases "  # noqa: S608
                "ON cases.id = texts.rowid WHERE texts MATCH ? AND texts.rowid = ?",
                [match(asked), number],
            ).fetchone()
        return total, sum(len(self._counts(name, filters)) for name in self.facets)

    def size(self) -> int:
        """Return its bytes on disk."""
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size

    def _counts(self, name: str, filters: Mapping[str, list[str]]) -> list[tuple[str, int]]:
        """Count the values of a facet, without its own filter."""
        where, values = _passing({k: v for k, v in filters.items() if k != name}, "hit.id")
        return self.db.execute(
            f"SELECT value, count(*) FROM hit CROSS JOIN {name} ON {name}.id = hit.id "  # noqa: S608
            f"WHERE {where} GROUP BY value ORDER BY 2 DESC",
            values,
        ).fetchall()


def _passing(filters: Mapping[str, list[str]], case: str) -> tuple[str, list[str]]:
    """Return the condition that a case passes all filters, and its values."""
    told = [
        f"{case} IN (SELECT id FROM {name} WHERE value IN ({', '.join('?' * len(values))}))"  # noqa: S608
        for name, values in filters.items()
    ]
    return " AND ".join(told) or "1", [value for values in filters.values() for value in values]


def match(asked: Mapping[str, Any]) -> str:
    """Write a question in the language of FTS5."""
    words = [word.replace('"', "") for word in asked["words"]]
    if asked["form"] == "phrase":
        return f'"{" ".join(words)}"'
    if asked["form"] == "prefix":
        return f'"{words[0]}"*'
    joint = " OR " if asked["form"].startswith("any") else " AND "
    return joint.join(f'"{word}"' for word in words)
