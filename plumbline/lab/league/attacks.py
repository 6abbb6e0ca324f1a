"""Leaks and bribes: who pays, and who gains. The contract knows nothing of bribes.

Leaks
    Answers and salt of some seats get about, and a hunter without a seat reports them; or one
    works and sells its sheet, and the buyer hands it in from a second seat, and may report the
    seller as well; or a labeler reports itself from a second address. The price of a sale is not
    in the figures: it lies between what the buyer gains and what the seller loses.
One task
    Whoever takes the bribe works honestly and lies about one task. A bribe must be what that
    costs in pay, measured by settling the round again with the truth in that one place, and a
    little (`EXTRA`). Paid to all who lied (plain), or only if the lie failed (P + epsilon).
Every task
    Buterin's P + epsilon attack (2015): hand in the briber's sheet, false throughout, and whom
    the round does not pay for it (who is not near), the briber makes up for the slash and pays
    the full price and a little. If the crowd falls, the contract pays, and the briber nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from plumbline.lab.intervals import Mean, Share
from plumbline.lab.league import match as league
from plumbline.lab.league.match import Leak, Match, MatchRound, Party, play, settled
from plumbline.lab.league.strategies import (
    BRIBED,
    LIE_ABOUT_ONE,
    GoldUse,
    honest,
    one_sheet,
    target,
)
from plumbline.lab.league.strategies import lie as lie_of
from plumbline.lab.worlds import World
from plumbline.settlement import Band
from plumbline.settlement.terms import BPS

EXTRA: Final = 500  # bps of the price: what makes a bribe worth taking, the epsilon
TAKERS: Final = "bribed"
SALE, OWN_REPORT = "sale", "own report"  # tags: the second seat is a buyer's; the hunter the first


@dataclass(frozen=True, slots=True)
class LeakFigures:
    """One story of a leak. Amounts in prices; a seat's, but for hunter, requester and sink."""

    story: str
    first: Mean  # the seat that worked: careless, selling, or reporting itself
    second: Mean | None  # the buyer's seat; None where nobody buys
    hunter: Mean
    others: Mean
    requester: Mean
    sink: Mean


@dataclass(frozen=True, slots=True)
class OneTask:
    """A bribe about one task. Amounts in prices."""

    takers: int
    seats: int
    flipped: Share  # rounds in which the lie became the crowd's answer
    loss: Mean  # pay that a taker loses by the lie
    plain: Mean  # what the briber pays in a round, if everybody who lied is paid
    epsilon: Mean  # what it pays if only takers of a lie that failed are


@dataclass(frozen=True, slots=True)
class EveryTask:
    """The P + epsilon attack on all tasks. Amounts in prices; a seat's, but for the bill.

    from_round  what a taker gets from the contract, slashes off; `taken` with what the briber
                pays
    """

    takers: int
    seats: int
    gold: GoldUse
    won: Share  # rounds in which the crowd's answers became the briber's
    from_round: Mean
    taken: Mean
    refused: Mean  # what the honest others get in the same rounds
    bill: Mean  # what the briber pays in a round


def leak_matches(world: World) -> Iterator[Match]:
    """All stories of leaks."""

    def match(name: str, seats: int, *leaks: Leak, tags: tuple[str, ...] = ()) -> Match:
        strategy = one_sheet(honest(0.8)) if SALE in tags else honest(0.8)
        party = Party("seats in question", strategy, seats)
        return Match(name, world, (party,), leaks=leaks, tags=tags)

    few = world.seats // 4
    yield match("nobody leaks", 1)
    yield match("one is careless", 1, Leak(0))
    yield match(f"{few} are careless", few, *(Leak(seat) for seat in range(few)))
    yield match("sale kept", 2, tags=(SALE,))
    yield match("sale betrayed", 2, Leak(0, reporter=1), tags=(SALE,))
    yield match("reports oneself", 1, Leak(0), tags=(OWN_REPORT,))


def one_task_match(world: World, takers: int) -> Match:
    """So many lie about one task."""
    return Match(f"one task, {takers} bribed", world, (Party(TAKERS, LIE_ABOUT_ONE, takers),))


def every_task_match(world: World, takers: int, gold: GoldUse) -> Match:
    """So many hand in the briber's sheet."""
    party = Party(TAKERS, BRIBED, takers)
    return Match(f"every task, {takers} bribed, golds {gold.value}", world, (party,), gold)


def run_leak(match: Match, rounds: int, seed: int) -> LeakFigures:
    """Play one story of a leak."""
    others, is_own = match.seats_of(league.CROWD), OWN_REPORT in match.tags
    table = []
    for number in range(rounds):
        change = play(match, number, seed).balances()
        hunter = change[league.HUNTER]
        worked = change[0] + (hunter if is_own else 0)
        spared = sum(change[seat] for seat in others) / len(others)
        rest = (change[league.REQUESTER], change[league.SINK])
        table.append((worked, change[1], 0 if is_own else hunter, spared, *rest))
    first, second, *means = _means(table, match)
    return LeakFigures(match.name, first, second if SALE in match.tags else None, *means)


def run_one_task(match: Match, rounds: int, seed: int) -> OneTask:
    """Play a bribe about one task."""
    takers = len(match.seats_of(TAKERS))
    extra = match.terms.price * EXTRA // BPS
    table, flips = [], 0
    for number in range(rounds):
        played = play(match, number, seed)
        task = target(played.deal)
        flipped = played.settlement.consensus[task] == lie_of(played.deal)[task]
        loss = max(0, _pay_of_refusing(played) - played.outcomes[0].pay)
        bill = takers * (loss + extra)
        flips += flipped
        table.append((loss, bill, 0 if flipped else bill))
    return OneTask(takers, match.world.seats, Share(flips, rounds), *_means(table, match))


def run_every_task(match: Match, rounds: int, seed: int) -> EveryTask:
    """Play a P + epsilon attack on all tasks."""
    seats, others = match.seats_of(TAKERS), match.seats_of(league.CROWD)
    promised = match.terms.price + match.terms.price * EXTRA // BPS
    table, wins = [], 0
    for number in range(rounds):
        played = play(match, number, seed)
        change, wanted = played.balances(), played.answers[0].tolist()
        won = sum(a == b for a, b in zip(played.settlement.consensus, wanted, strict=True))
        wins += 2 * won > match.world.tasks
        unpaid = [out for out in played.outcomes[: len(seats)] if out.band is not Band.NEAR]
        bill = sum(promised + outcome.slash - outcome.pay for outcome in unpaid)
        contract = sum(change[seat] for seat in seats)
        spared = sum(change[seat] for seat in others) / len(others)
        table.append((contract / len(seats), (contract + bill) / len(seats), spared, bill))
    shares = (match.world.seats, match.gold, Share(wins, rounds))
    return EveryTask(len(seats), *shares, *_means(table, match))


def _means(table: Sequence[tuple[float, ...]], match: Match) -> list[Mean]:
    """The mean of every column, wei, in prices."""
    in_prices = np.array([[amount / match.terms.price for amount in row] for row in table])
    return [Mean.of(column) for column in in_prices.T]


def _pay_of_refusing(played: MatchRound) -> int:
    """The pay of the first taker, wei, had it answered that task truly."""
    answers, task = played.answers.copy(), target(played.deal)
    answers[0, task] = played.deal.truth[task]
    return settled(played.match, played.deal, answers, played.conduct).outcomes[0].pay
