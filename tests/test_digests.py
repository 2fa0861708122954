"""Letters about followed searches, taken by a real server: when they come, and none twice."""

import email
import email.policy
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from kb.digests import Digests
from kb.errors import LettersLinkError, MailBusyError
from kb.following import Following
from kb.mail import mailer
from kb.query import Query
from kb.settings import Settings
from kb.verifying import Verifying
from kb.worker import keep_in_step
from tests.conftest import ROOT
from tests.kb.taken import record
from tests.kb.test_accounts import Clock
from tests.postman import Postman, post_office
from tests.test_indexer import call
from web import create_app
from web.letters import letter

DAY = 24 * 3600
PUBLIC = "https://praxis.example"


class Office:
    """A site with a mail server, and a clock that can be set."""

    def __init__(self, library, post):
        port = post.server_address[1]
        self.settings = Settings(
            data=library.settings.data, encoder="off", site_url=PUBLIC, site_name="Praxis",
            smtp=f"smtp://127.0.0.1:{port}", mail_from="kb@city.example",
        )  # fmt: skip
        self.library, self.post, self.clock = library, post, Clock()
        self.site = create_app(library, self.settings)
        parts = (library._connections, library.harvest, library._engine.ids)
        self.following = Following(*parts, lambda: library.status().settled, self.clock)
        self.digests = Digests(
            library._connections, library._store, library.harvest, self.following,
            library.accounts, library.settings.data / "letters.lock", self.clock,
        )  # fmt: skip

    def person(self, name):
        return self.library.accounts.create(f"{name}@people.example", "contributor", name)

    def publish(self, *case_ids, **fields):
        for case_id in case_ids:
            case = record(id=case_id, **{"title": "Housing", "country": "IE", **fields}).case
            self.library._store.save(case, file="", original="", contributor="")
        self.library.sync()

    def send(self, later=0, stop=bool):
        self.clock.time += later
        server = mailer(self.settings)
        return self.digests.send(server, lambda digest: letter(self.site, digest), stop)

    @property
    def letters(self):
        return [
            email.message_from_bytes(each, policy=email.policy.default)
            for each in self.post.letters
        ]


@pytest.fixture
def office(library):
    with post_office() as post:
        office = Office(library, post)
        office.publish("old")
        yield office


def test_a_letter_says_what_is_new_and_where(office):
    ana = office.person("ana")
    office.following.save(ana, Query("housing"), "My search", "daily")
    office.publish("new-one", title="Logement d'abord", title_en="Housing\n first", city="Lyon")

    assert office.send(later=DAY) == 1

    (told,) = office.letters
    text = told.get_content()
    assert told["To"] == "ana@people.example"
    assert told["Subject"] == "Praxis: 1 new case for you"
    for line in (
        "My search",
        f"{PUBLIC}/search?q=housing",
        "* Logement d'abord [Housing first]",
        "  Lyon, Ireland",
        f"  {PUBLIC}/cases/new-one",
        f"{PUBLIC}/account/searches",
    ):
        assert line in text.splitlines()
    assert "old" not in text


def test_one_letter_has_all_that_is_due(office):
    ana = office.person("ana")
    office.following.save(ana, Query("housing"), "First", "daily")
    office.following.save(ana, Query(filters={"country": ("IE",)}), "Second", "weekly")
    office.following.save(ana, Query(filters={"country": ("FI",)}), "Nothing new", "daily")
    office.following.save(ana, Query("housing", {"country": ("IE",)}), "Quiet", "never")
    office.publish("a", "b")

    assert office.send(later=7 * DAY) == 1

    (told,) = office.letters
    assert told["Subject"] == "Praxis: 2 new cases for you"
    text = told.get_content()
    assert "First" in text
    assert "Second" in text
    assert "Nothing new" not in text
    assert "Quiet" not in text


def test_where_nothing_is_new_there_is_no_letter(office):
    office.following.save(office.person("ana"), Query("housing"), "", "daily")

    assert office.send(later=30 * DAY) == 0
    assert office.letters == []


@pytest.mark.parametrize(("often", "days"), [("daily", 1), ("weekly", 7)])
def test_a_letter_comes_no_more_often_than_was_chosen(office, often, days):
    office.following.save(office.person("ana"), Query("housing"), "", often)
    office.publish("first")
    waited = [office.send(later=DAY) for _ in range(8)]
    assert waited.index(1) == days - 1
    assert sum(waited) == 1

    office.clock.time -= (8 - days) * DAY  # to when it came
    office.publish("second")
    assert [office.send(later=DAY) for _ in range(days)] == [0] * (days - 1) + [1]


def test_what_has_been_told_is_not_told_again_nor_what_was_looked_at(office):
    ana = office.person("ana")
    followed = office.following.save(ana, Query("housing"), "", "daily")
    office.publish("told")
    office.send(later=DAY)
    office.publish("looked-at")
    told = office.following.get(ana, followed.id)
    office.following.look(told, office.following.news(told, told.looked))

    assert office.send(later=DAY) == 0
    office.publish("next")
    assert office.send(later=DAY) == 1
    text = office.letters[-1].get_content()
    assert "cases/next" in text
    assert "looked-at" not in text
    assert "cases/told" not in text


def test_a_letter_does_not_count_as_looking(office):
    ana = office.person("ana")
    followed = office.following.save(ana, Query("housing"), "", "daily")
    office.publish("new-one")
    office.send(later=DAY)

    told = office.following.get(ana, followed.id)
    assert office.following.news(told, told.looked).new == ("new-one",)


def test_a_letter_names_so_many_cases_and_counts_the_others(office):
    office.following.save(office.person("ana"), Query("housing"), "", "daily")
    office.publish(*(f"case-{number}" for number in range(25)))

    office.send(later=DAY)

    text = office.letters[0].get_content()
    assert text.count("/cases/") == 20
    assert "* and 5 more" in text


def test_a_letter_is_in_the_language_for_which_the_search_was_saved(office):
    office.following.save(office.person("ana"), Query("housing", reader="fr"), "", "daily")
    office.publish("new-one")

    office.send(later=DAY)

    text = office.letters[0].get_content()
    assert "Irlande" in text
    assert f"{PUBLIC}/cases/new-one?lang=fr" in text
    assert f"{PUBLIC}/search?q=housing&lang=fr" in text


def test_who_is_let_in_no_more_gets_no_letter(office):
    ana = office.person("ana")
    office.following.save(ana, Query("housing"), "", "daily")
    office.publish("new-one")
    office.library.accounts.close(ana.id)

    assert office.send(later=DAY) == 0


def test_what_was_withdrawn_meanwhile_is_not_told(office):
    office.following.save(office.person("ana"), Query("housing"), "", "daily")
    office.publish("gone")
    office.library._store.retire("gone", "withdrawn", "A reason", "", 1)

    assert office.send(later=DAY) == 0
    office.library.sync()
    assert office.send(later=DAY) == 0


def test_letters_wait_for_the_index(office):
    office.following.save(office.person("ana"), Query("housing"), "", "daily")
    office.publish("known")
    unknown = record(id="unknown", title="Housing", country="IE").case
    office.library._store.save(unknown, file="", original="", contributor="")

    assert office.send(later=DAY) == 0
    office.library.sync()
    assert office.send() == 1
    assert office.letters[0].get_content().count("/cases/") == 2


# From the command line, and from the worker


def test_a_dry_run_prints_the_letters_and_sends_none(office):
    ana = office.person("ana")
    office.following.save(ana, Query("housing"), "My search", "daily")
    office.publish("new-one")
    age(office.library, DAY)
    data = office.library.settings.data

    for _ in range(2):
        told = call(data, "digest", "--dry-run", KB_SITE_URL=PUBLIC, KB_ENCODER="off")
        assert told.exit_code == 0
        assert "To: ana@people.example\nSubject: citypraxis: 1 new case for you\n" in told.output
        assert f"{PUBLIC}/cases/new-one" in told.output
    without = call(data, "digest", KB_ENCODER="off")
    assert without.exit_code == 1
    assert "set KB_SMTP" in without.output
    server = {"KB_SMTP": office.settings.smtp, "KB_MAIL_FROM": "kb@city.example"}
    assert "1 letters sent." in call(data, "digest", KB_ENCODER="off", **server).output
    assert len(office.letters) == 1


def test_the_worker_looks_when_nothing_else_is_to_be_done_and_not_at_every_turn(library):
    looks, turns, stop = [], [], threading.Event()
    library.sync = lambda: turns.append(1) or (len(turns) == 4 and stop.set())

    keep_in_step(library, 0, stop, lambda stopped: looks.append(stopped()))

    assert len(turns) == 4
    assert looks == [False]


# When something goes wrong


def test_a_letter_that_is_refused_is_tried_again_later_and_keeps_no_other_back(office):
    nobody, ana = office.person("nobody"), office.person("ana")
    for person in (nobody, ana):
        office.following.save(person, Query("housing"), "", "daily")
    office.publish("new-one")

    assert office.send(later=DAY) == 1
    assert office.digests.outgoing(nobody).state == "refused"
    tries = len(asked_for(office, "nobody"))
    office.send(later=1800)
    assert len(asked_for(office, "nobody")) == tries
    office.send(later=1800)
    assert len(asked_for(office, "nobody")) == tries + 1
    rename(office, nobody, "somebody@people.example")
    assert office.send(later=DAY) == 1
    assert office.letters[-1]["To"] == "somebody@people.example"
    assert office.digests.outgoing(nobody) is None


def asked_for(office, name):
    return [each for each in office.post.said if each.startswith(f"rcpt TO:<{name}@")]


def rename(office, person, address):
    with office.library._connections.writing() as db:
        db.execute("UPDATE people SET email = ? WHERE id = ?", [address, person.id])


def test_a_server_that_is_away_is_not_asked_for_each_person(office):
    for number in range(6):
        office.following.save(office.person(f"nobody{number}"), Query("housing"), "", "daily")
    with office.library._connections.writing() as db:
        db.execute("UPDATE people SET email = 'nobody@' || id || '.example'")
    office.publish("new-one")

    assert office.send(later=DAY) == 0
    assert len(asked_for(office, "nobody")) == 3


def test_sending_stops_when_it_is_told_to(office):
    for name in ("ana", "ben"):
        office.following.save(office.person(name), Query("housing"), "", "daily")
    office.publish("new-one")

    assert office.send(later=DAY, stop=lambda: len(office.letters) == 1) == 1
    assert office.send() == 1


def test_two_who_send_at_once_send_each_letter_once(office):
    for number in range(8):
        office.following.save(office.person(f"p{number}"), Query("housing"), "", "daily")
    office.publish("new-one")
    office.clock.time += DAY
    refused = []

    def send():
        try:
            office.send()
        except MailBusyError as err:
            refused.append(err)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(each["To"] for each in office.letters) == [
        f"p{number}@people.example" for number in range(8)
    ]


def test_what_is_changed_while_a_letter_is_written_is_heeded(office):
    ana = office.person("ana")
    followed = office.following.save(ana, Query("housing"), "", "daily")
    office.publish("new-one")
    office.clock.time += DAY

    def write(digest):
        office.following.delete(ana, followed.id)
        return letter(office.site, digest)

    assert office.digests.send(mailer(office.settings), write) == 0
    assert office.letters == []


@pytest.mark.parametrize("taken", [False, True])
def test_who_is_killed_while_sending_sends_nothing_twice_and_it_is_told(library, taken):
    class Slow(Postman):
        def handle(self):
            with suppress(ConnectionAbortedError):
                super().handle()

        def say(self, text):
            if text.startswith("250 taken" if taken else "354"):
                running[0].send_signal(signal.SIGKILL)
                running[0].wait()
                raise ConnectionAbortedError
            super().say(text)

    running = []
    with post_office(Slow) as post:
        office = Office(library, post)
        office.publish("old")
        ana = office.person("ana")
        followed = office.following.save(ana, Query("housing"), "", "daily")
        office.publish("new-one")
        age(library, DAY)
        environment = {
            **os.environ, "KB_DATA": str(library.settings.data), "KB_ENCODER": "off",
            "KB_SMTP": office.settings.smtp, "KB_MAIL_FROM": "kb@city.example",
        }  # fmt: skip
        command = [sys.executable, "-W", "ignore", "indexer.py", "digest"]
        with subprocess.Popen(command, cwd=ROOT, env=environment) as process:  # noqa: S603 - ours
            running.append(process)
        assert process.returncode == -signal.SIGKILL
        before = len(post.letters)

        assert library.digests.outgoing(ana).state == "sending"
        office.clock.time = 4_000_000_000
        assert office.send() == 0

        assert len(post.letters) == before == int(taken)
        assert library.digests.outgoing(ana).state == "doubtful"
        assert [each.action for each in library.audit.entries(1)] == ["letters.doubt"]
        told = office.following.get(ana, followed.id)
        assert office.following.news(told, told.looked).new == ("new-one",)


def age(library, by_s):
    """Let all searches have been saved so much earlier than now."""
    with library._connections.writing() as db:
        db.execute("UPDATE followed SET lettered = unixepoch() - ?", [by_s])


# Ending letters


def test_a_link_ends_letters_and_leaves_the_searches(office):
    ana = office.person("ana")
    office.following.save(ana, Query("housing"), "", "daily")
    secret = office.digests._links.link(ana.id)

    office.digests.end(ana.id, secret)
    office.digests.end(ana.id, secret)

    assert [each.often for each in office.following.of(ana)] == ["never"]
    office.publish("new-one")
    assert office.send(later=DAY) == 0


@pytest.mark.parametrize("change", ["{}x", "x{}", "", "9{}", "{}\0", "-", "9" * 5000, "\udcff-{}"])
def test_a_link_that_is_not_ours_ends_nothing(office, change):
    ana, ben = office.person("ana"), office.person("ben")
    secret = change.format(office.digests._links.link(ana.id))

    for person in (ana, ben):
        with pytest.raises(LettersLinkError):
            office.digests.end(person.id, secret)


def test_a_link_to_a_case_or_to_another_ends_nothing(office):
    ana, ben = office.person("ana"), office.person("ben")
    verifying = Verifying(office.library._connections, office.clock)

    for secret in (office.digests._links.link(ben.id), verifying.link(ana.id)):
        with pytest.raises(LettersLinkError):
            office.digests.end(ana.id, secret)


def test_a_link_is_good_for_a_year(office):
    ana = office.person("ana")
    secret = office.digests._links.link(ana.id)

    office.clock.time += 366 * DAY
    office.digests.check(ana.id, secret)
    office.clock.time += DAY
    with pytest.raises(LettersLinkError):
        office.digests.check(ana.id, secret)


def test_a_mail_program_finds_the_link_and_needs_no_more(office):
    ana = office.person("ana")
    office.following.save(ana, Query("housing"), "", "daily")
    office.publish("new-one")
    office.send(later=DAY)

    head = office.letters[0]
    address = head["List-Unsubscribe"].strip("<>")
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in office.letters[0].get_content()
    office.library.digests._links._now = office.clock
    answer = office.site.test_client().post(
        address.removeprefix(PUBLIC), data={"List-Unsubscribe": "One-Click"},
        base_url=PUBLIC, headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert [each.often for each in office.following.of(ana)] == ["never"]


def test_where_the_site_is_not_safe_a_mail_program_ends_nothing_by_itself(office):
    unsafe = create_app(office.library, replace(office.settings, site_url="http://praxis.example"))
    office.following.save(office.person("ana"), Query("housing"), "", "daily")
    office.publish("new-one")
    office.clock.time += DAY

    (digest,) = office.digests.due()
    told = letter(unsafe, digest).headers

    assert "List-Unsubscribe-Post" not in told
    assert told["List-Unsubscribe"].startswith("<http://praxis.example/no-letters/")
