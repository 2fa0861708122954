"""Accounts: everything by which someone comes in, and every way in which they must not."""

import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest
from argon2 import PasswordHasher

from kb.accounts import FORMER, Accounts
from kb.accounts.passwords import NOBODYS, Passwords, check
from kb.audit import Audit
from kb.database import Connections
from kb.errors import (
    AccountError,
    LinkError,
    PersonNotFoundError,
    SignInError,
    TooManyAttemptsError,
)

GOOD = "seven green trams at night"
OTHER = "eleven yellow ferries by day"
DAY = 24 * 3600


@dataclass
class Clock:
    time: float = 1_800_000_000.5

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    opened = Connections(tmp_path / "kb.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def accounts(connections, clock) -> Accounts:
    return Accounts(connections, now=clock)


@pytest.fixture
def anna(accounts):
    """Someone who has set a password."""
    link = accounts.invite("anna@city.example", "contributor", "Anna Nowak")
    return accounts.set_password(link, GOOD)


@pytest.fixture
def head(accounts):
    link = accounts.invite("head@city.example", "administrator")
    return accounts.set_password(link, OTHER)


# People


def test_an_address_is_one_person_whatever_its_capitals(accounts):
    person = accounts.create(" Anna@City.example", "contributor")

    assert accounts.by_email("ANNA@city.EXAMPLE ") == person
    with pytest.raises(AccountError, match="already"):
        accounts.create("anna@city.example", "moderator")


def test_a_letter_that_only_becomes_another_makes_no_other_address(accounts):
    accounts.create("mike@city.example", "administrator")

    for email in ("mi\N{KELVIN SIGN}e@city.example", "\N{KELVIN SIGN}@city.example"):
        assert accounts.by_email(email) is None
        assert accounts.reset(email) is None
        assert accounts.create(email, "contributor").email == email


@pytest.mark.parametrize(
    "email", ["", "anna", "anna@city", "a@b@c.example", "a b@c.example", "a@c.example\nBcc: x",
              "<a@c.example>", "a@c.example,b@c.example", "a" * 250 + "@c.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(accounts, email):
    with pytest.raises(AccountError) as refused:
        accounts.create(email, "contributor")
    assert refused.value.field == "email"


def test_what_is_no_role_is_refused(accounts):
    accounts.invite("anna@city.example", "contributor")
    for add in (accounts.create, accounts.invite):
        with pytest.raises(AccountError) as refused:
            add(f"{add.__name__}@city.example", "king")
        assert refused.value.field == "role"
    with pytest.raises(AccountError):
        accounts.invite("anna@city.example", "king")


def test_nobody_is_nobody(accounts):
    assert accounts.by_id("operator") is None
    with pytest.raises(PersonNotFoundError):
        accounts.change_role("operator", "contributor")


def test_people_are_named_as_they_want_to_be(accounts, anna):
    accounts.describe(anna.id, name="Anna  N.", credit="City of Łódź")

    assert accounts.person(anna.id).name == "Anna N."
    assert accounts.credits() == {anna.id: "City of Łódź"}


def test_a_new_role_ends_what_was_begun_with_the_old(accounts, anna):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")

    changed = accounts.change_role(anna.id, "moderator")

    assert changed.role == "moderator"
    assert accounts.session(session) is None


def test_a_token_loses_what_a_smaller_role_may_not(accounts):
    person = accounts.create("mo@city.example", "moderator")
    token = accounts.make_token(person, "script", ["read", "review"], 30)
    accounts.change_role(person.id, "contributor")

    found, scopes = accounts.by_token(token)

    assert (found.role, scopes) == ("contributor", {"read"})


def test_the_last_administrator_stays(accounts, head):
    for leave in (
        lambda: accounts.change_role(head.id, "moderator"),
        lambda: accounts.close(head.id),
        lambda: accounts.erase(head.id, keep_credit=True),
    ):
        with pytest.raises(AccountError, match="only administrator"):
            leave()
    accounts.invite("other@city.example", "administrator")
    with pytest.raises(AccountError, match="only administrator"):
        accounts.close(head.id)  # the other has never been here


def test_who_is_closed_comes_in_by_no_way(accounts, anna):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    token = accounts.make_token(anna, "script", ["read"], 30)
    link = accounts.reset(anna.email)

    accounts.close(anna.id)

    assert accounts.session(session) is None
    assert accounts.by_token(token) is None
    assert accounts.reset(anna.email) is None
    with pytest.raises(LinkError):
        accounts.open_link(link)
    with pytest.raises(SignInError):
        accounts.sign_in(anna.email, GOOD, "192.0.2.1")


def test_who_was_closed_can_be_invited_again(accounts, anna):
    accounts.close(anna.id)
    back = accounts.set_password(accounts.invite(anna.email, "contributor"), OTHER)

    assert (back.id, back.state) == (anna.id, "active")


# Passwords


def test_hashes_have_the_parameters_that_owasp_asks_for():
    assert Passwords().hash(GOOD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_hash_of_nobody_takes_as_long_as_one_of_somebody():
    assert not Passwords().outdated(NOBODYS)
    assert not Passwords().fits(GOOD, NOBODYS)
    assert not Passwords().fits(GOOD, "")


@pytest.mark.parametrize(
    "password",
    ["", "eleven char", "anna@city.example", " Anna@City.example ", "a" * 12, "x" * 2000],
)
def test_a_password_that_is_easily_guessed_is_refused(password):
    with pytest.raises(AccountError) as refused:
        check(password, "anna@city.example")
    assert refused.value.field == "password"


def test_the_same_letters_from_another_keyboard_are_the_same_password():
    hashes = Passwords()

    assert hashes.fits("cafe\u0301 in Orle\u0301ans", hashes.hash("café in Orléans"))


def test_no_more_than_two_hashes_are_made_at_once(monkeypatch):
    passwords, running, most = Passwords(), [], []

    class Slow:
        def hash(self, _password):
            running.append(1)
            most.append(len(running))
            time.sleep(0.02)
            running.pop()

    monkeypatch.setattr(passwords, "_hasher", Slow())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(passwords.hash, [GOOD] * 8))

    assert max(most) <= 2


def test_a_hash_of_old_parameters_is_made_anew_at_sign_in(accounts, connections, anna):
    old = PasswordHasher(1, 8 * 1024, 1).hash(GOOD)
    with connections.writing() as db:
        db.execute("UPDATE people SET password = ?", [old])

    accounts.sign_in(anna.email, GOOD, "192.0.2.1")

    kept = connections.reading.execute("SELECT password FROM people").fetchone()[0]
    assert "m=19456,t=2,p=1" in kept


def test_a_password_is_changed_by_who_knows_the_old_one(accounts, anna):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    with pytest.raises(AccountError) as refused:
        accounts.change_password(anna.id, "not the old one", OTHER)
    assert refused.value.field == "old"

    accounts.change_password(anna.id, GOOD, OTHER)

    assert accounts.session(session) is None
    assert accounts.sign_in(anna.email, OTHER, "192.0.2.1")


# Links


def test_an_invitation_works_once(accounts):
    link = accounts.invite("anna@city.example", "moderator", "Anna")
    assert accounts.open_link(link).person.state == "invited"
    assert accounts.open_link(link).purpose == "invitation"

    person = accounts.set_password(link, GOOD)

    assert (person.role, person.state) == ("moderator", "active")
    for use in (accounts.open_link, lambda secret: accounts.set_password(secret, OTHER)):
        with pytest.raises(LinkError):
            use(link)
    assert accounts.sign_in("anna@city.example", GOOD, "192.0.2.1")


def test_a_link_survives_a_password_that_is_refused(accounts):
    link = accounts.invite("anna@city.example", "contributor")
    with pytest.raises(AccountError):
        accounts.set_password(link, "short")

    assert accounts.set_password(link, GOOD).state == "active"


@pytest.mark.parametrize(("purpose", "life_s"), [("invitation", 7 * DAY), ("reset", 3600)])
def test_a_link_grows_old(accounts, clock, anna, purpose, life_s):
    link = (
        accounts.reset(anna.email)
        if purpose == "reset"
        else accounts.invite("ben@city.example", "contributor")
    )
    clock.time += life_s - 1
    assert accounts.open_link(link).purpose == purpose
    clock.time += 1

    with pytest.raises(LinkError):
        accounts.set_password(link, GOOD)


def test_a_new_link_ends_the_one_before(accounts):
    first = accounts.invite("anna@city.example", "contributor")
    accounts.invite("anna@city.example", "contributor")

    with pytest.raises(LinkError):
        accounts.open_link(first)


def test_who_is_here_is_not_invited_again(accounts, anna):
    with pytest.raises(AccountError, match="already"):
        accounts.invite(anna.email, "administrator")
    assert accounts.person(anna.id).role == "contributor"


def test_a_new_password_ends_every_session(accounts, anna):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")

    accounts.set_password(accounts.reset(anna.email), OTHER)

    assert accounts.session(session) is None
    with pytest.raises(SignInError):
        accounts.sign_in(anna.email, GOOD, "192.0.2.1")


def test_a_new_password_is_asked_for_five_times_an_hour_by_anyone(accounts, anna):
    for email in (anna.email, "nobody@city.example"):
        for _ in range(5):
            accounts.reset(email)
        with pytest.raises(TooManyAttemptsError):
            accounts.reset(email)


def test_asking_for_a_new_password_ends_no_link_that_works(accounts):
    invited = accounts.invite("anna@city.example", "contributor")
    first = accounts.reset("anna@city.example")

    accounts.reset("anna@city.example")

    assert accounts.open_link(invited).purpose == "invitation"
    assert accounts.open_link(first).purpose == "reset"


def test_a_password_uses_up_every_link_of_a_person(accounts):
    links = [accounts.invite("anna@city.example", "contributor")]
    links += [accounts.reset("anna@city.example") for _ in range(2)]

    accounts.set_password(links.pop(), GOOD)

    for link in links:
        with pytest.raises(LinkError):
            accounts.open_link(link)


def test_the_first_administrator_comes_in_by_a_link(accounts):
    lost, link = accounts.first_run(), accounts.first_run()
    with pytest.raises(LinkError):
        accounts.open_link(lost)
    assert accounts.open_link(link).person is None

    person = accounts.set_password(link, GOOD, email="head@city.example", name="Head")

    assert (person.role, person.state, person.name) == ("administrator", "active", "Head")
    assert accounts.first_run() is None
    with pytest.raises(LinkError):
        accounts.set_password(link, GOOD, email="other@city.example")


def test_the_first_link_ends_when_someone_else_was_first(accounts):
    link = accounts.first_run()
    accounts.create("anna@city.example", "administrator")

    with pytest.raises(LinkError):
        accounts.set_password(link, GOOD, email="head@city.example")


def test_of_two_who_use_a_link_at_once_one_gets_in(tmp_path):
    connections = Connections(tmp_path / "kb.sqlite")
    link = Accounts(connections).first_run()

    def use(number):
        try:
            return Accounts(connections).set_password(link, GOOD, email=f"p{number}@c.example")
        except LinkError:
            return None

    with ThreadPoolExecutor(4) as pool:
        came_in = [person for person in pool.map(use, range(4)) if person]
    assert len(came_in) == 1
    connections.close()


# Sessions


def test_a_session_is_somebodys_until_it_is_ended(accounts, anna):
    session = accounts.sign_in("ANNA@city.example", GOOD, "192.0.2.1")
    assert accounts.session(session) == anna

    accounts.sign_out(session)

    assert accounts.session(session) is None
    assert accounts.session("") is None


def test_every_sign_in_is_another_session(accounts, anna):
    sessions = {accounts.sign_in(anna.email, GOOD, "192.0.2.1") for _ in range(3)}
    assert len(sessions) == 3

    accounts.sign_out_everywhere(anna.id)

    assert not any(accounts.session(each) for each in sessions)


def test_a_session_ends_after_eight_idle_hours(accounts, clock, anna):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    for _ in range(3):
        clock.time += 8 * 3600 - 1
        assert accounts.session(session)
    clock.time += 8 * 3600

    assert accounts.session(session) is None


def test_a_session_ends_after_seven_days_whatever_happens(accounts, clock, anna):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    for _ in range(7 * 24 - 1):
        clock.time += 3600
        assert accounts.session(session)
    clock.time += 3600

    assert accounts.session(session) is None


def test_a_session_is_written_at_most_once_a_minute(accounts, connections, clock, anna):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    begun = int(clock.time)

    def seen():
        return connections.reading.execute("SELECT seen FROM sessions").fetchone()[0]

    clock.time += 59
    accounts.session(session)
    assert seen() == begun
    clock.time += 1
    accounts.session(session)
    assert seen() == begun + 60


def test_ended_sessions_leave_nothing_behind(accounts, connections, clock, anna):
    accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    clock.time += 8 * DAY
    accounts.sign_in(anna.email, GOOD, "192.0.2.1")

    assert connections.reading.execute("SELECT count(*) FROM sessions").fetchone()[0] == 1


def refusal(accounts, email, password):
    with pytest.raises(SignInError) as refused:
        accounts.sign_in(email, password, "192.0.2.1")
    return str(refused.value)


def test_who_is_here_cannot_be_told_from_words(accounts, anna):
    accounts.invite("ben@city.example", "contributor")
    told = {refusal(accounts, email, "a wrong password") for email in (
        anna.email, "ben@city.example", "nobody@city.example", "no address", ""
    )}  # fmt: skip

    assert len(told) == 1


def test_who_is_here_cannot_be_told_from_the_time(accounts, anna):
    def time_of(email):
        begun = time.perf_counter()
        refusal(accounts, email, "a wrong password")
        return time.perf_counter() - begun

    pairs = [(time_of(anna.email), time_of(f"nobody{n}@city.example")) for n in range(9)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))

    # The difference is noise of the machine; without the hash it would be a factor of ten.
    assert 0.5 < known / unknown < 2


def test_the_eleventh_attempt_has_to_wait(accounts, clock, anna):
    for _ in range(10):
        refusal(accounts, anna.email, "a wrong password")
        clock.time += 1

    with pytest.raises(TooManyAttemptsError) as refused:
        accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    assert refused.value.retry_after_s == 15 * 60 - 10
    assert accounts.sign_in(anna.email, GOOD, "192.0.2.2"), "from elsewhere it is not counted"
    clock.time += 15 * 60 - 10
    assert accounts.sign_in(anna.email, GOOD, "192.0.2.1")


def test_attempts_at_nobody_are_counted_as_well(accounts):
    for _ in range(10):
        refusal(accounts, "nobody@city.example", "a wrong password")

    with pytest.raises(TooManyAttemptsError):
        accounts.sign_in("Nobody@city.example", "a wrong password", "192.0.2.1")


def test_who_gets_in_begins_to_count_anew(accounts, anna):
    for _ in range(3):
        for _ in range(9):
            refusal(accounts, anna.email, "a wrong password")
        accounts.sign_in(anna.email, GOOD, "192.0.2.1")


def test_all_processes_count_together(accounts, clock, connections, anna):
    other = Accounts(Connections(connections.path), now=clock)
    for each in (accounts, other) * 5:
        refusal(each, anna.email, "a wrong password")

    with pytest.raises(TooManyAttemptsError):
        other.sign_in(anna.email, GOOD, "192.0.2.1")
    other._connections.close()


# Tokens


def test_a_token_is_good_for_what_it_was_made_for(accounts, anna):
    token = accounts.make_token(anna, "script", ["submit", "read"], 30)

    assert token.startswith("kb_")
    assert accounts.by_token(token) == (anna, {"read", "submit"})


def test_a_token_is_seen_without_its_secret(accounts, clock, anna):
    token = accounts.make_token(anna, " script ", ["read"], 30)
    accounts.by_token(token)

    (shown,) = accounts.tokens(anna.id)

    assert (shown.label, shown.scopes, shown.seen) == ("script", ("read",), int(clock.time))
    assert token not in repr(shown)


def test_a_token_ends_when_it_is_revoked_by_its_owner(accounts, anna, head):
    token = accounts.make_token(anna, "script", ["read"], 30)
    (shown,) = accounts.tokens(anna.id)
    accounts.revoke(head.id, shown.id)
    assert accounts.by_token(token)

    accounts.revoke(anna.id, shown.id)

    assert accounts.by_token(token) is None


def test_a_token_ends_with_its_days(accounts, clock, anna):
    token = accounts.make_token(anna, "script", ["read"], 1)
    clock.time += DAY - 1
    assert accounts.by_token(token)
    clock.time += 1

    assert accounts.by_token(token) is None


@pytest.mark.parametrize("token", ["", "kb_", "kb_x", "Bearer", "\udcff", "kb_" + "x" * 10_000])
def test_what_is_no_token_is_nobodys(accounts, token):
    assert accounts.by_token(token) is None
    assert accounts.session(token) is None


@pytest.mark.parametrize(
    ("field", "label", "scopes", "days"),
    [("label", " ", ["read"], 1), ("label", "x" * 101, ["read"], 1), ("scopes", "x", [], 1),
     ("scopes", "x", ["review"], 1), ("scopes", "x", ["all"], 1), ("days", "x", ["read"], 0),
     ("days", "x", ["read"], 367)],
)  # fmt: skip
def test_a_token_that_cannot_be_is_refused(accounts, anna, field, label, scopes, days):
    with pytest.raises(AccountError) as refused:
        accounts.make_token(anna, label, scopes, days)
    assert refused.value.field == field


def test_nobody_has_endlessly_many_tokens(accounts, anna):
    for number in range(20):
        accounts.make_token(anna, str(number), ["read"], 1)
    with pytest.raises(AccountError, match="revoke one"):
        accounts.make_token(anna, "one more", ["read"], 1)


# What is kept


def test_no_secret_lies_in_the_database(accounts, connections, anna):
    said = [
        GOOD,
        accounts.sign_in(anna.email, GOOD, "192.0.2.1"),
        accounts.make_token(anna, "script", ["read"], 30),
        accounts.reset(anna.email),
        "192.0.2.1",
    ]
    refusal(accounts, anna.email, "a wrong password")
    with closing(sqlite3.connect(connections.path)) as database:
        everything = "\n".join(database.iterdump())

    assert not [secret for secret in said if secret in everything]


def test_the_record_names_no_address(accounts, connections, anna):
    accounts.reset(anna.email)
    accounts.sign_in(anna.email, GOOD, "192.0.2.1")

    told = repr(Audit(connections).entries())

    assert "person.invite" in told
    assert "city.example" not in told
    assert "192.0.2" not in told


def test_a_person_gets_all_that_is_known_of_them(accounts, anna):
    accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    accounts.make_token(anna, "script", ["read"], 30)

    told = accounts.export(anna.id)

    assert told["person"]["email"] == "anna@city.example"
    assert len(told["sessions"]) == len(told["tokens"]) == 1
    assert {entry["action"] for entry in told["audit"]} >= {"session.begin", "token.make"}
    assert "argon2" not in json.dumps(told)


@pytest.mark.parametrize(("keep", "credit"), [(True, "Anna Nowak"), (False, FORMER)])
def test_who_is_erased_leaves_the_credit_they_chose(accounts, connections, anna, keep, credit):
    session = accounts.sign_in(anna.email, GOOD, "192.0.2.1")
    token = accounts.make_token(anna, "script", ["read"], 30)

    accounts.erase(anna.id, keep_credit=keep)

    assert accounts.credits() == {anna.id: credit}
    assert accounts.person(anna.id).state == "closed"
    assert accounts.by_email("anna@city.example") is None
    assert accounts.session(session) is None
    assert accounts.by_token(token) is None
    with closing(sqlite3.connect(connections.path)) as database:
        everything = "\n".join(database.iterdump())
    assert "anna@" not in everything
    assert "argon2" not in everything


def test_an_address_is_free_again_when_its_owner_is_erased(accounts, anna):
    accounts.erase(anna.id, keep_credit=False)

    assert accounts.create("anna@city.example", "contributor").id != anna.id
