"""Asks npm's registry about npm packages, by `npm audit`.

Whoever has a mirror names it as npm wants it, e.g. in npm_config_registry.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.advisories.answers import PATIENCE, Answer, Ecosystem, Finding, Package, Said, said_by
from tests.locks import npm_packages, shown

_OPTIONS: Final = (
    *("--json", "--package-lock-only"),
    # Offline it would say that all is well; omitted packages, too.
    *("--no-offline", "--include=dev", "--include=optional", "--include=peer"),
    *("--fetch-retries=0", "--no-update-notifier"),
)
_FOLDER: Final = "node_modules/"
_NEEDS: Final = ("dependencies", "optionalDependencies", "peerDependencies")


def ask(lock: Path) -> Answer:
    """Ask about every package of a lock, also about those that are for other platforms."""
    packages = {folder: _package(folder, entry) for folder, entry in npm_packages(lock).items()}
    said = Said("", "npm is absent")
    if npm := shutil.which("npm"):
        command = [npm, "audit", f"--fetch-timeout={PATIENCE * 1000}", *_OPTIONS]
        said = said_by(command, lock.parent)
    return Answer(
        "npm",
        shown(lock),
        frozenset(packages.values()),
        tuple(_findings(said, packages)),
        _silence(said, len(packages)),
    )


def brought_by(package: Package, lock: Path) -> frozenset[str]:
    """The folders that are there for a package alone: its own, and those of what only it needs."""
    packages: dict[str, Any] = json.loads(lock.read_text())["packages"]
    home = _FOLDER + package.name
    if packages.get(home, {}).get("version") != package.version:
        return frozenset()
    inside = {folder for folder in packages if folder == home or folder.startswith(f"{home}/")}
    without = {folder: entry for folder, entry in packages.items() if folder not in inside}
    return frozenset(inside | (_reached(home, packages) - _reached("", without)))


def _reached(start: str, packages: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        folder = left.pop()
        if folder not in found:
            found.add(folder)
            left += _needed(folder, packages)
    return found


def _needed(folder: str, packages: Mapping[str, Any]) -> Iterator[str]:
    """Where Node.js finds what a package asks for: in its own folder, or in one above."""
    for name in (name for kind in _NEEDS for name in packages[folder].get(kind, ())):
        home = folder
        while home and f"{home}/{_FOLDER}{name}" not in packages:
            home = home.rpartition(_FOLDER)[0].removesuffix("/")
        found = f"{home}/{_FOLDER}{name}".removeprefix("/")
        if found in packages:
            yield found


def _package(folder: str, entry: Mapping[str, Any]) -> Package:
    return Package(Ecosystem.NPM, folder.rpartition(_FOLDER)[2], entry["version"])


def _findings(said: Said, packages: Mapping[str, Package]) -> Iterator[Finding]:
    """Which of several versions of a package an advisory means is not told: all, then."""
    for entry in said.json.get("vulnerabilities", {}).values():
        # What is no advisory is the name of a package below that has one.
        for advisory in filter(lambda via: isinstance(via, dict), entry["via"]):
            names = (advisory.get("url", "").rpartition("/")[2], str(advisory["source"]))
            ids = tuple(name for name in names if name)
            for folder in entry["nodes"]:
                yield Finding(ids, packages[folder], folder, f"not {advisory['range']}")


def _silence(said: Said, packages: int) -> str:
    report = said.json
    if "vulnerabilities" not in report:
        error = report.get("error", {})
        return str(report.get("message") or error.get("summary") or said.last_words)
    asked = report["metadata"]["dependencies"]["total"]
    return "" if asked == packages else f"npm asked about {asked} of {packages} packages"
