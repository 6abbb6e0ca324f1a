"""Whatever is installed is pinned, so that two days' builds are the same."""

import ast
import re
import sys
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.build import ROOT
from tests.locks import NPM_LOCK, PIN, PYTHON_LOCKS, asked_for, canonical, npm_packages

OURS = {"plumbline", "scripts", "tests"}
NAME = re.compile(r"^([A-Za-z0-9._-]+)")
CONSUMERS = ROOT / "tests" / "consumers"
CONSUMER_LOCKS = sorted(CONSUMERS.glob("*/*.lock"))
HASHED = re.compile(r"\S+==[^\s;]+(?: ; [^\\]+?)?(?:\s+--hash=sha256:[0-9a-f]{64})+")
PROGRAMS = sorted(CONSUMERS.glob("*/program.py"))
PACKAGES = {"crowdkit": "crowd-kit", "sklearn": "scikit-learn"}
"""Those that are imported by another name than they are installed by."""


def loose(text: str) -> list[str]:
    return [line for line in asked_for(text) if not PIN.match(line)]


def names(text: str) -> set[str]:
    found = [NAME.match(line) for line in asked_for(text)]
    return {canonical(name[1]) for name in found if name}


def unsound(packages: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Packages of npm without an exact version or a hash."""
    return {
        name
        for name, package in packages.items()
        if not re.match(r"\d+\.\d+\.\d+", package.get("version", ""))
        or (not package.get("integrity", "").startswith("sha512-") and not package.get("inBundle"))
    }


def imported(source: str) -> set[str]:
    """The top names of what a source imports, but for Python's own and its neighbours."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name.split(".")[0] for name in found} - set(sys.stdlib_module_names)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.parent.name)
def test_every_python_package_is_pinned(lock: Path) -> None:
    assert asked_for(lock.read_text())
    assert not loose(lock.read_text())


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.parent.name)
def test_what_is_asked_for_is_locked(lock: Path) -> None:
    wanted = names(lock.with_suffix(".in").read_text())
    assert wanted and not wanted - names(lock.read_text())


def test_what_is_imported_is_asked_for() -> None:
    """A package that only comes along with another one goes when that one stops needing it."""
    wanted = names((ROOT / "requirements.in").read_text())
    packages = packages_distributions()
    sources = {path for folder in OURS for path in (ROOT / folder).rglob("*.py")} - set(PROGRAMS)
    used = {name for path in sources for name in imported(path.read_text(encoding="utf-8"))}
    assert {"ape", "numpy"} < used
    for module in used - OURS:
        assert {canonical(owner) for owner in packages[module]} & wanted, module


@pytest.mark.parametrize("lock", CONSUMER_LOCKS, ids=lambda path: path.parent.name)
def test_every_package_of_a_consumer_is_pinned_with_a_hash(lock: Path) -> None:
    lines = asked_for(lock.read_text().replace("\\\n", " "))
    assert lines
    assert [line for line in lines if not HASHED.fullmatch(line)] == []


@pytest.mark.parametrize("line", ["a==1", "a --hash=sha256:" + "0" * 64, "a==1 --hash=md5:00"])
def test_a_package_without_version_or_hash_is_found(line: str) -> None:
    assert not HASHED.fullmatch(line)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.parent.name)
def test_what_a_consumer_imports_is_asked_for_in_its_environment(program: Path) -> None:
    used = imported(program.read_text(encoding="utf-8"))
    wanted = names(program.with_name("requirements.in").read_text())
    assert used and {canonical(PACKAGES.get(name, name)) for name in used} <= wanted


@pytest.mark.parametrize("line", ["import a.b", "from a import c", "if x:\n    from a.b import c"])
def test_an_import_is_found(line: str) -> None:
    assert imported(f"import sys\nfrom . import d\n{line}\n") == {"a"}


def test_every_npm_package_is_pinned_with_a_hash() -> None:
    packages = npm_packages(NPM_LOCK)
    assert packages
    assert not unsound(packages)


@pytest.mark.parametrize("line", ["a", "a>=1", "a<2", "a==1.*", "a @ https://b", "-e .", "a~=1.0"])
def test_a_loose_requirement_is_found(line: str) -> None:
    assert loose(f"# x\nb==1\n{line}\n") == [line]


@pytest.mark.parametrize("package", [{"version": "1.0.0"}, {"integrity": "sha512-x"}])
def test_an_npm_package_without_hash_or_version_is_found(package: dict[str, str]) -> None:
    assert unsound({"node_modules/a": package}) == {"node_modules/a"}
