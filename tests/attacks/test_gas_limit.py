"""A round is filled to the last seat so that no transaction can end it any more.

Gain: to block all its money. Stopped by bounds that let the dearest round there may be, 255 seats,
256 tasks of which 64 are gold, 16 options on a scale, be closed in one transaction: that takes 12.9
million gas before refunds with every slot met for the first time, and to reveal and close it in one
15.4 million, below the 2^24 of EIP-7825. To unwind it takes 2.9 million, should a fork make
something dearer.
"""

import random

import pytest

from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import Kind
from tests.world.chain import COLD
from tests.world.people import person
from tests.world.world import World

SEATS, TASKS, OPTIONS = 255, 256, 16
ROOM = 14_000_000
TO_CONCLUDE = 15_500_000
SLOTS = SEATS + 10  # that a call meets as here they are not: accounts, and the round
BOTH = SLOTS + SEATS  # and the seats, where these are emptied


def full_round(built, kind, tau, accuracy):
    """All seats taken, by labelers that agree in most and skip some, so that much is contested."""
    world = World(built)
    requester = person("requester")
    crowd = [person(f"one of many {number}") for number in range(SEATS)]
    world.fund([requester], 10**19)
    world.fund(crowd)
    dice = random.Random(kind.label)
    truth = [dice.randrange(OPTIONS) for _ in range(TASKS)]

    def answer(true):
        if dice.random() < 0.02:
            return None
        return true if dice.random() < accuracy else dice.randrange(OPTIONS)

    rows = {labeler: [answer(true) for true in truth] for labeler in crowd}
    gold = pack([true if task % 4 == 0 else None for task, true in enumerate(truth)], OPTIONS)
    terms = {"kind": kind, "options": OPTIONS, "width": 16 if kind is Kind.ORDINAL else 1}
    shares = {"gold_pass_bps": 500, "gold_slash_bps": 1_000, "tau_bps": tau}
    job = world.open(requester, rows, gold, tasks=TASKS, seats=SEATS, **terms, **shares)
    world.commit(job)
    return world, job


def fit(world, job, slots=SLOTS, room=ROOM, **calls):
    """Each must do with that, before any refund, though every slot were met the first time."""
    for what, data in calls.items():
        with world.undone():
            world.do(job.requester, data, gas=room - COLD * slots)
            print(f"{job.rules.kind.label}, {what}: {world.chain.gas_used + COLD * slots:,} gas")


@pytest.mark.parametrize(
    ("kind", "tau", "accuracy"),
    [
        (Kind.NOMINAL, 200, 0.6),
        (Kind.NOMINAL, 5_500, 0.6),
        (Kind.ORDINAL, 200, 0.6),
        (Kind.ORDINAL, 200, 0.4),
    ],
)
def test_a_full_round_can_be_ended_in_every_way(built, kind, tau, accuracy):
    """A large margin, or a crowd that is spread on a scale, tells almost everybody something else,
    so that the judge has most to do."""
    world, job = full_round(built, kind, tau, accuracy)
    calls, crowd, gold = world.calls, job.labelers, (job.gold, job.gold_salt)
    conclusion = calls.conclude(job.round_id, job.openings(), *gold)
    fit(world, job, BOTH, TO_CONCLUDE, conclude=conclusion)
    fit(world, job, BOTH, reveal_128=calls.reveal(job.round_id, job.openings(crowd[:128])))
    with world.undone():
        world.chain.wait_until(job.deadlines.reveal)
        fit(world, job, BOTH, forfeit=calls.forfeit(job.round_id, crowd))
    for start in (0, 128):
        world.reveal(job, crowd[start : start + 128])
    fit(world, job, close=calls.close(job.round_id, job.entries(), *gold))
    world.chain.wait_until(job.deadlines.gold + 30 * 86_400)
    without_gold = calls.close(job.round_id, job.entries())
    fit(world, job, close_without_gold=without_gold)
    fit(world, job, expire=calls.expire(job.round_id, job.entries()))
