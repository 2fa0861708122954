"""Writes docs/search-quality.md: how well questions in thirty languages are answered.

    KB_DATA=... python bench/search_quality.py judgments-dev.jsonl

The knowledge base in KB_DATA must hold the corpus, with its vectors.
"""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

from kb.evaluation import DEPTH, LEGS, Answered, evaluate, grouped, means, questions
from kb.library import Library, open_library
from kb.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "search-quality.md"
MARK = "<!-- figures: written by make search-quality, not by hand -->\n"
_GOOD = 2

Run = Mapping[str, Sequence[Answered]]


def main(judgments: Path) -> None:
    """Ask all questions by all legs and put the figures beneath the mark of the page."""
    library = open_library(Settings.from_env())
    ours = run(library, ROOT / "bench" / "questions.jsonl")
    dev = run(library, judgments)
    present = library.languages()
    library.close()
    text = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    PAGE.write_text(text + MARK + "\n" + "\n".join(page(ours, dev, present)), encoding="utf-8")


def run(library: Library, path: Path) -> Run:
    """Return what each set of legs answers to the questions of a file."""
    asked = questions(path)
    return {name: evaluate(library, asked, legs=legs) for name, legs in LEGS.items()}


def page(ours: Run, dev: Run, present: Mapping[str, str]) -> list[str]:
    """Return the lines of the page."""
    best = list(LEGS)[-1]
    return [
        "## By leg",
        "",
        *by_leg("48 needs in thirty languages", ours),
        "",
        *by_leg("Development questions", dev),
        "",
        "## By language of the question",
        "",
        *by_language(ours),
        "",
        "## By language of question and case",
        "",
        "Of the cases that answer a question well (grade 2 and 3), how many of a hundred stand",
        f"among the first {DEPTH}: rows are languages of questions, columns those of the cases.",
        "",
        *matrix(ours[best], present),
        "",
        "## What goes worst",
        "",
        *worst(ours[best]),
        "",
    ]


def by_leg(title: str, found: Run) -> list[str]:
    """Return a table of measures by leg and kind of question."""
    lines = [f"| {title} | questions | nDCG@10 | MRR@10 | recall@10 |", "|---|---|---|---|---|"]
    for name, answered in found.items():
        for kind, rows in {"**all**": list(answered), **_part(answered, "feature ")}.items():
            m = means(rows)
            lines.append(
                f"| {name}: {kind} | {len(rows)} | {m.ndcg:.2f} | {m.mrr:.2f} | {m.recall:.2f} |"
            )
    return lines


def by_language(found: Run) -> list[str]:
    """Return a table of nDCG by language, and its share of that of English."""
    names = list(found)
    lines = [f"| language | {' | '.join(names)} | share of English |", "|---|" + "---|" * 4]
    values = {
        name: {code: means(rows).ndcg for code, rows in _part(answered, "language ").items()}
        for name, answered in found.items()
    }
    for code in sorted(values[names[-1]], key=lambda code: -values[names[-1]][code]):
        cells = " | ".join(f"{values[name][code]:.2f}" for name in names)
        share = values[names[-1]][code] / values[names[-1]]["en"]
        lines.append(f"| {code} | {cells} | {share:.2f} |")
    return lines


def matrix(answered: Sequence[Answered], present: Mapping[str, str]) -> list[str]:
    """Return how many well-fitting cases of each language are found by questions in each."""
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for each in answered:
        for case_id, grade in each.question.relevant.items():
            if grade >= _GOOD and case_id in present:
                hits[each.question.language, present[case_id]].append(case_id in each.found)
    rows = sorted({asked for asked, _ in hits})
    columns = sorted({told for _, told in hits})
    lines = [f"| | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for asked in rows:
        cells = [f"{100 * mean(hits[asked, told]):.0f}" for told in columns]
        lines.append(f"| **{asked}** | {' | '.join(cells)} |")
    return lines


def worst(answered: Sequence[Answered]) -> list[str]:
    """Return the needs that are answered worst over all languages."""
    needs: dict[str, list[Answered]] = defaultdict(list)
    for each in answered:
        needs[each.question.id.split("-")[0]].append(each)
    ranked = sorted(needs.values(), key=lambda rows: means(rows).ndcg)[:5]
    lines = ["| question, in English | nDCG@10 over all languages |", "|---|---|"]
    for rows in ranked:
        english = next(each.question.text for each in rows if each.question.language == "en")
        lines.append(f"| {english} | {means(rows).ndcg:.2f} |")
    return lines


def _part(answered: Sequence[Answered], kind: str) -> dict[str, list[Answered]]:
    """Return the groups of one kind by what is special of each."""
    groups = grouped(answered).items()
    return {name.removeprefix(kind): rows for name, rows in groups if name.startswith(kind)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
