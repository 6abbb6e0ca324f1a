"""The outcome of a round for one labeler, as the contract writes it: one word each.

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
    """A word that does not encode an outcome."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Band, `kappa` in ppm, `pay` and `slash` in wei."""

    labeler: str
    band: Band
    kappa: int
    pay: int
    slash: int

    @classmethod
    def of(cls, labeler: str, outcome: LabelerOutcome) -> "Outcome":
        """An outcome that the reference implementation computed, with its labeler."""
        return cls(labeler, outcome.band, outcome.kappa_ppm, outcome.pay, outcome.slash)


def to_word(outcome: Outcome) -> int:
    """The outcome in one word, without its labeler."""
    return outcome.band | outcome.kappa << _KAPPA | outcome.pay << _PAY | outcome.slash << _SLASH


def from_word(labeler: str, word: int) -> Outcome:
    """The outcome of a labeler. Raises OutcomeError for an unknown band."""
    band = word & 0xFF
    if word >> _END or band not in tuple(Band):
        raise OutcomeError(f"not an outcome: {word:#x}")
    return Outcome(
        labeler=labeler,
        band=Band(band),
        kappa=word >> _KAPPA & 0xFFFFFF,
        pay=word >> _PAY & _AMOUNT,
        slash=word >> _SLASH,
    )
