"""Rounds of a match: who sits where, where every wei goes, and what many of them come to.

The same match, number and seed always give the same round, so that a sample of what was played
in Python can be played again on a chain (see `arena`).
"""

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from plumbline.errors import PlumblineError
from plumbline.lab.league.players import CROWD, SILENT, STRATEGIES, GoldUse
from plumbline.planning.intervals import Share
from plumbline.planning.worlds import Answers, Deal, World, deal, dice_of
from plumbline.settlement import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.terms import BPS, ScoringTerms
from plumbline.settlement.vectorised import settle_table

REQUESTER: Final = "requester"
SINK: Final = "sink"
Series = npt.NDArray[np.float64]  # one number for each round
Parties = tuple[tuple[str, int], ...]  # strategies, with how many seats each has


class LeagueError(PlumblineError):
    """A match that cannot be played."""


@dataclass(frozen=True, slots=True)
class Match:
    """Who plays. Parties have the first seats, in order; honest others take the rest."""

    world: World
    parties: Parties = ()
    gold: GoldUse = GoldUse.NONE
    terms_changed: tuple[tuple[str, Any], ...] = ()  # from the usual ones

    @property
    def terms(self) -> ScoringTerms:
        terms = self.world.terms(has_gold=self.gold.exist)
        return replace(terms, **dict(self.terms_changed)) if self.terms_changed else terms

    @property
    def line_up(self) -> Parties:
        """All parties, the honest others last. Raises LeagueError if there are not seats enough."""
        taken = sum(seats for _, seats in self.parties)
        others = self.world.seats - taken
        if others < 0:
            raise LeagueError(f"{taken} seats taken of {self.world.seats}")
        return (*self.parties, (CROWD, others)) if others else self.parties

    def __str__(self) -> str:
        parties = ", ".join(f"{seats} {name}" for name, seats in self.parties)
        changed = ", ".join(f"{name} {value}" for name, value in self.terms_changed)
        words = (self.world.name, self.gold.value, changed, parties)
        return "; ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class MatchRound:
    """A round that is over.

    gold  the gold answers committed to; opened unless `match.gold` says otherwise
    """

    match: Match
    deal: Deal
    answers: Answers  # seats by tasks, what was committed to
    revealed: tuple[int, ...]  # seats on the roll, in order
    gold: Mapping[int, int]
    outcomes: tuple[LabelerOutcome, ...]  # by seat, the unrevealed included
    settlement: Settlement  # of those who revealed

    def balances(self) -> dict[int | str, int]:
        """What everybody has more than before, in wei, by seat and role; the sum is 0."""
        terms, settlement = self.match.terms, self.settlement
        seats = enumerate(self.outcomes)
        change: dict[int | str, int] = {seat: out.pay - out.slash for seat, out in seats}
        change[REQUESTER] = settlement.refund - terms.price * terms.seats
        silent = (out.slash for out in self.outcomes if out.band is Band.UNREVEALED)
        change[SINK] = settlement.burned + sum(silent)
        return change


def play(match: Match, number: int, seed: int) -> MatchRound:
    """Play a round of a match. Numbers are from 0; every one is another round.

    Rounds with the same number in the same world have the same tasks and honest others, whoever
    else plays: that makes matches comparable.
    """
    dealt, others = _scene(match.world, number, seed)
    answers, terms = others.copy(), match.terms
    roll: list[int] = []
    first = 0
    for name, seats in match.line_up:
        if name != CROWD:
            # Another seed, other figures: it stays what the strategy was first called.
            dice = dice_of(seed, name.replace("gold answers known", "golds known"), number)
            answers[first : first + seats] = STRATEGIES[name](dice, dealt, seats)
        if name != SILENT:
            roll += range(first, first + seats)
        first += seats
    gold = match.gold.of(dealt)
    settlement = settle_table(terms, answers[roll], gold if match.gold.opens else {})
    silence = LabelerOutcome(Band.UNREVEALED, 0, terms.stake * terms.slash_max_bps // BPS, 0)
    outcomes = [silence] * match.world.seats
    for seat, outcome in zip(roll, settlement.labelers, strict=True):
        outcomes[seat] = outcome
    return MatchRound(match, dealt, answers, tuple(roll), gold, tuple(outcomes), settlement)


@functools.lru_cache(maxsize=1_024)
def _scene(world: World, number: int, seed: int) -> tuple[Deal, Answers]:
    """Tasks and honest others of a round. Many matches are played in the same ones."""
    dealt = deal(world, dice_of(seed, f"deal {world}", number))
    others = STRATEGIES[CROWD](dice_of(seed, f"crowd {world}", number), dealt, world.seats)
    others.setflags(write=False)
    return dealt, others


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """One party over all rounds, in prices; every series is of the mean of its seats."""

    seats: int
    pay: Series
    net: Series  # pay less slash
    slashed: Share  # of its seats: rounds are independent, the seats of one nearly so


@dataclass(frozen=True, slots=True)
class Record:
    """A match over all rounds. `spent` and `sink` are in prices a round.

    spent  what the requester is poorer by, seats of its own left aside
    """

    match: Match
    parties: Mapping[str, PartyRecord]
    modes: Mapping[Mode, float]  # share of the rounds judged so
    right: Series  # share of the tasks where the crowd's answer is the truth
    spent: Series
    sink: Series

    @property
    def first(self) -> PartyRecord:
        """The party that the match is about."""
        return next(iter(self.parties.values()))

    @property
    def others(self) -> PartyRecord:
        """The honest others."""
        return self.parties[CROWD]

    @property
    def bill(self) -> Series:
        """What a requester whose own the parties are spends for each honest sheet."""
        own = [party.net * party.seats for name, party in self.parties.items() if name != CROWD]
        return np.asarray((self.spent - sum(own)) / self.others.seats)


def run(match: Match, rounds: int, seed: int) -> Record:
    """Play all rounds of a match."""
    played = [play(match, number, seed) for number in range(rounds)]
    price, parties, first = match.terms.price, {}, 0
    for name, seats in match.line_up:
        own = [each.outcomes[first : first + seats] for each in played]
        pay = np.array([[out.pay / price for out in outs] for outs in own])
        slash = np.array([[out.slash / price for out in outs] for outs in own])
        hit = Share(int((slash > 0).sum()), slash.size)
        parties[name] = PartyRecord(seats, pay.mean(axis=1), (pay - slash).mean(axis=1), hit)
        first += seats
    balances = [each.balances() for each in played]
    modes = Counter(each.settlement.mode for each in played)
    said = [[-1 if x is None else x for x in each.settlement.consensus] for each in played]
    return Record(
        match=match,
        parties=parties,
        modes={mode: modes[mode] / rounds for mode in Mode},
        right=(np.array(said) == [each.deal.truth for each in played]).mean(axis=1),
        spent=-np.array([change[REQUESTER] / price for change in balances]),
        sink=np.array([change[SINK] / price for change in balances]),
    )


def lead(bench: Record, record: Record) -> float:
    """How far the first party's pay is behind the bench's, as a share of the latter."""
    return 1 - float(record.first.pay.mean() / bench.first.pay.mean())
