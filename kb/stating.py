"""In which sentence of a case a result is told, so that a reader sees the figure where it stands.

A sentence counts only if it has the value, word for word, and another word of what was counted:
of the 186 results in the corpus 158 have one, and the others are shown with their source alone.
"""

import re
from collections.abc import Iterable, Iterator

from kb.model import Case
from kb.rows import Outcome
from kb.text import folded, paragraphs, standing

_NEXT = re.compile(r"(?<=[.!?;…])\s+(?=[^\W\d_a-z]|[«„“\"¿¡(])")
_CELLS = re.compile(r"\s*\|")
"""A row of a table, which repeats what the results say and is no sentence."""
_ENDS_IN_NUMBER = re.compile(r"\d[.,'’\s]$")
_GOES_ON = re.compile(r"[.,'’\s]\d")
_LONGEST = 400
"""Characters of a sentence that is worth showing; a longer one is a list, or badly parted."""
_TELLING = 4
"""Letters from which on a word says what was counted."""


def stated(case: Case) -> tuple[str, ...]:
    """Return for each result the sentence that tells it, in the case's language; or nothing."""
    sentences = tuple(_sentences(case))
    return tuple(_best(outcome, sentences) for outcome in case.outcomes)


def _sentences(case: Case) -> Iterator[str]:
    body = "\n".join(line for line in case.body.split("\n") if not _CELLS.match(line))
    for text in (case.summary, case.solution, *paragraphs(body)):
        for sentence in _NEXT.split(text):
            if len(sentence) <= _LONGEST:
                yield " ".join(sentence.split())


def _best(outcome: Outcome, sentences: Iterable[str]) -> str:
    """Return the sentence with the value that shares most words with what was counted."""
    value = folded(outcome.value)
    told = (outcome.indicator, outcome.unit or "", outcome.group or "")
    telling = {word for text in told for word in folded(text) if len(word) >= _TELLING}
    found = [
        (len(telling.intersection(folded(sentence))), sentence)
        for sentence in sentences
        if value and _stands_in(sentence, value)
    ]
    shared, best = max(found, key=lambda each: each[0], default=(0, ""))
    return best if shared else ""


def _stands_in(sentence: str, sought: tuple[str, ...]) -> bool:
    """Tell whether the words stand in a sentence, and are not a part of a longer number."""
    return any(
        not _ENDS_IN_NUMBER.search(sentence[:start]) and not _GOES_ON.match(sentence[end:])
        for start, end in standing(sought, sentence)
    )
