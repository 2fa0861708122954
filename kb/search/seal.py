"""Checksums of an index's files, because Whoosh reads a zeroed block as if nothing had happened."""

import hashlib
import json
from pathlib import Path

_SEAL = "seal.json"
_SEALED = (".seg", ".toc")


def write(generation: Path) -> None:
    """Note the checksum of each file that has none yet; Whoosh never changes a written file."""
    known = _read(generation)
    present = [path for path in generation.iterdir() if path.suffix in _SEALED]
    sealed = {path.name: known.get(path.name) or _checksum(path) for path in sorted(present)}
    beside = generation / f"{_SEAL}.new"
    beside.write_text(json.dumps(sealed), encoding="utf-8")
    beside.replace(generation / _SEAL)


def is_whole(generation: Path) -> bool:
    """Tell whether every sealed file that still exists is as it was written, and one does."""
    known = _read(generation)
    present = {name: generation / name for name in known if (generation / name).exists()}
    return bool(present) and all(_checksum(path) == known[name] for name, path in present.items())


def _read(generation: Path) -> dict[str, str]:
    try:
        sealed: dict[str, str] = json.loads((generation / _SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return sealed


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
