"""What the dictionaries say of the labels, looked up beforehand.

To look up the words of all labels opens thirty dictionaries, which takes 20 s; to read the file of
a language takes some milliseconds. `make` writes them. Where labels have been changed since, the
files are left alone and words are looked up like any other.
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

FOLDER = vocabulary.FOLDER / "words"


def is_current(language: str) -> bool:
    """Tell whether the file of a language was made from the labels and the rules of today."""
    return bool(_content(language)["made_of"] == _made_of())


@cache
def load(language: str) -> None:
    """Make `stems` know the words of the labels in a language, as far as its file does."""
    content = _content(language)
    if content["made_of"] == _made_of():
        entries = {word: _entry(row) for word, row in content["words"].items()}
        stems.remember(language, entries)


def forms(language: str) -> Iterator[tuple[str, str]]:
    """Yield (form, lemma) for the words of the labels, where stemming does not find the forms."""
    if not LANGUAGES[language].stem_changes:
        return
    content = _content(language)
    if content["made_of"] == _made_of():
        for base, found in content["forms"].items():
            yield from ((form, base) for form in found)
    else:
        yield from stems.forms(language, _lemmas(language, _words().get(language, set())))


def make(folder: Path = FOLDER) -> None:
    """Look up the words of all labels and write the files; the same labels give the same bytes."""
    wanted = _words()
    look_up(wanted)
    folder.mkdir(exist_ok=True)
    for language, own in wanted.items():
        content = {
            "made_of": _made_of(),
            "words": _rows(language, own),
            "forms": _forms(language, own) if LANGUAGES[language].stem_changes else {},
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        packed = gzip.compress(text.encode(), 9, mtime=0)
        (folder / f"{language}.json.gz").write_bytes(packed)


def _content(language: str) -> dict[str, Any]:
    try:
        packed = (FOLDER / f"{language}.json.gz").read_bytes()
        content: dict[str, Any] = json.loads(gzip.decompress(packed))
    except (OSError, EOFError, ValueError):
        return {"made_of": "", "words": {}, "forms": {}}
    return content


@cache
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
