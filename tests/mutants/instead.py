"""What can stand in the place of a piece of a program, so that it is wrong in a small way."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tests.mutants import wording

_COMPARED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,  # codespell:ignore
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


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a program, and what its module knows by name."""

    node: Any  # any node of a syntax tree: which, the table below goes by
    parent: ast.AST
    field: str
    number: int | None
    place: str
    around: tuple[ast.AST, ...]
    values: Mapping[str, Any]

    def put(self, node: ast.AST) -> None:
        """Put something else there."""
        if self.number is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.number] = node

    @property
    def is_condition(self) -> bool:
        return self.field == "test" or (
            self.field == "ifs" and isinstance(self.parent, ast.comprehension)
        )

    @property
    def is_sentence(self) -> bool:
        return any(
            isinstance(each, ast.Call) and called(each) in _SENTENCES for each in self.around
        )

    @property
    def is_pattern(self) -> bool:
        return isinstance(self.parent, ast.Call) and ast.unparse(self.parent.func).startswith("re.")


def instead(site: Site) -> Iterator[ast.AST]:
    """Yield all that can stand in the place of what stands there."""
    for kind, wrong in _WRONG.items():
        if isinstance(site.node, kind):
            yield from wrong(site)
    if site.is_condition:
        yield ast.UnaryOp(ast.Not(), site.node)


def called(node: ast.Call) -> str:
    """Return the last name of what is called."""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _comparison(site: Site) -> Iterator[ast.AST]:
    node: ast.Compare = site.node
    if len(node.ops) == 1:
        yield ast.Compare(node.left, [_COMPARED[type(node.ops[0])]()], node.comparators)


def _both_or_one(site: Site) -> Iterator[ast.AST]:
    node: ast.BoolOp = site.node
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for number in range(len(node.values)):
        kept = _without(node.values, number)
        yield kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)


def _negation(site: Site) -> Iterator[ast.AST]:
    if isinstance(site.node.op, ast.Not | ast.USub):
        yield site.node.operand


def _sum(site: Site) -> Iterator[ast.AST]:
    node: ast.BinOp = site.node
    if isinstance(node.op, ast.BitOr):
        yield from (node.left, node.right)
    elif type(node.op) in _COMPUTED:
        yield ast.BinOp(node.left, _COMPUTED[type(node.op)](), node.right)


def _constant(site: Site) -> Iterator[ast.AST]:
    value = site.node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + step) for step in (1, -1) if value + step > 0)
    elif isinstance(value, bytes):
        yield ast.Constant(b"" if value else b"XX")
    elif isinstance(value, str) and not site.is_sentence:
        yield from map(ast.Constant, _text(site, value))


def _text(site: Site, text: str) -> Iterator[str]:
    if wording.is_sql(text):
        yield from wording.of_sql(text)
    elif site.is_pattern:
        yield from wording.of_pattern(text)
    elif not isinstance(site.parent, ast.JoinedStr):
        yield "" if text else "XX"


def _name(site: Site) -> Iterator[ast.AST]:
    """Yield the next constant of the module that is of the same kind and not the same."""
    values, name = site.values, site.node.id
    if not _CONSTANT.fullmatch(name) or isinstance(values.get(name), str | re.Pattern | None):
        return
    others = [
        other for other, each in values.items()
        if _CONSTANT.fullmatch(other) and type(each) is type(values[name]) and each != values[name]
    ]  # fmt: skip
    if others:
        yield ast.Name(min([each for each in others if each > name] or others), ast.Load())


def _call(site: Site) -> Iterator[ast.AST]:
    node: ast.Call = site.node
    name = called(node)
    if name in _SENTENCES:
        return
    for number in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, _without(node.keywords, number))
    of = node.func.value if isinstance(node.func, ast.Attribute) else None
    if name in _CALLED:
        other = _CALLED[name]
        func = ast.Attribute(of, other, ast.Load()) if of else ast.Name(other, ast.Load())
        yield ast.Call(func, node.args, node.keywords)
    if name in _LEFT_OUT:
        yield of or node.args[0]


def _slice(site: Site) -> Iterator[ast.AST]:
    node: ast.Slice = site.node
    if node.lower:
        yield ast.Slice(None, node.upper, node.step)
    if node.upper:
        yield ast.Slice(node.lower, None, node.step)


def _row(site: Site) -> Iterator[ast.AST]:
    """Yield a set, or a row of a table, without one of what is in it."""
    node: ast.Set | ast.List | ast.Tuple = site.node
    in_table = not any(isinstance(each, ast.FunctionDef) for each in site.around)
    is_value = not isinstance(getattr(node, "ctx", None), ast.Store)
    of_table = in_table and not isinstance(site.parent, ast.Call)
    for number in range(len(node.elts)) if is_value and len(node.elts) > 1 else ():
        if isinstance(node, ast.Set):
            yield ast.Set(_without(node.elts, number))
        elif of_table or isinstance(site.parent, ast.For):
            yield type(node)(_without(node.elts, number), ast.Load())


def _table(site: Site) -> Iterator[ast.AST]:
    node: ast.Dict = site.node
    for number in range(len(node.keys)) if len(node.keys) > 1 else ():
        yield ast.Dict(_without(node.keys, number), _without(node.values, number))


def _nothing(_site: Site) -> Iterator[ast.AST]:
    yield ast.Pass()


def _step(site: Site) -> Iterator[ast.AST]:
    if isinstance(site.node.value, ast.Call):
        yield ast.Pass()


def _answer(site: Site) -> Iterator[ast.AST]:
    value = site.node.value
    if value is None:
        yield ast.Pass()
    elif not (isinstance(value, ast.Constant) and value.value is None):
        yield ast.Return(ast.Constant(None))


def _setting(site: Site) -> Iterator[ast.AST]:
    """Yield nothing instead of a value that is set anew; where it is new, that could not run."""
    (target, *_), value = site.node.targets, site.node.value
    named = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
    if not isinstance(target, ast.Name) or (target.id.islower() and target.id in named):
        yield ast.Pass()


def _without(nodes: list[Any], number: int) -> list[Any]:
    return nodes[:number] + nodes[number + 1 :]


_WRONG: Mapping[type | Any, Callable[[Site], Iterator[ast.AST]]] = MappingProxyType(
    {
        ast.Compare: _comparison,
        ast.BoolOp: _both_or_one,
        ast.UnaryOp: _negation,
        ast.BinOp: _sum,
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Call: _call,
        ast.Slice: _slice,
        ast.Set | ast.List | ast.Tuple: _row,
        ast.Dict: _table,
        ast.Return: _answer,
        ast.Expr: _step,
        ast.Assign: _setting,
        ast.AugAssign | ast.Raise | ast.Delete: _nothing,
    }
)
