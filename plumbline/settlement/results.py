"""What a settlement says: of the round, and of every labeler."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Mode(IntEnum):
    """What a round was judged by."""

    VOID = 0
    PEER = 1
    GOLD = 2

    @property
    def label(self) -> str:
        """The lower-case name, as written in files."""
        return self.name.lower()


class Band(IntEnum):
    """Where a labeler stands."""

    UNREVEALED = 0
    OUTLIER = 1
    FAR = 2
    NEAR = 3
    VOID = 4

    @property
    def label(self) -> str:
        """The lower-case name, as written in files."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class LabelerOutcome:
    """One labeler's result: `pay` and `slash` in wei, at most one of them above 0.

    `kappa_ppm` is 0 for the unrevealed, for the void, and where the score is not above 0.
    """

    band: Band
    pay: int
    slash: int
    kappa_ppm: int

    def to_vector(self) -> dict[str, int | str]:
        """The form used in files: amounts as decimal strings."""
        return {
            "band": self.band.label,
            "pay": str(self.pay),
            "slash": str(self.slash),
            "kappa_ppm": self.kappa_ppm,
        }


@dataclass(frozen=True, slots=True)
class Settlement:
    """The whole result of a round; every amount in wei.

    mode             what the round was judged by
    crowd_kappa_ppm  the crowd's kappa from the tasks that are no credible gold,
                     in every mode
    bar_ppm          the kappa that earns full pay for whoever is judged as the mode has it
    usable_gold      gold tasks, ascending, if they are credible; else none
    gold_withheld    whether gold answers were promised, and no credible ones were opened
    passed           one per row of answers: whether it passed credible gold answers
    consensus        T answers of those who count, gold tasks included; None where nobody voted
    contested        tasks, ascending, with votes but too close to count for everyone
    labelers         one outcome per row of answers, in the same order
    paid             sum of the pay
    refund           what goes back to the requester
    burned           what goes to the sink: every slash, and unspent pay that does not go back
    """

    mode: Mode
    crowd_kappa_ppm: int
    bar_ppm: int
    usable_gold: tuple[int, ...]
    gold_withheld: bool
    passed: tuple[bool, ...]
    consensus: tuple[int | None, ...]
    contested: tuple[int, ...]
    labelers: tuple[LabelerOutcome, ...]
    paid: int
    refund: int
    burned: int

    def to_vector(self) -> dict[str, Any]:
        """The form used in files: amounts as decimal strings, tuples as lists."""
        return {
            "mode": self.mode.label,
            "crowd_kappa_ppm": self.crowd_kappa_ppm,
            "bar_ppm": self.bar_ppm,
            "usable_gold": list(self.usable_gold),
            "gold_withheld": self.gold_withheld,
            "passed": list(self.passed),
            "consensus": list(self.consensus),
            "labelers": [outcome.to_vector() for outcome in self.labelers],
            "paid": str(self.paid),
            "refund": str(self.refund),
            "burned": str(self.burned),
        }
