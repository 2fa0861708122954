"""The faults that can be put into a module, one at a time.

Sentences that people read (`said`, `term`) are left as they are: the catalogues hold them. So are
docstrings, annotations, imports and decorators, and types that only mypy reads.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.mutants.instead import Site, called, instead

_SKIPPED = {"annotation", "returns", "decorator_list", "type_params"}
_SHOWN = 120
"""Of what is longer, only what stands around the fault is shown."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A module with one thing changed."""

    file: str
    place: str
    """Function, method or table, which holds longer than the number of a line."""
    before: str
    after: str
    source: str
    nth: int = 1
    """Which of those that look the same."""

    @property
    def name(self) -> str:
        """By which it is known."""
        again = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.file} {self.place}: {self.before} -> {self.after}{again}"


def faults(
    file: str, source: str, values: Mapping[str, Any], places: tuple[str, ...]
) -> list[Fault]:
    """Return the faults of a module, or of some of its functions, in the order of its text.

    Args:
        file: where it stands, from the root.
        source: its text.
        values: what its names stand for, by which constants of a kind are exchanged.
        places: functions and methods, as ``Store.save``; nothing for all of it.
    """
    tree = ast.parse(source)
    left_alone = _types(tree)
    found: dict[str, Fault] = {source: Fault(file, "", "", "", source)}
    seen: Counter[str] = Counter()
    for site in _sites(tree, "", (), values):
        asked = not places or site.place in places
        for fault in _of_site(file, tree, site) if asked and site.place not in left_alone else ():
            if fault.source not in found:
                seen[fault.name] += 1
                found[fault.source] = replace(fault, nth=seen[fault.name])
    return list(found.values())[1:]


def _types(tree: ast.Module) -> set[str]:
    """Return the names of types that nothing asks for what they allow."""
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call))
    asked = {ast.unparse(each.args[0]) for each in calls if called(each) == "get_args"}
    rows = (each for each in tree.body if isinstance(each, ast.Assign))
    named = {_name(each, "") for each in rows if ast.unparse(each.value).startswith("Literal[")}
    return named - asked


def _sites(
    parent: ast.AST, place: str, around: tuple[ast.AST, ...], values: Mapping[str, Any]
) -> Iterator[Site]:
    around = (*around, parent)
    for field, value in ast.iter_fields(parent):
        nodes = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, node in nodes if field not in _SKIPPED else ():
            if isinstance(node, ast.AST) and not _is_left_as_it_is(node):
                inner = ".".join(filter(None, (place, _name(node, place))))
                yield Site(node, parent, field, number, inner or "module", around, values)
                yield from _sites(node, inner, around, values)


def _is_left_as_it_is(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.expr_context)


def _name(node: ast.AST, place: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if place or not isinstance(node, ast.Assign | ast.AnnAssign):
        return ""
    return ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def _of_site(file: str, tree: ast.Module, site: Site) -> Iterator[Fault]:
    before = ast.unparse(site.node)
    for changed in instead(site):
        site.put(changed)
        try:
            after = ast.unparse(ast.fix_missing_locations(changed))
            source = ast.unparse(tree)
        finally:
            site.put(site.node)
        yield Fault(file, site.place, _short(before, after), _short(after, before), source)


def _short(text: str, other: str) -> str:
    first = next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), 0)
    shown = text if len(text) <= _SHOWN else text[max(0, first - 40) : first + 60]
    return " ".join(shown.split())
