"""Signs of life of what a timer starts, so that one that has silently stopped is noticed.

Each writes one small file: it can be read when the database cannot, says something of this folder
and not of its cases, and so comes along in no backup.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

Name = Literal["check", "backup"]
NAMES: tuple[Name, ...] = get_args(Name)


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life."""

    at: float
    """Unix time."""
    fine: bool = True
    """Whether what was done went well."""
    told: str = ""
    """What came of it: a word or two, and nothing that somebody typed."""


def beat(data: Path, name: Name, sign: Beat) -> None:
    """Write a sign of life into the folder of the data; a full disk stops nobody."""
    path = _path(data, name)
    beside = path.with_name(f"{name}.{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        beside.write_text(json.dumps(asdict(sign)), encoding="utf-8")
        beside.replace(path)


def last(data: Path, name: Name) -> Beat | None:
    """Return the last sign of life; None where there was none, or it cannot be read."""
    try:
        return Beat(**json.loads(_path(data, name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _path(data: Path, name: Name) -> Path:
    return data / "beats" / f"{name}.json"
