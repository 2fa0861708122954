"""Names and versions of what makes the tags: when they change, every case is tagged again."""

from functools import lru_cache

from kb import stems, vocabulary
from kb.nlp import pipeline, trained
from kb.nlp.labels import SCHEME

RULES = 4
"""Version of the rules in this package and of its gazetteer; count it up when tags may change."""


@lru_cache(maxsize=1)
def tagger() -> str:
    """Name what finds concepts and places: stems, rules, vocabulary; loads none of them."""
    vocabulary_version = f"{SCHEME}-{vocabulary.fingerprint(SCHEME)}"
    return f"{pipeline.version()} {stems.VERSION} rules-{RULES} {vocabulary_version}"


@lru_cache(maxsize=1)
def maker() -> str:
    """Name all that decides on tags: the tagger, and the trained pipelines that are installed."""
    return " ".join((tagger(), *map(str, trained.installed().values())))
