"""Many rounds of a match, and what they come to.

Rounds are independent, so every figure is a mean over rounds with an interval. Pay is told as a
share of the price, slashes as a share of the stake, and what somebody has more or less at the
end (`net`) in prices: all are plain numbers for people; the wei are in `play`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from plumbline.lab.intervals import Mean
from plumbline.lab.league.play import HUNTER, REQUESTER, SINK, Match, Played, play
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import PPM

Series = npt.NDArray[np.float64]  # one number for each round

BANDS: Final = (Band.NEAR, Band.FAR, Band.OUTLIER, Band.VOID, Band.UNREVEALED)


@dataclass(frozen=True, slots=True)
class Standing:
    """One party over all rounds; every series is of the mean of its seats.

    pay      prices
    slash    stakes
    net      prices, with bounties, labour left aside
    kappa    of those who have one, else 0
    bands    share of all its seats in each band
    effort   work a seat, 1 being a look at every task
    stake    in prices
    """

    name: str
    seats: int
    pay: Series
    slash: Series
    net: Series
    kappa: Series
    bands: Mapping[Band, float]
    effort: float
    stake: float

    def on_stake(self, cost: float = 0.0) -> Series:
        """Return on the stake in a round; `cost` is what a look at every task costs, in prices."""
        found: Series = (self.net - self.effort * cost) / self.stake
        return found

    def slashed_share(self) -> float:
        """Share of its seats that lost anything."""
        return self.bands[Band.OUTLIER] + self.bands[Band.UNREVEALED]

    def to_json(self, cost: float) -> dict[str, Any]:
        """Means with half of their 95% intervals."""
        return {
            "party": self.name,
            "seats": self.seats,
            "effort": round(self.effort, 6),
            "pay": Mean.of(self.pay).to_json(),
            "slash": Mean.of(self.slash).to_json(),
            "net": Mean.of(self.net).to_json(),
            "return_on_stake": Mean.of(self.on_stake(cost)).to_json(),
            "kappa": Mean.of(self.kappa).to_json(),
            "bands": {band.label: round(self.bands[band], 6) for band in BANDS},
        }


@dataclass(frozen=True, slots=True)
class Record:
    """A match over all rounds.

    modes                    how many rounds were judged by what
    right                    share of the tasks where the crowd's answer is the truth
    requester, hunter, sink  what each has more than before, in prices
    """

    match: Match
    rounds: int
    standings: tuple[Standing, ...]
    modes: Mapping[Mode, int]
    right: Series
    requester: Series
    hunter: Series
    sink: Series

    def of(self, name: str) -> Standing:
        """The standing of a party."""
        return next(one for one in self.standings if one.name == name)

    def to_json(self, cost: float) -> dict[str, Any]:
        """Everything, without the series."""
        return {
            "match": self.match.name,
            "world": self.match.world.name,
            "golds": self.match.golds.value,
            "rounds": self.rounds,
            "modes": {mode.label: self.modes[mode] for mode in Mode},
            "right": Mean.of(self.right).to_json(),
            "requester": Mean.of(self.requester).to_json(),
            "hunter": Mean.of(self.hunter).to_json(),
            "sink": Mean.of(self.sink).to_json(),
            "parties": [standing.to_json(cost) for standing in self.standings],
        }


class Tally:
    """Adds up the rounds of one match."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._terms = match.terms
        self._rows: list[list[tuple[float, float, float, float]]] = []
        self._bands = [dict.fromkeys(BANDS, 0) for _ in match.line_up]
        self._modes = dict.fromkeys(Mode, 0)
        self._rest: list[tuple[float, float, float, float]] = []

    def add(self, played: Played) -> None:
        """Count one round."""
        terms, price = self._terms, float(self._terms.price)
        balances = played.balances()
        row, first = [], 0
        for bands, party in zip(self._bands, self._match.line_up, strict=True):
            seats = range(first, first + party.seats)
            first += party.seats
            outcomes = [played.outcomes[seat] for seat in seats]
            for outcome in outcomes:
                bands[outcome.band] += 1
            row.append(
                (
                    sum(outcome.pay for outcome in outcomes) / price / party.seats,
                    sum(outcome.slash for outcome in outcomes) / terms.stake / party.seats,
                    sum(balances[seat] for seat in seats) / price / party.seats,
                    sum(outcome.kappa_ppm for outcome in outcomes) / PPM / party.seats,
                )
            )
        self._rows.append(row)
        self._modes[played.settlement.mode] += 1
        others = tuple(balances[who] / price for who in (REQUESTER, HUNTER, SINK))
        self._rest.append((_right(played), others[0], others[1], others[2]))

    def record(self) -> Record:
        """What all of them come to."""
        rounds = len(self._rows)
        table = np.array(self._rows, dtype=np.float64)
        rest = np.array(self._rest, dtype=np.float64)
        standings = tuple(
            Standing(
                name=party.name,
                seats=party.seats,
                pay=table[:, place, 0],
                slash=table[:, place, 1],
                net=table[:, place, 2],
                kappa=table[:, place, 3],
                bands={band: count / rounds / party.seats for band, count in bands.items()},
                effort=party.strategy.effort(party.seats),
                stake=self._terms.stake / self._terms.price,
            )
            for place, (party, bands) in enumerate(
                zip(self._match.line_up, self._bands, strict=True)
            )
        )
        return Record(
            match=self._match,
            rounds=rounds,
            standings=standings,
            modes=dict(self._modes),
            right=rest[:, 0],
            requester=rest[:, 1],
            hunter=rest[:, 2],
            sink=rest[:, 3],
        )


def run(match: Match, rounds: int, seed: int) -> Record:
    """Play all rounds of a match."""
    tally = Tally(match)
    for number in range(rounds):
        tally.add(play(match, number, seed))
    return tally.record()


def _right(played: Played) -> float:
    """Tasks that nobody decided are not right."""
    truth: list[int] = played.deal.truth.tolist()
    pairs = zip(played.settlement.consensus, truth, strict=True)
    return sum(said == true for said, true in pairs) / len(truth)
