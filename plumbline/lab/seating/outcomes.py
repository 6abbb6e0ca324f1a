"""What rounds with so many seats of a bloc come to.

How many seats a bloc has is drawn; what a round with that many comes to is played in the league.
So the mean over draws is the mean over numbers of seats, each as often as it is drawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from plumbline.lab.league.match import Match, Record, run
from plumbline.lab.league.players import CROWD, GoldUse
from plumbline.lab.seating.pools import Seating, Series
from plumbline.planning.worlds import World

Records = Mapping[int, Record]
"""By how many seats the bloc has."""


@dataclass(frozen=True, slots=True)
class SeatingOutcome:
    """Means over rounds; amounts in prices of a seat.

    bloc       what all of the bloc's seats together end with, a round
    honest     what an honest seat ends with
    right      share of the tasks with a right label
    seats      share of the seats that are the bloc's
    pay        share of all pay that is the bloc's
    """

    bloc: float
    honest: float
    right: float
    seats: float
    pay: float


def play_all(
    world: World, strategy: str, gold: GoldUse, counts: set[int], rounds: int, seed: int
) -> Records:
    """Rounds in which the bloc has each of these numbers of seats."""
    return {
        count: run(Match(world, ((strategy, count),) if count else (), gold), rounds, seed)
        for count in sorted(counts)
    }


def mean_outcome(seating: Seating, records: Records) -> SeatingOutcome:
    """What the rounds of a seating come to on average."""

    def over(value: Callable[[Record, int], float]) -> float:
        each = {count: value(record, count) for count, record in records.items()}
        return float(np.mean([each[int(count)] for count in seating.bloc]))

    def honest_seats(record: Record, count: int) -> int:
        return record.match.world.seats - count

    def theirs(record: Record, count: int) -> float:
        return count * float(record.first.net.mean()) if count else 0.0

    def others(record: Record, count: int) -> float:
        seats = honest_seats(record, count)
        return seats * float(record.parties[CROWD].net.mean()) if seats else 0.0

    def pay(record: Record, count: int) -> float:
        return count * float(record.first.pay.mean()) if count else 0.0

    def all_pay(record: Record, count: int) -> float:
        seats = honest_seats(record, count)
        own = seats * float(record.parties[CROWD].pay.mean()) if seats else 0.0
        return own + pay(record, count)

    honest = over(honest_seats)
    paid = over(all_pay)
    return SeatingOutcome(
        bloc=over(theirs),
        honest=over(others) / honest if honest else float("nan"),
        right=over(lambda record, count: float(record.right.mean())),
        seats=float(seating.bloc.sum() / seating.taken.sum()),
        pay=over(pay) / paid if paid else 0.0,
    )


def gains(seating: Seating, records: Records, rounds: int) -> Series:
    """What all of the bloc's seats end with in each campaign of so many rounds, on average of what
    rounds with as many of its seats come to.
    """
    mean = {
        count: count * float(record.first.net.mean()) if count else 0.0
        for count, record in records.items()
    }
    each = np.array([mean[int(count)] for count in seating.bloc])
    total: Series = each.reshape(-1, rounds).sum(axis=1)
    return total


def best_of(values: Series, draws: int) -> float:
    """The mean of the best of so many draws from these values."""
    ranked = np.sort(values)
    below = np.arange(len(ranked) + 1) / len(ranked)
    return float(ranked @ np.diff(below**draws))


def of_size(world: World, seats: int) -> World:
    """The world with rounds of so many seats."""
    if seats == world.seats:
        return world
    return replace(world, name=f"{world.name}, {seats} seats", seats=seats)
