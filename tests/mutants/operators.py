"""Small mistakes in a contract, one at a time: what mutation testing tries out.

Mistakes are made in the source, at the places that the compiler's own parser names.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from vyper import ast
from vyper.ast import parse_to_ast

# A comparison becomes the one that differs from it in a single case, and the opposite one.
_COMPARISONS: Final = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "in": ("not in",),
    "not in": ("in",),
}
_TYPED: Final = (ast.VariableDecl, ast.AnnAssign, ast.arg)
_TYPES: Final = (ast.StructDef, ast.EventDef, ast.InterfaceDef)


@dataclass(frozen=True, order=True)
class Mutant:
    """What stands from `begin` to `end` in a file under contracts/ is `new` instead of `old`."""

    file: str
    line: int
    begin: int
    end: int
    kind: str
    old: str
    new: str

    def applied(self, source: str) -> str:
        """The file with the mistake."""
        assert source[self.begin : self.end] == self.old, "this is another file"
        return source[: self.begin] + self.new + source[self.end :]

    def __str__(self) -> str:
        def shown(code: str) -> str:
            return " ".join(code.split())

        return f"{self.file}:{self.line}: {self.kind}: {shown(self.old)} -> {shown(self.new)}"


def mutants_of(file: str, source: str) -> list[Mutant]:
    """All mistakes in one file, from its top to its end."""
    tree = parse_to_ast(source)
    typed = _offsets_of_types(tree)
    found = set()
    for operator in _OPERATORS:
        for node in tree.get_descendants(operator.nodes):
            begin, _ = _span(node)
            if any(first <= begin < last for first, last in typed):
                continue
            for start, end, new in operator.mistakes(node, source):
                old = source[start:end]
                line = source.count("\n", 0, start) + 1
                found.add(Mutant(file, line, start, end, operator.kind, old, new))
    return sorted(found, key=lambda mutant: (mutant.begin, mutant.end, mutant.new))


Change = tuple[int, int, str]


@dataclass(frozen=True)
class Operator:
    """One kind of mistake; `mistakes` yields the places and what stands there instead."""

    kind: str
    nodes: tuple[type[Any], ...]
    mistakes: Callable[[Any, str], Iterator[Change]]


def _dropped(node: Any, source: str) -> Iterator[Change]:
    begin, end = _span(node)
    if "__init__" not in source[begin:end]:  # a module must be initialized, or nothing compiles
        yield begin, end, "pass"


def _compared_otherwise(node: Any, source: str) -> Iterator[Change]:
    begin, end, sign = _between(node.left, node.right, source, r"[<>=!]=|[<>]|\bnot in\b|\bin\b")
    for other in _COMPARISONS[sign]:
        yield begin, end, other


def _one_more(node: Any, source: str) -> Iterator[Change]:
    yield *_span(node), str(node.value + 1)


def _one_less(node: Any, source: str) -> Iterator[Change]:
    """Of named constants only: of those a bound is made."""
    if isinstance(node.value, ast.Int) and node.value.value > 0:
        yield *_span(node.value), str(node.value.value - 1)


def _another_digit(node: Any, source: str) -> Iterator[Change]:
    _, end = _span(node)
    yield end - 1, end, format(int(source[end - 1], 16) ^ 1, "x")


def _the_opposite(node: Any, source: str) -> Iterator[Change]:
    if node.value in (True, False):
        yield *_span(node), str(not node.value)


def _and_or(node: Any, source: str) -> Iterator[Change]:
    for left, right in zip(node.values, node.values[1:], strict=False):
        begin, end, word = _between(left, right, source, r"\b(and|or)\b")
        yield begin, end, "or" if word == "and" else "and"


def _without_not(node: Any, source: str) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        yield *_span(node), source[slice(*_span(node.operand))]


def _negated(node: Any, source: str) -> Iterator[Change]:
    if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield *_span(node.test), f"not {source[slice(*_span(node.test))]}"


def _unlocked(node: Any, source: str) -> Iterator[Change]:
    for decorator in node.decorator_list:
        begin, end = _span(decorator)
        if source[begin:end] == "nonreentrant":
            yield begin - 1, end, ""


_OPERATORS: Final = (
    Operator("assert dropped", (ast.Assert,), _dropped),
    Operator("write dropped", (ast.Assign, ast.AugAssign), _dropped),
    Operator("call dropped", (ast.Expr,), _dropped),
    Operator("event dropped", (ast.Log,), _dropped),
    Operator("jump dropped", (ast.Break, ast.Continue), _dropped),
    Operator("lock dropped", (ast.FunctionDef,), _unlocked),
    Operator("comparison", (ast.Compare,), _compared_otherwise),
    Operator("constant + 1", (ast.Int,), _one_more),
    Operator("constant - 1", (ast.VariableDecl,), _one_less),
    Operator("constant", (ast.Hex,), _another_digit),
    Operator("constant", (ast.NameConstant,), _the_opposite),
    Operator("logic", (ast.BoolOp,), _and_or),
    Operator("logic", (ast.UnaryOp,), _without_not),
    Operator("logic", (ast.If,), _negated),
)


def _span(node: Any) -> tuple[int, int]:
    begin, length, _ = map(int, node.src.split(":"))
    return begin, begin + length


def _between(left: Any, right: Any, source: str, pattern: str) -> tuple[int, int, str]:
    """The sign between two operands, and where it stands."""
    begin = _span(left)[1]
    found = re.search(pattern, source[begin : _span(right)[0]])
    assert found, f"no sign after {source[slice(*_span(left))]!r}"
    return begin + found.start(), begin + found.end(), found[0]


def _offsets_of_types(tree: Any) -> list[tuple[int, int]]:
    """Where types stand: their sizes are no values."""
    types = [node.annotation for node in tree.get_descendants(_TYPED)]
    types += [node.returns for node in tree.get_descendants(ast.FunctionDef) if node.returns]
    return [_span(node) for node in [*types, *tree.get_descendants(_TYPES)]]
