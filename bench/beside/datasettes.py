"""SQLite's FTS5 by the statements that Datasette 0.65 sends for a table page with facets.

Facets are columns of JSON arrays, as Datasette has them (`datasette.facets.ArrayFacet`): the search
is run again for each, for the count, and for the rows. Of Datasette itself only the statements are
measured. It would not rank, nor show passages; both are asked for here, by one statement more.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fts5 import SNIPPET, TOKENS, Fts5, match

_VALUES = 31
"""One more than Datasette shows."""


class Datasette(Fts5):
    """One database; a row is changed as in the other one."""

    def build(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Index rows of ``id``, ``title``, ``text`` and ``facets``."""
        run = self.db.execute
        run("PRAGMA journal_mode = WAL")
        run("BEGIN")
        columns = ", ".join(f"{name} TEXT" for name in ("slug", "title", "text", *self.facets))
        run(f"CREATE TABLE cases (id INTEGER PRIMARY KEY, {columns})")
        run(
            "CREATE VIRTUAL TABLE texts USING fts5(title, text, content='cases', "
            f"content_rowid='id', tokenize='{TOKENS}')"
        )
        marks = ", ".join("?" * (4 + len(self.facets)))
        for number, row in enumerate(rows, 1):
            facets = [json.dumps(row["facets"][name]) for name in self.facets]
            values = (number, row["id"], row["title"], row["text"], *facets)
            run(f"INSERT INTO cases VALUES ({marks})", values)  # noqa: S608
        run("INSERT INTO texts(texts) VALUES ('rebuild')")
        run("COMMIT")
        run("INSERT INTO texts(texts) VALUES ('optimize')")

    def ask(self, asked: Mapping[str, Any]) -> tuple[int, int] | None:
        """Answer with ten snippets and all facets; return how many were found and facet values."""
        if asked["form"] == "fuzzy":
            return None
        given = {"search": match(asked)}
        search = (
            "SELECT * FROM cases WHERE id IN (SELECT rowid FROM texts WHERE texts MATCH :search)"
        )
        for name, values in asked["filters"].items():
            for value in values:
                place = f"p{len(given)}"
                given[place] = value
                search += f" AND :{place} IN (SELECT value FROM json_each(cases.{name}))"  # noqa: S608
        (total,) = self.db.execute(f"SELECT count(*) FROM ({search})", given).fetchone()  # noqa: S608
        self.db.execute(
            f"SELECT {SNIPPET}, title FROM texts WHERE texts MATCH :search AND rowid IN "  # noqa: S608
            f"(SELECT id FROM ({search})) ORDER BY rank LIMIT 10",
            given,
        ).fetchall()
        return total, sum(len(self._count(name, search, given)) for name in self.facets)

    def _count(self, name: str, search: str, given: Mapping[str, str]) -> list[tuple[str, int]]:
        return self.db.execute(
            f"WITH inner AS ({search}), deduped_array_items AS (SELECT DISTINCT j.value, inner.* "  # noqa: S608
            f"FROM json_each(inner.{name}) j JOIN inner) SELECT value, count(*) FROM "
            f"deduped_array_items GROUP BY value ORDER BY count(*) DESC, value LIMIT {_VALUES}",
            given,
        ).fetchall()
