"""What a backup says of itself: when it was made, of what, and the SHA-256 of each of its files."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from kb.errors import BackupError
from kb.inventory import is_name, promised
from kb.migrations import steps

FILE = "manifest.json"
DATABASE = "citypraxis.sqlite"
MOST_BYTES = 500_000_000
_FORMAT = 1
_HEX = frozenset("0123456789abcdef")
_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup."""

    made: str
    """UTC, ISO 8601 with seconds."""
    program: str
    """Version of the program that made it."""
    schema: str
    """The newest step of the schema of the database."""
    cases: int
    files: Mapping[str, tuple[str, int]]
    """Name -> SHA-256, size in bytes; the database is one of them."""
    missing: tuple[str, ...] = ()
    """What rows name and was not there, or not as it was, when the backup was made."""

    def written(self) -> bytes:
        """Write it as a file, with a checksum of its own."""
        told = {"format": _FORMAT, **asdict(self)}
        return json.dumps({**told, "sha256": _sum(told)}, indent=1, sort_keys=True).encode()


def read(data: bytes, where: str) -> Manifest:
    """Read what `Manifest.written` writes, and trust nothing in it.

    Raises:
        BackupError: it is damaged, of a newer version, or names what no backup of ours holds.
    """
    try:
        told = json.loads(data)
        sha256 = told.pop("sha256")
        if told.pop("format") != _FORMAT:
            raise _wrong(where, "is of another format", _NEWER)
        made = _manifest(told)
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise _wrong(where, "is damaged", _ANOTHER) from err
    if sha256 != _sum({"format": _FORMAT, **told}):
        raise _wrong(where, "is not as it was written", _ANOTHER)
    _check(made, where)
    return made


def program() -> str:
    """Return the version of this program, nothing where it runs from a folder of sources."""
    try:
        return version("citypraxis")
    except PackageNotFoundError:
        return ""


_ANOTHER = "take another backup"
_NEWER = "start the version of the program that made it, or a newer one"


def _manifest(told: Mapping[str, Any]) -> Manifest:  # Any: whatever JSON can say
    files = {name: (str(sha256), int(size)) for name, (sha256, size) in told["files"].items()}
    rest = {name: str(told[name]) for name in ("made", "program", "schema")}
    missing = tuple(map(str, told["missing"]))
    return Manifest(**rest, cases=int(told["cases"]), files=files, missing=missing)


def _check(made: Manifest, where: str) -> None:
    if made.schema not in steps():
        raise _wrong(where, f"has the schema {made.schema!r}, which is newer than ours", _NEWER)
    if DATABASE not in made.files:
        raise _wrong(where, f"names no {DATABASE}", _ANOTHER)
    for name, (sha256, _size) in made.files.items():
        ours = name == DATABASE or (is_name(name) and promised(name) == sha256)
        if not ours or len(sha256) != _DIGITS or not _HEX.issuperset(sha256):
            raise _wrong(where, f"names {name!r}, which no backup of ours holds", _ANOTHER)


def _wrong(where: str, fault: str, remedy: str) -> BackupError:
    return BackupError(where, fault, remedy)


def _sum(told: Mapping[str, Any]) -> str:
    plain = json.loads(json.dumps(told))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
