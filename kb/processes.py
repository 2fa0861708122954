"""Processes of our own that work beside this one, and end when it does."""

import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process


def beside(number: int) -> ProcessPoolExecutor:
    """Return a pool of so many processes; what they are handed must be importable by its name."""
    return ProcessPoolExecutor(
        number,
        mp_context=get_context("spawn"),  # a fork would copy the locks of other threads
        initializer=_live_with_the_parent,
    )


def _live_with_the_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it ends, even if it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
