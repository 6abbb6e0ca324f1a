"""Asks OSV about Python packages, by pip-audit.

Its default is another service, an index of packages: one that has no page for a single version is
taken for one that knows of no vulnerability. Whoever has a mirror of OSV names it in
PIP_AUDIT_OSV_URL.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.advisories.answers import PATIENCE, Answer, Ecosystem, Finding, Package, Said, said_by
from tests.locks import python_packages, shown

_OPTIONS: Final = (
    *("--no-deps", "--disable-pip"),  # the lock is all there is, and nothing is to be resolved
    *("--vulnerability-service", "osv"),
    *("--format", "json", "--aliases", "on", "--desc", "off"),
    *("--output", "stdout", "--progress-spinner", "off"),
)
# What it cannot read it leaves out, with a warning.
_LEFT_OUT: Final = "WARNING:pip_audit._service"


def ask(lock: Path) -> Answer:
    """Ask about every package of a lock, also about those that are for other platforms."""
    packages = [Package(Ecosystem.PYTHON, *pin) for pin in python_packages(lock)]
    with TemporaryDirectory() as temporary:
        listed = Path(temporary) / "requirements.txt"
        listed.write_text("".join(f"{each.name}=={each.version}\n" for each in packages))
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(listed)]
        command += ["--cache-dir", temporary, "--timeout", str(PATIENCE)]
        said = said_by([*command, *_OPTIONS])
    known = list(_known(said))
    return Answer(
        "OSV",
        shown(lock),
        frozenset(packages),
        tuple(
            _finding(package, shown(lock), vulnerability)
            for package, vulnerability in known
            if vulnerability
        ),
        _silence(said, frozenset(packages) - {package for package, _ in known}),
    )


def _known(said: Said) -> Iterator[tuple[Package, dict[str, Any]]]:
    """Each package with each vulnerability, and once with none, to say that it was asked about."""
    for dependency in said.json.get("dependencies", ()):
        if "vulns" in dependency:
            package = Package(Ecosystem.PYTHON, dependency["name"], dependency["version"])
            yield from ((package, vulnerability) for vulnerability in ({}, *dependency["vulns"]))


def _finding(package: Package, place: str, vulnerability: dict[str, Any]) -> Finding:
    mended = ", ".join(vulnerability["fix_versions"]) or "none"
    return Finding((vulnerability["id"], *sorted(vulnerability["aliases"])), package, place, mended)


def _silence(said: Said, missing: frozenset[Package]) -> str:
    if "dependencies" not in said.json:
        # In a chain of exceptions the last need not say anything.
        reasons = re.findall(r"(?m)^[\w.]+: .*", said.err)
        return reasons[-1] if reasons else said.last_words
    if missing:
        return f"nothing was said about {', '.join(sorted(map(str, missing)))}"
    left_out = [line for line in said.err.splitlines() if line.startswith(_LEFT_OUT)]
    return left_out[0] if left_out else ""
