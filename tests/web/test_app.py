"""The site as a WSGI server starts it."""

import pytest

from kb.errors import SettingError
from web.wsgi import site as create_app_from_env


def test_the_site_is_built_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("KB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KB_SITE_NAME", "Testville learns")
    app = create_app_from_env()

    response = app.test_client().get("/about")

    assert "Testville learns" in response.text
    app.extensions["library"].close()


def test_a_setting_that_cannot_be_used_stops_the_start(monkeypatch):
    monkeypatch.setenv("KB_PORT", "http")

    with pytest.raises(SettingError):
        create_app_from_env()


def test_limits_on_what_is_sent_are_set(site):
    assert site.config["MAX_CONTENT_LENGTH"] == 20 * 1024 * 1024
    assert site.config["MAX_FORM_MEMORY_SIZE"] == 500_000
    assert site.config["MAX_FORM_PARTS"] == 50
    assert "praxis.example" in site.config["TRUSTED_HOSTS"]
