"""Checksums of an index's files, because Whoosh reads a zeroed block as if nothing had happened."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_SEAL = "seal.json"
_SEALED = (".seg", ".toc")


def write(generation: Path) -> None:
    """Note the checksum of each file that has none yet; Whoosh never changes a written file."""
    known = _read(generation)
    present = [path for path in generation.iterdir() if path.suffix in _SEALED]
    told = {path.name: known.get(path.name) or _checksum(path) for path in sorted(present)}
    beside = generation / f"{_SEAL}.new"
    beside.write_text(json.dumps(told), encoding="utf-8")
    beside.replace(generation / _SEAL)


def sealed(generation: Path) -> Iterator[Path]:
    """Yield the files that were committed and never change; one that is being written is none."""
    return (generation / name for name in _read(generation))


def is_whole(generation: Path) -> bool:
    """Tell whether every sealed file that still exists is as it was written, and one does.

    The lexicon changes with every commit, so of it only what SQLite can tell is known.
    """
    known = _read(generation)
    present = {name: generation / name for name in known if (generation / name).exists()}
    return (
        bool(present)
        and all(_checksum(path) == known[name] for name, path in present.items())
        and all(_is_sound(path) for path in generation.glob("*.sqlite"))
    )


def _is_sound(path: Path) -> bool:
    try:
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(tables) and found == "ok"  # an empty file is a sound database, too
    except sqlite3.OperationalError as err:  # busy, or not to be written: that is no damage
        return (err.sqlite_errorcode & 0xFF) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY}
    except sqlite3.DatabaseError:
        return False


def _read(generation: Path) -> dict[str, str]:
    try:
        sealed: dict[str, str] = json.loads((generation / _SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return sealed


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
