"""The names that an inflected name may stand for: Helsingissä, Warszawie, Athénban, Berlins.

Names of two words and more are found in their dictionary form only.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from kb import stems
from kb.nlp.gazetteer import LARGE, gazetteer, is_latin, name_key
from kb.text import fold

CASE_ENDINGS = frozenset(
    {"cs", "el", "et", "fi", "ga", "hr", "hu", "is", "lt", "lv", "pl", "ro", "sk", "sl", "sq", "sr"}
    | {"tr", "uk"}
)
"""Languages that inflect names; elsewhere a name changes by a genitive s at most."""

CAPITAL_NOUNS = frozenset({"de"})
"""Languages in which a capital says nothing: every noun has one."""

_MIN_STEM = 4
_LONGEST_ENDING = 3
_STEM_LETTERS = "aeiouyаеиіоуяοαηεισ"


def is_word(word: str, language: str) -> bool:
    """Tell whether ``word`` may be something else than a name, as far as the dictionary knows.

    Where nouns have capitals, names cannot be told from them: every word it knows is one.
    """
    if not stems.is_known(word.lower(), language):
        return False
    return language in CAPITAL_NOUNS or stems.lemma(word.lower(), language)[:1].islower()


@lru_cache(maxsize=20_000)
def base_name(word: str, language: str) -> str:
    """Return the gazetteer's name of which ``word`` is a form, itself first; empty if none."""
    for form in (word, stems.lemma(word, language), word.removesuffix("s")):
        if len(form) >= _MIN_STEM and gazetteer().named(form):
            return form
    if language in CASE_ENDINGS and not stems.is_known(word.lower(), language):
        return _similar(fold(word), word, language)
    return ""


def _similar(folded: str, word: str, language: str) -> str:
    mine = stems.readings(word, language)
    alike = [
        name
        for name in _known_names().get(folded[:3], ())
        if mine & stems.readings(name, language) or _is_form(folded, name)
    ]
    return max(alike, key=len, default="")


def _is_form(folded: str, name: str) -> bool:
    stem = name[:-1] if name[-1] in _STEM_LETTERS else name
    ending = len(folded) - len(stem)
    return len(stem) >= _MIN_STEM and folded.startswith(stem) and ending <= _LONGEST_ENDING


@lru_cache(maxsize=1)
def _known_names() -> Mapping[str, tuple[str, ...]]:
    """Return the names of one word under which a place may be met inflected, by how they begin."""
    names = defaultdict(set)
    for place in gazetteer():
        for name in (place.name, *place.names):
            key = name_key(name)
            met = place.population >= LARGE or name == place.name or not is_latin(name)
            if met and len(key) >= _MIN_STEM and " " not in key:
                names[key[:3]].add(key)
    return {start: tuple(sorted(found)) for start, found in names.items()}
