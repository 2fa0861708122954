"""Which files the rows of a database name: what must be there, and what a backup takes along.

A file is called as it lies in the folder of the data, such as ``originals/ab/abcd...``: the last
part is the SHA-256 of its bytes.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from kb.copying import reading
from kb.originals import place

ORIGINALS, PACKAGES = "originals", "snapshots"
FOLDERS = (ORIGINALS, PACKAGES)

_PIECE = 1 << 20

_NAMED = (
    (ORIGINALS, "revisions", "original"),
    (ORIGINALS, "collections", "original"),
    (ORIGINALS, "uploads", "original"),
    (PACKAGES, "snapshots", "sha256"),
)
_NAME = re.compile(rf"(?:{'|'.join(FOLDERS)})/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})")


def named(db: sqlite3.Connection) -> set[str]:
    """Return the names of all files that rows name; tables that an old schema lacks name none."""
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master").fetchall()}
    return {
        f"{folder}/{place(digest)}"
        for folder, table, column in _NAMED
        if table in there
        for (digest,) in db.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()  # noqa: S608 - ours
        if digest
    }


def named_in(path: Path) -> set[str]:
    """Return the same of a database that nobody writes, as of a copy."""
    with closing(reading(path)) as db:
        return named(db)


def present(data: Path, folder: str) -> Iterator[str]:
    """Yield the names of the files that lie in a folder, leftovers of broken attempts too."""
    return (str(path.relative_to(data)) for path in (data / folder).glob("??/*"))


def is_name(name: str) -> bool:
    """Tell whether a file of ours can be called so; what leads elsewhere is none."""
    return _NAME.fullmatch(name) is not None


def promised(name: str) -> str:
    """Return the SHA-256 that a file must have by its name."""
    return name.rpartition("/")[2]


def digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of what is left to read, taken in pieces."""
    found = hashlib.sha256()
    while piece := file.read(_PIECE):
        found.update(piece)
    return found.hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return digest_of(file)
