"""The controlled vocabularies: concepts in schemes, with labels in every language.

Read once, never changed at run time. `reading` says how the files are made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.errors import UnknownConceptError
from kb.vocabulary import reading

FOLDER = Path(__file__).parent
LABELS = FOLDER / "labels"

ANY_LANGUAGE = "mul"
"""ISO 639-2 code under which stand the names that are the same in every language."""

NAMED_SCHEMES = ("themes", "target_groups")
"""The schemes whose concepts a question may name; they have no id in common."""


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
    eurovoc: tuple[str, ...] = ()
    """Numbers of concepts of EuroVoc that mean nearly the same."""
    confirmed: frozenset[str] = frozenset()
    """The languages in which a native reader has confirmed the labels."""

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
    raw = reading.structure(FOLDER / f"{name}.toml")
    concepts = {row["id"]: _concept(name, row) for row in raw["concept"]}
    return Scheme(name, raw["title"], MappingProxyType(concepts))


@cache
def nameable() -> Mapping[str, Concept]:
    """Return the concepts that a question may name, by id."""
    return MappingProxyType({c.id: c for name in NAMED_SCHEMES for c in scheme(name)})


def labelled(name: str) -> Iterator[tuple[str, str]]:
    """Yield (language, concept) for all that the label files say of a scheme."""
    for language, schemes in _labels().items():
        yield from ((language, concept_id) for concept_id in schemes.get(name, {}))


@cache
def fingerprint(*names: str) -> str:
    """Return a text that changes when one of the schemes or any label does."""
    digest = sha256()
    files = [FOLDER / f"{name}.toml" for name in names]
    for path in (*files, *sorted(LABELS.glob("*.toml"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def _labels() -> Mapping[str, Mapping[str, Mapping[str, reading.Table]]]:
    """Return language -> scheme -> concept -> its labels."""
    return {path.stem: reading.labels(path) for path in sorted(LABELS.glob("*.toml"))}


def _concept(scheme_name: str, row: dict[str, Any]) -> Concept:
    called = {
        language: schemes.get(scheme_name, {}).get(row["id"], {})
        for language, schemes in _labels().items()
    }
    return Concept(
        id=row["id"],
        scheme=scheme_name,
        pref={language: table["pref"] for language, table in called.items() if "pref" in table},
        broader=row.get("broader", ""),
        definition=row.get("definition", ""),
        epsr=tuple(row.get("epsr", ())),
        sdg=tuple(row.get("sdg", ())),
        eurovoc=tuple(row.get("eurovoc", ())),
        confirmed=frozenset(
            language for language, table in called.items() if table.get("status") == "confirmed"
        ),
        **{
            kind: {
                language: tuple(table[kind]) for language, table in called.items() if kind in table
            }
            for kind in reading.LISTS
        },
    )


def _pairs(labels: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    return ((language, text) for language, texts in labels.items() for text in texts)
