"""Looking up the words of many texts at once, in as many processes as there are processors.

To open a dictionary takes up to two seconds of pure Python, and a first start needs thirty of them.
The processes end afterwards and give back what the dictionaries hold, some 300 MB.
"""

import logging
import os
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import BrokenExecutor, as_completed
from dataclasses import dataclass

from kb import stems
from kb.languages import LANGUAGES
from kb.processes import beside
from kb.progress import Watch, unwatched
from kb.text import spellings
from kb.vocabulary import ANY_LANGUAGE

LOG = logging.getLogger(__name__)

# To start processes takes as long as to open two dictionaries of middling size. A slice of a large
# import has a few languages.
_WORTHWHILE = 8


@dataclass(frozen=True, slots=True)
class _Answer:
    language: str
    entries: dict[str, stems.Entry]


def words_by_language(texts: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the different words of (language, text) pairs; of any language, for each of them."""
    found: dict[str, set[str]] = {}
    for language, text in texts:
        found.setdefault(language, set()).update(spellings(text))
    shared = found.pop(ANY_LANGUAGE, set())
    return {language: own | shared for language, own in found.items()}


def look_up(wanted: Mapping[str, AbstractSet[str]], watch: Watch = unwatched) -> None:
    """Make `stems` know these words.

    Does nothing for a few languages: they are looked up when they are met, and so is everything if
    the processes cannot do their work.
    """
    missing = {language: stems.unknown(own, language) for language, own in wanted.items()}
    missing = {language: own for language, own in missing.items() if own}
    if not is_worthwhile(missing):
        return
    try:
        _look_up_beside(missing, watch)
    except BrokenExecutor:
        LOG.warning("a process that looked up words has ended early; it goes on more slowly")


def is_worthwhile(languages: Collection[str]) -> bool:
    """Tell whether so many languages are looked up sooner by several processes."""
    return len(languages) >= _WORTHWHILE


def _look_up_beside(wanted: Mapping[str, AbstractSet[str]], watch: Watch) -> None:
    # The longest first, so that no process is left with one of them at the end.
    languages = sorted(wanted, key=lambda code: LANGUAGES[code].stem_changes, reverse=True)
    with beside(min(os.cpu_count() or 1, len(languages))) as pool:
        tasks = [pool.submit(_look_up, language, wanted[language]) for language in languages]
        for task in watch("Looking up", as_completed(tasks), len(tasks)):
            answer = task.result()
            stems.remember(answer.language, answer.entries)


def _look_up(language: str, wanted: AbstractSet[str]) -> _Answer:
    entries = {word: stems.entry(word, language) for word in wanted}
    for found in list(entries.values()):
        entries.update({part: stems.entry(part, language) for part in found.parts})
    return _Answer(language, entries)
