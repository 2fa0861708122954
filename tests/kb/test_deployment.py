"""What keeps a site from being public is said, with what to do, and what is fine is left alone."""

import json
import os
import subprocess
import sys
import time

import pytest

from kb import deployment, heartbeat
from kb.deployment import computer
from kb.heartbeat import Beat
from kb.settings import Settings
from tests.conftest import ROOT

SET = {
    "KB_SITE_URL": "https://praxis.example",
    "KB_CONTACT": "a@praxis.example",
    "KB_ENFORCEMENT": "https://law.example",
    "KB_SMTP": "smtp://a@mail.example",
    "KB_MAIL_FROM": "a@praxis.example",
    "KB_PROXY": "127.0.0.1",
    "KB_LOG": "json",
    "KB_ENCODER": "off",
}


@pytest.fixture
def rows(library, tmp_path):
    token = tmp_path / "token"
    token.write_text("t", encoding="utf-8")
    token.chmod(0o600)

    def ask(**changed):
        data = {"KB_DATA": str(library.settings.data), "KB_METRICS_TOKEN_FILE": str(token)}
        settings = Settings.from_env({**SET, **data, **changed})
        return {row.name: row for row in deployment.rows(settings, library.health())}

    return ask


def test_a_site_that_is_set_up_lacks_nothing_that_its_settings_say(rows, library):
    heartbeat.beat(library.settings.data, "worker", Beat(time.time()))
    heartbeat.beat(library.settings.data, "backup", Beat(time.time()))
    heartbeat.beat(library.settings.data, "check", Beat(time.time()))

    found = rows()

    missing = {name for name, row in found.items() if row.state == "missing"}
    # Those of the computer on which this runs, and the index, which nobody has made.
    assert missing <= {"user", "space", "index"}
    assert all(bool(row.remedy) is (row.state != "ok") for row in found.values())


@pytest.mark.parametrize(
    ("name", "changed", "state"),
    [
        ("address", {"KB_SITE_URL": ""}, "missing"),
        ("address", {"KB_SITE_URL": "http://praxis.example"}, "missing"),
        ("hosts", {"KB_SITE_URL": ""}, "missing"),
        ("hosts", {"KB_SITE_URL": "", "KB_HOSTS": "a.example"}, "ok"),
        ("proxy", {"KB_PROXY": ""}, "missing"),
        ("listening", {"KB_HOST": "0.0.0.0"}, "warn"),  # noqa: S104 - nothing listens
        ("contact", {"KB_CONTACT": ""}, "missing"),
        ("enforcement", {"KB_ENFORCEMENT": ""}, "warn"),
        ("mail", {"KB_SMTP": "", "KB_MAIL_FROM": ""}, "warn"),
        ("secrets", {"KB_SMTP": "smtp://a:geheim@mail.example"}, "missing"),
        ("secrets", {"KB_METRICS_TOKEN_FILE": "/nothing/here"}, "missing"),
        ("log", {"KB_LOG": "text"}, "warn"),
        ("metrics", {"KB_METRICS_TOKEN_FILE": ""}, "warn"),
        ("worker", {}, "missing"),
        ("index", {}, "missing"),
        ("backup", {}, "missing"),
        ("check", {}, "warn"),
    ],
)
def test_what_is_missing_is_said(rows, name, changed, state):
    row = rows(**changed)[name]

    assert row.state == state
    assert "geheim" not in row.told + row.remedy


def test_a_secret_that_everybody_can_read_is_named_with_the_remedy(rows, tmp_path):
    (tmp_path / "token").chmod(0o644)

    row = rows()["secrets"]

    assert (row.state, row.remedy) == ("missing", f"chmod 600 {tmp_path / 'token'}")


def test_a_folder_that_others_can_read_is_said(rows, library):
    library.settings.data.chmod(0o750)

    assert rows()["folder"].state == "missing"


def test_debugging_is_said(rows, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")

    assert rows()["debugging"].state == "missing"


@pytest.mark.parametrize(
    ("sign", "state"),
    [
        (Beat(time.time() - 40 * 3600), "missing"),
        (Beat(time.time(), fine=False, told="disk full"), "missing"),
        (Beat(time.time() - 3600), "ok"),
    ],
)
def test_a_backup_that_is_old_or_failed_is_none(rows, library, sign, state):
    heartbeat.beat(library.settings.data, "backup", sign)

    assert rows()["backup"].state == state


def test_the_file_system_is_known_that_holds_a_path(tmp_path):
    assert computer._file_system(tmp_path)
    assert computer._file_system(tmp_path.parents[-1] / "proc" / "self") == "proc"


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_disk_of_another_computer_is_said(rows, monkeypatch, kind):
    monkeypatch.setattr(computer, "_file_system", lambda _path: kind)

    assert rows()["disk"].state == "missing"


def test_the_command_says_it_to_people_and_programs_and_ends_with_one(library):
    env = {**os.environ, "KB_DATA": str(library.settings.data), "KB_ENCODER": "off"}
    command = [sys.executable, "-W", "ignore", "indexer.py", "check", "--deploy", "--json"]

    done = subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    rows = {row["name"]: row["state"] for row in json.loads(done.stdout)}
    assert rows["address"] == "missing"
