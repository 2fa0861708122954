"""Numbers for those who watch the site: for nobody else, and about nobody."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kb import heartbeat
from kb.heartbeat import Beat
from kb.settings import Settings
from web import create_app

TOKEN = "t0ken"  # noqa: S105 - of nobody


@pytest.fixture
def settings(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    file.chmod(0o600)
    return Settings(metrics_token_file=file, rate_api=None)


@pytest.fixture
def client(site_library, settings):
    return create_app(site_library, settings).test_client()


def told(client):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_a_token_in_the_settings_there_is_no_such_page(library):
    assert create_app(library, Settings()).test_client().get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "sent", [None, "Bearer", "Bearer x", f"Basic {TOKEN}", "Bearer t0ken\u00e9"]
)
def test_who_has_not_the_token_sees_nothing(client, sent):
    answer = client.get("/metrics", headers={"Authorization": sent} if sent else {})

    assert answer.status_code == 401
    assert "citypraxis_" not in answer.text


def test_requests_are_counted_by_the_rule_of_their_route(client):
    for path in (
        "/cases/every-field",
        "/cases/every-field",
        "/cases/none",
        "/nowhere/x",
        "/nowhere/y",
    ):
        client.get(path)
    client.open("/", method="BREW")

    numbers = told(client)

    route = "/cases/<slug:case_id>"
    assert numbers["citypraxis_requests_total", *sorted((route, "GET", "2xx"))] == 2
    assert numbers["citypraxis_requests_total", *sorted((route, "GET", "4xx"))] == 1
    assert numbers["citypraxis_requests_total", *sorted(("none", "GET", "4xx"))] == 2
    assert numbers["citypraxis_request_seconds_count", route] == 3
    assert not [key for key in numbers if "nowhere" in str(key) or "BREW" in str(key)]


def test_searches_are_counted_by_door_and_by_what_found(client):
    client.get("/search?q=housing")
    client.get("/search?q=xyzzyq")
    client.get("/api/v1/cases?q=housing")

    numbers = told(client)

    assert numbers["citypraxis_search_seconds_count", "page"] == 2
    assert numbers["citypraxis_search_seconds_count", "api"] == 1
    assert numbers["citypraxis_searches_empty_total", "page"] == 1
    assert numbers["citypraxis_searches_by_leg_total", "words"] == 2
    assert not [key for key in numbers if "housing" in str(key) or "xyzzyq" in str(key)]


def test_how_the_site_is_stands_beside(library, settings, write_case):
    library.ingest([write_case("a-case"), write_case("another")])
    client = create_app(library, settings).test_client()
    heartbeat.beat(library.settings.data, "backup", Beat(1_790_000_000.0))
    heartbeat.beat(library.settings.data, "check", Beat(1_790_000_000.0, fine=False))

    numbers = told(client)

    assert numbers["citypraxis_cases",] == 2
    assert numbers["citypraxis_index_cases",] == 0
    assert numbers["citypraxis_index_behind",] == 2
    assert numbers["citypraxis_index_missing",] == 1
    assert numbers["citypraxis_worker_running",] == 0
    assert numbers["citypraxis_uploads", "queued"] == 0
    assert numbers["citypraxis_last_seconds", "backup"] == 1_790_000_000
    assert ("citypraxis_last_seconds", "check") not in numbers  # only a good one counts
    assert numbers["citypraxis_disk_free_bytes",] > 0


def test_every_alert_asks_for_numbers_that_there_are(client):
    from tests.conftest import ROOT

    client.get("/search?q=housing")
    client.get("/search?q=xyzzyq")
    given = {key[0] for key in told(client)} | {"citypraxis_last_seconds"}
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8")

    assert set(re.findall(r"citypraxis_\w+", rules)) <= given
