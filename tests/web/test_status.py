"""Moderators see whether what was published is found, and whether somebody has to be called."""

import time

import pytest
from flask import render_template

from kb.health import Health
from kb.heartbeat import Beat
from kb.search.meaning.leg import MeaningStatus
from kb.settings import Settings
from kb.upkeep import IndexStatus, Status
from tests.web.conftest import page_of
from web import create_app

NOW = time.time()
NONE = dict.fromkeys(("queued", "parsing", "draft", "refused", "failed"), 0)
pytestmark = pytest.mark.usefixtures("only_english")


@pytest.fixture
def client(library):
    person = library.accounts.create("mia@people.example", "moderator", "Mia")
    client = create_app(library, Settings()).test_client()
    client.set_cookie("session", library.accounts.begin_session(person.id, "test"))
    return client


@pytest.fixture
def shown(site):
    """Show how a site is that is like this."""

    def show(index=("ready", 0), meaning=("ready", 0, 0), beats=(None, None, None), **uploads):
        status = Status(2, IndexStatus(index[0], "whoosh", 2, index[1]), MeaningStatus(*meaning))
        named = dict(zip(("worker", "check", "backup"), beats, strict=True))
        health = Health(NOW, status, NONE | uploads, named, 1, 1)
        with site.test_request_context():
            text = render_template("status/status.html", health=health)
        return rows(page_of(site.response_class(text)))

    return show


def rows(page):
    return {row.one("th").text: row.one("td").text for row in page.one("table").all("tr")}


def test_a_moderator_sees_how_the_site_is(client, library, write_case):
    library.ingest([write_case("a-case")])

    told = rows(page_of(client.get("/status")))

    assert told["Cases"] == "1"
    assert told["Search index"] == "It is being built; until then nothing is found."
    assert told["Search by meaning"] == "Off"
    assert told["Last backup"] == "never"


@pytest.mark.parametrize(
    ("index", "told"),
    [
        (("ready", 0), "Up to date"),
        (("behind", 1), "The last change of 1 case is not found yet."),
        (("behind", 1200), "The last changes of 1,200 cases are not found yet."),
    ],
)
def test_it_says_how_the_index_stands(shown, index, told):
    assert shown(index)["Search index"] == told


def test_it_says_how_far_the_search_by_meaning_is(shown):
    assert shown(meaning=("warming", 3, 9))["Search by meaning"] == "3 of 9 passages are ready."


@pytest.mark.parametrize(
    ("sign", "told"),
    [
        (None, "Last sign of life: never"),
        (Beat(1_790_000_000.0), "Last sign of life: 21 September 2026"),
        (Beat(NOW), "Running"),
    ],
)
def test_it_says_whether_the_worker_runs(shown, sign, told):
    assert told in shown(beats=(sign, None, None))["The program that reads and indexes"]


def test_it_says_what_waits_and_what_has_failed(shown):
    told = shown(queued=2, parsing=1, failed=4)

    assert told["Files that wait to be read"] == "3"
    assert told["Files that could not be read"] == "4"


def test_it_says_when_was_last_checked_and_what_came_of_it(shown):
    told = shown(beats=(None, Beat(1_790_000_000.0, fine=False), None))

    assert told["Last check of all that is kept"].endswith("It found faults.")
