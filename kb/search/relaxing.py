"""What to ask instead when nothing is found: the question with one filter or one word less."""

from collections.abc import Iterator
from dataclasses import replace

from kb.query import Query, Relaxation
from kb.saying import said, term
from kb.search.engine import Answer, SearchEngine
from kb.search.fields import label
from kb.search.parse import MAX_CHARACTERS
from kb.text import spellings

_MAX_TRIED = 6


def relaxations(engine: SearchEngine, query: Query, answer: Answer) -> tuple[Relaxation, ...]:
    """Return the looser questions that find something, with how much."""
    if answer.total:
        return ()
    tried = list(_looser(query, answer))[:_MAX_TRIED]
    found = ((text, loose, engine.search(replace(loose, size=1)).total) for text, loose in tried)
    return tuple(Relaxation(text, loose, total) for text, loose, total in found if total)


def _looser(query: Query, answer: Answer) -> Iterator[tuple[str, Query]]:
    for name, values in query.filters.items():
        for value in values:
            left_out = said("without {value}", value=label(name, value, query.reader))
            yield left_out, query.without(name, value)
    parts = [(part, set(spellings(part))) for part in query.text[:MAX_CHARACTERS].split()]
    for word in dict.fromkeys(answer.words):
        kept = [part for part, spelt in parts if word not in spelt]
        if kept:
            left_out = said("without the word “{word}”", word=word)
            yield left_out, replace(query, text=" ".join(kept), page=1)
    if query.filters and query.text:
        yield term("without any filter"), replace(query, filters={}, page=1)
