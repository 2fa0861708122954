"""How the two indexes are laid out: the cases, and the words of the cases.

Both are handed tokens that are ready, parted by spaces: what a word is found by is decided in
`kb.stems` for every engine. A language has a field of its own, so that a word is as rare as it is
among the cases of its language: a common Dutch word is rare where few cases are Dutch.
"""

from kb.languages import LANGUAGES
from kb.search.cluster.door import Body
from kb.search.fields import FACET_NAMES
from kb.search.words.tokens import Token

_KEYWORD = {"type": "keyword", "ignore_above": 8000}
_TOKENS = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_PHRASES = {"type": "text", "analyzer": "whitespace", "norms": False, "position_increment_gap": 100}
# Nothing is seen before we say so: an answer holds all of a commit or nothing.
_SETTINGS = {"refresh_interval": "-1", "auto_expand_replicas": "0-1"}
_SHARDS = 3


def cases(meta: Body) -> Body:
    """Return the layout of the index of cases, with what it says of itself."""
    properties: Body = {
        "id": _KEYWORD,
        "terms": {"properties": dict.fromkeys(LANGUAGES, _TOKENS)},
        "spelt": _TOKENS,
        "words": _PHRASES,
        "concepts": _KEYWORD,
        "facets": {"properties": dict.fromkeys(FACET_NAMES, _KEYWORD)},
        "start": _KEYWORD,
        "began": _KEYWORD,
        "city": _KEYWORD,
        "facts": _KEYWORD,
        "revision": {"type": "integer", "index": False},
    }
    stored = ["concepts", "facets", "facts", "revision"]
    return {
        "settings": {**_SETTINGS, "number_of_shards": _SHARDS},
        "mappings": {
            "dynamic": "strict",
            "_source": {"includes": stored},
            "_meta": meta,
            "properties": properties,
        },
    }


def words() -> Body:
    """Return the layout of the index of words."""
    names = ("language", "form", "tokens", "typed", "reading")
    return {
        "settings": {**_SETTINGS, "number_of_shards": 1},
        "mappings": {"dynamic": "strict", "properties": dict.fromkeys(names, _KEYWORD)},
    }


def place(token: Token) -> tuple[str, str]:
    """Return the field in which a token stands, and how it stands there."""
    language, colon, reading = token.partition(":")
    return (f"terms.{language}", solid(reading)) if colon else ("spelt", solid(token[1:]))


def solid(word: str) -> str:
    """Return a word in one piece: a ligature may fold into several words."""
    return "_".join(word.split())
