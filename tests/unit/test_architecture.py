"""What makes the house one that one finds one's way in: names, imports and who may speak."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.build import ROOT

PACKAGE = ROOT / "plumbline"
SOURCES = sorted(PACKAGE.rglob("*.py"))
PACKAGES = sorted(path.parent for path in SOURCES if path.name == "__init__.py")

# Ape is there only where somebody asked for it; progress bars only where work takes long.
LATE_IMPORTS = {
    ("cli/networks.py", "plumbline.cli"),
    ("cli/accounts.py", "plumbline.cli"),
    ("cli/output.py", "rich.progress"),
}


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_class_name_stands_for_one_thing() -> None:
    names = Counter(
        node.name
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_imports_stand_at_the_top() -> None:
    late = set()
    for path in SOURCES:
        for function in ast.walk(tree(path)):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom):
                    late.add((place(path), node.module))
                elif isinstance(node, ast.Import):
                    late.add((place(path), node.names[0].name))
    assert late == LATE_IMPORTS


@pytest.mark.parametrize("package", PACKAGES, ids=place)
def test_a_package_says_what_is_in_it(package: Path) -> None:
    assert ast.get_docstring(tree(package / "__init__.py"))


def test_only_commands_print_and_ask() -> None:
    speaking = [
        f"{place(path)}:{node.lineno}"
        for path in SOURCES
        if not place(path).startswith("cli/")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("print", "input")
    ]
    assert speaking == []
