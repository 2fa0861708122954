"""The gold set: sentences of which we know what they are about, and how the tagger does on them.

One file a language, one sentence a line: ``06 +15 | sentence`` must be found to be about 06 and may
be about 15; ``!06 | sentence`` uses a word of 06 in another sense. What is broader than a listed
concept is right too.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kb.nlp.matching import matches
from kb.vocabulary import scheme

FOLDER = Path(__file__).parent / "gold"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the concepts that it must, may and must not be read as."""

    text: str
    must: frozenset[str]
    may: frozenset[str]
    never: frozenset[str]


@dataclass(slots=True)
class Score:
    """How often a tagger was right."""

    met: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    """(concept, sentence)"""
    right: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.met / max(1, self.met + len(self.missed))

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + len(self.wrong))


def sentences(language: str) -> Iterator[Sentence]:
    """Yield the sentences of a language.

    Raises:
        ValueError: a line says nothing, or names a concept that is not there.
    """
    path = FOLDER / f"{language}.txt"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        marks, bar, text = line.partition(" | ")
        ids: dict[str, set[str]] = defaultdict(set)
        for mark in marks.split():
            kind = mark[0] if mark[0] in "+!" else ""
            ids[kind].add(mark.removeprefix(kind))
        unknown = set().union(*ids.values()) - scheme("themes").concepts.keys()
        if not bar or not text.strip() or not ids or unknown:
            raise ValueError(f"{path}, line {number}: {line!r} {sorted(unknown)}")
        yield Sentence(text.strip(), *(frozenset(ids[kind]) for kind in ("", "+", "!")))


def score(language: str) -> Score:
    """Return how the tagger does in a language."""
    result = Score()
    for sentence in sentences(language):
        named = {match.label.concept for match in matches(sentence.text, language)}
        implied = _with_broader(named)
        for concept in sorted(sentence.must):
            if concept in implied:
                result.met += 1
            else:
                result.missed.append((concept, sentence.text))
        if sentence.never:
            wrong = sentence.never & implied
        else:
            wrong = named - _with_broader(sentence.must | sentence.may)
            result.right += len(named - wrong)
        result.wrong += [(concept, sentence.text) for concept in sorted(wrong)]
    return result


def _with_broader(concepts: frozenset[str] | set[str]) -> set[str]:
    return {broader for concept in concepts for broader in scheme("themes").lineage(concept)}


def report(languages: list[str]) -> Iterator[str]:
    """Yield recall and precision by language, then by concept, then what went wrong."""
    scores = {language: score(language) for language in languages}
    by_concept: dict[str, list[str]] = defaultdict(list)
    for language, found in scores.items():
        yield f"{language}  recall {found.recall:.3f}  precision {found.precision:.3f}"
        for kind, rows in (("missed", found.missed), ("wrong", found.wrong)):
            for concept, text in rows:
                by_concept[concept].append(f"  {kind:6} {language}  {text}")
    for concept, lines in sorted(by_concept.items()):
        yield f"{concept} {scheme('themes')[concept].label()}"
        yield from lines


if __name__ == "__main__":
    asked = sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.txt"))
    sys.stdout.writelines(f"{line}\n" for line in report(asked))
