"""A measurement, and all that follows from it per label."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from typing import Any

from plumbline.errors import PlumblineError
from plumbline.lab.gas.cases import JOB, JOB_LABELS, Case, Course, in_order
from plumbline.lab.gas.fees import FEE_MODELS, FeeLevels, FeeModel
from plumbline.lab.gas.measure import (
    CLOSE,
    CONCLUDE,
    DEPOSIT,
    OPEN,
    RELAYED,
    REVEAL,
    Measured,
    once,
)
from plumbline.lab.gas.snapshot import GasFigure
from plumbline.lab.gas.spent import Traced


class LifeError(PlumblineError):
    """A round of which not all steps were measured."""


@dataclass(frozen=True, slots=True)
class Life:
    """What every label of a round goes through: opening, commitment, reveal and close.

    Batches in the middle are as large as were measured. Deposits are not in it: one serves any
    number of rounds.
    """

    case: Case
    steps: tuple[Measured, ...]

    def per_label(self, figure: str | Callable[[Measured], int], *steps: str) -> Fraction:
        """A figure of `Measured`, such as "posted.raw", of all or of some steps."""
        value = attrgetter(figure) if isinstance(figure, str) else figure
        kept = (step for step in self.steps if not steps or step.step in steps)
        shares = (Fraction(value(step), step.labelers * self.case.tasks) for step in kept)
        return sum(shares, Fraction())

    def wei(self, model: FeeModel, fees: FeeLevels) -> Fraction:
        """What a label costs, wei."""
        return self.per_label(lambda step: model.wei(step.gas, step.posted, fees))

    def data_wei(self, model: FeeModel, fees: FeeLevels) -> Fraction:
        """What of that is for bytes that are posted, wei."""
        return self.per_label(lambda step: model.data(step.posted, fees))


def life_of(case: Case, measured: Iterable[Measured]) -> Life:
    """The life of a label in a round that was played. Raises LifeError if a step is missing."""
    ends = (CONCLUDE,) if case.course is Course.CONCLUDED else (REVEAL, CLOSE)
    own = [item for item in measured if item.case == case]
    steps = []
    for name in (OPEN, RELAYED, *ends):
        batches = [item for item in own if item.step == name]
        if not batches:
            raise LifeError(f"{case.name}: {name} was not measured")
        steps.append(max(batches, key=lambda item: item.labelers))
    return Life(case, tuple(steps))


@dataclass(frozen=True, slots=True)
class Bill:
    """What the million answers of `JOB` take, and a deposit for each labeler and the requester."""

    gas: int
    wei: tuple[int, ...]  # on each chain of `FEE_MODELS`


@dataclass(frozen=True)
class GasReport:
    """The rounds that were played, what was deployed, every transaction, and fees to price it.

    `traced` are those transactions, if any, of which a node told what their gas went on.
    """

    cases: tuple[Case, ...]
    contracts: tuple[GasFigure, ...]
    measured: tuple[Measured, ...]
    fees: FeeLevels
    traced: tuple[Traced, ...] = ()

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """One for each round that was settled, by kind, options, tasks and labelers."""
        settled = [case for case in in_order(self.cases) if case.is_settled]
        return tuple(life_of(case, self.measured) for case in settled)

    @cached_property
    def bill(self) -> Bill | None:
        """Of the million answers; None if its round was not played."""
        life = next((life for life in self.lives if life.case == JOB), None)
        if life is None:
            return None
        deposit = next(item for item in self.measured if item.step == DEPOSIT)
        deposits = JOB.labelers + 1
        gas = int(life.per_label("gas") * JOB_LABELS) + deposits * deposit.gas
        labels = (int(life.wei(model, self.fees) * JOB_LABELS) for model in FEE_MODELS)
        each = (model.wei(deposit.gas, deposit.posted, self.fees) for model in FEE_MODELS)
        wei = (own + deposits * one for own, one in zip(labels, each, strict=True))
        return Bill(gas, tuple(wei))

    def of(self, kept: Iterable[Case]) -> list[Measured]:
        """The steps of some rounds, and those of accounts."""
        wanted = frozenset(kept)
        return [item for item in self.measured if not item.where or item.case in wanted]

    def figures(self, kept: Iterable[Case]) -> list[GasFigure]:
        """What a snapshot of these rounds holds."""
        steps = []
        for item in once(self.of(kept)):
            share = 1 if item.step == OPEN else item.labelers
            where, size = item.where or "account", item.posted.raw
            steps.append(GasFigure(where, item.name, item.gas // share, size // share))
        return [*self.contracts, *steps]

    def to_json(self) -> dict[str, Any]:
        """What was measured, for machines: gas and bytes of whole transactions."""
        return {
            "contracts": [
                {"name": item.step, "gas": item.gas, "size": item.size} for item in self.contracts
            ],
            "transactions": [
                {
                    **{"round": item.where, "step": item.step, "labelers": item.labelers},
                    **{"gas": item.gas, "floor": item.floor, "eip_7623": item.least},
                    **{"eip_7976": item.draft_least, **asdict(item.posted)},
                }
                for item in self.measured
            ],
            "traced": [
                {"round": item.step.where, "step": item.step.step, **asdict(item.spent)}
                for item in self.traced
            ],
        }
