"""The one process that reads what was sent in and writes the index, until it is told to stop."""

import logging
import signal
import threading
from collections.abc import Callable
from functools import partial
from math import inf
from time import monotonic
from types import FrameType

from kb.library import Library

_LEARN_S = 5
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
    """Sync again and again, ``every_s`` seconds apart, until SIGTERM, SIGINT or ``stop``.

    Letters go when nothing else is to be done, and are looked for at most once an hour. What is
    kept is checked once a day.

    A step that has begun is finished first. What fails is logged and tried again: cases are safe in
    the store whatever happens to the index.
    """
    stopped = stop or threading.Event()
    if stop is None:
        _stop_on_signal(stopped)
    _attempt(library.contributing.tidy)
    _attempt(library.snapshots.mend)
    _attempt(library.check_index)
    ready, looked, checked, verified = False, -inf, -inf, monotonic()
    while not stopped.is_set():
        # One file, then the index: a file may take minutes, and nobody waits for two.
        read = _attempt(library.contributing.read_next)
        _attempt(library.sync)
        _attempt(library.asked.forget)
        if monotonic() - verified > _VERIFY_S:
            verified = monotonic()
            _attempt(library.check_index)
        # In short pieces: a new case is found by its words before others are by their meaning.
        more = read or _attempt(partial(library.learn, _LEARN_S))
        if not (more or ready):
            ready = True
            _attempt(library.contributing.get_ready)
        if post and not more and monotonic() - looked > _LETTERS_S:
            looked = monotonic()
            _attempt(partial(post, stopped.is_set))
        if not more and monotonic() - checked > _CHECK_S:
            checked = monotonic()
            _attempt(partial(library.check_daily, stopped.is_set))
        stopped.wait(0 if more else every_s)


def _attempt(step: Callable[[], object]) -> object:
    try:
        return step()
    except Exception:  # whatever it was: without this process nothing new is found
        LOG.exception("a step of the worker has failed; trying again")
        return None


def _stop_on_signal(stopped: threading.Event) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
