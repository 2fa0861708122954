"""No test calls another computer, and no program that a test starts: shown by trying."""

import socket
import subprocess
import sys
from contextlib import closing

import pytest

from tests.conftest import ROOT, calls_out

ELSEWHERE = "192.0.2.1"  # RFC 5737: nobody has it
TRY = f"""
import socket
try:
    socket.create_connection(({ELSEWHERE!r}, 80), 1)
except OSError as err:
    print(err)
"""


@pytest.fixture
def tried(nobody_calls_out):  # noqa: ARG001 - it looks after this has taken back
    """Give what was written down; it is taken back, so that this test does not fail of it."""
    calls_out().unlink(missing_ok=True)
    yield lambda: calls_out().read_text(encoding="utf-8") if calls_out().exists() else ""
    calls_out().unlink(missing_ok=True)


def child(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )


def test_this_process_cannot_call_out():
    # pytest-socket sees it first, and warns; warnings are errors here.
    with closing(socket.socket()) as made, pytest.raises((RuntimeError, UserWarning)):
        made.connect((ELSEWHERE, 80))


def test_a_socket_of_the_system_cannot_either_and_it_is_written_down(tried):
    import _socket

    with closing(_socket.socket()) as made, pytest.raises(PermissionError, match="another"):
        made.connect((ELSEWHERE, 80))

    assert ELSEWHERE in tried()


def test_a_program_that_is_started_cannot_call_out_and_it_is_written_down(tried):
    assert "another computer" in child(TRY).stdout

    assert f"socket.connect '{ELSEWHERE}'" in tried()


def test_the_program_of_a_program_cannot_either(tried):
    child(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {TRY!r}])")

    assert tried().count(ELSEWHERE) == 1


def test_a_program_cannot_ask_for_the_address_of_another(tried):
    child("import socket, contextlib\nwith contextlib.suppress(OSError):\n"
          "    socket.getaddrinfo('praxis.example', 80)")  # fmt: skip

    assert "praxis.example" in tried()


def test_this_computer_can_be_called(tried):
    child("import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); "
          "socket.create_connection(s.getsockname()).close()")  # fmt: skip

    assert not tried()


def test_a_test_fails_whose_program_calls_out_even_if_that_is_passed_over(tmp_path):
    code = f"import socket\ntry: socket.create_connection(('{ELSEWHERE}', 80), 1)\n"
    code += "except OSError: pass"
    (tmp_path / "conftest.py").write_text("from tests.conftest import *", encoding="utf-8")
    (tmp_path / "test_x.py").write_text(
        f"import subprocess, sys\n"
        f"def test_x():\n    subprocess.run([sys.executable, '-c', {code!r}])\n",
        encoding="utf-8",
    )

    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml",
         "--rootdir", str(ROOT), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "another computer was called" in done.stdout
    assert ELSEWHERE in done.stdout
