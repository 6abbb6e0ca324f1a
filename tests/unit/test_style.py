"""The contracts are written in one manner, and nothing in them is left over.

No formatter of Vyper keeps this manner: see docs/compiler.md, "Layout".
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import vyper.ast as vy_ast
from vyper.ast import nodes

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
TEXTS = {path.name: path.read_text() for path in sorted(CONTRACTS.rglob("*.vy*"))}

WIDTH = 100
# What stands in a file, from top to bottom. Types and constants may be mixed.
SECTIONS: Mapping[type[Any], int] = {
    nodes.Import: 0,
    nodes.ImportFrom: 0,
    nodes.ImplementsDecl: 1,
    nodes.InitializesDecl: 1,
    nodes.UsesDecl: 1,
    nodes.ExportsDecl: 1,
    nodes.EventDef: 2,
    nodes.StructDef: 2,
    nodes.FlagDef: 2,
    nodes.InterfaceDef: 2,
}
CONSTANT, IMMUTABLE, STORAGE, CONSTRUCTOR, EXTERNAL, INTERNAL = 2, 3, 4, 5, 6, 7

NAMED = re.compile(
    r"(?m)^(?:event|struct|flag|interface) (\w+)|^(\w+): (?:public\()?(?:constant|immutable)\("
)
FUNCTION = re.compile(r"(?m)^def (_[a-z]\w*)\(")
IMPORT = re.compile(r"(?m)^(?:from \S+ )?import (?:\w+ as )?(\w+)$")


def check_lines(text: str) -> list[str]:
    """A string that fills a line cannot be broken."""
    long = [
        line
        for line in text.split("\n")
        if len(line) > WIDTH and not re.fullmatch(r'\s*"[^"]*"', line)
    ]
    return long + [f"{line}$" for line in text.split("\n") if line != line.rstrip()]


def check_end(text: str) -> list[str]:
    return [] if re.search(r"[^\n]\n\Z", text) else ["the end"]


def check_sections(text: str) -> list[str]:
    """As in snekmate: what is used, what there is, who may call what, and how it is done."""
    found, last = [], 0
    for node in vy_ast.parse_to_ast(text).body:
        section = _section(node)
        if section < last:
            found.append(f"line {node.lineno}")
        last = section
    return found


def _section(node: Any) -> int:
    if isinstance(node, nodes.VariableDecl):
        return CONSTANT if node.is_constant else IMMUTABLE if node.is_immutable else STORAGE
    if isinstance(node, nodes.FunctionDef):
        marks = _decorators(node)
        return CONSTRUCTOR if "deploy" in marks else EXTERNAL if "external" in marks else INTERNAL
    return SECTIONS[type(node)]


def _decorators(function: Any) -> set[str]:
    return {decorator.id for decorator in function.decorator_list}


def check_underscores(text: str) -> list[str]:
    """Exactly what is internal begins with one."""
    return [
        function.name
        for function in vy_ast.parse_to_ast(text).get_children(nodes.FunctionDef)
        if function.name.startswith("_") != (not _decorators(function) & {"external"})
    ]


def check_docs(text: str) -> list[str]:
    """Each file says what it is, each function what it does and what it is given."""
    tree = vy_ast.parse_to_ast(text)
    head = _doc(tree)
    found = [tag for tag in ("@title", "@license", "@notice") if tag not in head]
    for function in tree.get_children(nodes.FunctionDef):
        doc = _doc(function)
        is_open = "external" in _decorators(function)
        missing = [a.arg for a in function.args.args if not re.search(rf"@param {a.arg}\b", doc)]
        if "deploy" not in _decorators(function) and "@notice" not in doc:
            found.append(function.name)
        # what implements an interface, or belongs to one, is described there
        elif is_open and missing and not re.search(r"see\s+\{", doc):
            found.append(f"{function.name}: {missing}")
    return found


def _doc(node: Any) -> str:
    doc = getattr(node, "doc_string", None)
    return str(doc.value) if doc else ""


CHECKS: Mapping[str, Callable[[str], list[str]]] = {
    "lines": check_lines,
    "end": check_end,
    "sections": check_sections,
    "underscores": check_underscores,
    "docs": check_docs,
}


def unused(texts: Mapping[str, str]) -> set[tuple[str, str]]:
    """What is defined and never named again, by the file it stands in."""
    found = set()
    for name, text in texts.items():
        code = _without_prose(text)
        others = "\n".join(_without_prose(other) for key, other in texts.items() if key != name)
        defined = [a or b for a, b in NAMED.findall(code)] + FUNCTION.findall(code)
        for item in defined:
            here = len(re.findall(rf"\b{item}\b", code))
            elsewhere = re.search(rf"\.{item}\b", others)
            if here < 2 and not elsewhere:
                found.add((name, item))
        found |= {(name, i) for i in IMPORT.findall(code) if len(re.findall(rf"\b{i}\b", code)) < 2}
    return found


def _without_prose(text: str) -> str:
    return re.sub(r'(?s)""".*?"""|#[^\n]*', "", text)


@pytest.mark.parametrize("check", CHECKS)
def test_every_source_keeps_the_manner(check: str) -> None:
    found = {name: CHECKS[check](text) for name, text in TEXTS.items()}
    assert not {name: findings for name, findings in found.items() if findings}


def test_nothing_is_defined_or_imported_in_vain() -> None:
    assert not unused(TEXTS)


# ---------------------------------------------------------------- the checks do find


HEAD = '"""\n@title A\n@license MIT\n@notice B\n"""\n'

BAD = {
    "lines": ["a" * 101, "a \n", f'a = "{"b" * 100}"'],
    "end": ["a", "a\n\n", ""],
    "sections": [
        "a: uint256\nB: constant(uint256) = 1",
        "B: immutable(uint256)\nstruct A:\n    b: uint256",
        "@internal\ndef _f():\n    pass\n@external\ndef g():\n    pass",
        "A: constant(uint256) = 1\nfrom . import planes",
    ],
    "underscores": ["@internal\ndef f():\n    pass", "@external\ndef _f():\n    pass"],
    "docs": [
        '"""\n@title A\n@notice B\n"""',
        f"{HEAD}@internal\ndef _f():\n    pass",
        f'{HEAD}@external\ndef f(a: uint256):\n    """\n    @notice C\n    """',
    ],
}

GOOD = {
    "lines": ["a" * 100, f'    "{"a" * 100}"'],
    "end": ["a\n"],
    "sections": [
        "from . import planes\nA: constant(uint256) = 1\nstruct B:\n    c: uint256\na: uint256\n"
        "@external\ndef g():\n    pass\n@internal\ndef _f():\n    pass"
    ],
    "underscores": ["@deploy\ndef __init__():\n    pass", "@external\ndef f():\n    pass"],
    "docs": [
        f'{HEAD}@external\ndef f(a: uint256):\n    """\n    @notice C\n    @param a D\n    """',
        f'{HEAD}@internal\ndef _f(a: uint256):\n    """\n    @notice C\n    """',
    ],
}

LEFT_OVER = {
    "A: constant(uint256) = 1  # A",
    "event A:\n    b: uint256",
    "struct A:\n    b: uint256",
    "def _f():\n    pass",
    "from . import planes",
    "from .modules import gold as planes",
}


def _cases(cases: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    return [(check, text) for check, texts in cases.items() for text in texts]


@pytest.mark.parametrize(("check", "text"), _cases(BAD))
def test_a_slip_is_found(check: str, text: str) -> None:
    assert CHECKS[check](text)


@pytest.mark.parametrize(("check", "text"), _cases(GOOD))
def test_what_is_well_written_is_not_found_fault_with(check: str, text: str) -> None:
    assert not CHECKS[check](text)


@pytest.mark.parametrize("text", sorted(LEFT_OVER))
def test_what_is_left_over_is_found(text: str) -> None:
    assert len(unused({"here.vy": text, "there.vy": "a = other._g()"})) == 1


def test_what_another_module_uses_is_not_left_over() -> None:
    assert not unused({"here.vy": "A: constant(uint256) = 1", "there.vy": "a = here.A"})
