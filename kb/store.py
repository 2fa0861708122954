"""Cases, their revisions, what was derived from them, and the change log."""

import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlite_utils import Database

from kb.database import Connections
from kb.errors import CaseNotFoundError
from kb.judging import Record, Verdict
from kb.licences import USUAL
from kb.model import Case, Revision, Tag
from kb.moments import utc
from kb.text import fold


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was made from one revision."""

    case_id: str
    revision: int
    maker: str
    """Version of the rules that made it; another one makes it again."""
    bodies: Mapping[str, str]
    """The full text as safe HTML, by language."""
    tags: tuple[Tag, ...]
    card: bytes = b""
    """What lists of results show, packed."""
    at: int = field(default=0, compare=False)
    """Unix time at which it was stored."""


@dataclass(frozen=True, slots=True)
class Retirement:
    """Why a case is no longer among the others."""

    case_id: str
    kind: Literal["archived", "withdrawn", "taken-down"]
    """Archived is still to be read, withdrawn leaves its title, taken down leaves nothing."""
    reason: str
    at: int
    """Unix time."""


class Store:
    """The cases in the database."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(self, case: Case, *, file: str, original: str, contributor: str) -> Revision | None:
        """Add a revision and make it the current one; return None if the case already says this.

        A case that was retired is among the others again. The revision is durable when this
        returns, or when the transaction ends that it is part of.
        """
        with self._connections.writing() as db:
            current = _current(db, case.id)
            if current is not None and current["digest"] == case.digest:
                return None
            db.execute("DELETE FROM retirements WHERE case_id = ?", [case.id])
            number = _newest(db, case.id) + 1
            accepted = utc(datetime.now(UTC))
            content = json.dumps(case.as_dict(), ensure_ascii=False)
            db.table("revisions").insert(
                {"case_id": case.id, "number": number, "digest": case.digest, "content": content,
                 "file": file, "original": original, "contributor": contributor,
                 "accepted": accepted}
            )  # fmt: skip
            db.execute(
                "INSERT INTO cases (id, revision, title, city, country, language) "
                "VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET revision=excluded.revision, "
                "title=excluded.title, city=excluded.city, country=excluded.country, "
                "language=excluded.language",
                [
                    case.id,
                    number,
                    case.title,
                    case.city,
                    case.country or "",
                    case.original_language,
                ],
            )
        return Revision(case, number, accepted, contributor, file, original)

    def latest(self, case_id: str) -> Revision:
        """Return the current revision of a case.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        row = _current(self._db, case_id)
        if row is None:
            raise CaseNotFoundError(case_id)
        return _revision(row)

    def revisions(self, case_ids: Sequence[str]) -> dict[str, Revision]:
        """Return the current revisions of those of the cases that exist, by id."""
        rows = self._rows(_CURRENT_OF_SOME, case_ids)
        return {row["case_id"]: _revision(row) for row in rows}

    def numbers(self, case_ids: Sequence[str]) -> dict[str, int]:
        """Return the number of the current revision of those of the cases that exist, by id."""
        sql = "SELECT id, revision FROM cases WHERE id IN (SELECT value FROM json_each(?))"
        return {row["id"]: row["revision"] for row in self._rows(sql, case_ids)}

    def revisions_at(self, numbers: Mapping[str, int]) -> dict[str, Revision]:
        """Return revisions by case, whether they are current or not, as far as they are kept."""
        asked = [json.dumps(list(pair)) for pair in numbers.items()]
        return {row["case_id"]: _revision(row) for row in self._rows(_AT, asked)}

    def licences(self, case_ids: Sequence[str]) -> dict[str, int]:
        """Return how many of the cases have which licence, the most frequent first."""
        rows = self._rows(_LICENCES, case_ids)
        return {row["licence"] or USUAL: row["cases"] for row in rows}

    def history(self, case_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a case, the oldest first; nothing if there is none."""
        rows = self._db.query(
            "SELECT * FROM revisions WHERE case_id = ? ORDER BY number", [case_id]
        )
        return tuple(_revision(row) for row in rows)

    def revision(self, case_id: str, number: int) -> Revision:
        """Return one revision of a case, whether it is current or not.

        Raises:
            CaseNotFoundError: there is none.
        """
        for row in self._db.query(
            "SELECT * FROM revisions WHERE case_id = ? AND number = ?", [case_id, number]
        ):
            return _revision(row)
        raise CaseNotFoundError(case_id)

    def has_said(self, case: Case) -> bool:
        """Tell whether some revision of the case, current or not, says the same."""
        sql = "SELECT 1 FROM revisions WHERE case_id = ? AND digest = ?"
        return self._db.execute(sql, [case.id, case.digest]).fetchone() is not None

    def with_original(self, original: str) -> list[str]:
        """Return the cases with a revision that came from these bytes."""
        sql = "SELECT DISTINCT case_id FROM revisions WHERE original = ? ORDER BY case_id"
        return [row[0] for row in self._db.execute(sql, [original]).fetchall()]

    def retire(self, case_id: str, kind: str, reason: str, person: str, at: int) -> None:
        """Take a case from among the others; its revisions are kept. An archived one can still go.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        with self._connections.writing() as db:
            before = self.retirement(case_id)
            if before is None or before.kind != "archived":
                self.latest(case_id)
            db.execute("DELETE FROM cases WHERE id = ?", [case_id])
            row = {"case_id": case_id, "kind": kind, "reason": reason, "person": person, "at": at}
            db.table("retirements").upsert(row, pk="case_id")

    def newest(self, case_id: str) -> int:
        """Return the number of the newest revision, also of a retired case; 0 if there is none."""
        return _newest(self._db, case_id)

    def contributors(self, case_id: str) -> set[str]:
        """Return who has contributed a revision of a case."""
        sql = "SELECT DISTINCT contributor FROM revisions WHERE case_id = ?"
        return {row[0] for row in self._db.execute(sql, [case_id]).fetchall()}

    def retirement(self, case_id: str) -> Retirement | None:
        """Return why a case is not among the others; None if it is, or never was."""
        return self.retirements([case_id]).get(case_id)

    def retirements(self, case_ids: Sequence[str]) -> dict[str, Retirement]:
        """Return why those of the cases that are not among the others are not, by id."""
        sql = (
            "SELECT case_id, kind, reason, at FROM retirements "
            "WHERE case_id IN (SELECT value FROM json_each(?))"
        )
        return {row["case_id"]: Retirement(**row) for row in self._rows(sql, case_ids)}

    def take_down(self, case_id: str, reason: str, person: str, at: int) -> list[str]:
        """Delete all that is kept of a case but its id; return the originals it came from.

        The database overwrites what it deletes, and gives up what its log still holds; it becomes
        another one for the index, which is therefore built anew without the words of the case. An
        original from which another case came too, as a table of cases, is kept and not returned.
        """
        with self._connections.writing() as db:
            came_from = [row[0] for row in db.execute(_ORIGINALS, {"case": case_id}).fetchall()]
            db.execute("DELETE FROM cases WHERE id = ?", [case_id])
            row = {
                "case_id": case_id,
                "kind": "taken-down",
                "reason": reason,
                "person": person,
                "at": at,
            }
            db.table("retirements").upsert(row, pk="case_id")
            for table in ("revisions", "analyses", "verdicts", "answers", "drafts", "adoptions"):
                db.execute(f"DELETE FROM {table} WHERE case_id = ?", [case_id])  # noqa: S608 - ours
            become_another(db.conn)
            gone = [each for each in came_from if each and not self.with_original(each)]
            for original in gone:
                db.execute(_DELETE_WHAT_OTHERS_MADE_OF, [original])
                db.execute(_FORGET_THE_FILES_OF, [original])
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def was_ever(self, case_id: str) -> bool:
        """Tell whether there is a case of this id, or was one that has been retired."""
        sql = (
            "SELECT 1 FROM revisions WHERE case_id = :id "
            "UNION ALL SELECT 1 FROM retirements WHERE case_id = :id"
        )
        return self._db.execute(sql, {"id": case_id}).fetchone() is not None

    def ids(self) -> list[str]:
        """Return the ids of all cases, in alphabetical order."""
        return [row["id"] for row in self._db.query("SELECT id FROM cases ORDER BY id")]

    def languages(self, case_ids: Sequence[str] | None = None) -> dict[str, str]:
        """Return the original language of every case, or of some, by id."""
        some = "SELECT value FROM json_each(?)"
        sql = f"SELECT id, language FROM cases WHERE ? IS NULL OR id IN ({some})"  # noqa: S608 - ours
        asked = None if case_ids is None else json.dumps(list(case_ids))
        return dict(self._db.execute(sql, [asked, asked]).fetchall())

    def titles(self) -> list[tuple[str, str, str]]:
        """Return (case, language, title) for every title, the English ones too."""
        sql = (
            f"WITH told AS ({_CURRENT}) "  # noqa: S608 - ours
            "SELECT case_id, json_extract(content, '$.original_language'), "
            "json_extract(content, '$.title') FROM told UNION ALL "
            "SELECT case_id, 'en', json_extract(content, '$.title_en') FROM told"
        )
        rows = self._db.execute(sql).fetchall()
        return [(key, code, text) for key, code, text in rows if text]

    def in_city(self, city: str) -> list[str]:
        """Return the cases in a city of this name, in any spelling of capitals."""
        rows = self._db.execute("SELECT id, city FROM cases ORDER BY id").fetchall()
        return [case_id for case_id, name in rows if city and fold(name) == fold(city)]

    def cities(self) -> list[str]:
        """Return the cities of all cases."""
        sql = f"SELECT DISTINCT json_extract(content, '$.city') FROM ({_CURRENT})"  # noqa: S608
        return [row[0] for row in self._db.execute(sql).fetchall() if row[0]]

    def related(self, types: Sequence[str]) -> dict[str, Revision]:
        """Return the current revisions of the cases with a relation of these types, by id."""
        return {row["case_id"]: _revision(row) for row in self._rows(_RELATED, types)}

    def count(self) -> int:
        """Return the number of cases."""
        return int(self._db.execute("SELECT count(*) FROM cases").fetchone()[0])

    @property
    def identity(self) -> str:
        """An id made with the database, by which an index knows to which it belongs."""
        return str(self._db.table("meta").get("database")["value"])

    def changed_since(self, seq: int) -> tuple[int, list[str]]:
        """Return the newest number of the change log and the cases changed after ``seq``."""
        rows = list(
            self._db.query("SELECT case_id, seq FROM changes WHERE seq > ? ORDER BY seq", [seq])
        )
        return (rows[-1]["seq"] if rows else seq), list(dict.fromkeys(r["case_id"] for r in rows))

    def newest_change(self) -> int:
        """Return the newest number of the change log, 0 if nothing has changed yet."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])

    def judge(self, case_id: str, concept: str, verdict: Verdict, person: str, at: int) -> None:
        """Keep what was said of a machine's tag, and have the case tagged and indexed again.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        row = {
            "case_id": case_id,
            "concept": concept,
            "verdict": verdict,
            "person": person,
            "at": at,
        }
        with self._connections.writing() as db:
            self.latest(case_id)
            db.table("verdicts").upsert(row, pk=("case_id", "concept"))
            db.execute("DELETE FROM analyses WHERE case_id = ?", [case_id])
            db.table("changes").insert({"case_id": case_id})

    def verdicts(self, case_id: str) -> dict[str, Verdict]:
        """Return what was said of the machine's tags of a case, by concept."""
        sql = "SELECT concept, verdict FROM verdicts WHERE case_id = ?"
        return {row["concept"]: row["verdict"] for row in self._db.query(sql, [case_id])}

    def records(self) -> dict[str, Record]:
        """Return how often the machine was right about each concept that was judged."""
        rows = self._db.query(
            "SELECT concept, sum(verdict = 'accepted') AS accepted, "
            "sum(verdict = 'rejected') AS rejected FROM verdicts GROUP BY concept"
        )
        return {row["concept"]: Record(row["accepted"], row["rejected"]) for row in rows}

    def keep(self, *analyses: Analysis) -> None:
        """Store what was derived from revisions in place of what was derived before."""
        rows = [
            {
                "case_id": each.case_id,
                "revision": each.revision,
                "maker": each.maker,
                "bodies": json.dumps(each.bodies, ensure_ascii=False),
                "tags": json.dumps([asdict(tag) for tag in each.tags], ensure_ascii=False),
                "card": each.card,
            }
            for each in analyses
        ]
        with self._connections.writing() as db:
            at = db.execute(_NOW).fetchone()[0]
            db.table("analyses").upsert_all([{**row, "at": at} for row in rows], pk="case_id")

    def analyses(self, case_ids: Sequence[str]) -> dict[str, Analysis]:
        """Return what is stored for those of the cases for which something is, by id."""
        rows = self._rows(
            "SELECT * FROM analyses WHERE case_id IN (SELECT value FROM json_each(?))", case_ids
        )
        return {row["case_id"]: _analysis(row) for row in rows}

    def tags(self, case_ids: Sequence[str]) -> dict[str, tuple[int, tuple[Tag, ...]]]:
        """Return the tags of cases, and of which revision they are, without rendered texts."""
        sql = (
            "SELECT case_id, revision, tags FROM analyses "
            "WHERE case_id IN (SELECT value FROM json_each(?))"
        )
        return {
            row["case_id"]: (row["revision"], _tags(row["tags"]))
            for row in self._rows(sql, case_ids)
        }

    def cards(self, case_ids: Sequence[str]) -> dict[str, tuple[bytes, tuple[Tag, ...]]]:
        """Return the packed cards and the tags of cases whose current revision has them."""
        sql = (
            "SELECT a.case_id, a.card, a.tags FROM analyses a JOIN cases c ON c.id = a.case_id "
            "AND c.revision = a.revision AND a.card != x'' "
            "WHERE a.case_id IN (SELECT value FROM json_each(?))"
        )
        rows = self._rows(sql, case_ids)
        return {row["case_id"]: (row["card"], _tags(row["tags"])) for row in rows}

    def places(self, case_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Return the id of the place of cases, and of which revision it was read."""
        sql = (
            "SELECT a.case_id, a.revision, json_extract(tag.value, '$.value') AS place "
            "FROM json_each(?) asked JOIN analyses a ON a.case_id = asked.value "
            "JOIN json_each(a.tags) tag ON json_extract(tag.value, '$.kind') = 'place'"
        )
        rows = self._rows(sql, case_ids)
        return {row["case_id"]: (row["revision"], row["place"]) for row in rows}

    def made_otherwise(self, maker: str) -> list[str]:
        """Return the cases whose derived data some other version has made, or nobody yet."""
        rows = self._db.query(
            "SELECT c.id FROM cases c LEFT JOIN analyses a ON a.case_id = c.id "
            "WHERE a.maker IS NOT ? OR a.revision IS NOT c.revision ORDER BY c.id",
            [maker],
        )
        return [row["id"] for row in rows]

    @property
    def _db(self) -> Database:
        return self._connections.reading

    def _rows(self, sql: str, case_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
        if case_ids:  # each search asks for none of some kind, and need not ask the database
            yield from self._db.query(sql, [json.dumps(list(case_ids))])


def become_another(db: sqlite3.Connection) -> None:
    """Give a database another identity, so that no index that there is belongs to it."""
    db.execute("UPDATE meta SET value = ? WHERE name = 'database'", [str(uuid.uuid4())])


_ORIGINALS = (
    "SELECT original FROM revisions WHERE case_id = :case UNION SELECT u.original "
    "FROM uploads u JOIN drafts d ON d.upload = u.id WHERE d.case_id = :case"
)
# Others may have sent in the same bytes, and have made a draft of them or wait for one.
_DELETE_WHAT_OTHERS_MADE_OF = (
    "DELETE FROM drafts WHERE upload IN (SELECT id FROM uploads WHERE original = ?)"
)
_FORGET_THE_FILES_OF = (
    "UPDATE uploads SET file = '', original = '', reason = 'taken down', state = CASE "
    "WHEN state IN ('queued', 'parsing') THEN 'refused' ELSE state END WHERE original = ?"
)
_CURRENT = "SELECT r.* FROM cases c JOIN revisions r ON r.case_id = c.id AND r.number = c.revision"
_CURRENT_OF_ONE = f"{_CURRENT} WHERE c.id = ?"
_CURRENT_OF_SOME = f"{_CURRENT} WHERE c.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours
_RELATED = (
    f"{_CURRENT} WHERE EXISTS (SELECT 1 FROM json_each(r.content, '$.relations') relation "  # noqa: S608 - ours
    "WHERE json_extract(relation.value, '$.type') IN (SELECT value FROM json_each(?)))"
)

_AT = (
    "SELECT r.* FROM json_each(?) asked JOIN revisions r "
    "ON r.case_id = json_extract(asked.value, '$[0]') "
    "AND r.number = json_extract(asked.value, '$[1]')"
)
_LICENCES = (
    "SELECT json_extract(content, '$.licence') AS licence, count(*) AS cases "  # noqa: S608 - ours
    f"FROM ({_CURRENT_OF_SOME}) GROUP BY 1 ORDER BY 2 DESC, 1"
)
# Does not go back when the clock does: who asks whether something has changed must be told.
_NOW = (
    "SELECT max(CAST(strftime('%s', 'now') AS INTEGER), "
    "(SELECT coalesce(max(at), 0) FROM analyses), (SELECT coalesce(max(at), 0) FROM datestamps))"
)


def _current(db: Database, case_id: str) -> dict[str, Any] | None:
    return next(db.query(_CURRENT_OF_ONE, [case_id]), None)


def _newest(db: Database, case_id: str) -> int:
    """Return the number of the newest revision, also of a retired case; 0 if there is none."""
    sql = "SELECT coalesce(max(number), 0) FROM revisions WHERE case_id = ?"
    return int(db.execute(sql, [case_id]).fetchone()[0])


def _revision(row: dict[str, Any]) -> Revision:
    return Revision(
        case=Case.model_validate_json(row["content"]),
        number=row["number"],
        accepted=row["accepted"],
        contributor=row["contributor"],
        file=row["file"],
        original=row["original"],
    )


def _analysis(row: dict[str, Any]) -> Analysis:
    bodies = json.loads(row["bodies"])
    tags = _tags(row["tags"])
    card, at = row["card"], row["at"]
    return Analysis(row["case_id"], row["revision"], row["maker"], bodies, tags, card, at)


def _tags(text: str) -> tuple[Tag, ...]:
    return tuple(Tag(**tag) for tag in json.loads(text))
