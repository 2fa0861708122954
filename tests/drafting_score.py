"""How much of a draft is right first time, on the documents in ``drafts/``.

A field of a document counts one, whatever it holds. Text, dates and sums are right or wrong; of a
list the mark is the F1 of its items, so that what is missing and what is made up both cost. Run
``python -m tests.drafting_score [beginning of a file's name]`` for tables and every failure.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.document import Document
from kb.drafting import Proposal, propose
from kb.formats import docx, html, odt, pdf
from kb.intake import received
from kb.text import fold, words

FOLDER = Path(__file__).parent / "drafts"
EXTRACTORS: dict[str, Callable[[bytes, str], Document]] = {
    ".docx": docx.extract,
    ".html": html.extract,
    ".odt": odt.extract,
    ".pdf": pdf.extract,
}
LISTS = {
    "partners": "name",
    "outcomes": "",
    "funding_programmes": "programme",
    "target_groups": "",
}
"""Fields of which the items are compared, and the part of a row that is."""
SCALARS = (
    "original_language",
    "title",
    "city",
    "country",
    "start",
    "end",
    "stage",
    "cost.total",
    "cost.currency",
    "lead_organisation.name",
)
FIELDS = (*SCALARS, "themes", *LISTS)
NAMES = {"title", "lead_organisation.name", "city"}
UNITS = {"%": ("%",), "EUR": ("€", "eur"), "GBP": ("£", "gbp", "pound"), "CZK": ("kč", "czk")}
_NUMBER = re.compile(r"\d+(?:[.,\s'’]\d+)*")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a field of a document was answered."""

    file: str
    language: str
    field: str
    right: float
    wrong: int = 0
    missing: int = 0
    surplus: int = 0
    expected: Any = None
    got: Any = None

    @property
    def asked(self) -> bool:
        """Whether the document says anything of the field."""
        return self.expected is not None


GROUPS: dict[str, Callable[[Mark], str]] = {
    "field": lambda mark: mark.field,
    "language": lambda mark: mark.language,
    "format": lambda mark: mark.file.rpartition(".")[2],
    "document": lambda mark: mark.file,
}


@dataclass(frozen=True, slots=True)
class Score:
    """What came of all documents."""

    marks: tuple[Mark, ...]
    unsupported: tuple[str, ...]
    """Values without a passage, as ``file field``."""

    @property
    def share(self) -> float:
        """How much of what the documents say was right first time, from 0 to 1."""
        return share(self.marks)


def share(marks: Iterable[Mark]) -> float:
    """Return how much of what was asked is right."""
    asked = [mark.right for mark in marks if mark.asked]
    return sum(asked) / max(1, len(asked))


def expectations(beginning: str = "") -> list[dict[str, Any]]:
    """Return the rows of expected.jsonl for files whose name begins so."""
    lines = (FOLDER / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["file"].startswith(beginning)]


def document(file: str) -> Document:
    """Read a document as the product does, though not in the sandbox."""
    path = FOLDER / file
    data = path.read_bytes()
    if path.suffix in EXTRACTORS:
        return EXTRACTORS[path.suffix](data, file)
    read = received.proposals(file, data)[0].document
    assert read is not None
    return read


def score(beginning: str = "") -> Score:
    """Draft every document and compare."""
    marks: list[Mark] = []
    unsupported: list[str] = []
    for row in expectations(beginning):
        read = document(row["file"])
        proposal = propose(read)
        marks += compare(row, proposal.values)
        unsupported += [f"{row['file']} {path}" for path in without_passage(read, proposal)]
    return Score(tuple(marks), tuple(unsupported))


def compare(row: dict[str, Any], values: dict[str, Any]) -> Iterator[Mark]:
    """Yield the mark of every field, also of those of which the document says nothing."""
    for field in FIELDS:
        expected, may = row["expected"].get(field), row.get("may", {}).get(field, [])
        got = _got(values, field)
        judge = _list if field in LISTS else _scalar
        right, wrong, missing = judge(field, expected, got, may)
        surplus = wrong if expected is None else 0
        yield Mark(
            row["file"],
            row["language"],
            field,
            right,
            0 if surplus else wrong,
            missing,
            surplus,
            expected,
            got,
        )


def without_passage(read: Document, proposal: Proposal) -> Iterator[str]:
    """Yield the paths of values of which no receipt shows where the document says them."""
    shown = [
        receipt.field
        for receipt in proposal.receipts
        if receipt.passage.strip() and receipt.passage == read.text[receipt.start : receipt.end]
    ]
    for path in _paths(proposal.values):
        if not any(_within(field, path) or _within(path, field) for field in shown):
            yield path


def report(found: Score) -> Iterator[str]:
    """Yield the tables and what went wrong, line by line."""
    for name, of in GROUPS.items():
        yield f"{name:36} said  right  share  wrong missing surplus"
        groups = dict.fromkeys(map(of, found.marks))
        yield from (_line(group, [m for m in found.marks if of(m) == group]) for group in groups)
        yield ""
    yield _line("all", found.marks)
    yield f"values without a passage: {len(found.unsupported)}"
    yield from found.unsupported
    yield from (_failure(mark) for mark in found.marks if mark.wrong + mark.missing + mark.surplus)


def same_name(one: str, two: str) -> bool:
    """Compare folded; one may hold the other if that is at least half as long."""
    short, long = sorted((_key(one), _key(two)), key=len)
    return bool(short) and 2 * len(short) >= len(long) and f" {short} " in f" {long} "


def same_number(expected: str, got: str) -> bool:
    """Tell whether ``got`` begins with the number, however its digits are grouped."""
    found = _NUMBER.search(got)
    if not found:
        return False
    digits = re.sub(r"[\s'’]", "", found.group())
    readings = {
        digits.replace(",", ""),
        digits.replace(".", ""),
        digits.replace(",", "").replace(".", ""),
        digits.replace(".", "").replace(",", "."),
    }
    return any(_is_number(each) and float(each) == float(expected) for each in readings)


def _scalar(field: str, expected: Any, got: Any, may: Sequence[Any]) -> tuple[float, int, int]:
    if got in (None, "", []):
        return 0.0, 0, int(expected is not None)
    if expected is None:
        return 0.0, int(field != "themes" and not _any(field, may, got)), 0
    right = _any(field, expected if isinstance(expected, list) else [expected], got)
    return float(right), int(not right), 0


def _any(field: str, allowed: Sequence[Any], got: Any) -> bool:
    return any(_same(field, each, got) for each in allowed)


def _same(field: str, expected: Any, got: Any) -> bool:
    if field == "themes":
        return any(_within(each, expected) or _within(expected, each) for each in got)
    if field == "cost.total":
        return float(expected) == float(got)
    if field == "title":
        return f" {_key(expected)} " in f" {_key(got)} " or same_name(expected, got)
    return same_name(expected, got) if field in NAMES else expected == got


def _list(field: str, expected: Any, got: Any, may: Sequence[Any]) -> tuple[float, int, int]:
    left, missing = list(got or []), 0
    for item in expected or []:
        found = next((each for each in left if _matches(field, item, each)), None)
        if found is None:
            missing += 1
        else:
            left.remove(found)
    wrong = sum(not any(_matches(field, item, each) for item in may) for each in left)
    right = len(expected or []) - missing
    return 2 * right / max(1, 2 * right + missing + wrong), wrong, missing


def _matches(field: str, expected: Any, got: Any) -> bool:
    if field == "outcomes":
        return _same_outcome(expected if isinstance(expected, dict) else {"value": expected}, got)
    if field == "partners":
        return any(same_name(each, got) for each in _several(expected))
    return bool(expected == got)


def _same_outcome(expected: dict[str, Any], got: dict[str, Any]) -> bool:
    said = " ".join(str(got.get(part) or "") for part in ("value", "unit", "indicator"))
    marks = UNITS.get(expected.get("unit", ""), ("",))
    return any(
        same_number(each, str(got["value"])) for each in _several(expected["value"])
    ) and any(mark in said.casefold() for mark in marks)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _got(values: dict[str, Any], field: str) -> Any:
    found: Any = values
    for part in field.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    named = LISTS.get(field)
    return [item[named] for item in found] if named and found else found


def _paths(values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, list | tuple):
            yield from (f"{name}.{number}" for number in range(len(value)))
        else:
            yield name


def _within(path: str, outer: str) -> bool:
    return f"{path}.".startswith(f"{outer}.")


def _key(text: str) -> str:
    return " ".join(fold(word.text) for word in words(text))


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:\.\d+)?", text))


def _line(name: str, marks: Sequence[Mark]) -> str:
    asked = [mark for mark in marks if mark.asked]
    right = sum(mark.right for mark in asked)
    wrong, missing, surplus = (
        sum(getattr(mark, each) for mark in marks) for each in ("wrong", "missing", "surplus")
    )
    return (
        f"{name:36} {len(asked):4} {right:6.1f}  {share(marks):5.2f}"
        f"  {wrong:5} {missing:7} {surplus:7}"
    )


def _failure(mark: Mark) -> str:
    return f"{mark.file}  {mark.field}  expected {mark.expected!r}  got {mark.got!r}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(score(*sys.argv[1:2])))
