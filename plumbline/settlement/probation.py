"""Probation rounds, in which newcomers earn the record that other rounds ask for.

What makes a round one is said here:

    anyone may take it: it names no policy
    many gold tasks: a fifth of the tasks or more, and so many that no sheet without work pays
    gold answers count as usual: a lower bar would let guesses through
    seats for everybody who waits, 20 or more
    low pay and a small stake: for each task a fifth of what its requester usually asks at most
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_low
from typing import Final

from plumbline.settlement.terms import MAX_TASKS, USUAL_SHARES, ScoringTerms, usual_gold_count

FEWEST_SEATS: Final = 20
TASKS_PER_GOLD: Final = 5  # at most
PART_OF_USUAL: Final = 5  # price and stake are that part of the usual at most


@dataclass(frozen=True, slots=True)
class MostPay:
    """The most that a probation round pays and asks as a stake, in the smallest unit."""

    price: int
    stake: int


def fewest_probation_gold(options: int) -> int:
    """How many gold tasks a probation round has at least."""
    return usual_gold_count(options, MAX_TASKS)


def most_probation_tasks(options: int) -> int:
    """How many tasks go with so few gold tasks at most."""
    return TASKS_PER_GOLD * fewest_probation_gold(options)


def probation_flaw(rules: ScoringTerms, is_open: bool) -> str | None:
    """Why a round is no probation round, and what would make it one; None if it is one, as far as
    its own terms tell. `is_open` is whether it names no policy.
    """
    if not is_open:
        return "anyone may take a probation round: leave out admission"
    fewest = fewest_probation_gold(rules.options)
    if rules.gold_count < fewest or rules.gold_count * TASKS_PER_GOLD < rules.tasks:
        most = most_probation_tasks(rules.options)
        return (
            f"a probation round with {rules.options} options has {fewest} gold tasks or more, and "
            f"one in {TASKS_PER_GOLD} tasks: not {rules.gold_count} of {rules.tasks}; "
            f"{4 * fewest} to {most} tasks do with {fewest}"
        )
    least_pass = USUAL_SHARES["gold_pass_bps"]
    if rules.gold_pass_bps < least_pass:
        return (
            f"gold_pass_bps of a probation round is {least_pass} or more, not "
            f"{rules.gold_pass_bps}: guesses would pass"
        )
    if rules.seats < FEWEST_SEATS:
        return (
            f"a probation round has {FEWEST_SEATS} seats or more, not {rules.seats}: enough for "
            "everybody who waits"
        )
    return None


def most_probation_pay(tasks: int, usual: Sequence[ScoringTerms]) -> MostPay | None:
    """What a probation round of so many tasks pays and asks at most, beside the usual rounds of
    its requester: a fifth of the median of what these pay and ask for each task. None without any.
    """
    if not usual:
        return None
    price = median_low([Fraction(each.price, each.tasks) for each in usual])
    stake = median_low([Fraction(each.stake, each.tasks) for each in usual])
    return MostPay(int(price * tasks / PART_OF_USUAL), int(stake * tasks / PART_OF_USUAL))
