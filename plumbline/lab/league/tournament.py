"""Many rounds of a match, and what they come to.

Rounds are independent, so every figure is a mean over rounds with an interval. Pay is a share of
the price, slashes are shares of the stake, and what somebody has more or less at the end (`net`)
is in prices: all are plain numbers for people; the wei are in `match`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from plumbline.lab.intervals import Mean, Share, as_json
from plumbline.lab.league.match import HUNTER, REQUESTER, SINK, Match, MatchRound, Party, play
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import PPM

Series = npt.NDArray[np.float64]  # one number for each round

BANDS: Final = (Band.NEAR, Band.FAR, Band.OUTLIER, Band.VOID, Band.UNREVEALED)
_DRAWS: Final = 400


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """One party over all rounds; every series is of the mean of its seats."""

    name: str
    seats: int
    pay: Series  # prices
    slash: Series  # stakes
    net: Series  # prices, with bounties, labour left aside
    kappa: Series  # of those who have one, else 0
    bands: Mapping[Band, float]  # share of all its seats in each band
    effort: float  # work a seat, 1 being a look at every task
    stake: float  # in prices

    def on_stake(self, cost: float = 0.0) -> Series:
        """Return on the stake in a round; `cost` is what a look at every task costs, in prices."""
        returns: Series = (self.net - self.effort * cost) / self.stake
        return returns

    def to_json(self, cost: float) -> dict[str, Any]:
        """All of it, and the return on the stake."""
        fields = as_json(self) | {"return_on_stake": as_json(self.on_stake(cost))}
        return {"party": fields.pop("name"), **fields}


@dataclass(frozen=True, slots=True)
class Record:
    """A match over all rounds.

    requester, hunter, sink  what each has more than before, in prices
    """

    match: Match
    rounds: int
    parties: tuple[PartyRecord, ...]
    modes: Mapping[Mode, int]  # how many rounds were judged by what
    right: Series  # share of the tasks where the crowd's answer is the truth
    requester: Series
    hunter: Series
    sink: Series

    @property
    def first(self) -> PartyRecord:
        """The party that the match is about."""
        return self.parties[0]

    def of(self, name: str) -> PartyRecord:
        """The record of a party."""
        return next(party for party in self.parties if party.name == name)

    def share(self, party: PartyRecord, *bands: Band) -> Share:
        """Seats of a party in some bands: rounds are independent, the seats of one nearly so."""
        seats = self.rounds * party.seats
        return Share(round(sum(party.bands[band] for band in bands) * seats), seats)

    def slashed(self, party: PartyRecord) -> Share:
        """Seats of a party that lost stake, of all."""
        return self.share(party, Band.OUTLIER, Band.UNREVEALED)

    def to_json(self, cost: float) -> dict[str, Any]:
        """All of it, the match by its name."""
        match = self.match
        told = {"match": match.name, "world": match.world.name, "gold": match.gold.value}
        for name in ("rounds", "modes", "right", "requester", "hunter", "sink"):
            told[name] = as_json(getattr(self, name))
        return {**told, "parties": [party.to_json(cost) for party in self.parties]}


def run(match: Match, rounds: int, seed: int) -> Record:
    """Play all rounds of a match."""
    played = [play(match, number, seed) for number in range(rounds)]
    changes, terms = [a_round.balances() for a_round in played], match.terms

    def in_prices(*whose: int | str) -> Series:
        return np.array([sum(change[who] for who in whose) for change in changes]) / terms.price

    def record(party: Party) -> PartyRecord:
        seats = match.seats_of(party.name)
        outcomes = [[a_round.outcomes[seat] for seat in seats] for a_round in played]
        bands = Counter(outcome.band for of_round in outcomes for outcome in of_round)

        def mean(name: str, unit: int) -> Series:
            sums = [sum(getattr(outcome, name) for outcome in of_round) for of_round in outcomes]
            return np.array(sums) / unit / party.seats

        return PartyRecord(
            name=party.name,
            seats=party.seats,
            pay=mean("pay", terms.price),
            slash=mean("slash", terms.stake),
            net=in_prices(*seats) / party.seats,
            kappa=mean("kappa_ppm", PPM),
            bands={band: bands[band] / (rounds * party.seats) for band in BANDS},
            effort=party.strategy.effort(party.seats),
            stake=terms.stake / terms.price,
        )

    modes = Counter(a_round.settlement.mode for a_round in played)
    return Record(
        match=match,
        rounds=rounds,
        parties=tuple(record(party) for party in match.line_up),
        modes={mode: modes[mode] for mode in Mode},
        right=np.array([_right(a_round) for a_round in played]),
        requester=in_prices(REQUESTER),
        hunter=in_prices(HUNTER),
        sink=in_prices(SINK),
    )


def _right(played: MatchRound) -> float:
    """Tasks that nobody decided are not right."""
    truth: list[int] = played.deal.truth.tolist()
    pairs = zip(played.settlement.consensus, truth, strict=True)
    return sum(said == true for said, true in pairs) / len(truth)


def behind(record: Record, bench: Record) -> Mean:
    """How far the first party's pay is behind that of the bench, as a share of the latter.

    Both have played the same rounds: the same tasks and the same honest others.
    """
    pay = bench.first.pay
    return Mean.of((pay - record.first.pay) / float(pay.mean()))


# ------------------------------------------------------------------- break-even


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a mean goes above zero, as a share of the seats.

    low, high  95% interval; None likewise
    """

    share: float | None  # None if it is never above zero up to the last share that was played
    low: float | None
    high: float | None
    at_least: float  # the first share that was played
    at_most: float  # the last

    def __str__(self) -> str:
        if self.share is None:
            return f"never, up to {self.at_most:.0%}"
        if self.share <= self.at_least:
            return f"from the first, {self.share:.0%}"
        high = f"above {self.at_most:.0%}" if self.high is None else f"{self.high:.0%}"
        low = self.share if self.low is None else self.low
        return f"{self.share:.0%} ({low:.0%} to {high})"


def crossing(shares: Sequence[float], gains: Sequence[Series], seed: int) -> Crossing:
    """Where the mean gain goes above zero.

    `shares` rise; `gains` has for each of them a number for every round, of the same rounds. The
    interval is by bootstrap: rounds are drawn again with replacement, the same at every share.
    """
    table = np.stack(gains)
    rounds = table.shape[1]
    drawn = np.random.default_rng(seed).integers(rounds, size=(_DRAWS, rounds))
    again = sorted(_first(shares, table[:, places].mean(axis=1)) for places in drawn)
    ends = (again[round(end * (_DRAWS - 1))] for end in (0.025, 0.975))
    found = (_first(shares, table.mean(axis=1)), *ends)
    share, low, high = (None if np.isinf(place) else place for place in found)
    return Crossing(share, low, high, shares[0], shares[-1])


def _first(shares: Sequence[float], means: Series) -> float:
    """The first share above zero, on straight lines between those played; else infinity."""
    above = np.flatnonzero(means > 0)
    if len(above) == 0:
        return float("inf")
    end = int(above[0])
    if end == 0:
        return shares[0]
    start = end - 1
    before, after = float(means[start]), float(means[end])
    return shares[start] + (shares[end] - shares[start]) * -before / (after - before)
