"""What is installed: the packages that the lock files pin."""

import json
import re
from pathlib import Path
from typing import Any, Final

from tests.build import ROOT

PYTHON_LOCKS: Final = (ROOT / "requirements.lock", ROOT / "tests/proofs/requirements.lock")
NPM_LOCK: Final = ROOT / "package-lock.json"
PIN: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==(?P<version>[A-Za-z0-9.!+]+)(?: ; .+)?$"
)


def shown(lock: Path) -> str:
    """Its path, from here if it is in this folder."""
    return str(lock.relative_to(ROOT) if lock.is_relative_to(ROOT) else lock)


def asked_for(text: str) -> list[str]:
    """The lines of a file of requirements that ask for something."""
    return [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]


def canonical(name: str) -> str:
    """The one way to write the name of a Python package."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_packages(lock: Path) -> list[tuple[str, str]]:
    """Names and versions, whatever platform a package is for."""
    found = [PIN.match(line) for line in asked_for(lock.read_text())]
    return [(canonical(pin["name"]), pin["version"]) for pin in found if pin]


def npm_packages(lock: Path) -> dict[str, dict[str, Any]]:
    """What the lock says of each package, by the folder that it is installed in."""
    packages: dict[str, dict[str, Any]] = json.loads(lock.read_text())["packages"]
    return {folder: package for folder, package in packages.items() if folder}
