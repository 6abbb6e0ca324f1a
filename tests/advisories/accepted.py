"""Vulnerabilities that are known and live with us, each with the reason: accepted.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.advisories.answers import Ecosystem, Finding, Package
from tests.advisories.npm import brought_by
from tests.build import ROOT
from tests.locks import NPM_LOCK

ACCEPTED: Final = ROOT / "tests" / "advisories" / "accepted.toml"
_KEYS: Final = {"ecosystem", "package", "version", "ids", "brings", "reason"}


@dataclass(frozen=True)
class Accepted:
    """A vulnerability of a package by any of its `ids`; or all that there are in some `places`."""

    package: Package
    reason: str
    ids: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()

    def covers(self, finding: Finding) -> bool:
        if self.places:
            is_npm = finding.package.ecosystem is Ecosystem.NPM
            return is_npm and finding.place in self.places
        return finding.package == self.package and not self.ids.isdisjoint(finding.ids)

    def __str__(self) -> str:
        return f"{self.package}: {', '.join(sorted(self.ids)) or 'with what it brings along'}"


def read(path: Path = ACCEPTED, lock: Path = NPM_LOCK) -> tuple[Accepted, ...]:
    """All entries; ValueError says what is wrong with one."""
    given = tomllib.loads(path.read_text())
    if given.keys() - {"accepted"}:
        raise ValueError(f"{path.name}: only [[accepted]] has a meaning")
    return tuple(_entry(entry, lock) for entry in given.get("accepted", ()))


def _entry(entry: dict[str, Any], lock: Path) -> Accepted:
    if entry.keys() - _KEYS:
        raise ValueError(f"{entry}: only {', '.join(sorted(_KEYS))} have a meaning")
    if not {"ecosystem", "package", "version"} <= entry.keys():
        raise ValueError(f"{entry}: which version of which package?")
    package = Package(Ecosystem(entry["ecosystem"]), entry["package"], entry["version"])
    reason = " ".join(str(entry.get("reason", "")).split())
    if not reason:
        raise ValueError(f"{package}: why is it accepted?")
    if not entry.get("brings"):
        if not entry.get("ids"):
            raise ValueError(f"{package}: which ids are accepted?")
        return Accepted(package, reason, ids=frozenset(entry["ids"]))
    if package.ecosystem is not Ecosystem.NPM or entry.get("ids"):
        raise ValueError(f"{package}: only all that comes with a package of npm can be accepted")
    return Accepted(package, reason, places=brought_by(package, lock))
