"""The one process that reads what was sent in and writes the index, until it is told to stop."""

import logging
import signal
import threading
from collections.abc import Callable
from functools import partial
from math import inf
from time import monotonic
from types import FrameType

from kb.heartbeat import Pulse
from kb.library import Library

_LEARN_S = 5
_LETTERS_S = 3600
"""Between two looks at which letters are due."""

Post = Callable[[Callable[[], bool]], object]
"""Sends the letters that are due; what it is given tells whether to stop."""

LOG = logging.getLogger(__name__)


def keep_in_step(
    library: Library,
    every_s: float,
    stop: threading.Event | None = None,
    post: Post | None = None,
) -> None:
    """Sync again and again, ``every_s`` seconds apart, until SIGTERM, SIGINT or ``stop``.

    Letters go when nothing else is to be done, and are looked for at most once an hour.

    A step that has begun is finished first. What fails is logged and tried again: cases are safe in
    the store whatever happens to the index.
    """
    stopped = stop or threading.Event()
    if stop is None:
        _stop_on_signal(stopped)
    with Pulse(library.settings.data) as pulse:
        _run(library, every_s, stopped, post, partial(_attempt, pulse))


def _run(
    library: Library,
    every_s: float,
    stopped: threading.Event,
    post: Post | None,
    attempt: Callable[[str, Callable[[], object]], object],
) -> None:
    attempt("tidy", library.contributing.tidy)
    attempt("mend", library.snapshots.mend)
    attempt("check-index", library.check_index)
    ready, looked = False, -inf
    while not stopped.is_set():
        # One file, then the index: a file may take minutes, and nobody waits for two.
        read = attempt("read", library.contributing.read_next)
        attempt("sync", library.sync)
        attempt("forget", library.asked.forget)
        # In short pieces: a new case is found by its words before others are by their meaning.
        more = read or attempt("learn", partial(library.learn, _LEARN_S))
        if not (more or ready):
            ready = True
            attempt("get-ready", library.contributing.get_ready)
        if post and not more and monotonic() - looked > _LETTERS_S:
            looked = monotonic()
            attempt("letters", partial(post, stopped.is_set))
        stopped.wait(0 if more else every_s)


def _attempt(pulse: Pulse, name: str, step: Callable[[], object]) -> object:
    pulse.at(name)
    began = monotonic()
    try:
        done = step()
    except Exception:  # whatever it was: without this process nothing new is found
        LOG.exception(
            "a step of the worker has failed; trying again", extra={"told": {"step": name}}
        )
        return None
    if done:
        ms = round((monotonic() - began) * 1000)
        LOG.info("a step has done something", extra={"told": {"step": name, "ms": ms}})
    return done


def _stop_on_signal(stopped: threading.Event) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
