"""How well questions are answered: measures against judged questions, by language and by leg.

nDCG with gains of 2^grade - 1 (Burges et al. 2005), reciprocal rank of the first relevant case, and
recall, each over the first ten. Cases that are not here count in no measure, and a question that
has none of its cases here is left out: the figures are about the search, not about the corpus.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import log2
from pathlib import Path
from typing import Any

from kb.errors import refused
from kb.library import Library
from kb.query import ALL_LEGS, WORDS, Leg, Query
from kb.saying import verbatim

DEPTH = 10
LEGS: Mapping[str, frozenset[Leg]] = {
    "words": WORDS,
    "words and concepts": frozenset({"words", "concepts"}),
    "words, concepts and meaning": ALL_LEGS,
}
"""What is evaluated -> the legs of the question."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the cases that answer it."""

    id: str
    text: str
    language: str
    relevant: Mapping[str, int]
    """Case -> grade, 1 or more."""
    features: tuple[str, ...] = ()
    """What makes it hard, such as ``cross`` or ``typo``."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Measures of one answer, or their means; from 0 to 1."""

    ndcg: float
    mrr: float
    recall: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How a question was answered."""

    question: Question
    found: tuple[str, ...]
    measures: Measures
    own: bool
    """Whether one of its cases is in the language of the question."""


def questions(path: Path) -> tuple[Question, ...]:
    """Read questions from a JSONL file: id, query, language, relevant (slug, grade), features.

    Raises:
        RefusedFileError: it is not there, or a line is no question; names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as err:
        message = verbatim(f"cannot be read: {err}")
        raise refused(str(path), message, verbatim("give a JSONL file of questions")) from err
    return tuple(_question(str(path), n, line) for n, line in enumerate(lines, 1) if line.strip())


def evaluate(
    library: Library, asked: Iterable[Question], *, legs: frozenset[Leg] = ALL_LEGS
) -> tuple[Answered, ...]:
    """Ask the questions of which at least one case is here."""
    present = library.languages()
    answered = []
    for question in asked:
        grades = {key: grade for key, grade in question.relevant.items() if key in present}
        if grades:
            hits = library.search(Query(question.text, size=DEPTH, legs=legs)).hits
            found = tuple(hit.id for hit in hits)
            own = any(present[key] == question.language for key in grades)
            answered.append(Answered(question, found, measure(found, grades), own))
    return tuple(answered)


def measure(found: Sequence[str], grades: Mapping[str, int]) -> Measures:
    """Measure a ranking against grades."""
    top = found[:DEPTH]
    ideal = sorted(grades.values(), reverse=True)[:DEPTH]
    first = next((place for place, case_id in enumerate(top, 1) if case_id in grades), None)
    return Measures(
        ndcg=_gain([grades.get(case_id, 0) for case_id in top]) / _gain(ideal),
        mrr=1 / first if first else 0.0,
        recall=sum(case_id in grades for case_id in top) / min(DEPTH, len(grades)),
    )


def means(answered: Sequence[Answered]) -> Measures:
    """Return the means of all measures; zeros for no questions."""
    columns = zip(*(asdict(each.measures).values() for each in answered), strict=True)
    found = [sum(column) / len(answered) for column in columns]
    return Measures(*(found or [0.0] * len(fields(Measures))))


def grouped(answered: Iterable[Answered]) -> dict[str, list[Answered]]:
    """Return what was answered by group: all, by language, by own language, by feature."""
    groups: dict[str, list[Answered]] = defaultdict(list)
    for each in answered:
        groups["all"].append(each)
        groups[f"language {each.question.language}"].append(each)
        groups["own language among the cases" if each.own else "other languages only"].append(each)
        for feature in each.question.features:
            groups[f"feature {feature}"].append(each)
    return groups


def report(answered: Sequence[Answered]) -> dict[str, Any]:
    """Return means over all, by language, feature and own language, and each question's answer."""
    return {
        "means": {
            name: {"questions": len(rows), **asdict(means(rows))}
            for name, rows in sorted(grouped(answered).items())
        },
        "questions": [
            {
                "id": each.question.id,
                "query": each.question.text,
                "language": each.question.language,
                **asdict(each.measures),
                "found": list(each.found),
            }
            for each in sorted(answered, key=lambda each: each.measures.ndcg)
        ],
    }


def _question(file: str, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        return Question(
            id=row["id"],
            text=row["query"],
            language=row["language"],
            relevant={each["slug"]: int(each["grade"]) for each in row["relevant"]},
            features=tuple(row.get("features", ())),
        )
    except (ValueError, KeyError, TypeError) as err:
        remedy = verbatim('write {"id", "query", "language", "relevant": [{"slug", "grade"}]}')
        raise refused(file, verbatim(f"is no question: {err!r}"), remedy, number) from err


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))
