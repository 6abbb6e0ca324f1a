"""Mutants that no test kills, each with the reason why that is right."""

from dataclasses import dataclass
from typing import Final

from tests.build import CONTRACTS
from tests.mutants.operators import Mutant


@dataclass(frozen=True)
class Survivor:
    """The mutants of a file whose line has `code` in it, and that `old` becomes `new` in."""

    file: str
    code: str
    old: str
    new: str
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        lines = (CONTRACTS / self.file).read_text().splitlines()
        return (
            (mutant.file, mutant.old, mutant.new) == (self.file, self.old, self.new)
            and self.code in lines[mutant.line - 1]
        )  # fmt: skip


SURVIVORS: Final[tuple[Survivor, ...]] = ()


def reason_for(mutant: Mutant) -> str:
    """Why a mutant may survive; empty if there is no reason."""
    return next((known.reason for known in SURVIVORS if known.is_of(mutant)), "")
