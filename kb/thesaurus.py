"""The vocabularies as a whole: what a librarian has still to fill in, and what cannot be so."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.languages import LANGUAGES
from kb.text import folded
from kb.vocabulary import (
    ANY_LANGUAGE,
    LABELS,
    Concept,
    Scheme,
    labelled,
    reading,
    scheme,
    scheme_names,
    writing,
)

MATCHED = "themes"
"""The scheme whose labels are looked for in texts and questions."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with the vocabularies."""

    kind: Literal["gap", "clash", "circle", "stray", "silent"]
    scheme: str
    concept: str
    language: str
    detail: str

    def __str__(self) -> str:
        """Render as ``gap: themes 06 [fi] has no preferred label``."""
        language = f" [{self.language}]" if self.language else ""
        return f"{self.kind}: {self.scheme} {self.concept}{language} {self.detail}"


@dataclass(frozen=True, slots=True)
class Addition:
    """A label that another thesaurus has for one of our themes."""

    concept: str
    language: str
    text: str


def faults() -> Iterator[Fault]:
    """Yield what is wrong with the vocabularies, scheme by scheme."""
    for name in scheme_names():
        found = scheme(name)
        yield from _circles(found)
        yield from _gaps(found)
        yield from _strays(found)
    yield from clashes(scheme(MATCHED))
    yield from _silent(scheme(MATCHED))


def additions(found: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Iterator[Addition]:
    """Yield the labels of another thesaurus that ours lacks and that stand for no other theme.

    Args:
        found: theme -> language -> labels.
    """
    taken = {
        (language, _key(text)) for concept in scheme(MATCHED) for language, text in concept.names()
    }
    for concept_id, by_language in found.items():
        for language in by_language.keys() & LANGUAGES.keys():
            for text in by_language[language]:
                if (language, _key(text)) not in taken:
                    taken.add((language, _key(text)))
                    yield Addition(concept_id, language, text)


def add(additions: Iterable[Addition], folder: Path = LABELS) -> None:
    """Write labels into the files of their languages, as alternative ones."""
    by_language: dict[str, list[Addition]] = defaultdict(list)
    for addition in additions:
        by_language[addition.language].append(addition)
    for language, added in by_language.items():
        path = folder / f"{language}.toml"
        status, schemes = reading.status(path), reading.labels(path)
        rows = {
            name: {key: dict(row) for key, row in found.items()} for name, found in schemes.items()
        }
        for each in added:
            row = rows[MATCHED][each.concept]
            row["alt"] = [*row.get("alt", ()), each.text]
        writing.replace(path, writing.text(status, rows))


def clashes(concepts: Iterable[Concept]) -> Iterator[Fault]:
    """Yield the labels that stand for two concepts in one language, so that neither is meant."""
    owners: dict[tuple[str, str], list[Concept]] = defaultdict(list)
    for concept in concepts:
        for key in {(language, _key(text)) for language, text in concept.names()}:
            owners[key].append(concept)
    for (language, text), named in owners.items():
        for other in named[1:]:
            detail = f"is called {text!r}, as is {named[0].id}"
            yield Fault("clash", other.scheme, other.id, language, detail)


def _circles(found: Scheme) -> Iterator[Fault]:
    for concept in found:
        last = found.lineage(concept.id)[-1]
        if found[last].broader:
            detail = f"is broader than itself, or than {found[last].broader!r}, which is none"
            yield Fault("circle", found.name, concept.id, "", detail)


def _gaps(found: Scheme) -> Iterator[Fault]:
    for concept in found:
        for language in LANGUAGES:
            if language not in concept.pref:
                detail = "has no preferred label"
                yield Fault("gap", found.name, concept.id, language, detail)


def _strays(found: Scheme) -> Iterator[Fault]:
    for language, concept_id in labelled(found.name):
        if concept_id not in found:
            yield Fault("stray", found.name, concept_id, language, "is labelled and does not exist")
        if language not in {*LANGUAGES, ANY_LANGUAGE}:
            yield Fault("stray", found.name, concept_id, language, "is none of our languages")


def _silent(found: Scheme) -> Iterator[Fault]:
    """Yield the concepts that nothing can be matched by: their heading joins two things."""
    for concept in found:
        spoken = {language for language, _ in concept.names()}
        for language in concept.pref.keys() - spoken - {ANY_LANGUAGE}:
            detail = "has a heading that nobody types, and no other label"
            yield Fault("silent", found.name, concept.id, language, detail)


def _key(text: str) -> str:
    return " ".join(folded(text))
