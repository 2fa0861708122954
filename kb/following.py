"""Following a search: saving it, and which of its cases are new.

A case is new when it was published, or changed, since. What was withdrawn is not told as new, nor
what the same search finds only because the machine reads a case in another way. Marks are numbers
of changes (`kb.harvest`); they move only over cases of which the index knows all, so that none that
is indexed later, or found by its meaning only when it has its vectors, is passed over.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.accounts import Person
from kb.accounts.people import one_line
from kb.audit import Audit
from kb.database import Connections
from kb.errors import AccountError
from kb.followed import OFTEN, Followed, FollowedSearches, Often
from kb.frozen import Question
from kb.harvest import Harvest
from kb.query import Query
from kb.saying import said, term

MOST = 100
"""Searches that one person can follow."""

FindIds = Callable[[Query], Sequence[str]]


@dataclass(frozen=True, slots=True)
class News:
    """What a search finds, and what of it is new."""

    found: tuple[str, ...]
    """All cases, in the order of the result page."""
    new: tuple[str, ...]
    """Those that are new, the last change first."""
    mark: int
    """Up to which change this tells."""


class Following:
    """What people can do with searches that they follow."""

    def __init__(
        self,
        connections: Connections,
        harvest: Harvest,
        find_ids: FindIds,
        is_settled: Callable[[], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Put it together.

        Args:
            connections: to the database.
            harvest: what changed when.
            find_ids: the engine's `ids`.
            is_settled: tells whether every change can be found.
            now: gives Unix time.
        """
        self._connections = connections
        self._harvest = harvest
        self._find_ids = find_ids
        self._is_settled = is_settled
        self._now = now
        self._searches = FollowedSearches(connections)
        self._audit = Audit(connections, now)

    def save(self, person: Person, query: Query, name: str, often: str) -> Followed:
        """Keep a search, also one that finds nothing; what it finds now is not new.

        Order and page play no part. One that asks the same is not kept twice: it gets the new name
        and the new choice.

        Raises:
            AccountError: the name is no line, ``often`` is no word of ours, or there are too many.
        """
        told, chosen, now = one_line("name", name), _often(often), int(self._now())
        asked = query.unordered()
        mark, search_id = self._harvest.mark(), secrets.token_hex(8)
        made = Followed(search_id, person.id, told, asked, chosen, mark, mark, now, now)
        with self._connections.writing():
            kept = self._searches.add(made, Question(asked).written())
            if len(self._searches.of(person.id)) > MOST:
                message = said("You follow {count} searches; delete one first", count=MOST)
                raise AccountError("name", message)
            if kept.id != made.id:
                self._searches.describe(kept.id, told or kept.name, chosen)
            self._audit.note(person.id, "search.save", kept.id, chosen)
        return self.get(person, kept.id)

    def of(self, person: Person) -> tuple[Followed, ...]:
        """Return the searches of a person, the newest first."""
        return self._searches.of(person.id)

    def get(self, person: Person, search_id: str) -> Followed:
        """Return a search of a person.

        Raises:
            FollowedNotFoundError: they have none of this id, whoever else has.
        """
        return self._searches.get(person.id, search_id)

    def news(self, followed: Followed, after: int) -> News:
        """Return what a search finds, and what of it has changed since number ``after``.

        Raises:
            IndexUnavailableError: there is no index yet.
        """
        # In this order: what changes meanwhile is told next time.
        mark = self._harvest.mark()
        settled = self._is_settled()
        found = tuple(self._find_ids(followed.query))
        return News(found, self._harvest.changed(found, after, mark), mark if settled else after)

    def look(self, followed: Followed, news: News) -> None:
        """Note that a person has seen what is new."""
        if news.mark > followed.looked:
            self._searches.look(followed.id, news.mark)

    def change(self, person: Person, search_id: str, name: str, often: str) -> None:
        """Change what a search is called, and how often a letter comes.

        Raises:
            FollowedNotFoundError: they have none of this id.
            AccountError: the name is no line, or ``often`` is no word of ours.
        """
        told, chosen = one_line("name", name), _often(often)
        with self._connections.writing():
            followed = self.get(person, search_id)
            self._searches.describe(followed.id, told, chosen)
            self._audit.note(person.id, "search.change", followed.id, chosen)

    def delete(self, person: Person, search_id: str) -> None:
        """Follow a search no more.

        Raises:
            FollowedNotFoundError: they have none of this id.
        """
        with self._connections.writing():
            followed = self.get(person, search_id)
            self._searches.remove(followed.id)
            self._audit.note(person.id, "search.delete", followed.id)


def _often(text: str) -> Often:
    for each in OFTEN:
        if each == text:
            return each
    raise AccountError("often", term("Choose how often e-mail may come"))
