"""The controlled vocabularies: one TOML file a scheme, read once, never changed at run time."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.errors import UnknownConceptError

FOLDER = Path(__file__).parent

ANY_LANGUAGE = "mul"
"""ISO 639-2 code under which stand the names that are the same in every language."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a scheme; its id never changes."""

    id: str
    scheme: str
    pref: Mapping[str, str]
    broader: str = ""
    definition: str = ""
    alt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    epsr: tuple[int, ...] = ()
    sdg: tuple[int, ...] = ()

    def label(self, language: str = "en") -> str:
        """Name the concept in ``language``, or in English where it has no label yet."""
        return self.pref.get(language) or self.pref["en"]

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield (language, label) for each label by which text and queries are matched.

        A preferred label that joins two things ("Emergency & transitional accommodation") is for
        display: nobody writes it, and its words would have to stand together.
        """
        for language, text in self.pref.items():
            if not any(mark in text for mark in "&,("):
                yield language, text
        yield from _pairs(self.alt)
        yield from _pairs(self.hidden)

    def phrases(self) -> Iterator[tuple[str, str]]:
        """Yield (language, text) for all that is matched or excluded."""
        yield from self.names()
        yield from _pairs(self.exclude)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A vocabulary: its concepts in the order of the file."""

    name: str
    title: str
    concepts: Mapping[str, Concept]

    def __contains__(self, concept_id: object) -> bool:
        return concept_id in self.concepts

    def __getitem__(self, concept_id: str) -> Concept:
        """Return the concept.

        Raises:
            UnknownConceptError: the scheme has no such id.
        """
        try:
            return self.concepts[concept_id]
        except KeyError:
            raise UnknownConceptError(f"{self.title} has no concept {concept_id!r}") from None

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts.values())

    def lineage(self, concept_id: str) -> tuple[str, ...]:
        """Return the concept and what is broader, the concept first; nothing if it is unknown."""
        line = []
        while concept_id in self.concepts and concept_id not in line:
            line.append(concept_id)
            concept_id = self.concepts[concept_id].broader
        return tuple(line)


def scheme_names() -> tuple[str, ...]:
    """Return the names of all schemes, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def scheme(name: str) -> Scheme:
    """Return the scheme that ``name`` calls for; one of ``scheme_names()``."""
    raw = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    concepts = {row["id"]: _concept(name, row) for row in raw["concept"]}
    return Scheme(name, raw["title"], MappingProxyType(concepts))


def _concept(scheme_name: str, row: dict[str, Any]) -> Concept:
    return Concept(
        id=row["id"],
        scheme=scheme_name,
        pref=row["pref"],
        broader=row.get("broader", ""),
        definition=row.get("definition", ""),
        epsr=tuple(row.get("epsr", ())),
        sdg=tuple(row.get("sdg", ())),
        **{kind: _lists(row.get(kind, {})) for kind in ("alt", "hidden", "exclude")},
    )


def _pairs(labels: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    return ((language, text) for language, texts in labels.items() for text in texts)


def _lists(labels: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(texts) for language, texts in labels.items()}
