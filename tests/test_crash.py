"""Acknowledged is kept: whoever acts is killed at random moments, again and again.

``make crash`` does 200 rounds, ``ROUNDS=n`` so many, `make test` 20, and each prints a table of
what was hit. What people and the worker do stands in `tests.crash.acts`, what is held against what
in `tests.crash.ledger`.
"""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

ROUNDS = int(os.environ.get("ROUNDS") or "20")


@pytest.mark.skipif(sys.platform != "linux", reason="whom a kill leaves is told by Linux's /proc")
def test_what_was_acknowledged_is_kept_whole_and_found_whoever_is_killed_when(tmp_path, capsys):
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-W", "ignore", "-m", "tests.crash.loop", str(ROUNDS), str(tmp_path)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False,
    )  # fmt: skip

    with capsys.disabled():
        sys.stdout.write(f"\n{done.stdout}")
    assert done.returncode == 0, done.stdout


def test_what_an_attempt_to_send_or_to_delete_has_left_is_cleared_away_after_a_day(library):
    originals = library._originals
    unused = originals.keep(b"nothing refers to it")
    used = library.contributing.receive(
        library.accounts.create("ana@example.org", "contributor"), "a.md", b"text"
    ).original
    fresh = originals.keep(b"something is about to refer to it")
    broken = originals._path(unused).with_name(f".{unused}.1.1")
    broken.write_bytes(b"noth")
    for path in (originals._path(unused), originals._path(used), broken):
        os.utime(path, (1, 1))

    library.contributing.tidy()

    assert not originals.has(unused)
    assert not broken.exists()
    assert originals.has(used)
    assert originals.has(fresh)
