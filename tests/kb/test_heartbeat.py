"""Signs of life: written whole, read whatever happened, and old when nobody gives them."""

import os
import threading
import time

import pytest

from kb import heartbeat
from kb.heartbeat import ALIVE_S, STUCK_S, Beat, Pulse
from kb.worker import keep_in_step


def test_the_last_sign_is_what_was_written(tmp_path):
    sign = Beat(1_790_000_000.0, fine=False, told="3 faults")

    heartbeat.beat(tmp_path, "check", Beat(1.0))
    heartbeat.beat(tmp_path, "check", sign)

    assert heartbeat.last(tmp_path, "check") == sign
    assert heartbeat.last(tmp_path, "backup") is None


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"at": 1, "of a later version": 2}'])
def test_a_sign_that_cannot_be_read_is_none(tmp_path, text):
    heartbeat.beat(tmp_path, "check", Beat(1.0))
    (tmp_path / "beats" / "check.json").write_text(text)

    assert heartbeat.last(tmp_path, "check") is None


def test_where_nothing_can_be_written_work_goes_on(tmp_path):
    heartbeat.beat(tmp_path / "not here", "check", Beat(1.0))

    assert heartbeat.last(tmp_path / "not here", "check") is None


@pytest.mark.parametrize(
    ("sign", "now", "alive"),
    [
        (Beat(1000.0, since=1000.0), 1000.0 + ALIVE_S - 1, True),
        (Beat(1000.0, since=1000.0), 1000.0 + ALIVE_S, False),
        (Beat(STUCK_S + 1001.0, since=1000.0), STUCK_S + 1001.0, False),
    ],
)
def test_a_worker_is_alive_that_beats_and_gets_on(sign, now, alive):
    assert sign.is_alive(now) is alive


def test_a_step_that_takes_long_does_not_silence_the_worker(tmp_path, monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY_S", 0.01)
    began = time.time()

    with Pulse(tmp_path) as pulse:
        pulse.at("sync")
        first = _next(tmp_path, lambda sign: sign.told == "sync")
        second = _next(tmp_path, lambda sign: sign.at > first.at)

    assert second.told == "sync"
    assert second.since >= began
    assert second.memory_bytes > 1 << 20


def _next(folder, wanted):
    for _ in range(3_000):
        sign = heartbeat.last(folder, "worker")
        if sign and wanted(sign):
            return sign
        time.sleep(0.01)
    raise AssertionError("no sign came")


def test_the_worker_gives_signs_and_the_library_tells_of_them(library):
    assert library.health().worker == "unknown"
    stop = threading.Event()
    stop.set()

    keep_in_step(library, 5, stop)

    assert library.health().worker == "running"
    assert os.listdir(library.settings.data / "beats") == ["worker.json"]  # noqa: PTH208 - names


@pytest.mark.parametrize(
    ("ago", "since", "told"),
    [(1, 2, "running"), (ALIVE_S + 1, ALIVE_S + 2, "stopped"), (1, STUCK_S + 9, "stuck")],
)
def test_how_the_worker_is_stands_in_its_last_sign(library, ago, since, told):
    now = time.time()
    heartbeat.beat(library.settings.data, "worker", Beat(now - ago, since=now - since))

    assert library.health().worker == told
