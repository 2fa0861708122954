"""What the dictionaries say of the labels, looked up beforehand.

To look up the words of all labels opens thirty dictionaries, which takes 20 s; to read this file
takes half a second. `make` writes it. Where labels have been changed since, the file is left alone
and they are looked up like any other word.
"""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kb import stems, vocabulary
from kb.languages import LANGUAGES
from kb.lookahead import look_up, words_by_language

FILE = vocabulary.FOLDER / "words.json.gz"


def is_current() -> bool:
    """Tell whether the file was made from the labels and the rules of today."""
    return bool(_content()["made_of"] == _made_of())


@cache
def load() -> None:
    """Make `stems` know the words of all labels, as far as the file does."""
    if is_current():
        words = _content().pop("words")  # 100 MB that nobody reads again
        for language, rows in words.items():
            entries = {word: _entry(row) for word, row in rows.items()}
            stems.remember(language, entries)


def forms(language: str) -> Iterator[tuple[str, str]]:
    """Yield (form, lemma) for the words of the labels, where stemming does not find the forms."""
    if not LANGUAGES[language].stem_changes:
        return
    if is_current():
        for base, found in _content()["forms"].get(language, {}).items():
            yield from ((form, base) for form in found)
    else:
        yield from stems.forms(language, _lemmas(language, _words().get(language, set())))


def make(path: Path = FILE) -> None:
    """Look up the words of all labels and write the file; the same labels give the same bytes."""
    wanted = _words()
    look_up(wanted)
    content = {
        "made_of": _made_of(),
        "words": {language: _rows(language, own) for language, own in sorted(wanted.items())},
        "forms": {
            language: _forms(language, own)
            for language, own in sorted(wanted.items())
            if LANGUAGES[language].stem_changes
        },
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


@cache
def _content() -> dict[str, Any]:
    return _read()


def _read() -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    except (OSError, EOFError, ValueError):
        return {"made_of": "", "words": {}, "forms": {}}
    return content


def _made_of() -> str:
    return f"{vocabulary.fingerprint(*vocabulary.NAMED_SCHEMES)} {stems.VERSION}"


def _words() -> dict[str, set[str]]:
    phrases = (p for concept in vocabulary.nameable().values() for p in concept.phrases())
    return words_by_language(phrases)


def _rows(language: str, words: set[str]) -> dict[str, list[Any]]:
    known = {word: stems.entry(word, language) for word in words}
    for found in list(known.values()):
        known.update({part: stems.entry(part, language) for part in found.parts})
    return {
        word: [sorted(found.readings), list(found.parts), found.lemma, sorted(found.vague)]
        for word, found in sorted(known.items())
    }


def _forms(language: str, words: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for form, base in stems.forms(language, _lemmas(language, words)):
        found.setdefault(base, []).append(form)
    return {base: sorted(each) for base, each in sorted(found.items())}


def _lemmas(language: str, words: set[str]) -> set[str]:
    return {stems.lemma(word, language) for word in words} - {""}


def _entry(row: list[Any]) -> stems.Entry:
    readings, parts, lemma, vague = row
    return stems.Entry(frozenset(readings), tuple(parts), lemma, frozenset(vague))
