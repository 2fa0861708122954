"""The process that reads one document or table: a script, with as little around it as can be had.

It is started by `kb.intake.sandbox` in an interpreter of its own, reads the file from standard
input and writes its answer to standard output, as JSON. Of the knowledge base it imports only what
reads the format: run by its path, not as ``kb.intake.child``, because the package brings more.
"""

import contextlib
import ctypes
import json
import os
import resource
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

MAX_ANSWER = 20_000_000
FILES = 32
FAILED, DAMAGED, EXHAUSTED = 1, 65, 71
"""Exit statuses: of an interpreter that fails, EX_DATAERR and EX_OSERR of sysexits.h."""
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
"""CLONE_NEWUSER and CLONE_NEWNET of sched.h."""
_TABLES = {"csv", "jsonl", "xlsx"}
Reader = Callable[[bytes, str], Any]
"""Makes a `Document` or a `Table` of a file."""
_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES = 1, 38
"""PR_SET_PDEATHSIG and PR_SET_NO_NEW_PRIVS of prctl.h."""
_SIGKILL = 9
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = (
    "socket.", "os.system", "os.exec", "os.fork", "os.spawn", "os.kill",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.putenv", "shutil.", "ftplib.", "smtplib.", "urllib.",
    "http.client.",
)  # fmt: skip
"""Beginnings of the events of https://docs.python.org/3/library/audit_events.html."""
_STARTS = {"subprocess.Popen", "os.posix_spawn"}
"""Events of a program that is started, which they name first; since 3.13 one leads to the other."""


def main(name: str, memory_bytes: int, cpu_s: int) -> None:
    """Read the document on standard input and answer on standard output."""
    _die_with_parent()
    answers = os.dup(1)
    os.dup2(2, 1)  # what a parser prints is no answer
    limit(memory_bytes, cpu_s, processes=name == "scan")
    read = _reader(name)  # before: what is imported may do what a file may not make it do
    confine(_program() if name == "scan" else "")
    with os.fdopen(answers, "w", encoding="ascii") as answer:
        answer.write(json.dumps(_answer(read, sys.stdin.buffer.read())))


def limit(memory_bytes: int, cpu_s: int, *, processes: bool = False) -> None:
    """Set limits that cannot be raised again."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_ANSWER, MAX_ANSWER))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not processes:
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    os.nice(10)  # pages are answered first


def confine(program: str = "") -> None:
    """Close the network and everything but reading files, and running ``program``.

    The network is closed by the kernel where it lets us, and by Python in any case.
    """
    library = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(AttributeError):  # not on macOS
        library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if library.unshare(_NEW_NET) != 0:
            library.unshare(_NEW_USER | _NEW_NET)
    sys.addaudithook(_guard(program))


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent ends; first of all, as imports take long."""
    with contextlib.suppress(AttributeError):  # not on macOS
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _SIGKILL, 0, 0, 0)


def _guard(program: str) -> Callable[[str, tuple[Any, ...]], None]:
    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        started = event in _STARTS and (not program or arguments[0] != program)
        if started or event.startswith(_FORBIDDEN) or _writes(event, arguments):
            raise PermissionError(f"{event} is not allowed here")

    return refuse


def _writes(event: str, arguments: tuple[Any, ...]) -> bool:
    # An int is a file that is open already, such as the pipe to a program.
    if event != "open" or isinstance(arguments[0], int) or arguments[0] == os.devnull:
        return False
    return bool(arguments[2] & _WRITING)


def _answer(read: Reader, data: bytes) -> dict[str, Any]:
    from kb.errors import RefusedFileError
    from kb.saying import packed

    try:
        told = read(data, "")
        notes = [packed(note) for note in told.notes]
        return {type(told).__name__.lower(): {**asdict(told), "notes": notes}}
    except RefusedFileError as err:
        return {
            "problems": [
                {
                    **asdict(problem),
                    "message": packed(problem.message),
                    "remedy": packed(problem.remedy),
                }
                for problem in err.problems
            ],
            "scanned": type(err).__name__ == "ScannedFileError",
        }
    except (MemoryError, RecursionError):
        sys.exit(EXHAUSTED)
    except Exception:  # noqa: BLE001 - whatever a parser raises, the file cannot be read
        traceback.print_exc()
        sys.exit(DAMAGED)


def _reader(name: str) -> Reader:
    """Import what reads a format, and nothing else."""
    if name == "xlsx":
        import openpyxl  # noqa: F401 - brings numpy, which sets variables when it is imported
    module = import_module(f"kb.formats.{name}")
    reader: Reader = module.rows if name in _TABLES else module.extract
    return reader


def _program() -> str:
    from kb.formats import scan

    return scan.program() or ""


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
