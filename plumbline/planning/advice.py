"""What the figures of a plan advise: sentences with the numbers that they follow from."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from plumbline.planning.expectations import Expectation, expectation
from plumbline.planning.job_plan import JobCost, JobPlan
from plumbline.planning.table import sizes
from plumbline.settlement.terms import PPM, usual_gold_count, usual_gold_slash
from plumbline.units import ETHER, Unit

_OFTEN: Final = 10_000  # ppm of the rounds that are void, or in which an honest labeler is slashed
_MOSTLY: Final = 500_000  # ppm of the rounds in which an honest labeler gets less than half
_CONTESTED: Final = 300_000  # ppm of the labels
_GAIN: Final = 10_000  # ppm of the labels that more of them must put right to be worth a word
_LOSS: Final = 5_000  # ppm of the labels that fewer of them may spoil
_GAS: Final = 100_000  # ppm of the pay that goes on gas
_STAKE: Final = 2  # prices; what is known about guessers is of stakes as large


def advise(plan: JobPlan, unit: Unit = ETHER) -> tuple[str, ...]:
    """What to think of before the money is sent; `unit` is the asset's. Often nothing."""
    return tuple(_advice(plan, unit))


def _advice(plan: JobPlan, unit: Unit) -> Iterator[str]:
    cost, terms = plan.cost, plan.terms
    if cost.expected is None:
        yield f"{cost.unknown}: try a small job first"
    else:
        yield from _on_rounds(plan, cost.expected)
        yield from _on_labels(plan, cost.expected, unit)
    if terms.stake < _STAKE * terms.price:
        enough, stake = unit.short(_STAKE * terms.price), unit.short(terms.stake)
        yield (
            f"the stake of {stake} is less than twice the price, so that a guess costs little: "
            f"{enough} would do"
        )
    yield from _on_pay(plan, unit)


def _on_rounds(plan: JobPlan, known: Expectation) -> Iterator[str]:
    larger, skewed = _larger(plan), plan.one_sided
    such = f"rounds of {known.setting.tasks} tasks with {known.setting.seats} labels a task"
    if known.void.ppm >= _OFTEN:
        better = f"; of rounds of {larger.setting.tasks} {larger.void.short}" if larger else ""
        yield f"{known.void.short} of {such} are void, and their labels not worth much{better}"
    elif skewed is not None and skewed.void.ppm >= _OFTEN:
        yield (
            f"{skewed.void.short} of {such} are void if one answer is right in 80% of the tasks: "
            "mix in tasks that have other answers"
        )
    if known.slashed.ppm >= _OFTEN:
        better = f"; in rounds of {larger.setting.tasks} {larger.slashed.short}" if larger else ""
        yield f"{known.slashed.short} of honest labelers of 0.7 are slashed in {such}{better}"
    if known.underpaid.ppm >= _MOSTLY:
        yield (
            f"{known.underpaid.short} of honest labelers of 0.7 get less than half of the price: "
            "tell people how good they must be"
        )
    if known.cell.contested_ppm >= _CONTESTED:
        yield (
            f"{known.cell.contested_ppm / PPM:.0%} of the tasks will be contested with "
            f"{known.setting.seats} labels a task: have more, or look at these again"
        )


def _larger(plan: JobPlan) -> Expectation | None:
    """What to expect of the next size that was simulated; None if there is none."""
    terms = plan.terms
    tasks = min(
        (size for size in sizes(terms.options, terms.has_gold) if size > terms.tasks), default=0
    )
    if not tasks:
        return None
    gold_count = usual_gold_count(terms.options, tasks) if terms.has_gold else 0
    slash_bps = usual_gold_slash(gold_count)
    grown = replace(terms, tasks=tasks, gold_count=gold_count, gold_slash_bps=slash_bps)
    return expectation(grown, plan.assumed.crowd_ppm)


def _on_labels(plan: JobPlan, now: Expectation, unit: Unit) -> Iterator[str]:
    """The next choice with more labels a task, if it gains enough; with fewer, if it does."""
    known = [(each, each.expected) for each in plan.choices if each.expected is not None]
    more = [pair for pair in known if pair[1].setting.seats > now.setting.seats]
    fewer = [pair for pair in known if pair[1].setting.seats < now.setting.seats]
    accuracy = now.cell.accuracy_ppm
    for cost, other in more[:1]:
        if other.cell.accuracy_ppm - accuracy >= _GAIN:
            yield _instead(plan.cost, now, cost, other, unit)
    for cost, other in fewer[-1:]:
        if accuracy - other.cell.accuracy_ppm <= _LOSS:
            yield _instead(plan.cost, now, cost, other, unit)


def _instead(
    now: JobCost, expected: Expectation, other: JobCost, instead: Expectation, unit: Unit
) -> str:
    change = (other.spent or 0) - (now.spent or 0)
    return (
        f"with {other.seats} labels a task instead of {now.seats}, {instead.accuracy.value:.1%} of "
        f"the tasks are labeled right instead of {expected.accuracy.value:.1%}, for "
        f"{unit.short(abs(change))} {'more' if change >= 0 else 'less'}"
    )


def _on_pay(plan: JobPlan, unit: Unit) -> Iterator[str]:
    pay, least, gas = plan.full_hour, plan.assumed.least_hour, plan.gas_of_an_hour
    if pay < least:
        # A price of so many times as much; an hour's pay is cut off.
        enough = -(-plan.terms.price * least // max(pay, 1))
        yield (
            f"full pay of an hour is {unit.short(pay)}, which is less than {unit.short(least)}: "
            f"a price of {unit.short(enough)} would do"
        )
    if unit.address is None and gas * PPM >= _GAS * pay:
        yield (
            f"who sends everything alone spends {gas / max(pay, 1):.0%} of full pay on gas: relay "
            "for labelers, or have more tasks in a round"
        )
