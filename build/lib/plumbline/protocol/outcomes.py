"""What became of one labeler, as the contract writes it: one word each.

    band 8 | kappa 24 | pay 88 | slash 88                     (bits, from the low end)

See contracts/modules/outcomes.vy.
"""

from dataclasses import dataclass
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.settlement import Band, LabelerOutcome

_KAPPA: Final = 8
_PAY: Final = 32
_SLASH: Final = 120
_END: Final = 208
_AMOUNT: Final = (1 << 88) - 1


class OutcomeError(PlumblineError, ValueError):
    """A word that no outcome is written as."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Band, `kappa` in ppm, `pay` and `slash` in wei."""

    labeler: str
    band: Band
    kappa: int
    pay: int
    slash: int

    @classmethod
    def of(cls, labeler: str, found: LabelerOutcome) -> "Outcome":
        """What the twin found, with whose it is."""
        return cls(labeler, found.band, found.kappa_ppm, found.pay, found.slash)


def to_word(outcome: Outcome) -> int:
    """The outcome in one word, without whose it is."""
    return outcome.band | outcome.kappa << _KAPPA | outcome.pay << _PAY | outcome.slash << _SLASH


def from_word(labeler: str, word: int) -> Outcome:
    """The outcome of a labeler. Raises OutcomeError for a band that there is not."""
    band = word & 0xFF
    if word >> _END or band not in tuple(Band):
        raise OutcomeError(f"no outcome: {word:#x}")
    return Outcome(
        labeler=labeler,
        band=Band(band),
        kappa=word >> _KAPPA & 0xFFFFFF,
        pay=word >> _PAY & _AMOUNT,
        slash=word >> _SLASH,
    )
