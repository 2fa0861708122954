"""Letters about followed searches: one a person with all that is due, none where nothing is new.

**At most once.** The marks move, and it is noted that a letter is being sent, in one transaction
before the server is asked. Whoever is killed after that sends the letter no second time; whoever
looks next finds the note, logs it, and the list of searches says it to their owner, where the cases
still count as new. A letter that the server refuses puts the marks back and is tried again later.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from kb import lock
from kb.accounts import Accounts, Person
from kb.audit import Audit
from kb.database import Connections
from kb.errors import IndexBusyError, LettersLinkError, LinkError, MailBusyError, MailError
from kb.followed import Followed, FollowedSearches
from kb.following import Following, News
from kb.harvest import Harvest
from kb.mail import Letter, Mailer
from kb.model import Case
from kb.outgoing import Outgoing, OutgoingLetters
from kb.signing import Signed
from kb.store import Store

LOG = logging.getLogger(__name__)

SHOWN = 20
"""Cases of one search that a letter names; the others are counted."""
LINK_DAYS = 366
_REFUSALS = 3
"""So many letters refused one after the other mean that the server is away."""


@dataclass(frozen=True, slots=True)
class Part:
    """One search in a letter."""

    followed: Followed
    news: News
    cases: tuple[Case, ...]
    """The first of those that are new."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a letter says."""

    person: Person
    parts: tuple[Part, ...]
    secret: str
    """Of the link that ends letters."""

    @property
    def language(self) -> str:
        """That for which the last of the searches was saved."""
        return self.parts[0].followed.query.reader

    @property
    def count(self) -> int:
        """How many cases are new; one that two searches find is one."""
        return len({case_id for part in self.parts for case_id in part.news.new})


Write = Callable[[Digest], Letter]
"""Says a digest in its language; `web.letters` has the sentences."""


class Digests:
    """Which letters are due, and sending them."""

    def __init__(  # noqa: PLR0913, PLR0917 - each a part of the library
        self,
        connections: Connections,
        store: Store,
        harvest: Harvest,
        following: Following,
        accounts: Accounts,
        lock_file: Path,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._connections = connections
        self._store = store
        self._harvest = harvest
        self._following = following
        self._accounts = accounts
        self._lock_file = lock_file
        self._now = now
        self._searches = FollowedSearches(connections)
        self._outgoing = OutgoingLetters(connections)
        self._audit = Audit(connections, now)
        self._links = Signed(connections, "letters", LINK_DAYS, now)

    def due(self) -> Iterator[Digest]:
        """Yield the letters that are due; nothing is noted.

        Raises:
            IndexUnavailableError: there is no index yet.
        """
        for searches in self._searches.due(self._harvest.mark(), int(self._now())):
            parts = tuple(self._part(each) for each in searches)
            # Where the index is behind, no mark moves: the letter would come twice.
            told = tuple(p for p in parts if p.news.new and p.news.mark > p.followed.known)
            if told:
                person = self._accounts.person(told[0].followed.person)
                yield Digest(person, told, self._links.link(person.id))

    def send(self, mailer: Mailer, write: Write, stop: Callable[[], bool] = bool) -> int:
        """Send the letters that are due, one by one; return how many the server took.

        Args:
            mailer: takes them to the server.
            write: says a digest in its language.
            stop: tells whether to stop after the letter at hand.

        Raises:
            MailBusyError: another process is at it.
            IndexUnavailableError: there is no index yet.
        """
        sent = refused = 0
        with self._alone():
            self._note_interrupted()
            for digest in self.due():
                if stop() or refused == _REFUSALS:
                    break
                letter = write(digest)
                if self._begin(digest):
                    taken = self._post(digest.person, letter, mailer)
                    sent, refused = sent + taken, 0 if taken else refused + 1
        return sent

    def outgoing(self, person: Person) -> Outgoing | None:
        """Return the letter to a person that has not safely arrived, if there is one."""
        return self._outgoing.of(person.id)

    def check(self, person_id: str, secret: str) -> Person:
        """Return who gets the letters that a link ends.

        Raises:
            LettersLinkError: the link is not ours, or too old.
        """
        try:
            self._links.check(person_id, secret)
        except LinkError as err:
            raise LettersLinkError from err
        return self._accounts.person(person_id)

    def end(self, person_id: str, secret: str) -> None:
        """Send no letters to a person any more; the searches stay. Again, it does nothing.

        Raises:
            LettersLinkError: the link is not ours, or too old.
        """
        person = self.check(person_id, secret)
        with self._connections.writing():
            self._searches.silence(person.id)
            self._audit.note(person.id, "letters.end", person.id)

    def _part(self, followed: Followed) -> Part:
        news = self._following.news(followed, followed.known)
        revisions = self._store.revisions(news.new[:SHOWN])
        shown = (revisions[each] for each in news.new if each in revisions)
        return Part(followed, news, tuple(each.case for each in shown))

    def _begin(self, digest: Digest) -> bool:
        """Move the marks and note the letter; do nothing where something has changed meanwhile."""
        now, parts = int(self._now()), digest.parts
        with self._connections.writing():
            person = self._accounts.person(digest.person.id)
            there = {each.id: each for each in self._searches.of(person.id)}
            same = all(there.get(part.followed.id) == part.followed for part in parts)
            if person.state == "closed" or not same:
                return False
            self._outgoing.begin(person.id, now, (part.followed for part in parts))
            for part in parts:
                self._searches.tell(part.followed.id, part.news.mark, now)
        return True

    def _post(self, person: Person, letter: Letter, mailer: Mailer) -> bool:
        try:
            mailer.send(person.email, letter.subject, letter.text, letter.headers)
        except MailError:
            LOG.exception("a letter about followed searches was refused; it is tried again")
            self._put_back(person.id)
            return False
        with self._connections.writing():
            self._outgoing.arrive(person.id)
            self._audit.note("", "letters.send", person.id)
        return True

    def _put_back(self, person_id: str) -> None:
        with self._connections.writing():
            for search_id, (mark, lettered) in self._outgoing.refuse(person_id).items():
                self._searches.tell(search_id, mark, lettered)

    def _note_interrupted(self) -> None:
        for person_id in self._outgoing.interrupt():
            # The audit log says whose it was; it is for administrators, the log for the machine.
            LOG.warning("killed while a letter was sent: it may not have arrived")
            self._audit.note("", "letters.doubt", person_id)

    def _alone(self) -> ExitStack:
        with ExitStack() as stack:
            try:
                stack.enter_context(lock.held(self._lock_file, 0))
            except IndexBusyError as err:
                raise MailBusyError("another process is sending letters; let it finish") from err
            return stack.pop_all()
