"""A plan: what is escrowed to the wei, gas as measured, pay of an hour, and when it advises."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from plumbline.formats import round_file
from plumbline.lab.gas.snapshot import from_text
from plumbline.planning import gas
from plumbline.planning.advice import advise
from plumbline.planning.expectations import Expectation, expectation
from plumbline.planning.job_plan import CHOICES, Assumptions, JobPlan, PlanError, plan_job, seated
from plumbline.planning.table import Truth
from plumbline.settlement.terms import (
    PPM,
    Kind,
    ScoringTerms,
    usual_gold_count,
    usual_terms,
    validate,
)
from plumbline.units import Unit
from tests.build import ROOT

GWEI = 10**9
PRICE = 10**16
ASSUMED = Assumptions(gas_price=GWEI, labels_an_hour=240)
USDC = Unit("USDC", 6, "0x" + "11" * 20)


def terms(tasks: int = 96, seats: int = 9, gold: bool = True, options: int = 2) -> ScoringTerms:
    gold_count = usual_gold_count(options, tasks) if gold else 0
    return usual_terms(Kind.NOMINAL, options, 1, tasks, PRICE, 2 * PRICE, seats, gold_count)


def plan(rounds: Sequence[ScoringTerms] = (terms(),), **assumed: int) -> JobPlan:
    return plan_job(rounds, replace(ASSUMED, **assumed))


# ------------------------------------------------------------------------------ money


@pytest.mark.parametrize("name", ["spam", "clarity", "preference", "reference"])
def test_what_is_planned_is_what_opening_the_round_escrows(name: str) -> None:
    wanted = round_file.load(ROOT / f"docs/examples/{name}.yaml")
    cost = plan([wanted.rules]).cost
    assert cost.escrow == wanted.escrow
    assert cost.stakes == wanted.rules.stake * wanted.rules.seats
    assert cost.least_spent == wanted.rules.never_refunded * wanted.rules.seats
    assert cost.tasks + cost.gold_tasks == wanted.rules.tasks


def test_rounds_of_a_job_add_up() -> None:
    large, small = terms(), terms(tasks=48, seats=5)
    cost = plan([large, large, small]).cost
    assert (cost.rounds, cost.seats, cost.tasks, cost.gold_tasks) == (3, 9, 2 * 72 + 36, 60)
    assert (cost.labels, cost.answers) == (2 * 72 * 9 + 36 * 5, 2 * 96 * 9 + 48 * 5)
    assert cost.escrow == (2 * 9 + 5) * PRICE
    assert cost.stakes == 2 * cost.escrow
    assert cost.least_spent == cost.escrow // 2


def test_of_several_sizes_the_smallest_round_is_what_to_expect() -> None:
    made = plan([terms(), terms(tasks=48), terms(seats=5)])
    assert made.terms == terms(tasks=48)
    assert made.cost.expected == expectation(terms(tasks=48))
    assert made.one_sided == expectation(terms(tasks=48), truth=Truth.ONE_SIDED)


def test_what_is_spent_and_what_comes_back_is_the_escrow() -> None:
    cost = plan([terms()] * 7).cost
    assert cost.expected is not None and cost.spent is not None and cost.returned is not None
    assert cost.spent == cost.escrow * cost.expected.cell.spent_ppm // PPM
    assert cost.spent + cost.returned == cost.escrow
    assert cost.label_price == cost.escrow // (7 * 72 * 9)
    assert cost.label_spent == cost.spent // (7 * 72 * 9)


def test_no_less_is_spent_than_the_terms_let_come_back() -> None:
    cost = plan([replace(terms(), refund_bps=0)]).cost
    assert cost.spent == cost.least_spent == cost.escrow


def test_what_was_not_simulated_is_left_open_and_the_rest_is_planned() -> None:
    made = plan([terms(tasks=20, gold=False)])
    assert (made.cost.expected, made.one_sided, made.cost.spent) == (None, None, None)
    assert (made.expected_hour, made.labeler_hour, made.cost.label_spent) == (None, None, None)
    assert "20 tasks is not known" in made.cost.unknown
    assert made.cost.escrow == 9 * PRICE
    assert advise(made)[0].startswith("what to expect of 20 tasks is not known")


@pytest.mark.parametrize("gold", [True, False])
@pytest.mark.parametrize("seats", [3, 9, 40])
def test_other_numbers_of_labels_are_rounds_that_could_be_opened(seats: int, gold: bool) -> None:
    asked = terms(seats=seats, gold=gold)
    made = plan([asked] * 4)
    assert [choice.seats for choice in made.choices] == list(CHOICES)
    for choice in made.choices:
        other = seated(asked, choice.seats)
        validate(other)
        assert other == terms(seats=choice.seats, gold=gold)
        assert choice == plan([other] * 4).cost


def test_an_r_min_of_ones_own_stays_as_far_as_it_can() -> None:
    own = replace(terms(), r_min=8)
    assert [seated(own, seats).r_min for seats in CHOICES] == [5, 7, 8, 8]


@pytest.mark.parametrize(
    ("rounds", "assumed", "why"),
    [
        ([], {}, "there is no round to plan"),
        ([terms()], {"labels_an_hour": 0}, "labels an hour must be 1 or more"),
        ([terms()], {"gas_price": -1}, "the gas price 0 or more"),
        ([terms()], {"crowd_ppm": PPM}, "must be between 0 and 1,000,000 ppm"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    rounds: list[ScoringTerms], assumed: dict[str, int], why: str
) -> None:
    with pytest.raises(PlanError, match=why):
        plan(rounds, **assumed)


def test_an_hour_is_paid_by_the_answers_that_are_given_in_it() -> None:
    made = plan([terms()] * 2)
    assert made.full_hour == PRICE * 240 // 96
    known = made.cost.expected
    assert known is not None
    assert made.expected_hour == made.full_hour * known.cell.pay_ppm // PPM
    assert made.labeler_hour == made.full_hour * known.cell.labeler_pay_ppm // PPM
    alone = gas.COMMITMENT + gas.SEALED + gas.REVEAL
    assert made.gas_of_an_hour == alone * GWEI * 240 // 96


def test_programs_get_amounts_as_text_and_shares_with_their_rounds() -> None:
    made = plan([terms()] * 3)
    printed: dict[str, Any] = json.loads(json.dumps(made.to_json()))
    assert (
        int(printed["escrow"])
        == made.cost.escrow
        == int(printed["spent"]) + int(printed["returned"])
    )
    assert printed["gas_cost"]["requester"] == str(made.cost.gas.requester * GWEI)
    known = made.cost.expected
    assert known is not None
    assert printed["expected"]["simulated_rounds"] == known.rounds
    low, high = printed["expected"]["slashed_interval_ppm"]
    assert low <= printed["expected"]["slashed_ppm"] <= high
    assert [choice["seats"] for choice in printed["choices"]] == list(CHOICES)
    assert plan([terms(tasks=20, gold=False)]).to_json()["expected"] is None


# -------------------------------------------------------------------------------- gas

FIGURES = from_text((ROOT / ".gas-snapshot").read_text(encoding="ascii"))
CASE = re.compile(r"(\w+) K=(\d+)(?: w=(\d+))? T=(\d+) N=(\d+)(| with gold tasks)")


def case_terms(name: str) -> ScoringTerms | None:
    """The terms of a usual round of the gas measurement; None of another one."""
    match = CASE.fullmatch(name)
    if match is None:
        return None
    kind, options, width, tasks, seats = (match[number] for number in range(1, 6))
    gold = usual_gold_count(int(options), int(tasks)) if match[6] else 0
    shape = (Kind.parse(kind), int(options), int(width or 1), int(tasks))
    return usual_terms(*shape, PRICE, 2 * PRICE, int(seats), gold)


def measured(step: str) -> list[tuple[ScoringTerms, int]]:
    """What a step took in all, by the snapshot, in every round that has it."""
    found = [(case_terms(x.case), x.gas) for x in FIGURES if x.step == step]
    return [(terms, value) for terms, value in found if terms is not None]


def test_single_steps_take_what_the_snapshot_says() -> None:
    once = {(x.case, x.step): x.gas for x in FIGURES}
    assert once["account", "deposit"] == gas.DEPOSIT
    assert once["account", "withdraw"] == gas.WITHDRAWAL
    assert {value for _, value in measured("commit")} == {gas.COMMITMENT}
    assert max(value for _, value in measured("reveal, 1 at a time")) == gas.REVEAL
    sealed, bare = (measured(f"relayed, {x}10 at a time") for x in ("sealed, ", ""))
    more = max(value - other for (_, value), (_, other) in zip(sealed, bare, strict=True))
    assert 0 <= gas.SEALED - more < 20


def test_openings_take_what_the_snapshot_says() -> None:
    for rules, value in measured("open"):
        assert 0 <= gas.gas_of([rules]).opening - value < 200


def near(estimate: int, value: int) -> bool:
    """Hardly too little, and not a fifth too much."""
    return 0.995 * value <= estimate <= 1.2 * value


def test_batches_of_a_relayer_take_what_the_snapshot_says() -> None:
    for number, base in ((64, gas.relayed(64)), (10, gas.relayed(10))):
        sealed = {value for _, value in measured(f"relayed, {number} at a time")}
        reveals = {
            value for _, value in measured(f"reveal, {89 if number == 64 else 10} at a time")
        }
        assert near(base, number * (max(sealed) + gas.SEALED + max(reveals)))


def test_closings_take_what_was_measured() -> None:
    closed = measured("close")
    assert len(closed) >= 7
    for rules, value in closed:
        assert near(gas.closing(rules), value * rules.seats), rules
    page = (ROOT / "docs/gas.md").read_text(encoding="utf-8")
    grid = page.partition("<!-- figures: grid -->")[2].partition("<!-- end of figures -->")[0]
    seen = 0
    for line in grid.strip().splitlines()[2:]:
        name, *cells = line.strip("| ").split(" | ")
        rules = case_terms(name)
        if rules is not None:
            seen += 1
            value = float(cells[3]) * rules.tasks * rules.seats
            assert near(gas.closing(rules), round(value)), name
    assert seen >= 45


def test_gas_of_a_job_adds_up() -> None:
    one, two = gas.gas_of([terms()]), gas.gas_of([terms(), terms(seats=100)])
    assert two.opening == 2 * one.opening
    assert two.closing == one.closing + gas.closing(terms(seats=100))
    assert two.account == one.account == gas.DEPOSIT + gas.WITHDRAWAL
    assert (one.seats, two.seats) == (9, 109)
    assert two.alone == 109 * one.alone_each
    assert two.relayed == gas.relayed(9) + gas.relayed(100)
    assert two.relayed < two.alone
    assert one.requester == one.opening + one.closing + one.account


# ----------------------------------------------------------------------------- advice


def with_cell(made: JobPlan, **changed: int) -> JobPlan:
    """The plan, if other things had been seen in the rounds of the table."""
    assert made.cost.expected is not None
    known = changed_cell(made.cost.expected, **changed)
    return replace(made, cost=replace(made.cost, expected=known), choices=())


def changed_cell(known: Expectation, **changed: int) -> Expectation:
    usual = {"rounds": 1_000, "void": 0, "slashed": 0, "underpaid": 0, "contested_ppm": 0}
    return replace(known, cell=replace(known.cell, **{**usual, **changed}))


def said(made: JobPlan, words: str, unit: Unit | None = None) -> str:
    """The one piece of advice with these words, or nothing."""
    lines = [line for line in (advise(made, unit) if unit else advise(made)) if words in line]
    assert len(lines) <= 1
    return lines[0] if lines else ""


@pytest.mark.parametrize(
    ("name", "below", "words"),
    [
        ("void", 9, "are void, and their labels"),
        ("slashed", 9, "are slashed in rounds"),
        ("underpaid", 499, "get less than half of the price"),
        ("contested_ppm", 299_999, "will be contested with 9 labels a task"),
    ],
)
def test_advice_on_rounds_begins_at_its_threshold(name: str, below: int, words: str) -> None:
    made = plan()
    assert said(with_cell(made, **{name: below}), words) == ""
    assert said(with_cell(made, **{name: below + 1}), words)


def test_advice_says_what_the_next_size_of_rounds_brings() -> None:
    larger = expectation(terms(tasks=192))
    line = said(with_cell(plan(), void=20), "are void")
    assert line.startswith("2.0% of rounds of 96 tasks with 9 labels a task are void")
    assert line.endswith(f"; of rounds of 192 {larger.void.short}")
    last = said(with_cell(plan([terms(tasks=256)]), void=20), "are void")
    assert last.endswith("not worth much")
    line = said(with_cell(plan(), slashed=20), "slashed")
    assert line.endswith(f"; in rounds of 192 {larger.slashed.short}")


def test_one_sided_tasks_are_warned_of_where_even_ones_would_do() -> None:
    made = with_cell(plan())
    assert made.one_sided is not None
    few, many = (replace(made, one_sided=changed_cell(made.one_sided, void=x)) for x in (9, 10))
    words = "are void if one answer is right in 80% of the tasks"
    assert said(few, words) == ""
    assert said(many, words).startswith("1.0% of rounds of 96 tasks")
    assert said(with_cell(many, void=20), words) == ""


@pytest.mark.parametrize(("gain", "loss"), [(9_999, 5_001), (10_000, 5_000)])
def test_more_labels_must_gain_and_fewer_must_not_lose(gain: int, loss: int) -> None:
    made = plan()
    choices = []
    for choice in made.choices:
        assert choice.expected is not None
        right = {5: 700_000, 7: 800_000 - loss, 9: 800_000, 15: 800_000 + gain}[choice.seats]
        known = changed_cell(choice.expected, accuracy_ppm=right, spent_ppm=750_000)
        choices.append(replace(choice, expected=known))
    made = with_cell(made, accuracy_ppm=800_000, spent_ppm=750_000)
    made = replace(made, choices=tuple(choices))
    more, fewer = said(made, "15 labels a task instead of 9"), said(made, "7 labels a task instead")
    if gain < 10_000:
        assert (more, fewer) == ("", "")
        return
    assert more == (
        "with 15 labels a task instead of 9, 81.0% of the tasks are labeled right instead of "
        "80.0%, for 0.045 ETH more"
    )
    assert fewer == (
        "with 7 labels a task instead of 9, 79.5% of the tasks are labeled right instead of "
        "80.0%, for 0.015 ETH less"
    )
    assert said(made, "5 labels a task instead of 9, 70") == ""


def test_the_same_cell_of_the_table_is_no_choice() -> None:
    """Eight labels are looked up as seven: that seven would do is not known."""
    assert said(plan([terms(seats=8)]), "7 labels a task instead") == ""


@pytest.mark.parametrize(("stake", "is_low"), [(2 * PRICE - 1, True), (2 * PRICE, False)])
def test_a_stake_below_two_prices_is_advised_against(stake: int, is_low: bool) -> None:
    line = said(plan([replace(terms(), stake=stake)]), "less than twice the price")
    assert bool(line) == is_low
    if is_low:
        assert "0.02 ETH would do" in line


def test_a_low_pay_of_an_hour_is_advised_against_with_a_price_that_would_do() -> None:
    hour = plan().full_hour
    assert said(plan(least_hour=hour), "full pay of an hour") == ""
    made = plan(least_hour=hour + 1)
    line = said(made, "full pay of an hour")
    assert line.startswith("full pay of an hour is 0.025 ETH, which is less than")
    dearer = plan([replace(terms(), price=2 * PRICE)], least_hour=2 * hour)
    assert said(plan(least_hour=2 * hour), "full pay").endswith("a price of 0.02 ETH would do")
    assert said(dearer, "full pay of an hour") == ""


def test_gas_that_eats_up_the_pay_is_advised_against() -> None:
    alone = gas.COMMITMENT + gas.SEALED + gas.REVEAL
    limit = PRICE // 10 // alone
    assert said(plan(gas_price=limit), "full pay on gas") == ""
    line = said(plan(gas_price=limit + 1), "full pay on gas")
    assert line.startswith("who sends everything alone spends 10% of full pay on gas")


def test_pay_in_a_token_is_shown_as_such_and_not_compared_with_gas() -> None:
    cheap = replace(terms(), price=3_000_000, stake=5_000_000)
    made = plan([cheap], gas_price=10**12)
    assert "6 USDC would do" in said(made, "twice the price", USDC)
    assert said(made, "gas", USDC) == ""
