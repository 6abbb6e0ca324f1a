"""The steps of a round, and what was measured of one."""

from dataclasses import dataclass
from typing import Final

from plumbline.lab.gas.cases import Case
from plumbline.lab.gas.posted import Posted

DEPOSIT: Final = "deposit"
WITHDRAW: Final = "withdraw"
OPEN: Final = "open"
COMMIT: Final = "commit"
RELAYED: Final = "relayed"
SEALED: Final = "relayed, sealed"
LEAK: Final = "report_leak"
REVEAL: Final = "reveal"
CLOSE: Final = "close"
CONCLUDE: Final = "conclude"
FORFEIT: Final = "forfeit"
EXPIRE: Final = "expire"

_OF_ACCOUNTS: Final = (DEPOSIT, WITHDRAW)
_VARIES: Final = (RELAYED, SEALED, REVEAL, FORFEIT)


@dataclass(frozen=True, slots=True)
class Measured:
    """One transaction of a round, by its hash.

    `labelers` share it; `gas` is what it used, `floor` what it must, `least` what its calldata
    alone would cost (EIP-7623) and `draft_least` would by the draft EIP-7976.
    """

    case: Case
    step: str
    transaction: str
    labelers: int
    gas: int
    floor: int
    least: int
    draft_least: int
    posted: Posted

    @property
    def name(self) -> str:
        """The step, and how many labelers share the transaction where that varies."""
        return f"{self.step}, {self.labelers} at a time" if self.step in _VARIES else self.step

    @property
    def where(self) -> str:
        """The round by its name, or empty for a step that belongs to none."""
        return "" if self.step in _OF_ACCOUNTS else self.case.name
