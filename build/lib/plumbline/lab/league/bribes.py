"""What a briber pays, and what those gain who take it. The contract knows nothing of bribes.

One task
    A briber wants a false answer to one task. Whoever takes the bribe works honestly and lies
    there. What that costs in pay is measured by settling the round again with the truth in that
    one place; a bribe must be that much and a little (`EXTRA`). Paid to all who lied (plain), or
    only if the lie did not become the crowd's answer (P + epsilon).
Every task
    Buterin's P + epsilon attack (2015): hand in the briber's sheet, false throughout, and whom
    the round does not pay for it (who is not near), the briber makes up for the slash and pays
    the full price and a little. So taking it is never worse than honest work, and if the crowd
    falls, the contract pays the takers and the briber pays nothing. All promises are kept.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from plumbline.lab.intervals import Mean, Share
from plumbline.lab.league.blocs import Bribed, LieAboutOne, target
from plumbline.lab.league.play import CROWD, Match, Party, Played, play, settled
from plumbline.lab.league.requesters import Golds
from plumbline.lab.league.world import World
from plumbline.settlement import Band
from plumbline.settlement.terms import BPS

EXTRA: Final = 500  # bps of the price: what makes a bribe worth taking, the epsilon
TAKERS: Final = "bribed"


@dataclass(frozen=True, slots=True)
class OneTask:
    """A bribe about one task. Amounts in prices.

    flipped   rounds in which the lie became the crowd's answer
    loss      pay that a taker loses by the lie
    plain     what the briber pays in a round, if everybody who lied is paid
    epsilon   what it pays if only takers of a lie that failed are
    """

    takers: int
    seats: int
    flipped: Share
    loss: Mean
    plain: Mean
    epsilon: Mean

    def to_json(self) -> dict[str, Any]:
        """Means with half of their intervals."""
        return {
            "takers": self.takers,
            "seats": self.seats,
            "flipped": self.flipped.value,
            "loss": self.loss.to_json(),
            "plain": self.plain.to_json(),
            "epsilon": self.epsilon.to_json(),
        }


@dataclass(frozen=True, slots=True)
class EveryTask:
    """The P + epsilon attack on all tasks. Amounts in prices; a seat's, but for the bill.

    won         rounds in which the crowd's answers became the briber's
    from_round  what a taker gets from the contract, slashes off
    taken       the same with what the briber pays
    refused     what the honest others get in the same rounds
    bill        what the briber pays in a round
    """

    takers: int
    seats: int
    golds: Golds
    won: Share
    from_round: Mean
    taken: Mean
    refused: Mean
    bill: Mean

    def to_json(self) -> dict[str, Any]:
        """Means with half of their intervals."""
        return {
            "takers": self.takers,
            "seats": self.seats,
            "golds": self.golds.value,
            "won": self.won.value,
            "from_round": self.from_round.to_json(),
            "taken": self.taken.to_json(),
            "refused": self.refused.to_json(),
            "bill": self.bill.to_json(),
        }


def one_task_match(world: World, takers: int) -> Match:
    """So many lie about one task."""
    party = Party(TAKERS, LieAboutOne(), takers)
    return Match(f"one task, {takers} bribed", world, (party,))


def every_task_match(world: World, takers: int, golds: Golds) -> Match:
    """So many hand in the briber's sheet."""
    party = Party(TAKERS, Bribed(), takers)
    return Match(f"every task, {takers} bribed, golds {golds.value}", world, (party,), golds)


def one_task(match: Match, rounds: int, seed: int) -> OneTask:
    """Play a bribe about one task."""
    takers = len(match.seats_of(TAKERS))
    price = match.terms.price
    extra = price * EXTRA // BPS
    losses, plain, epsilon, flips = [], [], [], 0
    for number in range(rounds):
        played = play(match, number, seed)
        loss = max(0, _refusing(played) - played.outcomes[0].pay)
        flipped = _is_flipped(played)
        bill = takers * (loss + extra)
        flips += flipped
        losses.append(loss / price)
        plain.append(bill / price)
        epsilon.append(0.0 if flipped else bill / price)
    return OneTask(
        takers,
        match.world.seats,
        Share(flips, rounds),
        Mean.of(np.array(losses)),
        Mean.of(np.array(plain)),
        Mean.of(np.array(epsilon)),
    )


def every_task(match: Match, rounds: int, seed: int) -> EveryTask:
    """Play a P + epsilon attack on all tasks."""
    seats, others = match.seats_of(TAKERS), match.seats_of(CROWD)
    price = match.terms.price
    promised = price + price * EXTRA // BPS
    table, wins = [], 0
    for number in range(rounds):
        played = play(match, number, seed)
        balances = played.balances()
        won = _is_won(played)
        wins += won
        contract = sum(balances[seat] for seat in seats)
        unpaid = [one for one in played.outcomes[: len(seats)] if one.band is not Band.NEAR]
        bill = sum(promised + one.slash - one.pay for one in unpaid)
        honest = sum(balances[seat] for seat in others) / len(others)
        row = (contract / len(seats), (contract + bill) / len(seats), honest, bill)
        table.append([amount / price for amount in row])
    means = [Mean.of(column) for column in np.array(table).T]
    return EveryTask(len(seats), match.world.seats, match.golds, Share(wins, rounds), *means)


def _refusing(played: Played) -> int:
    """The pay of the first taker, wei, had it answered that task truly."""
    answers = played.answers.copy()
    answers[0, target(played.deal)] = played.deal.truth[target(played.deal)]
    return settled(played.match, played.deal, answers, played.conduct).outcomes[0].pay


def _is_flipped(played: Played) -> bool:
    task = target(played.deal)
    lie = (int(played.deal.truth[task]) + 1) % played.match.world.options
    return played.settlement.consensus[task] == lie


def _is_won(played: Played) -> bool:
    wanted: list[int] = played.answers[0].tolist()
    pairs = zip(played.settlement.consensus, wanted, strict=True)
    return 2 * sum(said == want for said, want in pairs) > played.match.world.tasks
