"""A round added up: what one label takes over its whole life.

Opening, relayed commitments, reveals and close, the batches in the middle as large as were
measured; or the opening, the commitments and the one transaction that concludes. Deposits are
not in it: one serves any number of rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plumbline.errors import PlumblineError
from plumbline.lab.gas.cases import Case, Course
from plumbline.lab.gas.fees import Chain, Fees
from plumbline.lab.gas.steps import CLOSE, CONCLUDE, OPEN, RELAYED, REVEAL, Measured


class LifeError(PlumblineError):
    """A round of which not all steps were measured."""


@dataclass(frozen=True, slots=True)
class Life:
    """The steps of a round that every label goes through."""

    case: Case
    steps: tuple[Measured, ...]

    def gas(self) -> Fraction:
        """Gas per label."""
        return sum((self._share(step, step.gas) for step in self.steps), Fraction())

    def floor(self) -> Fraction:
        """Least gas per label, see `floor`."""
        return sum((self._share(step, step.floor) for step in self.steps), Fraction())

    def gas_of(self, *names: str) -> Fraction:
        """Gas per label of some steps."""
        kept = (step for step in self.steps if step.step in names)
        return sum((self._share(step, step.gas) for step in kept), Fraction())

    def raw(self) -> Fraction:
        """Bytes per label that are posted."""
        return sum((self._share(step, step.posted.raw) for step in self.steps), Fraction())

    def fastlz(self) -> Fraction:
        """Bytes per label after FastLZ."""
        return sum((self._share(step, step.posted.fastlz) for step in self.steps), Fraction())

    def brotli(self) -> Fraction:
        """Bytes per label after brotli."""
        return sum((self._share(step, step.posted.brotli) for step in self.steps), Fraction())

    def wei(self, chain: Chain, fees: Fees) -> Fraction:
        """What a label costs, wei."""
        costs = ((step, chain.wei(step.gas, step.posted, fees)) for step in self.steps)
        return sum((self._share(step, wei) for step, wei in costs), Fraction())

    def data_wei(self, chain: Chain, fees: Fees) -> Fraction:
        """What of that is for bytes that are posted, wei."""
        costs = ((step, chain.data(step.posted, fees)) for step in self.steps)
        return sum((self._share(step, wei) for step, wei in costs), Fraction())

    def _share(self, step: Measured, amount: int) -> Fraction:
        return Fraction(amount, step.labelers * self.case.tasks)


def life_of(case: Case, measured: Sequence[Measured]) -> Life:
    """The life of a label in a round that was played. Raises LifeError if a step is missing."""
    ends = (CONCLUDE,) if case.course is Course.CONCLUDED else (REVEAL, CLOSE)
    steps = []
    for name in (OPEN, RELAYED, *ends):
        found = [item for item in measured if item.case == case and item.step == name]
        if not found:
            raise LifeError(f"{case.name}: {name} was not measured")
        steps.append(max(found, key=lambda item: item.labelers))
    return Life(case, tuple(steps))
