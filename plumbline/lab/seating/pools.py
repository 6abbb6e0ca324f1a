"""Pools of bonds, campaigns drawn from them, and who sits in each round.

Time runs from the moment in which the seats are known, 0, to the commit deadline, 1. Honest
labelers that are drawn come in the first half, if they come; a keeper holds their commitments, so
that who stands by has a seat soon after its position is admitted. A bloc is a program: it commits
in the moment in which it may.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.planning.worlds import Dice
from plumbline.seating.draw import Draw, PlannedDraw

Series = npt.NDArray[np.float64]

_NEVER: Final = 9.0
_DRAWN_COME: Final = 0.12  # mean time after which who is drawn commits
_DRAWN_UNTIL: Final = 0.5  # who has not come by then does not
_STANDBY_COME: Final = 0.01  # mean time after admission of a commitment that a keeper holds
_WINDOW: Final = 1_000_000  # parts that the window is cut into


@dataclass(frozen=True, slots=True)
class PoolCase:
    """A pool, and how its members behave.

    units      bonds in the pool
    bloc       of these, held by one mind
    accounts   that hold the bloc's; None for one each
    absent     share of the turns that honest labelers do not take
    holes      share of the numbers of the pool that nobody holds any more
    hoards     whether the bloc leaves the seats empty for which it is drawn
    hurries    whether the bloc is a program that commits once it may; else it comes as others do
    seats      of each round
    rounds     of a campaign
    """

    units: int
    bloc: int
    accounts: int | None = None
    absent: float = 0.0
    holes: float = 0.0
    hoards: bool = False
    hurries: bool = True
    seats: int = 20
    rounds: int = 10

    @property
    def share(self) -> float:
        """The bloc's share of all bonds."""
        return self.bloc / self.live

    @property
    def live(self) -> int:
        """Bonds that somebody holds."""
        return round(self.units * (1 - self.holes))

    @property
    def share_of_comers(self) -> float:
        """The bloc's share of the bonds whose holders come when they are drawn."""
        in_time = 1 - math.exp(-_DRAWN_UNTIL / _DRAWN_COME)
        others = (self.live - self.bloc) * (1 - self.absent) * in_time
        return self.bloc / (self.bloc + others)


@dataclass(frozen=True, slots=True)
class Seating:
    """Who sat in rounds: one number for each.

    bloc      seats of the bloc
    taken     seats that were taken
    filled    when the last one was, as a share of the window; not a number if not all were
    turns     most seats that any one unit had in a campaign
    """

    seats: int
    bloc: npt.NDArray[np.int64]
    taken: npt.NDArray[np.int64]
    filled: Series
    turns: int

    @property
    def leads(self) -> npt.NDArray[np.bool_]:
        """Whether the bloc has more than half of those that are taken."""
        more: npt.NDArray[np.bool_] = 2 * self.bloc > self.taken
        return more

    @property
    def is_full(self) -> npt.NDArray[np.bool_]:
        """Whether all seats were taken."""
        full: npt.NDArray[np.bool_] = self.taken == self.seats
        return full


@dataclass(frozen=True, slots=True)
class SeatTaken:
    """A seat: with which unit, and when, as a share of the window."""

    unit: int
    time: float


def first_come(case: PoolCase, campaigns: int, dice: Dice) -> Seating:
    """Open seats: whoever commits first, one to an address, and addresses are free."""
    rounds = campaigns * case.rounds
    addresses = case.bloc if case.accounts is None else case.accounts
    bloc = np.full(rounds, min(case.seats, addresses))
    if not case.hurries:
        bloc = dice.hypergeometric(case.bloc, case.live - case.bloc, case.seats, rounds)
    comes = dice.exponential(_DRAWN_COME, (rounds, case.seats))
    if case.hurries:
        comes[:, : bloc[0]] = 0
    filled = comes.max(axis=1)
    return Seating(
        case.seats,
        bloc,
        (comes < 1).sum(axis=1),
        np.where(filled < 1, filled, np.nan),
        case.rounds,
    )


def drawn(case: PoolCase, campaigns: int, dice: Dice) -> Seating:
    """Seats by lot, as `SeatDraw` draws them; permutations are those of numpy."""
    parts = [_campaign(case, dice) for _ in range(campaigns)]
    return Seating(
        case.seats,
        np.concatenate([part.bloc for part in parts]),
        np.concatenate([part.taken for part in parts]),
        np.concatenate([part.filled for part in parts]),
        max(part.turns for part in parts),
    )


def least_load(units: int, rounds: int, listed: int) -> int:
    """In how many rounds of a campaign a unit may be listed, at least; `listed` of a round."""
    return next(load for load in range(1, rounds + 1) if math.ceil(rounds / load) * listed <= units)


def admitted_at(listed: int, seats: int) -> Series:
    """When each position is admitted, as a share of the window: the rule of `SeatDraw`."""
    draw = Draw(
        number=1,
        rounds=(1,),
        n=listed,
        frozen=0,
        seed_block=0,
        window=_WINDOW,
        seats=seats,
        layer=1,
        standby=listed - seats,
        is_liable=True,
        captured=0,
        seed=0,
    )
    opens = [draw.opens(rank) for rank in range(listed)]
    return np.array([_NEVER if each is None else each / _WINDOW for each in opens])


def _campaign(case: PoolCase, dice: Dice) -> Seating:
    planned = PlannedDraw(tuple(range(case.rounds)), case.seats, case.rounds)
    listed = case.seats + planned.standby(case.units, case.units - case.live)
    load = least_load(case.units, case.rounds, listed)
    layer = math.ceil(case.rounds / load)
    length = case.units // layer
    empty = empty_numbers(case, dice)
    admitted = admitted_at(listed, case.seats)
    orders = [dice.permutation(case.units) for _ in range(math.ceil(case.rounds / layer))]
    lines = [
        orders[number // layer][number % layer * length :][:length][:listed]
        for number in range(case.rounds)
    ]
    return seating_of(case, [take_seats(case, line, admitted, empty, dice) for line in lines])


def seating_of(case: PoolCase, rounds: Sequence[Sequence[SeatTaken]]) -> Seating:
    """Who sat in the rounds of one campaign."""
    is_bloc = owners(case)[1]
    turns = np.zeros(case.units, dtype=np.int64)
    for seated in rounds:
        turns[[seat.unit for seat in seated]] += 1
    return Seating(
        case.seats,
        np.array([sum(bool(is_bloc[seat.unit]) for seat in seated) for seated in rounds]),
        np.array([len(seated) for seated in rounds]),
        np.array(
            [
                max(seat.time for seat in seated) if len(seated) == case.seats else np.nan
                for seated in rounds
            ]
        ),
        int(turns.max()),
    )


def empty_numbers(case: PoolCase, dice: Dice) -> npt.NDArray[np.bool_]:
    """Which numbers of a pool nobody holds."""
    empty = np.zeros(case.units, dtype=np.bool_)
    empty[dice.choice(case.units, case.units - case.live, replace=False)] = True
    return empty


@cache
def owners(case: PoolCase) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Who holds each unit, by number, and which are the bloc's."""
    owner = np.arange(case.units)
    is_bloc = owner < case.bloc
    if case.accounts is not None:
        owner = np.where(is_bloc, owner % case.accounts, owner)
    return owner, is_bloc


def _arrivals(
    case: PoolCase, admitted: Series, is_bloc: npt.NDArray[np.bool_], dice: Dice
) -> Series:
    """When each of a list would commit."""
    count = len(admitted)
    is_drawn = np.arange(count) < case.seats
    first = dice.exponential(_DRAWN_COME, count)
    later = admitted + dice.exponential(_STANDBY_COME, count)
    honest = np.where(is_drawn, np.where(first < _DRAWN_UNTIL, first, _NEVER), later)
    honest = np.where(dice.random(count) < case.absent, _NEVER, honest)
    theirs = admitted + np.arange(count) * 1e-6 if case.hurries else honest
    theirs = np.where(is_drawn & case.hoards, _NEVER, theirs)
    found: Series = np.where(is_bloc, theirs, honest)
    return found


def take_seats(
    case: PoolCase,
    line: npt.NDArray[np.int64],
    admitted: Series,
    empty: npt.NDArray[np.bool_],
    dice: Dice,
) -> list[SeatTaken]:
    """The seats of a round whose list is `line`, in the order in which they are taken.

    admitted   when each position is, as a share of the window
    """
    owner, is_bloc = owners(case)
    at = _arrivals(case, admitted[: len(line)], is_bloc[line], dice)
    at[empty[line]] = _NEVER
    found: dict[int, SeatTaken] = {}
    for place in np.argsort(at, kind="stable"):
        if at[place] >= 1 or len(found) == case.seats:
            break
        # An account has one seat in a round.
        found.setdefault(int(owner[line[place]]), SeatTaken(int(line[place]), float(at[place])))
    return list(found.values())
