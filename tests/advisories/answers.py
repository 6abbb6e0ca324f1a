"""What a service said about the packages of a lock."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from tests.build import ROOT

PATIENCE: Final = 5  # seconds for a service to say something
_ENOUGH: Final = 120  # seconds for all that is asked of one


class Ecosystem(StrEnum):
    """Where packages come from, by the name that OSV has for it."""

    PYTHON = "PyPI"
    NPM = "npm"


@dataclass(frozen=True)
class Package:
    """A version that is pinned."""

    ecosystem: Ecosystem
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class Finding:
    """A known vulnerability of a package that is pinned.

    ids     every name that it has; the first is shown
    place   the lock, or the folder of node_modules
    mended  in which versions it is not, as far as the service says
    """

    ids: tuple[str, ...]
    package: Package
    place: str
    mended: str


@dataclass(frozen=True)
class Answer:
    """What is known about the packages of one lock.

    `silence` says why that is not all, or nothing: then nobody has answered.
    """

    service: str
    lock: str
    packages: frozenset[Package]
    findings: tuple[Finding, ...] = ()
    silence: str = ""


@dataclass(frozen=True)
class Said:
    """What a command wrote."""

    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Stdout; empty if it is something else."""
        try:
            parsed = json.loads(self.out)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @property
    def last_words(self) -> str:
        """What went wrong, as far as a last line tells."""
        return (self.err.strip().splitlines() or ["it said nothing"])[-1]


def said_by(command: Sequence[str], folder: Path = ROOT) -> Said:
    """Run a command that asks a service. Its exit code does not tell what was found from what
    went wrong, so nobody asks for it.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ENOUGH,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Said("", f"no answer in {_ENOUGH} seconds")
    except OSError as error:
        return Said("", str(error))
    return Said(done.stdout, done.stderr)
