"""What to ask instead when nothing is found: the question with one filter or one word less."""

from collections.abc import Iterator
from dataclasses import replace

from kb.query import Query, Relaxation
from kb.saying import said, term
from kb.search.engine import Answer, SearchEngine
from kb.search.fields import label
from kb.search.parse import MAX_CHARACTERS, parse
from kb.text import spellings

_MAX_TRIED = 6


def relaxations(engine: SearchEngine, query: Query, answer: Answer) -> tuple[Relaxation, ...]:
    """Return the looser questions that find something, with how much."""
    if answer.total or not _can_find_more(engine, query):
        return ()
    tried = list(_looser(query, answer))[:_MAX_TRIED]
    found = ((text, loose, engine.search(replace(loose, size=1)).total) for text, loose in tried)
    return tuple(Relaxation(text, loose, total) for text, loose, total in found if total)


def _can_find_more(engine: SearchEngine, query: Query) -> bool:
    """Tell whether a word less may find more.

    Of bare words it is enough that some are met, so without filters nothing is found only where no
    word is; then it would be asked six times in vain, each time in all languages.
    """
    if any(not clause.plain for clause in parse(query.text).clauses):
        return True
    return bool(query.filters) and engine.search(replace(query, filters={}, size=1)).total > 0


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
