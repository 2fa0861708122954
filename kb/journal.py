"""The log: one line for each thing that happened, and in it nothing about persons.

Messages of ours are written with that in mind; of those of libraries only numbers are filled in.
Of an exception it says the class and where it came from. Its message mostly repeats a value that
somebody typed, so it is told only for the classes in `TELLING`, which speak of the computer.
"""

import json
import logging
import logging.config
import os
import re
import sqlite3
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from kb import errors

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The random id of the request that is being answered; it stands in every line about it."""

TELLING = (
    sqlite3.Error,
    ImportError,
    errors.DatabaseTooNewError,
    errors.EncoderError,
    errors.FullStoreError,
    errors.IndexBusyError,
    errors.IndexUnavailableError,
    errors.MailError,
    errors.MissingExtraError,
    errors.PackageLostError,
    errors.SettingError,
    errors.StoreUnavailableError,
    errors.UnsupportedSystemError,
)

_ROOT = Path(__file__).parents[1]
_OURS = ("kb", "web", "indexer")
_MAIL = re.compile(r"[^\s@<>\"'=:,;()]+@[^\s@<>\"'=:,;()]+")
_NUMBERS = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*", re.IGNORECASE
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\S*\?\S*")
_SIGNAL = re.compile(r"SIG[A-Z]+[0-9]?")
_HIDDEN = "[...]"
_DEEPEST = 8
"""Exceptions in a chain."""


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time in UTC, level, process, logger, what happened."""
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "process": self._process,
            "pid": os.getpid(),
            "logger": record.name,
            "event": message(record),
            **_more(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = chain(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


class Text(logging.Formatter):
    """Writes a record for people, with the same things in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line, and further ones for an exception."""
        more = "".join(f" {name}={value}" for name, value in _more(record).items())
        head = f"{_time(record)} {record.levelname} {record.name}: {message(record)}{more}"
        raised = record.exc_info[1] if record.exc_info else None
        told = (_spoken(each) for each in chain(raised)) if raised else ()
        return "\n".join((head.replace("\n", "\\n"), *told))


def keep(kind: str, process: str) -> None:
    """Write the log of this process to its standard error; see `config`."""
    logging.config.dictConfig(config(kind, process))


def config(kind: str, process: str) -> dict[str, Any]:
    """Return what `logging.config` and gunicorn are told.

    Args:
        kind: ``json`` has everything, ``text`` what went wrong.
        process: what this process is called in each line.
    """
    made = {"()": JsonLines, "process": process} if kind == "json" else {"()": Text}
    level = "INFO" if kind == "json" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": made},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}
        },
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
    }


def message(record: logging.LogRecord) -> str:
    """Return what a record says, without addresses and, from libraries, without values."""
    ours = record.name.partition(".")[0] in _OURS
    text = record.getMessage() if ours else _QUOTED.sub(_HIDDEN, _unfilled(record))
    return _NUMBERS.sub(_unless_here, _MAIL.sub(_HIDDEN, text))


def chain(raised: BaseException | None) -> list[dict[str, Any]]:
    """Return an exception and what it came from, the first cause last."""
    found: list[dict[str, Any]] = []
    while raised is not None and len(found) < _DEEPEST:
        found.append({"type": _type(raised), "said": _said(raised), "at": _frames(raised)})
        raised = raised.__cause__ or (None if raised.__suppress_context__ else raised.__context__)
    return found


def _said(raised: BaseException) -> str:
    if isinstance(raised, TELLING):
        return _NUMBERS.sub(_unless_here, _MAIL.sub(_HIDDEN, str(raised)))
    number = getattr(raised, "errno", None) if isinstance(raised, OSError) else None
    return os.strerror(number) if isinstance(number, int) else ""


def _frames(raised: BaseException) -> list[str]:
    return [
        f"{_near(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(raised.__traceback__)
    ]


def _near(file: str) -> str:
    """Shorten a path: ours from the root, those of libraries from their package."""
    path = Path(file)
    if path.is_relative_to(_ROOT):
        return str(path.relative_to(_ROOT))
    return "/".join(path.parts[-2:])


def _type(raised: BaseException) -> str:
    return f"{type(raised).__module__}.{type(raised).__qualname__}"


def _spoken(error: dict[str, Any]) -> str:
    said = f": {error['said']}" if error["said"] else ""
    return "\n".join((f"  {error['type']}{said}", *(f"    {place}" for place in error["at"])))


def _more(record: logging.LogRecord) -> dict[str, Any]:
    """Return what came along under ``told``, and which request it is about."""
    told: dict[str, Any] = getattr(record, "told", {})
    request = REQUEST.get()
    return {**told, "request": request} if request else told


def _unfilled(record: logging.LogRecord) -> str:
    args = record.args if isinstance(record.args, tuple) else ()
    kept = tuple(each if _says_nothing(each) else _HIDDEN for each in args)
    try:
        return str(record.msg) % kept if kept else str(record.msg)
    except (TypeError, ValueError):
        return str(record.msg)


def _says_nothing(value: object) -> bool:
    """Tell whether a value is of the computer: a number, or the name of a signal."""
    return isinstance(value, int | float) or bool(_SIGNAL.fullmatch(str(value)))


def _unless_here(found: re.Match[str]) -> str:
    """Hide a network address, unless it is of this computer."""
    try:
        address = ip_address(found[0])
    except ValueError:
        return found[0]
    return found[0] if address.is_loopback or address.is_unspecified else _HIDDEN


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03}Z"
