"""What a case is about, read from its text: language, concepts and places. It knows no storage.

Only `tag`, `tagger`, `maker`, `place_of` and `place_called` are for everyone; for documents that
are no case yet there are `detect` and `places`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from kb.model import Case, Place, Tag
from kb.nlp import concepts, entities, places
from kb.nlp.version import maker, tagger
from kb.text import fold, paragraphs

__all__ = ["maker", "place_called", "place_of", "tag", "tagger"]

_SURE = 4  # mentions from which a place counts fully


def tag(case: Case) -> tuple[Tag, ...]:
    """Return the author's themes, what the text shows of any theme, the place, and names.

    The author's tags come first and are never weighed against the text. The concepts of the text
    follow, strongest first; one that the author has named is there too, for its passage.
    """
    return (*_authors(case), *_machines(case), *_place(case), *_names(case))


def place_of(tags: Iterable[Tag]) -> Place | None:
    """Return the place that a case is tagged with, if the gazetteer has it."""
    return place(next((tag.value for tag in tags if tag.kind == "place"), ""))


def place_called(city: str, country: str | None) -> Place | None:
    """Return the place that a case means which names this city, if the gazetteer has it."""
    return places.gazetteer().find(city, country) if city else None


def place(place_id: str) -> Place | None:
    """Return the place of an id, if the gazetteer has it."""
    return places.gazetteer().get(place_id) if place_id else None


def _authors(case: Case) -> Iterator[Tag]:
    for theme in case.themes:
        yield Tag(kind="concept", value=theme, origin="author", strength=1.0)


def _machines(case: Case) -> tuple[Tag, ...]:
    original, *translated = (
        concepts.find(_fields(case, language), language) for language in case.languages
    )
    return concepts.strongest(_merge(original, *translated))


def _names(case: Case) -> Iterator[Tag]:
    """Yield what the texts name, each name once; not the city, which the case names itself."""
    told = {fold(case.city)}
    for language in case.languages:
        for tag in entities.find("\n".join(_fields(case, language).values()), language):
            if fold(tag.value) not in told:
                told.add(fold(tag.value))
                yield tag


def _fields(case: Case, language: str) -> dict[str, str]:
    texts = case.told(language)
    return {**texts, "body": "\n".join(paragraphs(texts.get("body", "")))}


def _merge(original: Iterable[Tag], *translated: Iterable[Tag]) -> Iterator[Tag]:
    """Yield one tag a concept: the passage of the original, the strength of the stronger."""
    merged = {tag.value: tag for tag in original}
    for tag in chain.from_iterable(translated):
        found = merged.get(tag.value, tag)
        merged[tag.value] = replace(found, strength=max(found.strength, tag.strength))
    yield from merged.values()


def _place(case: Case) -> Iterator[Tag]:
    if case.city:
        yield from _authors_place(case)
    else:
        yield from _machines_place(case)


def _authors_place(case: Case) -> Iterator[Tag]:
    place = place_called(case.city, case.country)
    if place:
        yield Tag(kind="place", value=place.id, origin="author", strength=1.0)


def _machines_place(case: Case) -> Iterator[Tag]:
    texts = _fields(case, case.original_language)
    found = places.home("\n".join(texts.values()), case.original_language)
    if found:
        yield Tag(
            kind="place",
            value=found.place.id,
            origin="machine",
            strength=min(1.0, found.count / _SURE),
            matched=found.place.name,
            passage=found.passage,
            language=case.original_language,
            tagger=tagger(),
        )
