"""Moderators see whether what was published is found, and whether somebody has to be called."""

import time

import pytest

from kb import heartbeat
from kb.heartbeat import Beat
from kb.settings import Settings
from web import create_app


@pytest.fixture
def mia(library, write_case):
    library.ingest([write_case("a-case")])
    person = library.accounts.create("mia@people.example", "moderator", "Mia")
    client = create_app(library, Settings()).test_client()
    client.set_cookie("session", library.accounts.begin_session(person.id, "test"))
    return client


def rows(read, client):
    page = read(client.get("/status"))
    return {row.one("th").text: row.one("td").text for row in page.one("table").all("tr")}


@pytest.mark.usefixtures("only_english")
def test_it_says_how_the_index_stands(mia, library, read, write_case):
    assert rows(read, mia)["Search index"].startswith("It is being built")
    library.sync()
    assert rows(read, mia)["Search index"] == "Up to date"
    library.ingest([write_case("another")])
    told = rows(read, mia)
    assert told["Search index"] == "The last change of 1 case is not found yet."
    assert told["Cases"] == "2"
    assert told["Search by meaning"] == "Off"


@pytest.mark.usefixtures("only_english")
def test_it_says_that_the_worker_has_stopped_and_when_it_last_gave_a_sign(mia, library, read):
    name = "The program that reads and indexes"
    assert "Last sign of life: never" in rows(read, mia)[name]
    heartbeat.beat(library.settings.data, "worker", Beat(1_790_000_000.0))
    assert "Last sign of life: 21 September 2026" in rows(read, mia)[name]
    heartbeat.beat(library.settings.data, "worker", Beat(time.time()))
    assert rows(read, mia)[name] == "Running"


@pytest.mark.usefixtures("only_english")
def test_it_says_when_was_last_checked_and_backed_up(mia, library, read):
    assert rows(read, mia)["Last backup"] == "never"
    heartbeat.beat(library.settings.data, "check", Beat(1_790_000_000.0, fine=False))
    assert rows(read, mia)["Last check of all that is kept"].endswith("It found faults.")
