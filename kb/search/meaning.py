"""The leg of meaning: passages and concepts whose vectors are near that of the question.

Over 48 needs asked in thirty languages (`docs/search-quality.md`) it lifts nDCG@10 from 0.68 by
words and concepts to 0.82; alone it reached 0.61.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from kb import vocabulary
from kb.errors import EncoderError
from kb.languages import LANGUAGES
from kb.model import Case
from kb.search.chunks import VERSION, chunks
from kb.search.engine import Checkpoint, Nearest
from kb.search.spaces import NameSpace, PassageSpace
from kb.search.vectors import Matrix, Rows, Vector, Vectors

LOG = logging.getLogger(__name__)

NAMES_FILE = vocabulary.FOLDER / "vectors.npz"
"""Vectors of the names of concepts, as they ship."""

_SCHEME = "themes"
_NAMES = ":themes"  # owner of the names; no case can be called so
_MOST_LABELS = 2
_BATCH = 64


class Encoder(Protocol):
    """Makes vectors of unit length of texts in any language."""

    model: str
    """Name of the model, which changes when its vectors do."""

    def question(self, text: str) -> Vector:
        """Return the vector of a question.

        Raises:
            EncoderError: the model cannot be used.
        """

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of passages, one row each.

        Raises:
            EncoderError: the model cannot be used.
        """


Likelihood = Callable[[str], Mapping[str, float]]
"""Gives the languages that a short text may be in, and how likely each is; they sum up to 1."""


@dataclass(frozen=True, slots=True)
class MeaningStatus:
    """How far the leg of meaning has come."""

    state: str
    """``ready``, ``warming`` or ``off``."""
    done: int = 0
    of: int = 0
    """Vectors of passages and of names that are there, and that are wanted."""
    reason: str = ""
    """Why it is off."""


@dataclass(frozen=True, slots=True)
class _Spaces:
    version: tuple[int, int]
    passages: PassageSpace
    names: NameSpace


class Meaning:
    """The passages of all cases, to be compared with questions."""

    def __init__(
        self, path: Path, open_encoder: Callable[[], Encoder], likelihood: Likelihood
    ) -> None:
        """Open the vectors.

        Args:
            path: the file of vectors, created if it is not there.
            open_encoder: called when an encoder is first needed; raises EncoderError where there
                is none, and nothing is near anything then.
            likelihood: languages of a question.
        """
        self._vectors = Vectors(path)
        self._open_encoder = open_encoder
        self._likelihood = likelihood
        self._reason = ""
        self._lock = threading.RLock()
        self._spaces: _Spaces | None = None
        self._nearest = lru_cache(maxsize=512)(self._find)

    # Following the cases

    def version(self) -> str:
        """Return the version of what is noted: of the cuts and of the vocabulary."""
        return f"{VERSION}/{vocabulary.fingerprint(_SCHEME)}"

    def checkpoint(self) -> Checkpoint | None:
        """Return up to where the cases have been followed, if they have."""
        return self._vectors.checkpoint()

    def follow(
        self, cases: Iterable[Case], dropped: Iterable[str], reached: Checkpoint, *, anew: bool
    ) -> None:
        """Note the passages of cases that are new or have changed; computes nothing yet."""
        wanted = [(case.id, [(c.language, c.key) for c in chunks(case)]) for case in cases]
        if anew:
            wanted.append((_NAMES, [(language, _key(text)) for language, text in _names()]))
        self._vectors.note(wanted, dropped, reached, anew=anew)

    def unlearned(self) -> list[str]:
        """Return the ids of cases of which vectors are missing."""
        encoder = self._encoder
        owners = self._vectors.incomplete(encoder.model) if encoder else []
        return [owner for owner in owners if owner != _NAMES]

    def learn(self, case: Case) -> None:
        """Compute the vectors of a case that are missing: some 0.3 s a passage."""
        encoder = self._encoder
        if encoder is None:
            return
        missing = self._vectors.missing(encoder.model, case.id)
        texts = {each.key: each.embedded for each in chunks(case) if each.key in missing}
        if not texts:
            return
        try:
            rows = encoder.passages(list(texts.values()))
        except EncoderError as err:
            self._give_up(err)
            return
        self._vectors.keep(encoder.model, dict(zip(texts, rows, strict=True)))

    def take_in_names(self) -> None:
        """Take in the vectors of names that ship, if some are missing."""
        encoder = self._encoder
        if encoder and NAMES_FILE.exists() and self._vectors.missing(encoder.model, _NAMES):
            self._vectors.adopt(NAMES_FILE)

    def learn_names(self) -> bool:
        """Compute vectors of a few names that are missing; tell whether some still are."""
        encoder = self._encoder
        missing = self._vectors.missing(encoder.model, _NAMES) if encoder else set()
        if encoder is None or not missing:
            return False
        texts = {key: text for _, text in _names() if (key := _key(text)) in missing}
        batch = list(texts)[:_BATCH]
        try:
            vectors = {key: encoder.question(texts[key]) for key in batch}
        except EncoderError as err:
            self._give_up(err)
            return False
        self._vectors.keep(encoder.model, vectors)
        return len(texts) > len(batch)

    def adopt(self, path: Path) -> None:
        """Take in vectors that were computed elsewhere.

        Raises:
            RefusedFileError: the file holds none.
        """
        self._vectors.adopt(path)

    def write(self, passages: Path, names: Path) -> None:
        """Write the vectors of all cases and those of all names to files that `adopt` reads."""
        encoder = self._encoder
        if encoder is not None:
            cases = set(self._vectors.owners()) - {_NAMES}
            self._vectors.write(passages, encoder.model, cases)
            self._vectors.write(names, encoder.model, [_NAMES])

    # Answering

    def nearest(self, text: str) -> Nearest:
        """Return how near cases and concepts are to a question; nothing without an encoder."""
        encoder = self._encoder if text.strip() else None
        if encoder is None:
            return Nearest()
        try:
            self._fresh(encoder)
            return self._nearest(text)
        except EncoderError as err:
            self._give_up(err)
            return Nearest()

    def status(self) -> MeaningStatus:
        """Say how far the vectors have come."""
        encoder = self._encoder
        if encoder is None:
            return MeaningStatus("off", reason=self._reason)
        done, of = self._vectors.progress(encoder.model)
        return MeaningStatus("ready" if done == of else "warming", done, of)

    def close(self) -> None:
        """Close the vectors."""
        self._vectors.close()

    @cached_property
    def _encoder(self) -> Encoder | None:
        with self._lock:
            try:
                return self._open_encoder()
            except EncoderError as err:
                self._reason = str(err)
                return None

    def _fresh(self, encoder: Encoder) -> _Spaces:
        with self._lock:
            version = self._vectors.version
            if self._spaces is None or self._spaces.version != version:
                names, passages = _parted(self._vectors.rows(encoder.model))
                concepts = [concept.id for concept in vocabulary.scheme(_SCHEME)]
                self._spaces = _Spaces(version, PassageSpace(passages), NameSpace(names, concepts))
                self._nearest.cache_clear()
            return self._spaces

    def _find(self, text: str) -> Nearest:
        encoder = self._encoder
        if encoder is None:
            raise EncoderError(self._reason)
        spaces = self._fresh(encoder)
        likely = self._likelihood(text)
        direction = spaces.names.place(encoder.question(text), likely)
        found = spaces.passages.nearest(direction)
        return replace(found, concepts=spaces.names.concepts(direction, likely))

    def _give_up(self, err: EncoderError) -> None:
        LOG.warning("search goes on without meaning: %s", err)
        self._reason = str(err)
        self.__dict__["_encoder"] = None


def _names() -> list[tuple[str, str]]:
    """Return (language, names of a concept), through all languages and all concepts.

    A language that is not complete would be out of step, so a missing name is the English one.
    """
    return [
        (
            language,
            ", ".join((concept.label(language), *concept.alt.get(language, ())[:_MOST_LABELS])),
        )
        for language in LANGUAGES
        for concept in vocabulary.scheme(_SCHEME)
    ]


def _key(text: str) -> bytes:
    return sha256(f"name\n{text}".encode()).digest()[:16]


def _parted(rows: Rows) -> tuple[Rows, Rows]:
    """Part the names from the passages."""
    numbered = list(enumerate(rows.owners))
    names = [number for number, owner in numbered if owner == _NAMES]
    passages = [number for number, owner in numbered if owner != _NAMES]
    return _part(rows, names), _part(rows, passages)


def _part(rows: Rows, chosen: list[int]) -> Rows:
    return Rows(
        [rows.owners[n] for n in chosen],
        [rows.positions[n] for n in chosen],
        [rows.languages[n] for n in chosen],
        rows.matrix[chosen],
    )
