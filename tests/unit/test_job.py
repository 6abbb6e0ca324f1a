"""A job seats people fairly, answers the same each time, and adds up what it takes."""

from dataclasses import replace

import numpy as np
import pytest

from plumbline.audit import AuditReport
from plumbline.chain.call import Call, Receipt
from plumbline.lab.job import JobError, JobResult, Plan
from plumbline.lab.meter import Meter, MeteredStep, together
from plumbline.planning.worlds import rows_of
from plumbline.transactions.senders import GAS_CAP

CLEAN = AuditReport(31337, "0x", 1, "0x", 0, 0, 0, (), None, (), ())
SMALL = Plan(rounds=5, tasks=64, seats=12, labelers=25)


@pytest.mark.parametrize("plan", [Plan(), SMALL, Plan(rounds=1, seats=12, labelers=12)])
def test_nobody_sits_twice_in_a_round_and_all_sit_about_as_often(plan: Plan) -> None:
    for number in range(plan.rounds):
        seated = plan.seated(number)
        assert len(seated) == len(set(seated)) == plan.seats
        assert set(seated) <= set(range(plan.labelers))
    taken = plan.seats_taken()
    assert sum(taken.values()) == plan.rounds * plan.seats
    fewest = plan.rounds * plan.seats // plan.labelers
    assert len(taken) == plan.labelers and set(taken.values()) <= {fewest, fewest + 1}


def test_rounds_do_not_seat_the_same_people() -> None:
    assert len({frozenset(SMALL.seated(number)) for number in range(SMALL.rounds)}) > 1


def test_the_seed_decides_everything() -> None:
    again, other = replace(SMALL), replace(SMALL, seed=2)
    assert (SMALL.sheets(3) == again.sheets(3)).all()
    assert SMALL.silent(3) == again.silent(3)
    assert SMALL.seated(3) == again.seated(3) and SMALL.secret(3) == again.secret(3)
    assert (SMALL.sheets(3) != other.sheets(3)).any()
    assert (SMALL.sheets(3) != SMALL.sheets(4)).any()
    assert SMALL.seated(3) != other.seated(3) and SMALL.secret(3) != other.secret(3)
    assert len({SMALL.secret(labeler) for labeler in range(25)}) == 25


def test_labelers_answer_skip_and_fall_silent_as_planned() -> None:
    plan = Plan(skip_bps=500, silent_bps=300)
    answers = np.concatenate([plan.sheets(number) for number in range(plan.rounds)])
    assert answers.shape == (16 * 255, 256)
    assert set(np.unique(answers)) == {-1, 0, 1, 2, 3}
    assert abs((answers < 0).mean() - 0.05) < 0.002
    assert 0.02 < sum(len(plan.silent(number)) for number in range(16)) / 4_080 < 0.04
    # Most agree with most: else there would be nobody to pay.
    most = np.apply_along_axis(lambda votes: np.bincount(votes[votes >= 0]).max(), 0, answers[:255])
    assert (most > 255 / 2).all()


def test_a_row_has_none_for_a_skip() -> None:
    assert rows_of(np.array([[3, -1, 0]])) == [[3, None, 0]]


@pytest.mark.parametrize("labelers", [11, 61])
def test_a_round_needs_as_many_labelers_and_each_labeler_a_seat(labelers: int) -> None:
    assert replace(SMALL, labelers=12).seats == 12 and replace(SMALL, labelers=60).seats == 12
    with pytest.raises(JobError, match=f"^{labelers} labelers .* it takes 12 to 60$"):
        replace(SMALL, labelers=labelers)


def receipt(gas: int) -> Receipt:
    return Receipt("0x", 1, gas, gas)


def test_a_meter_adds_up_each_step_and_loses_no_time() -> None:
    meter = Meter()
    meter.lap("think", 3)
    meter.sent("commit", Call("0x", b"\x00\x01\x02", 0, ""), receipt(30), 2)
    meter.sent("stake", Call("0x", b"\x00", 0, ""), receipt(20))
    meter.sent("commit", Call("0x", b"\x00\x00\x05\x06", 0, ""), receipt(50), 4)
    meter.lap("think", 4)
    think, commit, stake = meter.steps
    plain = [replace(step, seconds=0.0, cpu=0.0) for step in (think, commit, stake)]
    assert plain == [
        MeteredStep("think", labelers=7),
        MeteredStep("commit", 6, transactions=2, gas=80, largest=50, calldata=7),
        MeteredStep("stake", 1, transactions=1, gas=20, largest=20, calldata=1),
    ]
    assert min(think.seconds, commit.seconds, stake.seconds) > 0


def test_what_is_done_for_each_labeler_is_a_step_of_its_own() -> None:
    meter = Meter()
    assert meter.each("add", lambda one, other: one + other, [1, 2], [10, 20]) == [11, 22]
    (step,) = meter.steps
    assert (step.name, step.labelers) == ("add", 2) and step.seconds > 0


def result(*steps: MeteredStep) -> JobResult:
    return JobResult(SMALL, steps, 100, 0, 30_000_000, CLEAN)


def test_a_transaction_above_the_cap_is_named_and_one_at_it_is_not() -> None:
    at, above = MeteredStep("close", largest=GAS_CAP), MeteredStep("reveal", largest=GAS_CAP + 1)
    assert result(at).too_large == ()
    assert result(at, above).too_large == ("reveal",)


def test_the_total_is_of_all_steps() -> None:
    steps = (
        MeteredStep("a", 3, 1, 10, 10, 5, 0.5, 0.25),
        MeteredStep("b", 3, 2, 30, 20, 7, 1.0, 0.5),
    )
    assert together(steps) == MeteredStep("together", 0, 3, 40, 20, 12, 1.5, 0.75)
