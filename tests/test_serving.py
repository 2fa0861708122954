"""The site as an operator starts it: a real process, a real port, a real Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

WAIT_S = 60


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start ``serve`` on a free port and give the process and the address it prints."""
    # Started in the background, a program is told to ignore Ctrl-C, and so is what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    env = {**os.environ, "KB_DATA": str(tmp_path / "data"), "KB_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "indexer.py", "serve"],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            address = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
            assert address is not None
            yield process, address.group()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_serve_prints_the_address_on_which_it_answers(site) -> None:
    _, address = site

    with urllib.request.urlopen(f"{address}/healthz", timeout=WAIT_S) as answer:  # noqa: S310 - ours
        health = json.load(answer)

    assert health["cases"] == 0


def test_the_first_start_prints_the_way_in_for_the_first_administrator(site) -> None:
    process, address = site

    told = process.stdout.readline()

    link = re.search(rf"{address}/link/\S+", told).group()
    with urllib.request.urlopen(link, timeout=WAIT_S) as answer:  # noqa: S310 - ours
        assert b"first administrator" in answer.read()


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    if not path.exists():
        pytest.skip("the list of child processes needs Linux's /proc")
    return [int(child) for child in path.read_text().split()]


def test_interrupt_stops_web_and_worker_cleanly(site) -> None:
    process, address = site
    urllib.request.urlopen(f"{address}/healthz", timeout=WAIT_S).close()  # noqa: S310 - ours
    workers = children(process.pid)

    # A terminal sends Ctrl-C to the whole group.
    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(WAIT_S) == 0
    assert len(workers) == 1
    assert not Path(f"/proc/{workers[0]}").exists()
