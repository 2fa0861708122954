"""Reading a document in a process of its own, which may fail, hang or be taken over.

Parsers of PDF abort the process on some files, so a ``try`` around them is not enough. The process
has limits of memory and time, no environment, no network, and an answer that is checked as any
input is. Where bubblewrap is installed and works, it sees no files but programs, too.
"""

import contextlib
import logging
import os
import re
import shutil
import signal
import site
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from kb.document import Document
from kb.errors import Problem, RefusedFileError
from kb.formats import scan
from kb.formats.table import Table
from kb.intake import child
from kb.saying import Said, said

LOG = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_STDERR = 4_096
_KINDS = re.compile(r"(?m)^(?:\w{1,40}\.){0,4}\w{1,40}(?:Error|Exception|Warning)\b")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take."""

    memory_bytes: int = 1 << 30
    cpu_s: int = 20
    """Of each process."""
    wall_s: float = 30.0


DOCUMENT = Limits()
SCAN = Limits(cpu_s=120, wall_s=scan.BUDGET_S + scan.PAGE_S + 30)
"""Recognition takes one to three seconds a page, and stops by itself in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child says: a document, a table, or why there is neither."""

    document: Document | None = None
    table: Table | None = None
    problems: tuple[Problem, ...] = ()
    scanned: bool = False
    """Whether reading pictures of its pages may help."""


def extract(name: str, data: bytes, file: str) -> Document:
    """Return what a document says; a scan is read by machine where Tesseract is installed.

    Args:
        name: of the format, as `kb.intake.gate.check` gives it.
        data: the whole file.
        file: its name, for messages.

    Raises:
        RefusedFileError: the file is refused by its reader, or reading it takes too much time or
            memory.
    """
    answer = ask(name, data, DOCUMENT)
    if answer.scanned and scan.program():
        answer = ask("scan", data, SCAN)
    if answer.document is None:
        raise _refused(answer, file)
    return answer.document


def rows(name: str, data: bytes, file: str) -> Table:
    """Return the rows of a table of cases; see `extract`.

    Raises:
        RefusedFileError: the file is refused by its reader, or reading it takes too much time or
            memory.
    """
    answer = ask(name, data, DOCUMENT)
    if answer.table is None:
        raise _refused(answer, file)
    return answer.table


def _refused(answer: Answer, file: str) -> RefusedFileError:
    return RefusedFileError(replace(problem, file=file) for problem in answer.problems)


def ask(name: str, data: bytes, limits: Limits) -> Answer:
    """Have a child read a document; one that dies or says nonsense answers "too complex"."""
    with (
        tempfile.TemporaryFile() as question,
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as errors,
        tempfile.TemporaryDirectory() as empty,
    ):
        question.write(data)
        question.seek(0)
        command = [*_wrapper(), *_command(name, limits)]
        status = _run(command, _environment(name), empty, limits.wall_s, (question, answer, errors))
        _log(name, status, errors)
        answer.seek(0)
        return _checked(status, answer.read(child.MAX_ANSWER + 1))


def _command(name: str, limits: Limits) -> list[str]:
    figures = (str(limits.memory_bytes), str(limits.cpu_s))
    return [sys.executable, "-I", "-B", child.__file__, name, *figures]


def is_walled() -> bool:
    """Tell whether children see nothing of the computer but programs; takes a second once."""
    return bool(_wrapper())


def _environment(name: str) -> dict[str, str]:
    """Nothing, but for Tesseract where it is and where its languages are."""
    kept = ("PATH", "TESSDATA_PREFIX") if name == "scan" else ()
    return {key: os.environ[key] for key in kept if key in os.environ}


def _run(
    command: list[str],
    environment: Mapping[str, str],
    folder: str,
    wall_s: float,
    streams: tuple[IO[bytes], IO[bytes], IO[bytes]],
) -> int | None:
    """Run a command and whatever it starts to its end; None where the time was over first."""
    stdin, stdout, stderr = streams
    process = subprocess.Popen(  # noqa: S603 - our own command, and the file is only data
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    try:
        return process.wait(wall_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _log(name: str, status: int | None, errors: IO[bytes]) -> None:
    errors.seek(0)
    told = errors.read(_STDERR).decode("utf-8", "backslashreplace")
    if told or status != 0:
        # Not what it said: that may be of the document.
        kinds = ", ".join(sorted(set(_KINDS.findall(told)))) or "nothing known"
        LOG.warning("reading a %s ended with %s; it spoke of %s", name, status, kinds)


def _checked(status: int | None, answer: bytes) -> Answer:
    match status:
        case 0:
            with contextlib.suppress(ValidationError):
                return _ANSWER.validate_json(answer)
            message = said("is too complex to read: it holds more than 20 MB of text")
            return _refusal(message, _SIMPLER)
        case child.DAMAGED:
            return _refusal(said("is damaged: it cannot be read"), _ANEW)
        case child.FAILED:
            return _refusal(said("could not be read: the reader did not start"), _LATER)
        case None:
            message = said("is too complex to read: it takes more time than there is")
            return _refusal(message, _SIMPLER)
        case _:
            message = said("is too complex to read: it takes more memory or time")
            return _refusal(message, _SIMPLER)


def _refusal(message: Said, remedy: Said) -> Answer:
    return Answer(problems=(Problem("", message, remedy),))


@lru_cache(maxsize=1)
def _wrapper() -> tuple[str, ...]:
    """Return the command that puts a child behind a wall, where that works here."""
    program = shutil.which("bwrap")
    if program is None:
        return ()
    command = (program, *_WALL, *_visible(), "--remount-ro", "/", "--chdir", "/", "--")
    probe = f"import sys; sys.path.append({str(_ROOT)!r}); import kb.document, pypdfium2"
    tried = subprocess.run(  # noqa: S603 - our own command
        [*command, sys.executable, "-I", "-c", probe], capture_output=True, check=False, timeout=30
    )
    if tried.returncode:
        LOG.info("bubblewrap is installed but does not work here: %r", tried.stderr[:_STDERR])
    return () if tried.returncode else command


def _visible() -> list[str]:
    """Return the folders of programs and libraries, and our own code, as arguments."""
    own = [str(_ROOT / "kb"), sys.prefix, sys.base_prefix, *site.getsitepackages()]
    return [
        word
        for folder in dict.fromkeys((*_SYSTEM, *own))
        for word in ("--ro-bind-try", folder, folder)
    ]


_SIMPLER = said("save it anew in a simpler form, split it, or paste its text")
_ANEW = said("open it in the program it was made with, save it anew, and upload that")
_LATER = said("try again later; whoever runs the server finds the reason in its log")
_ANSWER = TypeAdapter(Answer)
_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_WALL = ("--unshare-all", "--die-with-parent", "--dev", "/dev")
