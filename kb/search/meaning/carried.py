"""Vectors in a file that can be taken along, as they ship with cases and with the vocabulary."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import refused
from kb.saying import verbatim

Kept = tuple[str, bytes, float, bytes]
"""Model, key of a text, and its vector: scale and levels."""

_KEY_BYTES = 16


def write(path: Path, model: str, found: Sequence[tuple[bytes, float, bytes]]) -> None:
    """Write vectors of a model (key, scale, levels); the same give the same bytes."""
    np.savez(
        path,
        model=np.array(model),
        keys=np.array([list(key) for key, _, _ in found], np.uint8),
        scales=np.array([scale for _, scale, _ in found], "<f4"),
        vectors=np.array([np.frombuffer(blob, np.int8) for _, _, blob in found]),
    )


def read(path: Path) -> list[Kept]:
    """Return the vectors that `write` has written.

    Raises:
        RefusedFileError: it is no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            model = str(file["model"])
            keys, scales, levels = file["keys"], file["scales"], file["vectors"]
        _check(keys, levels)
        return [
            (model, key.tobytes(), float(scale), vector.tobytes())
            for key, scale, vector in zip(keys, scales, levels, strict=True)
        ]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as err:
        message = verbatim(f"holds no vectors: {err}")
        raise refused(str(path), message, verbatim("delete it, or make it anew")) from err


def _check(keys: NDArray[Any], levels: NDArray[Any]) -> None:
    if keys.shape != (len(levels), _KEY_BYTES) or levels.ndim != 2 or levels.dtype != np.int8:  # noqa: PLR2004
        raise ValueError(f"keys of shape {keys.shape}, vectors of {levels.dtype}")
