"""The leg of meaning: passages and concepts whose vectors are near that of the question.

Over 48 needs asked in thirty languages (`docs/search-quality.md`) it lifts nDCG@10 from 0.68 by
words and concepts to 0.82; alone it reached 0.61.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from kb import vocabulary
from kb.errors import EncoderError, IndexUnavailableError
from kb.languages import LANGUAGES
from kb.model import Case
from kb.search.engine import Checkpoint, Nearest
from kb.search.meaning.chunks import VERSION, chunks
from kb.search.meaning.directions import Directions
from kb.search.meaning.nearness import SCHEME, Encoder, Likelihood, Nearness
from kb.search.meaning.tables import NAMES
from kb.search.meaning.vectors import Vectors

LOG = logging.getLogger(__name__)

NAMES_FILE = vocabulary.FOLDER / "vectors.npz"
"""Vectors of the names of concepts, as they ship."""

_MOST_LABELS = 2
_BATCH = 64


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
        self._directions = Directions(self._vectors, path.with_name("directions"))
        self._nearness = Nearness(self._vectors, self._directions, likelihood)
        self._open_encoder = open_encoder
        self._reason = ""
        self._lock = threading.RLock()

    # Following the cases

    def version(self) -> str:
        """Return the version of what is noted: of the cuts and of the vocabulary."""
        return f"{VERSION}/{vocabulary.fingerprint(SCHEME)}"

    def checkpoint(self) -> Checkpoint | None:
        """Return up to where the cases have been followed, if they have."""
        return self._vectors.checkpoint()

    def follow(
        self, cases: Iterable[Case], dropped: Iterable[str], reached: Checkpoint, *, anew: bool
    ) -> None:
        """Note the passages of cases that are new or have changed; computes nothing yet."""
        wanted = [(case.id, [(c.language, c.key) for c in chunks(case)]) for case in cases]
        if anew:
            wanted.append((NAMES, [(language, _key(text)) for language, text in _names()]))
        self._vectors.note(wanted, dropped, reached, anew=anew)

    def unlearned(self) -> list[str]:
        """Return the ids of cases of which vectors are missing."""
        encoder = self._encoder
        owners = self._vectors.incomplete(encoder.model) if encoder else []
        return [owner for owner in owners if owner != NAMES]

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
        if encoder and NAMES_FILE.exists() and self._vectors.missing(encoder.model, NAMES):
            self._vectors.adopt(NAMES_FILE)

    def learn_names(self) -> bool:
        """Compute vectors of a few names that are missing; tell whether some still are."""
        encoder = self._encoder
        missing = self._vectors.missing(encoder.model, NAMES) if encoder else set()
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
            cases = set(self._vectors.owners()) - {NAMES}
            self._vectors.write(passages, encoder.model, cases)
            self._vectors.write(names, encoder.model, [NAMES])

    def lay_out(self) -> None:
        """Bring the file that questions are compared with up to the vectors, if it is worth it."""
        encoder = self._encoder
        if encoder is None:
            return
        try:
            self._directions.bring_up(encoder.model)
        except (OSError, IndexUnavailableError) as err:
            LOG.warning("vectors could not be laid out, so the newest are not compared: %s", err)

    # Answering

    def nearest(self, text: str) -> Nearest:
        """Return how near cases and concepts are to a question; nothing without an encoder."""
        encoder = self._encoder if text.strip() else None
        if encoder is None:
            return Nearest()
        try:
            return self._nearness.of(text, encoder)
        except EncoderError as err:
            self._give_up(err)
        except IndexUnavailableError as err:
            LOG.warning("search goes on without meaning for now: %s", err)
        return Nearest()

    def status(self) -> MeaningStatus:
        """Say how far the vectors have come."""
        encoder = self._encoder
        if encoder is None:
            return MeaningStatus("off", reason=self._reason)
        try:
            done, of = self._vectors.progress(encoder.model)
            done -= self._directions.late(encoder.model)
        except IndexUnavailableError as err:
            return MeaningStatus("warming", reason=str(err))
        return MeaningStatus("ready" if done == of else "warming", done, of)

    def close(self) -> None:
        """Close the vectors."""
        self._nearness.close()
        self._directions.close()
        self._vectors.close()

    @cached_property
    def _encoder(self) -> Encoder | None:
        with self._lock:
            try:
                return self._open_encoder()
            except EncoderError as err:
                self._reason = str(err)
                return None

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
        for concept in vocabulary.scheme(SCHEME)
    ]


def _key(text: str) -> bytes:
    return sha256(f"name\n{text}".encode()).digest()[:16]
