"""The site under load: requests a second and waiting times, beside a page that does not search.

Usage: python -m bench.web [CASES [SECONDS]]      (default 20000 60)

wrk asks on loopback, on the same machine and its processors. Each question is another one, so that
no cache flatters. During each load one case is published (by this process, which only accepts it;
the worker of the site indexes it) and asked for by HTTP every 50 ms until it is found.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from bench import kept
from bench.asking import Drawing
from bench.figures import MB, memory, ms, publish, ratio, table
from kb.formats import md
from kb.library import Library
from kb.model import Case

CASES, SECONDS = 20_000, 60
CLIENTS = (8, 32)
PORT = 18_350
_HOST = f"http://127.0.0.1:{PORT}"
_WORKERS = 2
_READY_S = 120
_QUESTIONS = 30  # times those of the drawing, each time with other words
_CONFIG = Path("deploy/gunicorn.conf.py")
_SEARCH = "search"
_SCRIPT = Path(__file__).parent / "asking.lua"


def main(number: int, seconds: int) -> None:
    """Measure and publish."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing; install the Debian package wrk")
    with kept.site(number) as library, tempfile.TemporaryDirectory() as folder:
        pages = {name: _written(Path(folder) / name, found) for name, found in _pages().items()}
        case = kept.first(number)
        rows, used = [], []
        for server, command in _servers().items():
            with _site(number, command) as processes:
                for (page, file), clients in product(pages.items(), CLIENTS):
                    wanted = seconds if page == _SEARCH else max(5, seconds // 4)
                    told = _load(file, clients, wanted, library, case)
                    rows.append((server, page, clients, told))
                    print(server, page, clients, told, flush=True)
                used.append([server, *_held(processes)])
    head = f"{number} cases, search {seconds} s each, others a quarter"
    publish("web", table((head, *_HEAD), _rows(rows)), "make bench-web")
    publish("memory", table((f"{number} cases", *_MEMORY_HEAD), used), "make bench-web")


def _servers() -> Mapping[str, Sequence[str]]:
    gunicorn = [sys.executable, "-m", "gunicorn"]
    ours = ["--config", str(_CONFIG)] if _CONFIG.exists() else [
        "--worker-class", "gthread", "--workers", str(_WORKERS), "--threads", "4",
        "--bind", f"127.0.0.1:{PORT}", "web:create_app_from_env()",
    ]  # fmt: skip
    return {
        f"gunicorn, {_WORKERS} processes": [*gunicorn, *ours],
        "waitress (make run)": [sys.executable, "indexer.py", "serve", "--no-worker"],
    }


def _pages() -> Mapping[str, Iterable[str]]:
    """Return the addresses of each kind of page."""
    drawn = Drawing(kept.read_rows(2000))
    asked = [each.query for _ in range(_QUESTIONS) for each in drawn.questions()]
    questions = dict.fromkeys(f"/search?{urlencode(query.pairs())}" for query in asked)
    return {_SEARCH: questions, "about": ["/about"], "start page": ["/"]}


def _written(path: Path, addresses: Iterable[str]) -> Path:
    path.write_text("\n".join(addresses) + "\n", encoding="utf-8")
    return path


@contextmanager
def _site(number: int, command: Sequence[str]) -> Iterator[Sequence[int]]:
    """Run the site and its worker; yield their processes."""
    environment = {
        **os.environ, "KB_DATA": str(kept.settings(number).data), "KB_ENCODER": "off",
        "KB_PORT": str(PORT), "WEB_CONCURRENCY": str(_WORKERS), "KB_RATE_API": "off",
    }  # fmt: skip
    worker = [sys.executable, "indexer.py", "work"]
    with ExitStack() as stack:
        started = [stack.enter_context(_running(each, environment)) for each in (command, worker)]
        _wait()
        yield [process.pid for process in started]


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603 - programs of ours
        command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait() -> None:
    end = time.monotonic() + _READY_S
    while time.monotonic() < end:
        try:
            for _ in range(4 * _WORKERS):  # the index is open in each process
                _get("/search?q=housing")
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"the site does not answer within {_READY_S} s")


def _load(
    addresses: Path, clients: int, seconds: int, library: Library, case: Case
) -> Mapping[str, float]:
    """Have wrk ask for so long, with a case published in the middle; return what came of it."""
    for _ in range(4 * _WORKERS):  # what the load before has left waiting is done
        _get("/about")
    visible: list[float] = []
    publisher = threading.Thread(target=_publish, args=(library, case, seconds / 3, visible))
    publisher.start()
    command = [
        "wrk", "--threads", "2", "--connections", str(clients), "--duration", f"{seconds}s",
        "--timeout", "60s", "--script", str(_SCRIPT), _HOST, "--", str(addresses),
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    publisher.join()
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**told, "visible_s": visible[0]}


def _publish(library: Library, case: Case, after_s: float, visible: list[float]) -> None:
    time.sleep(after_s)
    word = f"quetzal{time.time_ns()}"
    changed = case.model_copy(update={"body": f"{case.body}\n\n{word}"})
    began = time.monotonic()
    library.receive(f"{case.id}.md", md.write(changed), "operator")
    while f'/cases/{case.id}"' not in _get(f'/search?q="{word}"+OR+{word}') and (
        time.monotonic() - began < _READY_S
    ):
        time.sleep(0.05)
    visible.append(time.monotonic() - began)


def _get(address: str) -> str:
    with urlopen(_HOST + address.replace('"', "%22"), timeout=60) as answer:  # noqa: S310
        return str(answer.read().decode())


def _held(processes: Sequence[int]) -> Sequence[str]:
    """Say how much memory the site and its worker hold, with all processes below them."""
    told = []
    for process in processes:
        family = [process, *_children(process)]
        found = [memory(each) for each in family]
        told.append(f"{sum(share for _, share in found) / MB:.0f} MB in {len(family)}")
        told.append(f"{sum(resident for resident, _ in found) / MB:.0f} MB")
    return told


def _children(process: int) -> Sequence[int]:
    told = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(each) for each in told.split()]


_HEAD = ("page", "clients", "requests a second", "p50, ms", "p95, ms", "p99, ms", "errors",
         "published until found", "time to the same of `about`: p95")  # fmt: skip
_MEMORY_HEAD = ("site: proportional share, in processes", "resident, added up",
                "worker: proportional share", "resident")  # fmt: skip


def _rows(rows: Sequence[tuple[str, str, int, Mapping[str, float]]]) -> Iterable[Sequence[str]]:
    plain = {(server, clients): told for server, page, clients, told in rows if page == "about"}
    for server, page, clients, told in rows:
        beside = plain[server, clients]
        yield [
            server, page, str(clients), f"{told['requests'] / told['seconds']:.1f}",
            *(ms(told[share]) for share in ("p50", "p95", "p99")), f"{told['errors']:.0f}",
            f"{told['visible_s']:.2f} s", ratio(told["p95"], beside["p95"]),
        ]  # fmt: skip


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [CASES, SECONDS][len(given) :]))
