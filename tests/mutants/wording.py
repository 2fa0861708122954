"""Faults in strings that are programs themselves: SQL and regular expressions."""

import re
from collections.abc import Iterator

_SQL = re.compile(r"\b(?:SELECT|INSERT INTO|DELETE FROM|CREATE|FROM|WHERE|ORDER BY|ON CONFLICT)\b")
_IN_SQL = (
    (r"<=", "<"),
    (r">=", ">"),
    (r" > ", " >= "),
    (r" < ", " <= "),
    (r" != ", " = "),
    (r"(?<!BETWEEN \?) AND ", " OR "),
    (r"LEFT JOIN", "JOIN"),
    (r" DESC\b", ""),
    (r" ORDER BY [^()]+?(?= LIMIT|$)", ""),
    (r" LIMIT \?", " LIMIT 1 + ?"),
    (r" GROUP BY \w+", ""),
    (r"\bmax\(", "min("),
    (r"\bmin\(", "max("),
    (r" \+ 1\b", ""),
    (r"\), 0\)", "), 1)"),
    (r"\bAFTER\b", "BEFORE"),
    (r"\bBEFORE\b", "AFTER"),
    (r"\bDISTINCT ", ""),
    (r"(?<!NOT) IN ", " NOT IN "),
    (r"(?<!NOT )EXISTS", "NOT EXISTS"),
    (r" AUTOINCREMENT", ""),
    (r"\bnew\.", "old."),
    (r"\bold\.", "new."),
    (r"\b(\w+) ?= ?excluded\.\1,? ?", ""),
    (r" WHERE (?!EXISTS|true)[^()]+? (?=ORDER|AND)", " WHERE true "),
    (r"case_id = \?", "true"),
    (r"ABORT", "IGNORE"),
)
_IN_PATTERNS = (
    (r"\|[^|()\[\]]+", ""),
    (r"[^|()\[\]:]+\|", ""),
    (r"(?<=[)\]\w.])[*+?]\+?", ""),
    (r"\\u[0-9a-f]{4}(?:-\\u[0-9a-f]{4})?", ""),
    (r"\\b", ""),
    (r"\^", ""),
    (r"\[\^", "["),
)


def is_sql(text: str) -> bool:
    return bool(_SQL.search(text))


def of_sql(text: str) -> Iterator[str]:
    yield from _changed(text, _IN_SQL)


def of_pattern(text: str) -> Iterator[str]:
    for changed in _changed(text, _IN_PATTERNS):
        try:
            re.compile(changed)
        except re.error:
            continue
        yield changed


def _changed(text: str, rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    seen = {text}
    for pattern, instead in rows:
        for found in re.finditer(pattern, text):
            changed = text[: found.start()] + found.expand(instead) + text[found.end() :]
            if changed not in seen:
                seen.add(changed)
                yield changed
