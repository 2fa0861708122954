"""The name and version of what makes the tags: when it changes, every case is tagged again."""

from functools import lru_cache

from kb import stems, vocabulary
from kb.nlp import pipeline
from kb.nlp.labels import SCHEME

RULES = 3
"""Version of the rules in this package and of its gazetteer; count it up when tags may change."""


@lru_cache(maxsize=1)
def tagger() -> str:
    """Name pipeline, stems, rules and vocabulary with their versions, without loading them."""
    vocabulary_version = f"{SCHEME}-{vocabulary.fingerprint(SCHEME)}"
    return f"{pipeline.version()} {stems.VERSION} rules-{RULES} {vocabulary_version}"
