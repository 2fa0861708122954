"""What was asked, by the day: how often, how often in vain or slowly, and what people miss.

Nothing here leads to who asked: no address, no session, no time finer than a day. Of a question
that found nothing only a keyed digest is kept until it is asked on a second day; then its words
are, too. Whoever has the database has the key, and could try out questions against the digests.
"""

import hashlib
import hmac
import re
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kb.database import Connections
from kb.errors import StoreUnavailableError
from kb.keys import Keys
from kb.query import Result
from kb.text import folded, normalise, words

SLOW_MS = 500
"""From here on people notice that they wait."""
KEPT_DAYS = 90
SHOWN_FROM_DAYS = 2
"""On so many days must a question have been asked before its words are shown."""
LONGEST = 80
"""Longer questions may tell somebody's story."""
MOST_A_DAY = 1_000
"""Questions remembered of one day: a program that asks at random fills no disk."""

# What may be of a person: addresses of mail and of the web, numbers of telephones and of people,
# which are also written in groups.
_PRIVATE = re.compile(r"@|://|\bwww\.|\w\.\w+/|\d(?:[\s./()-]*\d){4}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often was asked; ``day`` or ``language`` is empty where it sums over all of them."""

    day: str
    """ISO 8601, in UTC."""
    language: str
    """Of the reader, not of the question."""
    searches: int
    empty: int
    """Those that found no case."""
    slow: int
    """Those that took `SLOW_MS` or longer."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A question that found nothing."""

    text: str
    days: int
    """On how many days it was asked."""
    last: str
    """The last of them."""


class Asked:
    """The counts and the questions in the database."""

    def __init__(
        self, connections: Connections, *, on: bool = True, now: Callable[[], float] = time.time
    ) -> None:
        self.on = on
        self._connections = connections
        self._keys = Keys(connections)
        self._now = now
        self._forgotten = ""

    def note(self, result: Result, took_s: float) -> None:
        """Count a search; one that comes while others write, or nobody can, is not counted."""
        if not self.on:
            return
        query, today = result.query, self._day()
        empty, slow = result.total == 0, took_s * 1000 >= SLOW_MS
        text = _kept(query.text) if empty and not query.filters else ""
        with suppress(StoreUnavailableError), self._connections.at_once() as db:
            db.execute(
                _COUNT, {"day": today, "language": query.reader, "empty": empty, "slow": slow}
            )
            if text:
                mark = self._mark(text)
                db.execute(_MISS, {"day": today, "mark": mark, "text": text, "most": MOST_A_DAY})

    def days(self) -> tuple[Tally, ...]:
        """Return the counts of each day, the last one first."""
        return self._tallies("day", "''")

    def languages(self) -> tuple[Tally, ...]:
        """Return the counts by the readers' languages, the most frequent first."""
        return self._tallies("''", "language")

    def all(self) -> tuple[Tally, ...]:
        """Return the counts of each day and language."""
        return self._tallies("day", "language")

    def missed(self) -> tuple[Missed, ...]:
        """Return the questions that found nothing on two days or more, the most frequent first."""
        since = {"since": self._day(KEPT_DAYS), "days": SHOWN_FROM_DAYS}
        return tuple(Missed(**row) for row in self._connections.reading.query(_MISSED, since))

    def forget(self) -> None:
        """Delete what is too old, and everything where nothing is to be counted; once a day."""
        today = self._day()
        if self._forgotten == today:
            return
        since = self._day(KEPT_DAYS) if self.on else _END
        with self._connections.writing() as db:
            for table in ("asked", "missed"):
                db.execute(f"DELETE FROM {table} WHERE day < ?", [since])  # noqa: S608 - ours
        self._forgotten = today

    def _tallies(self, day: str, language: str) -> tuple[Tally, ...]:
        sql = _TALLIES.format(day=day, language=language)
        rows = self._connections.reading.query(sql, {"since": self._day(KEPT_DAYS)})
        return tuple(Tally(**row) for row in rows)

    def _mark(self, text: str) -> str:
        """Return what all spellings of a question share, and what nobody reads."""
        spelt = " ".join(folded(text))
        return hmac.new(self._keys.of("missed"), spelt.encode(), hashlib.sha256).hexdigest()

    def _day(self, ago: int = 0) -> str:
        day = datetime.fromtimestamp(self._now(), UTC).date()
        return (day - timedelta(days=ago)).isoformat()


def _kept(typed: str) -> str:
    """Return a question as it may be kept; nothing if it may tell of a person, or says nothing."""
    text = normalise(unicodedata.normalize("NFKC", typed))
    fine = len(text) <= LONGEST and any(words(text)) and not _PRIVATE.search(text)
    return text if fine else ""


_END = "9999-12-31"
_COUNT = """
    INSERT INTO asked (day, language, searches, empty, slow)
    VALUES (:day, :language, 1, :empty, :slow)
    ON CONFLICT (day, language) DO UPDATE SET
        searches = searches + 1, empty = empty + excluded.empty, slow = slow + excluded.slow
"""
# Its words are kept from the second day on. Reloading a page makes no second day of one.
_MISS = """
    INSERT OR IGNORE INTO missed (day, mark, text)
    SELECT :day, :mark,
        CASE WHEN EXISTS (SELECT 1 FROM missed WHERE mark = :mark) THEN :text ELSE '' END
    WHERE (SELECT count(*) FROM missed WHERE day = :day) < :most
"""
_MISSED = """
    SELECT max(text) AS text, count(*) AS days, max(day) AS last FROM missed
    WHERE day > :since GROUP BY mark HAVING count(*) >= :days ORDER BY 2 DESC, 3 DESC, 1
"""
_TALLIES = """
    SELECT {day} AS day, {language} AS language, sum(searches) AS searches, sum(empty) AS empty,
        sum(slow) AS slow
    FROM asked WHERE day > :since GROUP BY 1, 2 ORDER BY 1 DESC, 3 DESC, 2
"""
