"""Schemathesis asks what the description allows, and what it does not, and holds answers to it.

It asks over the network, as everyone does. ``KB_EXAMPLES`` is how many requests are made up for
each operation beside those that the description leads to (``make fuzz-api``: many).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.library import open_library
from kb.settings import Settings
from tests.conftest import ROOT
from tests.web.browsing import served
from tests.web.conftest import A_FORUM, EVERY_FIELD
from web import create_app

pytest.importorskip(
    "schemathesis", reason="schemathesis is missing; install the dependency group tests"
)

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("KB_EXAMPLES", "15")


@pytest.fixture
def site(tmp_path):
    (tmp_path / "every-field.md").write_text(EVERY_FIELD, encoding="utf-8")
    (tmp_path / "social-affairs-forum-2021.yaml").write_text(A_FORUM, encoding="utf-8")
    library = open_library(Settings(data=tmp_path / "data", encoder="off"))
    files = ["every-field.md", "social-affairs-forum-2021.yaml"]
    housing = ROOT / "corpus" / "ie" / "housing-first-dublin.md"
    assert not library.ingest([housing, *(tmp_path / name for name in files)]).refused
    library.sync()
    yield library
    library.close()


def test_every_answer_is_as_the_description_says(site, tmp_path):
    person = site.accounts.create("p@people.example", "contributor")
    token = site.accounts.make_token(person, "fuzz", ("read", "submit"), 1)
    with served(create_app(site, Settings(rate_api=None, rate_export=None))) as address:
        done = subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run",
             f"{address}/api/v1/openapi.json",
             "--url", address, "--header", f"Authorization: Bearer {token}",
             "--max-examples", EXAMPLES, "--generation-deterministic",
             "--warnings", "off", "--continue-on-failure", "--no-shrink"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
