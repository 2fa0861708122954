"""The readings of a word: what all its forms share, so that one form finds another.

A reading is a folded lemma (simplemma's dictionary) or a folded Snowball stem. Dictionaries take
seconds and tens of megabytes to open, so they serve only where texts are analysed (`readings`,
`parts`, `forms`); a question is read with `stems` and with what the lexicon has learned.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from typing import Any, NamedTuple
from unicodedata import normalize

from kb.languages import LANGUAGES
from kb.text import fold

VERSION = "simplemma-2.0/snowball-3.1/2"
"""Version of the rules; a change analyses every case again."""

_REMEMBERED = 300_000
_MEMORY: dict[str, dict[str, "Entry"]] = {}
"""Entries by language and word; other processes may fill it. The last language is the newest."""

_OPEN = 8
"""Dictionaries that are kept open: some 90 MB. Texts are read language by language."""

_SHORT = 4
MIN_COMPOUND = 9
_MIN_MODIFIER = 4
_MIN_HEAD = 5
# Endings that make a new word of one word: a "head" of these is no head.
_SUFFIXES = {
    "schaft",
    "heiten",
    "keiten",
    "losigkeit",
    "lichkeit",
    "schap",
    "heden",
    "skapet",
    "andet",
}

_SERBIAN = str.maketrans("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš") | {
    ord("љ"): "lj",
    ord("њ"): "nj",
    ord("џ"): "dž",
}


class Entry(NamedTuple):  # hundreds of thousands are handed from process to process
    """What is known of a word in a language."""

    readings: frozenset[str]
    parts: tuple[str, ...]
    lemma: str
    vague: frozenset[str] = frozenset()
    """Readings that unrelated words are likely to share."""


def readings(word: str, language: str) -> frozenset[str]:
    """Return lemma and stem of ``word``, folded; the folded word where there is neither."""
    return entry(word, language).readings


def sure_readings(word: str, language: str) -> frozenset[str]:
    """Return its readings but for those that unrelated words are likely to share.

    Italian *salute* and *sala* have the stem *sal*, French *parc* and *parce* the stem *parc*.
    """
    found = entry(word, language)
    return found.readings - found.vague


def content(label: Iterable[str], language: str, stops: AbstractSet[str]) -> list[str]:
    """Return the words of a label that carry its meaning: *without* does, *for* does not.

    Args:
        label: its words, in order.
        language: a code of ``LANGUAGES``.
        stops: the folded stop words of the language.
    """
    idle = stops - set(LANGUAGES[language].telling) if language in LANGUAGES else stops
    return [word for word in label if fold(word) not in idle]


def parts(word: str, language: str) -> tuple[str, ...]:
    """Return the words of which a compound is made, or nothing: all must be known words.

    Langzeitarbeitslose gives lang, zeit, arbeitslose. The longest head wins, because the last part
    carries the meaning.
    """
    return entry(word, language).parts


def lemma(word: str, language: str) -> str:
    """Return the lemma as the dictionary writes it; empty where there is no dictionary."""
    return entry(word, language).lemma


def entry(word: str, language: str) -> Entry:
    """Return what is known of a word, from memory if it was asked for before."""
    found = _MEMORY.get(language, {}).get(word)
    if found is None:
        found = _look_up(word, language)
        remember(language, {word: found})
    return found


def remember(language: str, entries: Mapping[str, Entry]) -> None:
    """Keep what was looked up; of more than 300,000 entries those of other languages go first."""
    known = _MEMORY.pop(language, {})
    known.update(entries)
    _MEMORY[language] = known
    while sum(map(len, _MEMORY.values())) > _REMEMBERED:
        _MEMORY.pop(next(iter(_MEMORY)))


def unknown(words: Iterable[str], language: str) -> set[str]:
    """Return those of the words that nobody has asked for yet."""
    known = _MEMORY.get(language, {})
    return {word for word in words if word not in known}


def stems(word: str, languages: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    """Yield (language, reading) for ``word`` as each language may read it, without dictionaries.

    The word itself is one reading: people ask in the dictionary form more often than not.
    """
    for language in languages:
        lower = _lower(word, language)
        yield from {
            (language, fold(lower)),
            (language, fold(_stem(lower, LANGUAGES[language].snowball))),
        }


@lru_cache(maxsize=100_000)  # the parts of compounds are asked for again and again
def is_known(word: str, language: str) -> bool:
    """Tell whether the dictionary of ``language`` has the word, written small or with a capital."""
    code = LANGUAGES[language].simplemma
    if not code:
        return False
    # The dictionary itself tries the other case of the first letter.
    tried = (word,) if word in {word.lower(), word.capitalize()} else (word, word.capitalize())
    return any(_lookup().get_lemma(form, code) is not None for form in tried)


def forms(language: str, lemmas: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    """Yield (form, lemma) for every form that the dictionary has of the given lemmas.

    It reads the whole dictionary of the language: 1 s for Finnish. Lemmas are written as `lemma`
    returns them.
    """
    code = LANGUAGES[language].simplemma if lemmas else ""
    if code:
        yield from _forms_in(code, lemmas)


def _forms_in(code: str, lemmas: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    # Private, hence the exact pin: the public mapping decodes millions of entries of which we need
    # thousands, and is five times as slow. Some dictionaries are written from right to left.
    from simplemma.strategies.dictionaries.dictionary_factory import _read_decompressed
    from simplemma.strategies.dictionaries.frontcode import _iter_records, _read_header

    data = _read_decompressed(code)
    reverse, _, begin = _read_header(data)
    turned = -1 if reverse else 1
    wanted = {lemma.encode()[::turned] for lemma in lemmas}
    for _, form, base in _iter_records(data, begin):
        if base in wanted:
            yield form[::turned].decode(), base[::turned].decode()


def _look_up(word: str, language: str) -> Entry:
    word = normalize("NFC", word)
    lower = _lower(word, language)
    base = _lemma(lower, word, language)
    stem = fold(_stem(lower, LANGUAGES[language].snowball))
    known = is_known(word, language)
    vague = frozenset({stem} if known and len(stem) <= _SHORT and stem != fold(base) else ())
    if not known and len(base) <= len(word) - _SHORT and lower.startswith(base):
        base = lower  # the rules for unknown words have cut a compound
    has_dictionary = bool(LANGUAGES[language].simplemma)
    found = frozenset({fold(base), stem} - {""})
    return Entry(found, _parts(word, language), base if has_dictionary else "", vague)


def _parts(word: str, language: str) -> tuple[str, ...]:
    joints = LANGUAGES[language].compounds
    if joints is None or len(word) < MIN_COMPOUND:
        return ()
    lower = _lower(word, language)
    for cut in range(_MIN_MODIFIER, len(lower) - _MIN_HEAD + 1):
        head = lower[cut:]
        if head in _SUFFIXES or not is_known(head, language):
            continue
        modifier = _modifier(lower[:cut], language, joints)
        if modifier:
            return (*modifier, head)
    return ()


def _modifier(text: str, language: str, joints: tuple[str, ...]) -> tuple[str, ...]:
    for joint in joints:
        word = text.removesuffix(joint) if joint else text
        if len(word) < _MIN_MODIFIER - 1 or (joint and word == text):
            continue
        if is_known(word, language):
            return (word,)
        if len(word) >= 2 * _MIN_MODIFIER - 1 and (inner := _halves(word, language)):
            return inner
    return ()


def _halves(word: str, language: str) -> tuple[str, ...]:
    for cut in range(_MIN_MODIFIER, len(word) - 2):
        if is_known(word[:cut], language) and is_known(word[cut:], language):
            return (word[:cut], word[cut:])
    return ()


def _lower(word: str, language: str) -> str:
    word = normalize("NFC", word)
    if language == "tr":
        word = word.replace("İ", "i").replace("I", "ı")
    return _latin(word.lower(), language)


def _latin(word: str, language: str) -> str:
    return word.lower().translate(_SERBIAN) if LANGUAGES[language].cyrillic else word


def _stem(lower: str, algorithm: str) -> str:
    return str(_stemmer(algorithm).stemWord(lower)) if algorithm else lower


@cache
def _stemmer(algorithm: str) -> Any:  # snowballstemmer has no types
    import snowballstemmer

    return snowballstemmer.stemmer(algorithm)


def _lemma(lower: str, word: str, language: str) -> str:
    code = LANGUAGES[language].simplemma
    if not code:
        return lower
    # The dictionary knows German nouns by their capital; a transliterated word has lost its own.
    return str(_lemmatizer().lemmatize(word if lower == word.lower() else lower, code))


@cache
def _lemmatizer() -> Any:
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy

    return Lemmatizer(
        lemmatization_strategy=DefaultStrategy(greedy=False, dictionary_factory=_dictionaries())
    )


@cache
def _lookup() -> Any:
    from simplemma.strategies import DictionaryLookupStrategy

    return DictionaryLookupStrategy(_dictionaries())


@cache
def _dictionaries() -> Any:
    # Streams are read in place: 330 MB for all languages together instead of 2.4 GB, of which we
    # keep some.
    from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamDictionaryFactory

    return StreamDictionaryFactory(cache_max_size=_OPEN)
