"""One round of a match: who sits where, what is committed to, and where every wei goes.

The same match, number and seed always give the same round, so that a sample of what was played
in Python can be played again on a chain (see `arena`).
"""

import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.lab.league.strategies import HONEST_CROWD, Conduct, GoldUse, Strategy
from plumbline.lab.worlds import Answers, Deal, Dice, World, deal, rows_of
from plumbline.settlement import Band, LabelerOutcome, Settlement
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import BPS, LEAK_BOUNTY_BPS, ScoringTerms
from plumbline.settlement.vectorised import settle_sheets

REQUESTER: Final = "requester"
HUNTER: Final = "hunter"  # reports leaks and has no seat
SINK: Final = "sink"
CROWD: Final = "the others"


class LeagueError(PlumblineError):
    """A match that cannot be played."""


@dataclass(frozen=True, slots=True)
class Party:
    """Seats with one strategy."""

    name: str
    strategy: Strategy = field(compare=False)  # the same for the same name of party and match
    seats: int


@dataclass(frozen=True, slots=True)
class Leak:
    """Answers and salt of a seat are reported before all have committed; by whom.

    `reporter` is the seat of another labeler, or None for the hunter.
    """

    seat: int
    reporter: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Who plays. Parties have the first seats, in order; honest others take the rest."""

    name: str  # seeds the dice of the parties: another name, other rounds
    world: World
    parties: tuple[Party, ...] = ()
    gold: GoldUse = GoldUse.NONE
    leaks: tuple[Leak, ...] = ()
    r_min: int | None = None  # replaces the usual one
    tags: tuple[str, ...] = ()  # what its figures are sorted by, if anything

    @property
    def terms(self) -> ScoringTerms:
        terms = self.world.terms()
        return terms if self.r_min is None else replace(terms, r_min=self.r_min)

    @property
    def line_up(self) -> tuple[Party, ...]:
        """All parties, the honest others last. Raises LeagueError if there are not seats enough."""
        taken = sum(party.seats for party in self.parties)
        others = self.world.seats - taken
        if others < 0:
            raise LeagueError(f"{self.name}: {taken} seats taken of {self.world.seats}")
        return (*self.parties, Party(CROWD, HONEST_CROWD, others)) if others else self.parties

    @property
    def leaked(self) -> frozenset[int]:
        """Seats that are reported."""
        return frozenset(leak.seat for leak in self.leaks)

    def seats_of(self, name: str) -> range:
        """The seats of a party."""
        first = 0
        for party in self.line_up:
            if party.name == name:
                return range(first, first + party.seats)
            first += party.seats
        raise LeagueError(f"{self.name}: nobody is called {name}")


@dataclass(frozen=True, slots=True)
class MatchRound:
    """A round that is over.

    gold  the gold answers committed to; opened unless `match.gold` says otherwise
    """

    match: Match
    deal: Deal
    answers: Answers  # seats by tasks, what was committed to
    conduct: tuple[Conduct, ...]  # by seat
    gold: Mapping[int, int]
    outcomes: tuple[LabelerOutcome, ...]  # by seat, the unrevealed included
    settlement: Settlement  # of those who revealed

    @property
    def revealed(self) -> list[int]:
        """Seats on the roll, in order."""
        return _on_roll(self.match, self.conduct)

    def balances(self) -> dict[int | str, int]:
        """What everybody has more than before, in wei; the sum is 0.

        By seat, and for the requester, the hunter and the sink. Gas is left aside.
        """
        terms, settlement = self.match.terms, self.settlement
        seats = enumerate(self.outcomes)
        change: dict[int | str, int] = {seat: out.pay - out.slash for seat, out in seats}
        change[REQUESTER] = settlement.refund - terms.price * terms.seats
        change[HUNTER] = 0
        silent = set(range(len(self.outcomes))).difference(self.revealed)
        change[SINK] = settlement.burned + sum(self.outcomes[seat].slash for seat in silent)
        bounty = terms.stake * LEAK_BOUNTY_BPS // BPS
        for leak in self.match.leaks:
            change[SINK] -= bounty
            change[HUNTER if leak.reporter is None else leak.reporter] += bounty
        return change


def play(match: Match, number: int, seed: int) -> MatchRound:
    """Play a round of a match. Numbers are from 0; every one is another round.

    Rounds with the same number in the same world have the same tasks and honest others, whoever
    else plays: that makes matches comparable.
    """
    dealt, others = _scene(match.world, number, seed)
    answers = others.copy()
    dice = _dice(seed, match.name, number)
    conduct: list[Conduct] = []
    for party in match.line_up:
        if party.name != CROWD:
            rows = party.strategy.answer(dice, dealt, party.seats)
            answers[len(conduct) : len(conduct) + party.seats] = rows
        conduct += [party.strategy.conduct] * party.seats
    return settled(match, dealt, answers, tuple(conduct))


@functools.lru_cache(maxsize=1_024)
def _scene(world: World, number: int, seed: int) -> tuple[Deal, Answers]:
    """Tasks and honest others of a round. Many matches are played in the same ones."""
    dealt = deal(world, _dice(seed, f"deal {world}", number))
    others = HONEST_CROWD.answer(_dice(seed, f"crowd {world}", number), dealt, world.seats)
    others.setflags(write=False)
    return dealt, others


def settled(
    match: Match, dealt: Deal, answers: Answers, conduct: tuple[Conduct, ...]
) -> MatchRound:
    """Settle what was committed to, vectorised."""
    terms = match.terms
    gold = match.gold.of(dealt)
    roll = _on_roll(match, conduct)
    settlement = settle_sheets(
        terms,
        [pack(row, terms.options) for row in rows_of(answers[roll])],
        gold if match.gold.opens else {},
        gold_withheld=match.gold.exist and not match.gold.opens,
    )
    silence = LabelerOutcome(Band.UNREVEALED, 0, terms.stake * terms.slash_max_bps // BPS, 0)
    outcomes = [silence] * len(conduct)
    for seat, outcome in zip(roll, settlement.labelers, strict=True):
        outcomes[seat] = outcome
    return MatchRound(match, dealt, answers, conduct, gold, tuple(outcomes), settlement)


def _on_roll(match: Match, conduct: Sequence[Conduct]) -> list[int]:
    reveals = (seat for seat, what in enumerate(conduct) if what is Conduct.REVEALS)
    return [seat for seat in reveals if seat not in match.leaked]


def _dice(seed: int, name: str, number: int) -> Dice:
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number])
