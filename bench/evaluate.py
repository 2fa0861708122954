"""How well the development questions are answered: nDCG@10 and success@1, each and together.

Usage: KB_TEST_DATA=<folder with judgments-dev.jsonl> python bench/evaluate.py

Cases that are judged relevant but not in the corpus are left out of the ideal ranking, and a
question that has none left is listed as such: the figure is about the search, not the corpus.
"""

import json
import os
import sys
import tempfile
from math import log2
from pathlib import Path

from kb.library import open_library
from kb.query import Query
from kb.settings import Settings


def main() -> None:
    """Print one line a question and the means."""
    folder = os.environ.get("KB_TEST_DATA", "")
    if not folder:
        sys.exit("Set KB_TEST_DATA to the folder that holds judgments-dev.jsonl.")
    lines = (Path(folder) / "judgments-dev.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as data:
        library = open_library(Settings(data=Path(data)))
        result = library.ingest([Path("corpus")])
        library.sync()
        present = {*result.new}
        scores = []
        for question in questions:
            grades = {r["slug"]: r["grade"] for r in question["relevant"] if r["slug"] in present}
            if not grades:
                print(f"   -     {question['id']} {question['query']!r}: none of its cases is here")
                continue
            hits = [hit.id for hit in library.search(Query(question["query"], size=10)).hits]
            scores.append((ndcg(hits, grades), float(bool(hits) and hits[0] in grades)))
            print(f"{scores[-1][0]:.3f} {question['id']} {question['query']!r}: {hits[:4]}")
        library.close()
    means = [mean(list(column)) for column in zip(*scores, strict=True)]
    print(f"nDCG@10 {means[0]:.3f}, first is relevant {means[1]:.3f}, {len(scores)} questions")


def ndcg(found: list[str], grades: dict[str, int]) -> float:
    """Return the normalised discounted cumulative gain of the first ten; gains are 2^grade - 1."""
    ideal = sorted(grades.values(), reverse=True)[:10]
    return _gain([grades.get(case_id, 0) for case_id in found[:10]]) / _gain(ideal)


def mean(values: list[float]) -> float:
    """Return the arithmetic mean."""
    return sum(values) / len(values)


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


if __name__ == "__main__":
    main()
