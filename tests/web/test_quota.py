"""How much one address may ask, what is said of it, and what of it is kept."""

import re
import threading
from urllib.request import Request, urlopen

import pytest

from kb.errors import SettingError
from kb.settings import Rate, Settings
from tests.web.browsing import served
from web import create_app, quota
from web.quota import Window


@pytest.fixture
def site(site_library):
    app = create_app(site_library, Settings(rate_api=Rate(3, 60), rate_export=Rate(1, 60)))
    app.testing = True
    return app.test_client()


def ask(site, path, address="192.0.2.1", **more):
    with site.get(path, environ_base={"REMOTE_ADDR": address}, **more) as response:
        response.get_data()
    return response


def test_every_answer_says_what_is_left(site):
    told = [ask(site, "/api/v1/cases").headers for _ in range(2)]

    assert [each["RateLimit-Policy"] for each in told] == ['"api";q=3;w=60'] * 2
    assert [re.sub("t=.*", "", each["RateLimit"]) for each in told] == ['"api";r=2;', '"api";r=1;']


def test_who_asks_too_much_is_told_when_to_come_back(site):
    answers = [ask(site, "/api/v1/collections") for _ in range(4)]
    refused = answers[-1]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert refused.mimetype == "application/problem+json"
    assert refused.get_json()["type"].endswith("#problem-too-fast")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert '"api";r=0;t=' in refused.headers["RateLimit"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


def test_addresses_and_kinds_are_counted_apart(site):
    for _ in range(4):
        ask(site, "/api/v1/cases")

    assert ask(site, "/api/v1/cases", "192.0.2.2").status_code == 200
    assert ask(site, "/export/csv").status_code == 200
    assert ask(site, "/export/csv").status_code == 429


def test_the_addresses_of_one_subscriber_are_one(site):
    for last in range(4):
        ask(site, "/api/v1/cases", f"2001:db8:1:2::{last}")

    assert ask(site, "/api/v1/cases", "2001:db8:1:2:ffff::9").status_code == 429
    assert ask(site, "/api/v1/cases", "2001:db8:1:3::1").status_code == 200


def test_harvesters_are_told_as_they_know_it(site):
    answers = [ask(site, "/oai?verb=Identify") for _ in range(4)]

    assert answers[-1].status_code == 503
    assert int(answers[-1].headers["Retry-After"]) > 5


@pytest.mark.parametrize(
    "path", ["/healthz", "/search", "/cases/every-field", "/feeds/search.atom"]
)
def test_what_is_for_people_and_watchers_is_not_counted(site, path):
    answers = [ask(site, path) for _ in range(5)]

    assert {each.status_code for each in answers} == {200}
    assert all("RateLimit" not in each.headers for each in answers)


def test_asking_beforehand_is_not_counted(site):
    for _ in range(5):
        site.options("/api/v1/cases", environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert ask(site, "/api/v1/cases").headers["RateLimit"].startswith('"api";r=2')


def test_switched_off_it_counts_nothing(site_library):
    app = create_app(site_library, Settings(rate_api=None, rate_export=None))

    assert "RateLimit" not in app.test_client().get("/api/v1/cases").headers


def test_a_new_window_begins_with_all():
    clock = [0.0]
    window = Window(Rate(2, 60), lambda: clock[0])
    assert [window.take("192.0.2.1").left for _ in range(3)] == [1, 0, -1]

    clock[0] = 59.0
    assert window.take("192.0.2.1").left == -2
    clock[0] = 60.0
    assert (window.take("192.0.2.1").left, window.take("192.0.2.1").after_s) == (1, 60)


def test_what_is_kept_is_bounded_and_holds_no_address(monkeypatch):
    monkeypatch.setattr(quota, "_MOST_ADDRESSES", 100)
    window = Window(Rate(2, 60), lambda: 0.0)
    for number in range(1000):
        window.take(f"192.0.{number // 256}.{number % 256}")

    assert len(window._asked) <= 100
    assert all(len(key) == 8 for key in window._asked)


def test_many_at_once_are_all_counted():
    window = Window(Rate(10_000, 60))
    threads = [
        threading.Thread(target=lambda: [window.take("192.0.2.1") for _ in range(500)])
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert window.take("192.0.2.1").left == 10_000 - 4_001


@pytest.mark.parametrize("address", ["", "not an address", "fe80::1%eth0", "é" * 500])
def test_any_address_can_be_counted(address):
    assert Window(Rate(2, 60)).take(address).left == 1


@pytest.mark.parametrize("name", ["KB_RATE_API", "KB_RATE_EXPORT"])
@pytest.mark.parametrize("text", ["600", "0/minute", "-1/minute", "x/minute", "5/week", "9" * 5000])
def test_a_rate_that_is_none_is_refused(name, text):
    with pytest.raises(SettingError, match=name):
        Settings.from_env({name: text})


def test_rates_are_read_from_the_environment():
    read = Settings.from_env({"KB_RATE_API": "10/second", "KB_RATE_EXPORT": "off"})

    assert (read.rate_api, read.rate_export) == (Rate(10, 1), None)


@pytest.mark.parametrize(
    "text", ["*", "proxy", "127.0.0.1:80", "10.0.0.1/8", "0.0.0.0/0", "127.0.0.1,"]
)
def test_a_proxy_that_is_no_address_is_refused(text):
    with pytest.raises(SettingError, match="KB_PROXY"):
        Settings.from_env({"KB_PROXY": text})


@pytest.mark.parametrize(("proxy", "counted"), [("127.0.0.1", 1), ("", 3), ("192.0.2.9", 3)])
def test_only_the_proxy_that_is_named_says_who_asks(site_library, proxy, counted):
    told = {"KB_PROXY": proxy, "KB_RATE_API": "9/minute"}
    app = create_app(site_library, Settings.from_env(told))
    with served(app, clear_untrusted_proxy_headers=False) as address:
        for last in range(3):
            sent = {"X-Forwarded-For": f"198.51.100.7, 192.0.2.{last}"}
            with urlopen(Request(f"{address}/api/v1/", headers=sent)) as answer:  # noqa: S310 - ours
                told = answer.headers["RateLimit"]

    assert told.startswith(f'"api";r={9 - counted}')


@pytest.mark.parametrize(
    ("proxies", "sent", "counted"),
    [
        ("1", "198.51.100.{}, 192.0.2.7", 3),  # what the reader claims stands before
        ("2", "198.51.100.{}, 192.0.2.7, 10.0.0.1", 3),
        ("2", "192.0.2.{}, 10.0.0.1", 1),
        ("2", "192.0.2.{}", 3),  # too few: then it is the proxy
        ("9", "192.0.2.{}", 3),
    ],
)
def test_proxies_are_counted_so_that_nobody_gets_round_a_limit(
    site_library, proxies, sent, counted
):
    told = {"KB_PROXY": "10.1.0.0/16, ::1", "KB_PROXIES": proxies, "KB_RATE_API": "9/minute"}
    client = create_app(site_library, Settings.from_env(told)).test_client()

    for last in range(3):
        forwarded = {"X-Forwarded-For": sent.format(last), "Forwarded": f"for=192.0.2.{last}"}
        left = ask(client, "/api/v1/", "10.1.2.3", headers=forwarded).headers["RateLimit"]

    assert left.startswith(f'"api";r={9 - counted}')


def test_a_proxy_on_a_socket_of_both_families_is_known(site_library):
    told = {"KB_PROXY": "127.0.0.1", "KB_RATE_API": "9/minute"}
    client = create_app(site_library, Settings.from_env(told)).test_client()

    for last in range(3):
        sent = {"X-Forwarded-For": f"192.0.2.{last}"}
        left = ask(client, "/api/v1/", "::ffff:127.0.0.1", headers=sent).headers["RateLimit"]

    assert left.startswith('"api";r=8')


@pytest.mark.parametrize("text", ["0", "10", "-1", "two", "²"])
def test_a_number_of_proxies_that_is_none_is_refused(text):
    with pytest.raises(SettingError, match="KB_PROXIES"):
        Settings.from_env({"KB_PROXIES": text})
