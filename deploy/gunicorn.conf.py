"""How gunicorn runs the site: ``gunicorn --config deploy/gunicorn.conf.py``, in the main folder.

Threads share one processor, so that processes answer more (1.7 times as much with two of them);
some threads more in each keep a slow reader from holding one up. Each process opens the library
for itself, after the fork, and ends after some 2,000 requests, lest memory grows. The worker,
which indexes, is a program of its own: ``indexer.py work``.
"""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from kb import journal, lock
from kb.settings import Settings

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_WAIT_S = 10

_settings = Settings.from_env()

wsgi_app = "web.wsgi:site()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", os.cpu_count() or 1))
threads = 4
max_requests = 2000
max_requests_jitter = 200
timeout = 30
graceful_timeout = 30
keepalive = 15
limit_request_line = 8190  # the most there is: longer questions are refused by us, in words
forwarded_allow_ips = ""  # web.proxied knows whom to believe
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - where Linux has it
logconfig_dict = journal.config(_settings.log, "web")

if not os.environ.get(_FOLDER):  # it stays the same where this file is read again, on SIGHUP
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="citypraxis-")


def on_starting(_server: Any) -> None:
    """Forget the numbers of processes that are gone with an earlier start."""
    folder = Path(os.environ[_FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)


def child_exit(_server: Any, worker: Any) -> None:
    """Add the numbers of a process that has ended to those of all that have.

    Else there would be more files with every process that ever ran, and each scrape reads them.
    """
    # Not above: the package looks for the folder when it is first imported.
    from prometheus_client.multiprocess import mark_process_dead

    folder = Path(os.environ[_FOLDER])
    with lock.held(folder / "lock", _WAIT_S):
        mark_process_dead(worker.pid)
        for kind in ("counter", "histogram"):
            path = folder / f"{kind}_{worker.pid}.db"
            if path.exists():
                _add(path, folder / f"{kind}_ended.db")
                path.unlink()


def on_exit(_server: Any) -> None:
    """Delete the numbers, which nobody can ask for any more."""
    folder = Path(os.environ[_FOLDER])
    _clear(folder)
    with suppress(OSError):  # it may be one that stays, such as a RuntimeDirectory
        folder.rmdir()


def _clear(folder: Path) -> None:
    for path in (*folder.glob("*.db"), folder / "lock"):
        path.unlink(missing_ok=True)


def _add(path: Path, total: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict

    sums = MmapedDict(str(total))
    for key, value, at, _place in MmapedDict.read_all_values_from_file(str(path)):
        sums.write_value(key, sums.read_value(key)[0] + value, at)
    sums.close()
