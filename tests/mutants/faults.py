"""The faults that can be put into a module, one at a time.

Sentences that people read (`said`, `term`) are left as they are: the catalogues hold them. So are
docstrings, annotations, imports and decorators.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.mutants import wording

_COMPARED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTED: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip
_CALLED = {"any": "all", "all": "any", "max": "min", "min": "max", "sorted": "list",
           "startswith": "endswith", "endswith": "startswith", "rfind": "find"}  # fmt: skip
_LEFT_OUT = {"strip", "lstrip", "rstrip", "lower", "casefold", "removeprefix", "reversed"}
_SENTENCES = {"said", "term", "refused"}
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
_SKIPPED = {"annotation", "returns", "decorator_list", "type_params"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A module with one thing changed."""

    file: str
    place: str
    """Function, method or table, which holds longer than the number of a line."""
    before: str
    after: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.file} {self.place}: {self.before} -> {self.after}"


def faults(file: str, source: str, values: Mapping[str, Any], places: tuple[str, ...]) -> list[Fault]:
    """Return the faults of a module, or of those of its functions, in the order of its text.

    Args:
        file: where it stands, from the root.
        source: its text.
        values: what its names stand for, by which constants of a kind are exchanged.
        places: functions and methods, as ``Store.save``; nothing for all of it.
    """
    tree = ast.parse(source)
    found: dict[str, Fault] = {}
    for site in _sites(tree, "", ()):
        if (places and not site.place.startswith(places)) or site.place in _types(tree):
            continue
        for fault in _of_site(file, tree, site, values):
            found.setdefault(fault.name, fault)
    return list(found.values())


def _types(tree: ast.Module) -> set[str]:
    """Return the names of types that nothing asks for what they allow: mypy holds those."""
    asked = {ast.unparse(each.args[0]) for each in ast.walk(tree)
             if isinstance(each, ast.Call) and _called(each) == "get_args"}  # fmt: skip
    named = {ast.unparse(each.targets[0]) for each in tree.body
             if isinstance(each, ast.Assign) and ast.unparse(each.value).startswith("Literal[")}  # fmt: skip
    return named - asked


@dataclass(frozen=True, slots=True)
class _Site:
    node: ast.AST
    parent: ast.AST
    field: str
    number: int | None
    place: str
    around: tuple[ast.AST, ...]

    def put(self, node: ast.AST | None) -> None:
        if self.number is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.number] = node


def _sites(parent: ast.AST, place: str, around: tuple[ast.AST, ...]) -> Iterator[_Site]:
    around = (*around, parent)
    for field, value in ast.iter_fields(parent):
        if field in _SKIPPED:
            continue
        nodes = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, node in nodes:
            if isinstance(node, ast.AST) and not _is_left_as_it_is(node):
                inner = ".".join(filter(None, (place, _name(node, place))))
                yield _Site(node, parent, field, number, inner or "module", around)
                yield from _sites(node, inner, around)


def _is_left_as_it_is(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.expr_context)


def _name(node: ast.AST, place: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if place or not isinstance(node, ast.Assign | ast.AnnAssign):
        return ""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return ast.unparse(target)


def _of_site(
    file: str, tree: ast.Module, site: _Site, values: Mapping[str, Any]
) -> Iterator[Fault]:
    before = ast.unparse(site.node)
    for changed in _instead_of(site, values):
        site.put(changed)
        try:
            after = ast.unparse(ast.fix_missing_locations(changed))
            source = ast.unparse(tree)
        finally:
            site.put(site.node)
        yield Fault(file, site.place, _short(before, after), _short(after, before), source)


def _short(text: str, other: str) -> str:
    """Return a text from a little before where it begins to differ to a little after."""
    if len(text) <= 120:
        return " ".join(text.split())
    first = next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), 0)
    return " ".join(text[max(0, first - 40) : first + 60].split())


def _instead_of(site: _Site, values: Mapping[str, Any]) -> Iterator[ast.AST]:
    node = site.node
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARED:
            yield ast.Compare(node.left, [_COMPARED[type(op)]()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for number in range(len(node.values)):
                kept = node.values[:number] + node.values[number + 1 :]
                yield kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp(op=ast.BitOr()):
            yield node.left
            yield node.right
        case ast.BinOp() if type(node.op) in _COMPUTED:
            yield ast.BinOp(node.left, _COMPUTED[type(node.op)](), node.right)
        case ast.Constant():
            yield from _of_constant(site, node)
        case ast.Name(ctx=ast.Load()):
            yield from _of_name(node, values)
        case ast.Call():
            yield from _of_call(node)
        case ast.Slice():
            if node.lower:
                yield ast.Slice(None, node.upper, node.step)
            if node.upper:
                yield ast.Slice(node.lower, None, node.step)
        case ast.Set() | ast.List() | ast.Tuple() if not isinstance(site.parent, ast.Call):
            yield from _without_one(site, node)
        case ast.Dict() if len(node.keys) > 1:
            for number in range(len(node.keys)):
                keys = node.keys[:number] + node.keys[number + 1 :]
                yield ast.Dict(keys, node.values[:number] + node.values[number + 1 :])
        case ast.stmt():
            yield from _of_statement(node)
    if site.field == "test" or (site.field == "ifs" and isinstance(site.parent, ast.comprehension)):
        yield ast.UnaryOp(ast.Not(), node)


def _of_constant(site: _Site, node: ast.Constant) -> Iterator[ast.AST]:
    match node.value:
        case bool():
            yield ast.Constant(not node.value)
        case int():
            yield ast.Constant(node.value + 1)
            if node.value > 1:
                yield ast.Constant(node.value - 1)
        case str() if _is_sentence(site):
            return
        case str() if wording.is_sql(node.value):
            yield from map(ast.Constant, wording.of_sql(node.value))
        case str() if _is_pattern(site):
            yield from map(ast.Constant, wording.of_pattern(node.value))
        case bytes() if _is_pattern(site):
            for changed in wording.of_pattern(node.value.decode("latin-1")):
                yield ast.Constant(changed.encode("latin-1"))
        case str() if not isinstance(site.parent, ast.JoinedStr):
            yield ast.Constant("" if node.value else "XX")
        case bytes():
            yield ast.Constant(b"" if node.value else b"XX")


def _is_sentence(site: _Site) -> bool:
    """Tell whether it stands in what people read, unless it is the ending of a file or so."""
    return any(isinstance(each, ast.Call) and _called(each) in _SENTENCES for each in site.around)


def _is_pattern(site: _Site) -> bool:
    return isinstance(site.parent, ast.Call) and ast.unparse(site.parent.func).startswith("re.")


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _of_name(node: ast.Name, values: Mapping[str, Any]) -> Iterator[ast.AST]:
    """Yield the next constant of the module that is of the same kind and not the same."""
    if not _CONSTANT.fullmatch(node.id) or node.id not in values:
        return
    value = values[node.id]
    others = [
        name for name, each in values.items()
        if _CONSTANT.fullmatch(name) and type(each) is type(value) and each != value
    ]  # fmt: skip
    if others and not isinstance(value, str | re.Pattern):
        later = [name for name in others if name > node.id]
        yield ast.Name(min(later or others), ast.Load())


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    name = _called(node)
    if name in _SENTENCES:
        return
    for number in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:number] + node.keywords[number + 1 :])
    if name in _CALLED:
        func = ast.Name(_CALLED[name], ast.Load())
        if isinstance(node.func, ast.Attribute):
            func = ast.Attribute(node.func.value, _CALLED[name], ast.Load())
        yield ast.Call(func, node.args, node.keywords)
    if name in _LEFT_OUT:
        yield node.func.value if isinstance(node.func, ast.Attribute) else node.args[0]


def _without_one(site: _Site, node: ast.Set | ast.List | ast.Tuple) -> Iterator[ast.AST]:
    in_table = not any(isinstance(each, ast.FunctionDef) for each in site.around)
    if isinstance(getattr(node, "ctx", None), ast.Store) or len(node.elts) < 2:
        return
    if isinstance(node, ast.Set) or in_table or isinstance(site.parent, ast.For):
        for number in range(len(node.elts)):
            elements = node.elts[:number] + node.elts[number + 1 :]
            if isinstance(node, ast.Set):
                yield ast.Set(elements)
            else:
                yield type(node)(elements, ast.Load())


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Delete():
            yield ast.Pass()
        case ast.Return(value=None):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Assign(targets=[ast.Name(id=name)]) if name.islower():
            if any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node.value)):
                yield ast.Pass()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
