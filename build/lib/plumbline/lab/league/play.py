"""One round, played: who sits where, what is committed to, and where every wei goes.

    match   who plays in which world, and what the requester does
    deal    the tasks
    played  answers, the settlement of the fast twin, and the balance of everybody

The same match, number and seed always give the same round, so that a sample of what was played
here can be played again on a chain (see `arena`).
"""

import functools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.lab.league.requesters import Gold, Golds
from plumbline.lab.league.strategies import Conduct, Crowd, Strategy
from plumbline.lab.league.world import Deal, Dice, Table, World, deal
from plumbline.settlement import Band, LabelerOutcome, Settlement
from plumbline.settlement.sheet import Sheet, planes_used, widen
from plumbline.settlement.terms import BPS, LEAK_BOUNTY_BPS, MAX_TASKS, ScoringTerms
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
    strategy: Strategy
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
    """Who plays. Parties have the first seats, in order; honest others take the rest.

    `r_min` replaces the usual one.
    """

    name: str
    world: World
    parties: tuple[Party, ...] = ()
    golds: Golds = Golds.NONE
    leaks: tuple[Leak, ...] = ()
    r_min: int | None = None

    @property
    def terms(self) -> ScoringTerms:
        """The terms of the round."""
        terms = self.world.terms()
        return terms if self.r_min is None else replace(terms, r_min=self.r_min)

    @property
    def line_up(self) -> tuple[Party, ...]:
        """All parties, the honest others last. Raises LeagueError if there are not seats enough."""
        taken = sum(party.seats for party in self.parties)
        others = self.world.seats - taken
        if others < 0:
            raise LeagueError(f"{self.name}: {taken} seats taken of {self.world.seats}")
        return (*self.parties, Party(CROWD, Crowd(), others)) if others else self.parties

    def seats_of(self, name: str) -> range:
        """The seats of a party."""
        first = 0
        for party in self.line_up:
            if party.name == name:
                return range(first, first + party.seats)
            first += party.seats
        raise LeagueError(f"{self.name}: nobody is called {name}")


@dataclass(frozen=True, slots=True)
class Played:
    """A round that is over.

    answers     seats by tasks, what was committed to
    conduct     by seat
    gold        the golds committed to; opened unless `match.golds` says otherwise
    outcomes    by seat, the unrevealed included
    settlement  of those who revealed
    """

    match: Match
    deal: Deal
    answers: Table
    conduct: tuple[Conduct, ...]
    gold: Gold
    outcomes: tuple[LabelerOutcome, ...]
    settlement: Settlement

    @property
    def leaked(self) -> frozenset[int]:
        """Seats that were reported."""
        return frozenset(leak.seat for leak in self.match.leaks)

    @property
    def revealed(self) -> tuple[int, ...]:
        """Seats on the roll, in order."""
        return tuple(_on_roll(self.conduct, self.leaked))

    def balances(self) -> dict[int | str, int]:
        """What everybody has more than before, in wei; the sum is 0.

        By seat, and for the requester, the hunter and the sink. Gas is left aside.
        """
        terms = self.match.terms
        bounty = terms.stake * LEAK_BOUNTY_BPS // BPS
        found: dict[int | str, int] = {
            seat: outcome.pay - outcome.slash for seat, outcome in enumerate(self.outcomes)
        }
        found[REQUESTER] = self.settlement.refund - terms.price * terms.seats
        found[HUNTER] = 0
        silent = sorted(set(range(len(self.outcomes))).difference(self.revealed))
        found[SINK] = self.settlement.burned + sum(self.outcomes[seat].slash for seat in silent)
        for leak in self.match.leaks:
            found[SINK] -= bounty
            found[HUNTER if leak.reporter is None else leak.reporter] += bounty
        return found


def play(match: Match, number: int, seed: int) -> Played:
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
def _scene(world: World, number: int, seed: int) -> tuple[Deal, Table]:
    """Tasks and honest others of a round. Many matches are played in the same ones."""
    dealt = deal(world, _dice(seed, f"deal {world}", number))
    others = Crowd().answer(_dice(seed, f"crowd {world}", number), dealt, world.seats)
    others.setflags(write=False)
    return dealt, others


def settled(match: Match, dealt: Deal, answers: Table, conduct: tuple[Conduct, ...]) -> Played:
    """Settle what was committed to, by the fast twin."""
    terms = match.terms
    gold = match.golds.of(dealt)
    leaked = {leak.seat for leak in match.leaks}
    roll = _on_roll(conduct, leaked)
    settlement = settle_sheets(
        terms,
        pack_table(answers[roll], terms.options),
        gold if match.golds.opens else {},
        gold_withheld=match.golds.exist and not match.golds.opens,
    )
    silence = LabelerOutcome(Band.UNREVEALED, 0, terms.stake * terms.slash_max_bps // BPS, 0)
    outcomes = [silence] * len(conduct)
    for seat, outcome in zip(roll, settlement.labelers, strict=True):
        outcomes[seat] = outcome
    return Played(match, dealt, answers, conduct, gold, tuple(outcomes), settlement)


def pack_table(answers: Table, options: int) -> list[Sheet]:
    """Sheets of a whole table: the same as `pack` of each row, all rows at once."""
    used = planes_used(options)
    given = answers >= 0
    planes = np.zeros((len(answers), used, MAX_TASKS), dtype=np.bool_)
    planes[:, 0, : answers.shape[1]] = given
    for digit in range(used - 1):
        planes[:, 1 + digit, : answers.shape[1]] = given & ((answers >> digit & 1) == 1)
    words = np.packbits(planes, axis=2, bitorder="little").tobytes()
    size = MAX_TASKS // 8
    numbers = [
        int.from_bytes(words[start : start + size], "little")
        for start in range(0, len(words), size)
    ]
    return [widen(numbers[start : start + used]) for start in range(0, len(numbers), used)]


def rows_of(answers: Table) -> list[list[int | None]]:
    """A table as answers with None for a skip."""
    return [[None if answer < 0 else answer for answer in row] for row in answers.tolist()]


def _on_roll(conduct: Sequence[Conduct], leaked: frozenset[int] | set[int]) -> list[int]:
    return [
        seat for seat, what in enumerate(conduct) if what is Conduct.REVEALS and seat not in leaked
    ]


def _dice(seed: int, name: str, number: int) -> Dice:
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number])
