"""How well drafts are proposed: the bodies of corpus/ against what their authors have filled in.

Usage: python bench/drafting.py [--misses]

A body tells the case in prose with headings; forms, which are easier, are measured in tests/drafts.
"proposed" counts cases with any value, "right" those whose value is the author's; of themes and
target groups one in common makes a case right. What the author left unknown counts as wrong if
proposed.
"""

import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.document import Block, Document
from kb.drafting import Proposal, propose
from kb.formats import md
from kb.model import Case
from kb.nlp.gazetteer import gazetteer
from kb.text import fold, plain

CORPUS = Path(__file__).parent.parent / "corpus"


def main(*, misses: bool) -> None:
    """Measure, print a line a field."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    slowest = 0.0
    for path in sorted(CORPUS.glob("*/*.md")):
        case = md.read(path.read_bytes(), path.name, lambda _: ("", "", ""))
        begun = time.perf_counter()
        proposal = propose(document(case))
        slowest = max(slowest, time.perf_counter() - begun)
        for field, told, said, right in compared(case, proposal):
            counts[field][0] += bool(told)
            counts[field][1] += bool(said)
            counts[field][2] += right
            if misses and bool(told or said) and not right:
                passage = next((r.passage for r in proposal.of(field)), "")
                print(f"{case.id:40} {field:18} {told!s:.60} <> {said!s:.60} | {passage:.150}")
    print(
        f"{'field':20}{'filled in':>10}{'proposed':>10}{'right':>7}{'precision':>11}{'recall':>8}"
    )
    for field, (told, said, right) in counts.items():
        print(
            f"{field:20}{told:10}{said:10}{right:7}"
            f"{right / said if said else 0:11.2f}{right / told if told else 0:8.2f}"
        )
    print(f"slowest, dictionaries opened: {slowest:.2f} s")


def compared(case: Case, proposal: Proposal) -> Iterator[tuple[str, Any, Any, bool]]:
    """Yield (field, the author's value, the proposed one, whether they agree)."""
    values = proposal.values
    language = values.get("original_language", "")
    yield "original_language", case.original_language, language, language == case.original_language
    yield "city", case.city, values.get("city", ""), same_place(case, values)
    yield "country", case.country, values.get("country"), values.get("country") == case.country
    for field in ("start", "end"):
        told, said = (
            str(v or "")[:4].replace("unkn", "") for v in (getattr(case, field), values.get(field))
        )
        yield field, told, said, bool(told) and told == said
    for field in ("themes", "target_groups"):
        said = values.get(field, [])
        yield field, getattr(case, field), said, bool(set(getattr(case, field)) & set(said))
    yield "stage", case.stage, values.get("stage"), case.stage == values.get("stage")
    mine = case.lead_organisation.name if case.lead_organisation else ""
    lead = values.get("lead_organisation", {}).get("name", "")
    yield "lead_organisation", mine, lead, bool(alike(mine, lead))
    programmes = {row.programme for row in case.funding_programmes} - {"unknown"}
    said = {row["programme"] for row in values.get("funding_programmes", [])}
    yield "funding_programmes", programmes, said, bool(programmes & said)
    partners = {row.name for row in case.partners}
    said = {row["name"] for row in values.get("partners", [])}
    yield "partners", partners, said, any(alike(a, b) for a in partners for b in said)
    numbers = {digits(row.value) for row in case.outcomes}
    said = {digits(row["value"]) for row in values.get("outcomes", [])}
    yield "outcomes", numbers, said, bool(numbers & said)
    total = case.cost.total if case.cost else None
    yield (
        "cost",
        total,
        (values.get("cost") or {}).get("total"),
        bool(total) and total == (values.get("cost") or {}).get("total"),
    )


def same_place(case: Case, values: dict[str, Any]) -> bool:
    """Tell whether both name the same place of the gazetteer."""
    mine = gazetteer().find(case.city, case.country)
    theirs = gazetteer().find(values.get("city", ""), values.get("country"))
    return mine is not None and mine == theirs


def alike(mine: str, theirs: str) -> bool:
    """Tell whether two names share half their words, by how they begin."""
    first, second = ({fold(w)[:5] for w in re.findall(r"\w{3,}", name)} for name in (mine, theirs))
    return len(first & second) * 2 >= max(1, min(len(first), len(second)))


def digits(text: str) -> str:
    """Return the digits of a number."""
    return re.sub(r"\D", "", text)


def document(case: Case) -> Document:
    """Make the body of a case a document, as if it had been uploaded."""
    return Document(tuple(blocks(case.body)))


def blocks(markdown: str) -> Iterator[Block]:
    """Yield headings, paragraphs, items and rows."""
    for block in re.split(r"\n\s*\n", markdown):
        heading = re.match(r"(#{1,6})\s+(.*)", block)
        if heading:
            yield Block(heading.group(2).strip(), "heading", len(heading.group(1)))
        elif re.match(r"\s*(?:[-*+]|\d+\.)\s", block):
            items = re.split(r"(?m)^\s*(?:[-*+]|\d+\.)\s+", block)
            yield from (Block(plain(item), "item") for item in items if item.strip())
        elif block.lstrip().startswith("|"):
            rows = [
                r.strip(" |").split("|")
                for r in block.splitlines()
                if not re.match(r"[|:\s-]+$", r)
            ]
            yield from (Block(" | ".join(cell.strip() for cell in row), "row") for row in rows)
        elif plain(block):
            yield Block(plain(block))


if __name__ == "__main__":
    main(misses="--misses" in sys.argv)
