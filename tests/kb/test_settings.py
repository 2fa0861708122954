from dataclasses import fields
from pathlib import Path

import pytest

from kb.errors import SettingError
from kb.settings import Settings


def test_from_env_of_nothing_gives_the_defaults() -> None:
    settings = Settings.from_env({})

    assert settings == Settings()
    assert (settings.data, settings.host, settings.port) == (Path("data"), "127.0.0.1", 8000)


def test_from_env_reads_every_setting() -> None:
    env = {
        "KB_DATA": "/srv/kb",
        "KB_HOST": "0.0.0.0",  # noqa: S104 - nothing listens there
        "KB_PORT": "0",
        "KB_SITE_URL": "https://kb.example/",
        "KB_SITE_NAME": "Good practice",
    }

    settings = Settings.from_env(env)

    assert settings == Settings(
        Path("/srv/kb"), env["KB_HOST"], 0, "https://kb.example/", "Good practice"
    )


def test_from_env_reads_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_PORT", "8080")

    assert Settings.from_env().port == 8080


def test_from_env_takes_a_blank_setting_for_none() -> None:
    assert Settings.from_env({"KB_PORT": " ", "KB_DATA": ""}) == Settings()


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "8000.5", "²", "1_000"])
def test_from_env_refuses_a_port_and_says_what_is_expected(port: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_env({"KB_PORT": port})

    assert str(refused.value) == (
        f"KB_PORT is {port!r}; give a number from 0 to 65535, such as 8000"
    )


def test_from_env_reads_how_much_room_snapshots_have() -> None:
    assert Settings.from_env({"KB_SNAPSHOTS_MB": "50"}).snapshots_mb == 50
    for text in ("-1", "2 GB", "1" * 10):
        with pytest.raises(SettingError, match=r"KB_SNAPSHOTS_MB is .*; give a whole number"):
            Settings.from_env({"KB_SNAPSHOTS_MB": text})


@pytest.mark.parametrize("url", ["kb.example", "ftp://kb.example", "//kb.example"])
def test_from_env_refuses_an_address_and_says_what_is_expected(url: str) -> None:
    with pytest.raises(SettingError, match=r"KB_SITE_URL is .*; give a full address, such as"):
        Settings.from_env({"KB_SITE_URL": url})


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(), "http://127.0.0.1:8000"),
        (Settings(host="localhost", port=8080), "http://localhost:8080"),
        (Settings(site_url="https://kb.example/"), "https://kb.example"),
        (Settings(site_url="https://kb.example/practice"), "https://kb.example/practice"),
    ],
)
def test_public_url_is_the_address_without_final_slash(settings: Settings, url: str) -> None:
    assert settings.public_url == url


def test_every_setting_says_what_it_is() -> None:
    assert all(setting.metadata["help"] for setting in fields(Settings))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KB_CONTACT", "a@b.example"),
        ("KB_CONTACT", "https://b.example/contact"),
        ("KB_ENFORCEMENT", "https://b.example"),
    ],
)
def test_from_env_takes_an_address_of_people(name: str, value: str) -> None:
    assert getattr(Settings.from_env({name: value}), name.removeprefix("KB_").lower()) == value


@pytest.mark.parametrize("name", ["KB_CONTACT", "KB_ENFORCEMENT"])
@pytest.mark.parametrize("value", ["the town hall", "javascript:alert(1)", "a@b@c", "@"])
def test_from_env_refuses_an_address_at_which_nobody_is(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        Settings.from_env({name: value})


@pytest.mark.parametrize(("value", "on"), [("on", True), ("off", False)])
def test_from_env_switches_the_report_of_searches(value: str, *, on: bool) -> None:
    assert Settings.from_env({"KB_SEARCH_REPORT": value}).search_report is on


def test_from_env_refuses_a_switch_that_is_neither_on_nor_off() -> None:
    with pytest.raises(SettingError, match="KB_SEARCH_REPORT"):
        Settings.from_env({"KB_SEARCH_REPORT": "perhaps"})
