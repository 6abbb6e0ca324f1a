"""One round of every kind, from opening to end, and two that are under way."""

from dataclasses import dataclass

from plumbline.chain.events import Event, fetch
from plumbline.history.rounds import EXPIRY
from plumbline.protocol.withdrawal import SignedWithdrawal, Withdrawal
from plumbline.settlement.terms import Kind
from tests.integration.market import TASKS_ROOT, WINDOW, Batch, Market, terms
from tests.world.people import person, withdrawal_signature

GOOD = (0.95, 0.9, 0.9, 0.95, 0.85)


@dataclass(frozen=True)
class Played:
    """Everything that happened, and the number of each round by what it was about."""

    market: Market
    rounds: dict[str, int]
    events: list[Event]

    @property
    def domain(self) -> bytes:
        return self.market.deployment.domain

    @property
    def block(self) -> int:
        return self.market.w3.eth.block_number


def play(market: Market) -> Played:
    """Play them all."""
    plays = {
        "expired": _expired,
        "nominal with gold": _nominal_with_gold,
        "ordinal": _ordinal,
        "leak": _leak,
        "silent": _silent,
        "captured": _captured,
        "hollow gold": _hollow_gold,
        "concluded": _concluded,
        "empty": _empty,
        "revealing": _revealing,
        "committing": _committing,
    }
    rounds = {name: play(market).round_id for name, play in plays.items()}
    _move_money(market)
    return Played(market, rounds, fetch(market.w3, market.deployment))


def _nominal_with_gold(market: Market) -> Batch:
    batch = market.open(terms(gold_count=12), gold_tasks=range(12))
    market.commit(batch, (0.95, 0.9, 0.9, 0.95, 0.0))
    labelers = list(batch.openings)
    market.reveal(batch, labelers[3:])
    market.reveal(batch, labelers[:3])
    market.close(batch)
    return batch


def _ordinal(market: Market) -> Batch:
    batch = market.open(terms(kind=Kind.ORDINAL, options=5, width=4, tasks=30))
    market.commit(batch, (0.9, 0.8, 0.9, 0.7))
    market.wait_until(batch.deadlines.commit)
    market.reveal(batch, list(batch.openings))
    market.close(batch)
    return batch


def _leak(market: Market) -> Batch:
    batch = market.open(terms(seats=6))
    market.commit(batch, GOOD)
    market.report_leak(batch)
    market.wait_until(batch.deadlines.commit)
    market.reveal(batch, list(batch.openings)[1:])
    market.close(batch)
    return batch


def _silent(market: Market) -> Batch:
    """One is forfeited before the close, one after it; the gold answers are withheld."""
    batch = market.open(terms(gold_count=12), gold_tasks=range(12))
    market.commit(batch, GOOD)
    labelers = list(batch.openings)
    market.reveal(batch, labelers[:3])
    market.wait_until(batch.deadlines.reveal)
    market.send("stranger", market.rounds.forfeit(batch.round_id, labelers[3:4]))
    market.wait_until(batch.deadlines.gold)
    market.close(batch, with_gold=False)
    market.send("stranger", market.rounds.forfeit(batch.round_id, labelers[4:]))
    return batch


def _captured(market: Market) -> Batch:
    batch = market.open(terms(gold_count=12, options=3), gold_tasks=range(12), wrong_gold=True)
    market.commit(batch, (0.5, 0.5, 0.5, 0.5, 0.5))
    market.reveal(batch, list(batch.openings))
    market.close(batch)
    return batch


def _hollow_gold(market: Market) -> Batch:
    """A requester who committed to gold answers to no task at all has withheld them."""
    batch = market.open(terms(gold_count=12), gold_tasks=())
    market.commit(batch, GOOD)
    market.reveal(batch, list(batch.openings))
    market.close(batch)
    return batch


def _concluded(market: Market) -> Batch:
    batch = market.open(terms(gold_count=8, options=4), gold_tasks=range(8))
    market.commit(batch, GOOD)
    openings = list(batch.openings.values())
    call = market.rounds.conclude(batch.round_id, TASKS_ROOT, openings, batch.gold, batch.gold_salt)
    market.send("stranger", call)
    return batch


def _expired(market: Market) -> Batch:
    batch = market.open(terms())
    market.commit(batch, GOOD)
    market.reveal(batch, list(batch.openings)[:4])
    market.wait_until(batch.deadlines.last + EXPIRY)
    market.send("stranger", market.rounds.expire(batch.round_id, TASKS_ROOT, batch.entries()))
    market.send("stranger", market.rounds.forfeit(batch.round_id, list(batch.openings)[4:]))
    return batch


def _empty(market: Market) -> Batch:
    batch = market.open(terms())
    market.wait_until(batch.deadlines.commit)
    market.close(batch)
    return batch


def _revealing(market: Market) -> Batch:
    batch = market.open(terms())
    market.commit(batch, GOOD)
    labelers = list(batch.openings)
    market.reveal(batch, labelers[:1])
    openings = [batch.openings[labeler] for labeler in labelers[:2]]
    market.send("stranger", market.rounds.reveal(batch.round_id, openings))
    return batch


def _committing(market: Market) -> Batch:
    """Some relayed twice, so that the second is refused."""
    batch = market.open(terms())
    market.commit(batch, GOOD[:2])
    market.commit(batch, GOOD[:3], alone=False)
    return batch


def _move_money(market: Market) -> None:
    labeler = market.actor("labeler 0").address
    market.send("stranger", market.rounds.deposit_for(labeler, 12_345))
    market.send("labeler 0", market.rounds.withdraw(2_345, market.actor("heir").address))
    _relay_a_withdrawal(market)
    market.send("stranger", market.rounds.sweep())


def _relay_a_withdrawal(market: Market) -> None:
    """For a fee."""
    owner, heir = person("labeler 0"), market.actor("heir").address
    nonce, deadline = market.rounds.nonce(owner), market.now() + WINDOW
    withdrawal = Withdrawal(owner, 3_456, heir, 456, deadline, nonce)
    signature = withdrawal_signature(owner, market.deployment.deployed, withdrawal)
    call = market.rounds.withdraw_for(SignedWithdrawal(withdrawal, signature))
    market.send("stranger", call)
