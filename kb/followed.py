"""Searches that people follow, in the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from kb.database import Connections
from kb.errors import FollowedNotFoundError
from kb.frozen import asked
from kb.query import Query

Often = Literal["never", "weekly", "daily"]
OFTEN: tuple[Often, ...] = get_args(Often)

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S
# An hour less, so that who is told at nine is told at nine again, and not ever later.
_PERIODS_S: Mapping[str, int] = {"daily": _DAY_S - _HOUR_S, "weekly": 7 * _DAY_S - _HOUR_S}


@dataclass(frozen=True, slots=True)
class Followed:
    """A search that somebody follows. Times are Unix times, marks are numbers of changes."""

    id: str
    person: str
    name: str
    """What they call it; empty where they call it by its question."""
    query: Query
    """Its reader is the one for whom it was saved, in whose language letters are written."""
    often: Often
    """How often a letter may come."""
    looked: int
    """Up to which change they have looked."""
    told: int
    """Up to which change a letter has told them."""
    lettered: int
    """Time of the last letter, or of saving: the next comes a period later."""
    created: int

    @property
    def known(self) -> int:
        """Up to which change a letter need not tell."""
        return max(self.looked, self.told)


class FollowedSearches:
    """The table of searches."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, followed: Followed, question: str) -> Followed:
        """Keep a search; return the one that asks the same if the person has it already."""
        row = {name: getattr(followed, name) for name in _COLUMNS}
        row |= {"question": question, "language": followed.query.reader}
        with self._connections.writing() as db:
            db.table("followed").insert(row, ignore=True)
        (kept,) = self._some("WHERE person = ? AND question = ?", [followed.person, question])
        return kept

    def of(self, person_id: str) -> tuple[Followed, ...]:
        """Return the searches of a person, the newest first."""
        return tuple(self._some(f"WHERE person = ? {_NEWEST_FIRST}", [person_id]))

    def get(self, person_id: str, search_id: str) -> Followed:
        """Return a search of a person.

        Raises:
            FollowedNotFoundError: they have none of this id, whoever else has.
        """
        for found in self._some("WHERE person = ? AND id = ?", [person_id, search_id]):
            return found
        raise FollowedNotFoundError(search_id)

    def describe(self, search_id: str, name: str, often: Often) -> None:
        """Change what a search is called, and how often a letter comes."""
        self._write("UPDATE followed SET name = ?, often = ? WHERE id = ?", name, often, search_id)

    def remove(self, search_id: str) -> None:
        """Delete a search."""
        self._write("DELETE FROM followed WHERE id = ?", search_id)

    def silence(self, person_id: str) -> None:
        """Have no letter come any more."""
        self._write("UPDATE followed SET often = 'never' WHERE person = ?", person_id)

    def look(self, search_id: str, mark: int) -> None:
        """Note up to where a person has looked; that never goes back."""
        self._write("UPDATE followed SET looked = max(looked, ?) WHERE id = ?", mark, search_id)

    def tell(self, search_id: str, mark: int, lettered: int) -> None:
        """Note up to where a letter has told, and when the last one went."""
        sql = "UPDATE followed SET told = ?, lettered = ? WHERE id = ?"
        self._write(sql, mark, lettered, search_id)

    def due(self, newest: int, now: int) -> Iterator[tuple[Followed, ...]]:
        """Yield, person by person, the searches about which a letter may go, if there is news.

        No letter goes to who is let in no more, and none for a while after the server has refused
        one: an hour, then two, at most a day.
        """
        values = {"newest": newest, "now": now, "tomorrow": now + _PERIODS_S["daily"]} | {
            often: now - period for often, period in _PERIODS_S.items()
        }
        people = self._connections.reading.execute(_DUE_PEOPLE, values).fetchall()
        for (person_id,) in people:
            yield tuple(self._some(_DUE, {**values, "person": person_id}))

    def _some(self, end: str, values: Sequence[Any] | dict[str, Any]) -> Iterator[Followed]:
        rows = self._connections.reading.query(f"SELECT * FROM followed {end}", values)  # noqa: S608 - ours
        yield from map(_followed, rows)

    def _write(self, sql: str, *values: Any) -> None:
        with self._connections.writing() as db:
            db.execute(sql, list(values))


_COLUMNS = ("id", "person", "name", "often", "looked", "told", "lettered", "created")
_NEWEST_FIRST = "ORDER BY created DESC, rowid DESC"
_IS_DUE = (
    # Nobody was lettered tomorrow: that was before the clock was set back.
    "max(told, looked) < :newest AND (often = 'daily' AND lettered NOT BETWEEN :daily + 1 "
    "AND :tomorrow OR often = 'weekly' AND lettered NOT BETWEEN :weekly + 1 AND :tomorrow)"
)
_DUE = f"WHERE person = :person AND {_IS_DUE} {_NEWEST_FIRST}"
_DUE_PEOPLE = (
    "SELECT f.person FROM followed f JOIN people p ON p.id = f.person "  # noqa: S608 - ours
    "LEFT JOIN digests d ON d.person = f.person "
    f"WHERE p.closed IS NULL AND {_IS_DUE} AND (d.state IS NOT 'refused' "
    f"OR :now NOT BETWEEN d.at AND d.at + {_HOUR_S} * min(1 << min(d.attempts - 1, 5), 24) - 1) "
    "GROUP BY f.person ORDER BY min(lettered), f.person"
)


def _followed(row: Mapping[str, Any]) -> Followed:
    query = asked(row["question"], row["language"]).query
    return Followed(**{name: row[name] for name in _COLUMNS}, query=query)
