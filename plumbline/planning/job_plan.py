"""What a job of one round or many comes to, before any of it is sent.

Everything follows from the terms of the rounds as they would be opened, so that what is planned is
what is escrowed, to the wei. Pay and stakes are in the smallest unit of the asset; gas is paid in
ether, whatever the asset is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.planning.expectations import (
    CROWD_PPM,
    Expectation,
    NotSimulatedError,
    expectation,
)
from plumbline.planning.gas import JobGas, gas_of
from plumbline.planning.table import Truth
from plumbline.settlement.terms import PPM, ScoringTerms, usual_r_min

CHOICES: Final = (5, 7, 9, 15)
"""Labels a task that a plan compares."""


class PlanError(PlumblineError):
    """A job that cannot be planned."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan takes for granted.

    gas_price       wei
    labels_an_hour  answers that one labeler gives in an hour
    crowd_ppm       mean accuracy of those who answer
    least_hour      what an hour's work is to be paid at least, in the smallest unit of the asset
    """

    gas_price: int
    labels_an_hour: int
    crowd_ppm: int = CROWD_PPM
    least_hour: int = 0


@dataclass(frozen=True, slots=True)
class JobCost:
    """What a job costs, and what it brings, with so many labels a task.

    seats        labels a task, the most if rounds differ
    tasks        that are to be labeled
    gold_tasks   that are answered besides
    labels       answers to `tasks`, which is what is bought
    answers      all answers, those to gold tasks too
    escrow       what is put up, and the most that can be spent
    least_spent  of it, what never comes back if everybody reveals
    stakes       what all labelers together lock, if all rounds are open at once
    expected     what to expect of the smallest of the rounds; None if that was not simulated
    unknown      why not, in words; else empty
    """

    rounds: int
    seats: int
    tasks: int
    gold_tasks: int
    labels: int
    answers: int
    escrow: int
    least_spent: int
    stakes: int
    gas: JobGas
    expected: Expectation | None
    unknown: str

    @property
    def spent(self) -> int | None:
        """What of the escrow is spent if all goes as expected; None if that is not known."""
        if self.expected is None:
            return None
        return max(self.least_spent, self.escrow * self.expected.cell.spent_ppm // PPM)

    @property
    def returned(self) -> int | None:
        """What comes back of it."""
        return None if self.spent is None else self.escrow - self.spent

    @property
    def label_price(self) -> int:
        """Of one label at most, without gas."""
        return self.escrow // self.labels

    @property
    def label_spent(self) -> int | None:
        """Of one label as expected, without gas."""
        return None if self.spent is None else self.spent // self.labels


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A job as it is wanted, and as it would be with other numbers of labels a task.

    one_sided  what to expect if one answer is right in 80% of the tasks; None if not known
    choices    with 5, 7, 9 and 15 labels a task, everything else alike
    """

    assumed: Assumptions
    terms: ScoringTerms  # of the smallest round
    cost: JobCost
    one_sided: Expectation | None
    choices: tuple[JobCost, ...]

    @property
    def full_hour(self) -> int:
        """Full pay of an hour's work, gold tasks included."""
        return self.cost.escrow * self.assumed.labels_an_hour // self.cost.answers

    @property
    def expected_hour(self) -> int | None:
        """Mean pay of an hour's work in the crowd."""
        known = self.cost.expected
        return None if known is None else self.full_hour * known.cell.pay_ppm // PPM

    @property
    def labeler_hour(self) -> int | None:
        """Mean pay of an hour's work for a labeler of 0.7."""
        known = self.cost.expected
        return None if known is None else self.full_hour * known.cell.labeler_pay_ppm // PPM

    @property
    def gas_of_an_hour(self) -> int:
        """What a labeler who sends everything alone pays for gas in that hour, wei."""
        gas = self.cost.gas.alone * self.assumed.gas_price
        return gas * self.assumed.labels_an_hour // self.cost.answers

    def gas_cost(self, gas: int) -> int:
        """What so much gas costs, wei."""
        return gas * self.assumed.gas_price

    def to_json(self) -> dict[str, Any]:
        """For programs: amounts as text, shares in ppm with the rounds they were counted in."""
        return {
            "gas_price": str(self.assumed.gas_price),
            "labels_an_hour": self.assumed.labels_an_hour,
            "crowd_ppm": self.assumed.crowd_ppm,
            **self._cost_json(self.cost),
            "expected_one_sided": _expectation_json(self.one_sided),
            "full_hour": str(self.full_hour),
            "expected_hour": _amount(self.expected_hour),
            "labeler_hour": _amount(self.labeler_hour),
            "gas_of_an_hour": str(self.gas_of_an_hour),
            "choices": [self._cost_json(choice) for choice in self.choices],
        }

    def _cost_json(self, cost: JobCost) -> dict[str, Any]:
        counts = ("rounds", "seats", "tasks", "gold_tasks", "labels")
        amounts = ("escrow", "least_spent", "spent", "returned", "label_price", "label_spent")
        gas = cost.gas
        return {
            **{name: getattr(cost, name) for name in counts},
            **{name: _amount(getattr(cost, name)) for name in (*amounts, "stakes")},
            "gas": {"requester": gas.requester, "alone": gas.alone, "relayed": gas.relayed},
            "gas_cost": {
                "requester": str(self.gas_cost(gas.requester)),
                "alone": str(self.gas_cost(gas.alone)),
                "relayed": str(self.gas_cost(gas.relayed)),
            },
            "expected": _expectation_json(cost.expected),
        }


def plan_job(rounds: Sequence[ScoringTerms], assumed: Assumptions) -> JobPlan:
    """What rounds of these terms come to.

    Raises PlanError if there is none, or if what is assumed cannot be.
    """
    if not rounds:
        raise PlanError("there is no round to plan")
    if assumed.labels_an_hour < 1 or assumed.gas_price < 0:
        raise PlanError("labels an hour must be 1 or more, and the gas price 0 or more")
    if not 0 < assumed.crowd_ppm < PPM:
        raise PlanError(f"the accuracy of the crowd must be between 0 and {PPM:,} ppm")
    smallest = min(rounds, key=lambda terms: (terms.tasks, terms.seats))
    one_sided = _expected(smallest, assumed, Truth.ONE_SIDED)[0]
    choices = (job_cost([seated(terms, seats) for terms in rounds], assumed) for seats in CHOICES)
    return JobPlan(assumed, smallest, job_cost(rounds, assumed), one_sided, tuple(choices))


def job_cost(rounds: Sequence[ScoringTerms], assumed: Assumptions) -> JobCost:
    """What rounds of these terms cost, one or more."""
    smallest = min(rounds, key=lambda terms: (terms.tasks, terms.seats))
    expected, unknown = _expected(smallest, assumed, Truth.EVEN)
    return JobCost(
        rounds=len(rounds),
        seats=max(terms.seats for terms in rounds),
        tasks=sum(terms.tasks - terms.gold_count for terms in rounds),
        gold_tasks=sum(terms.gold_count for terms in rounds),
        labels=sum((terms.tasks - terms.gold_count) * terms.seats for terms in rounds),
        answers=sum(terms.tasks * terms.seats for terms in rounds),
        escrow=sum(terms.price * terms.seats for terms in rounds),
        least_spent=sum(terms.never_refunded * terms.seats for terms in rounds),
        stakes=sum(terms.stake * terms.seats for terms in rounds),
        gas=gas_of(rounds),
        expected=expected,
        unknown=unknown,
    )


def seated(terms: ScoringTerms, seats: int) -> ScoringTerms:
    """The same round with other seats; `r_min` follows if it was the usual one, or must."""
    usual = terms.r_min == usual_r_min(terms.gold_count, terms.seats)
    r_min = usual_r_min(terms.gold_count, seats) if usual else min(terms.r_min, seats)
    return replace(terms, seats=seats, r_min=r_min)


def _expected(
    terms: ScoringTerms, assumed: Assumptions, truth: Truth
) -> tuple[Expectation | None, str]:
    try:
        return expectation(terms, assumed.crowd_ppm, truth), ""
    except NotSimulatedError as error:
        return None, str(error)


def _amount(value: int | None) -> str | None:
    return None if value is None else str(value)


def _expectation_json(known: Expectation | None) -> dict[str, Any] | None:
    if known is None:
        return None
    cell = known.cell
    shares = {"void": known.void, "slashed": known.slashed, "underpaid": known.underpaid}
    return {
        "simulated_rounds": known.rounds,
        **{f"{name}_ppm": share.ppm for name, share in shares.items()},
        **{f"{name}_interval_ppm": list(share.interval_ppm) for name, share in shares.items()},
        "accuracy_ppm": cell.accuracy_ppm,
        "accuracy_half_ppm": cell.accuracy_half_ppm,
        "contested_ppm": cell.contested_ppm,
        "pay_ppm": cell.pay_ppm,
        "labeler_pay_ppm": cell.labeler_pay_ppm,
        "spent_ppm": cell.spent_ppm,
        "remarks": list(known.remarks),
    }
