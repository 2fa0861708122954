"""The loop: two processes act on the same data, and each is killed at a moment of its own.

``python -m tests.crash.loop ROUNDS FOLDER``. One process does it, and forks those that it kills:
what is slow the first time is then known to all of them, and most kills hit a write.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kb.library import Library
from tests.crash import acts
from tests.crash.ledger import (
    Ledger,
    found,
    half_written,
    index_faults,
    locks_held,
    orphans,
    recover,
    send_again,
    still_found,
)

LONGEST_S = 0.6
_START_S = 60


def start(who: str, data: Path, log: Path, number: int) -> int:
    """Fork one who acts; return the process id once they have opened the data."""
    child = os.fork()
    if child == 0:
        acts.be(who, data, log, number)
    deadline = time.monotonic() + _START_S
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < deadline, f"{who} did not start"
        time.sleep(0.002)
    return child


def kill(children: Sequence[int], moments: random.Random) -> None:
    """Kill each at a moment of its own; either may go on for a while without the other."""
    planned = sorted((moments.uniform(0, LONGEST_S), child) for child in children)
    began = time.monotonic()
    for at, child in planned:
        time.sleep(max(0, began + at - time.monotonic()))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def after_the_kill(library: Library, ledger: Ledger, running: dict[str, Any] | None) -> None:
    """Recover, and hold the library to everything that it has ever acknowledged."""
    ledger.behind += library.status().index.state != "ready"
    ledger.index += locks_held(library)
    ledger.seconds.append(recover(library))

    there = found(library)
    ledger.compare(running, there)
    ledger.half_written += half_written(library)
    ledger.index += index_faults(library)
    ledger.index += still_found(library, there)


def run(rounds: int, folder: Path) -> Ledger:
    """Do so many rounds in an empty folder."""
    acts.warm_up()
    data, ledger, moments = folder / "data", Ledger(), random.Random()  # noqa: S311 - any moment
    library = acts.opened(data)
    acts.settle(library)
    ledger.promised = found(library)
    library.close()  # nobody forks with an open database
    for number in range(1, rounds + 1):
        logs = [folder / f"{who}-{number}.log" for who in acts.ACTS]
        pairs = zip(acts.ACTS, logs, strict=True)
        kill([start(who, data, log, number * 10_000) for who, log in pairs], moments)
        web, _worker = map(ledger.take, logs)
        library = acts.opened(data)
        send_again(library, web)
        after_the_kill(library, ledger, web)
        library.close()
    return ledger


def main() -> None:
    """Do the rounds, print the table, and end with 1 where a promise was broken."""
    rounds, folder = int(sys.argv[1]), Path(sys.argv[2])
    ledger = run(rounds, folder)
    sys.stdout.write(f"{ledger.table(rounds)}\n")
    broken = [*ledger.lost, *ledger.half_written, *ledger.index, *orphans()]
    sys.stdout.write("".join(f"BROKEN: {each}\n" for each in broken))
    sys.exit(bool(broken) or ledger.acknowledged.total() < 5 * rounds)


if __name__ == "__main__":
    main()
