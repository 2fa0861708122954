"""The site as its operator runs it: real processes, a real port, and a program that asks it."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import ROOT

WAIT_S = 60
_BOUNDARY = "a-boundary-that-no-file-has"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


@dataclass(frozen=True)
class Site:
    """A site that is running."""

    process: subprocess.Popen[str]
    host: str
    environment: Mapping[str, str]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection(self.host, timeout=WAIT_S)
        try:
            chunked = body is not None and not isinstance(body, bytes)
            connection.request(method, path, body, headers, encode_chunked=chunked)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def send(self, token: str, name: bytes, data: bytes, **headers: str) -> Reply:
        return self.post(token, multipart((b"file", name, data)), **headers)

    def post(self, token: str, body: Any, **headers: str) -> Reply:
        kind = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        return self.ask("POST", "/api/v1/uploads", body, **kind, **bearer(token), **headers)

    def told(self, token: str, upload: str) -> Any:
        return self.ask("GET", f"/api/v1/uploads/{upload}", **bearer(token)).json

    def ended(self, token: str, upload: str, within_s: float) -> Any:
        """Wait until something has become of a file."""
        end = time.monotonic() + within_s
        while (told := self.told(token, upload))["state"] in {"queued", "parsing"}:
            assert time.monotonic() < end, f"still {told['state']} after {within_s} s"
            time.sleep(0.1)
        return told

    def token(self, email: str) -> str:
        return run(self.environment, "add-user", email, "--role", "contributor", "--token").strip()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def multipart(*parts: tuple[bytes, bytes, bytes]) -> bytes:
    """Write the parts of a form, each a name, the name of a file or nothing, and bytes."""
    written = b""
    for name, file, data in parts:
        named = b'; filename="' + file + b'"' if file else b""
        head = b'Content-Disposition: form-data; name="' + name + b'"' + named
        written += b"--" + _BOUNDARY.encode() + b"\r\n" + head + b"\r\n\r\n" + data + b"\r\n"
    return written + b"--" + _BOUNDARY.encode() + b"--\r\n"


def run(environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-W", "ignore", "indexer.py", *words],
        cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@contextmanager
def serving(folder: Path, *files: Path) -> Iterator[Site]:
    """Serve a few cases on a free port, with the worker beside, and stop both at the end."""
    environment = {**os.environ, "KB_DATA": str(folder), "KB_PORT": "0", "KB_ENCODER": "off"}
    # Tests look more often than people.
    environment |= {"KB_RATE_API": "off", "KB_RATE_EXPORT": "off"}
    if files:
        run(environment, "ingest", *map(str, files))
    with (folder.parent / "log").open("w") as log, subprocess.Popen(
        [sys.executable, "-W", "ignore", "indexer.py", "serve"], cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address is not None
            yield Site(process, urlsplit(address.group()).netloc, environment)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, and that still run, the oldest first."""
    found = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return sorted(int(child) for told in found for child in told.split())


def memory(pid: int) -> int:
    """Return how many bytes of memory a process has in use."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024
