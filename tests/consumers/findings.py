"""What a run of a program showed."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a finding is about."""

    AGREES = "agrees"
    """What must hold."""
    DIFFERS = "differs"
    """Figures that differ for the reason that is said."""
    SILENT = "in silence"
    """What a program does without a word, that a user should know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, whether the run bears it out, what was seen, and on which table or file."""

    says: str
    holds: bool
    seen: str = ""
    on: str = ""
    kind: Kind = Kind.AGREES


def differs(says: str, seen: str, on: str = "") -> Finding:
    """Figures that differ, and why."""
    return Finding(says, True, seen, on, Kind.DIFFERS)


def silent(says: str, holds: bool, seen: str = "") -> Finding:
    """What a program does without a word."""
    return Finding(says, holds, seen, kind=Kind.SILENT)
