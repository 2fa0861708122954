"""The one process that reads what was sent in and writes the index, until it is told to stop."""

import logging
import signal
import threading
from collections.abc import Callable
from functools import partial
from math import inf
from time import monotonic
from types import FrameType

from kb.errors import StoreUnavailableError
from kb.heartbeat import Pulse
from kb.library import Library

_LEARN_S = 5
_GLANCE_S = 0.1
"""Between two glances at whether somebody has written: a case is found within a second."""
_VERIFY_S = 600
"""Between two looks at whether the index is as it was written: it is read from end to end."""
_LETTERS_S = 3600
"""Between two looks at which letters are due."""
_CHECK_S = 3600
"""Between two looks at whether a day has passed since what is kept was checked."""

Post = Callable[[Callable[[], bool]], object]
"""Sends the letters that are due; what it is given tells whether to stop."""

LOG = logging.getLogger(__name__)


def keep_in_step(
    library: Library,
    every_s: float,
    stop: threading.Event | None = None,
    post: Post | None = None,
) -> None:
    """Sync again and again, until SIGTERM, SIGINT or ``stop``.

    It looks as soon as somebody has written, and otherwise ``every_s`` seconds apart.

    Letters go when nothing else is to be done, and are looked for at most once an hour. What is
    kept is checked once a day.

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
    verifying, checking, letters = _Clock(_VERIFY_S), _Clock(_CHECK_S), _Clock(_LETTERS_S)
    verifying.rings()
    ready = False
    while not stopped.is_set():
        before = _arrivals(library)
        # One file, then the index: a file may take minutes, and nobody waits for two.
        read = attempt("read", library.contributing.read_next)
        attempt("sync", library.sync)
        attempt("forget", library.asked.forget)
        if verifying.rings():
            attempt("check-index", library.check_index)
        # In short pieces: a new case is found by its words before others are by their meaning.
        more = read or attempt("learn", partial(library.learn, _LEARN_S))
        if not (more or ready):
            ready = True
            attempt("get-ready", library.contributing.get_ready)
        if post and not more and letters.rings():
            attempt("letters", partial(post, stopped.is_set))
        if not more and checking.rings():
            attempt("check", partial(library.check_daily, stopped.is_set))
        if not more:
            _rest(library, every_s, stopped, before)


def _rest(
    library: Library, every_s: float, stopped: threading.Event, before: tuple[int, int] | None
) -> None:
    """Wait until it is time for another look, or there is something to do that was not before."""
    until = monotonic() + every_s
    while not stopped.wait(min(_GLANCE_S, every_s)):
        if monotonic() >= until or _arrivals(library) not in {before, None}:
            return


def _arrivals(library: Library) -> tuple[int, int] | None:
    try:
        return library.arrivals()
    except StoreUnavailableError:  # met, and told, by the next step
        return None


class _Clock:
    """Rings at once, and then when so much time has passed since."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._rang = -inf

    def rings(self) -> bool:
        now = monotonic()
        if now - self._rang <= self._every_s:
            return False
        self._rang = now
        return True


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
