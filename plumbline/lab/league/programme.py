"""What is played, section by section, how many rounds of each match, and what comes of it.

strategies   one seat of each strategy among honest others, in four worlds, with gold or not
honest       eight honest labelers of known accuracy among others: who is slashed unjustly
small        the same for one of 0.7 in small and one-sided rounds
blocs        three kinds of blocs at every share, without gold, with secret and with leaked gold
copies       one honest sheet from many seats; one model for many
requesters   what a requester gains by gold tasks and seats of its own
leaks        who gains from answers that get out
bribes       one task, and P + epsilon on all of them
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import dropwhile, product
from typing import Any, Final

import numpy as np

from plumbline.lab.intervals import Mean, as_json
from plumbline.lab.league import attacks
from plumbline.lab.league import strategies as play_as
from plumbline.lab.league.attacks import EveryTask, LeakFigures, OneTask
from plumbline.lab.league.match import CROWD, Match, Party
from plumbline.lab.league.strategies import GoldUse, Strategy, honest
from plumbline.lab.league.tournament import Crossing, Record, Series, behind, crossing, run
from plumbline.lab.worlds import World
from plumbline.progress import Progress
from plumbline.settlement.terms import BPS

BENCH: Final = "honest 0.8"  # what others are measured against
BLOC: Final = "bloc"
OWN: Final = "the requester's own"
MODEL: Final = "copies"
SECTIONS: Final = (
    *("strategies", "honest", "small", "blocs"),
    *("copies", "requesters", "leaks", "bribes"),
)

BINARY: Final = World("binary", (0.6, 0.4), difficulty=1.0)
EVEN: Final = World("binary, tasks equally hard", (0.6, 0.4))
FOUR: Final = World("four options", (0.4, 0.3, 0.2, 0.1), difficulty=1.0)
SCALE: Final = World("scale of five", (2.0, 3.0, 4.0, 3.0, 2.0), width=3, difficulty=1.0)
WORLDS: Final = (BINARY, EVEN, FOUR, SCALE)
GOLD_WORDS: Final = {GoldUse.NONE: "no gold", GoldUse.HONEST: "secret gold"}

STRATEGIES: Final[Mapping[str, Strategy]] = {
    "honest 0.9": honest(0.9),
    BENCH: honest(0.8),
    "honest 0.7": honest(0.7),
    "honest 0.6": honest(0.6),
    "half-lazy, guesses the rest": play_as.half_lazy(0.8),
    "half-lazy, skips the rest": play_as.half_lazy(0.8, skips=True),
    "knows the golds, guesses the rest": play_as.knows_gold(play_as.guesser()),
    "random": play_as.guesser(),
    "prior-guessing": play_as.guesser(knows_prior=True),
    "constant": play_as.CONSTANT,
    "inverted": play_as.inverted(0.8),
    "copying a sheet of another batch": play_as.STALE_SHEET,
    "copying a commitment": play_as.COPIED_COMMITMENT,
    "silent": play_as.silent(0.8),
}
BEATEN: Final = tuple(dropwhile(lambda name: name != "random", STRATEGIES))
"""Who does no honest work: all from there on."""
PROMISED: Final = 0.6
"""How far honest work at 0.8 must be ahead of `BEATEN`, as a share of its own pay."""

ACCURACIES: Final = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
SMALL: Final = (
    *(replace(BINARY, name=f"{tasks} tasks", tasks=tasks) for tasks in (24, 48, 96)),
    *(replace(BINARY, name=f"{seats} seats", seats=seats) for seats in (5, 7, 10)),
    replace(BINARY, name="24 tasks, 5 seats", tasks=24, seats=5),
    *(
        replace(BINARY, name=f"{rare:.0%} in the minority", prior=(1 - rare, rare))
        for rare in (0.03, 0.05, 0.07, 0.1)
    ),
)
SMALL_EVEN: Final = tuple(replace(world, difficulty=0.0) for world in SMALL)

CROWDS: Final = (
    World("p = 0.7", (0.6, 0.4), seats=40, crowd=(0.7, 0.7)),
    World("p = 0.8", (0.6, 0.4), seats=40, crowd=(0.8, 0.8)),
    World("p = 0.6 to 0.9, tasks unequal", (0.6, 0.4), seats=40, difficulty=1.0),
)
REGIMES: Final = ("no gold", "secret gold", "leaked gold")
KINDS: Final = ("random sheet", "inverted sheet", "targeted lies")  # a fifth of the tasks
_BLOC_SEATS: Final = (2, *range(4, 17), 18, 20, 24, 32)  # of 40
_ONE_TASK_TAKERS: Final = (1, 2, 4, 6, 8, 10, 12)
_EVERY_TASK_TAKERS: Final = (1, 2, 4, 6, 7, 8, 10, 12, 16, 19)


@dataclass(frozen=True, slots=True)
class BlocCurve:
    """A kind of bloc at every share of the seats; `records` of the same rounds."""

    crowd: World
    kind: str
    regime: str
    records: tuple[Record, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        return tuple(record.first.seats / self.crowd.seats for record in self.records)

    def nets(self) -> list[Series]:
        """What a seat of the bloc ends with, prices, at every share."""
        return [record.of(BLOC).net for record in self.records]

    def gains(self, seed: int) -> Crossing:
        """From which share on its seats end with more than they had, labour left aside."""
        return crossing(self.shares, self.nets(), seed)

    def beats(self, seed: int) -> Crossing:
        """From which share on they end with more than the honest others of the same rounds."""
        others = [record.of(CROWD).net for record in self.records]
        ahead = [net - other for net, other in zip(self.nets(), others, strict=True)]
        return crossing(self.shares, ahead, seed)


@dataclass(slots=True)
class LeagueFigures:
    """All that was played; what was left out is empty."""

    rounds: int
    seed: int
    strategies: list[Record] = field(default_factory=list)
    honest: list[Record] = field(default_factory=list)
    small: list[Record] = field(default_factory=list)
    blocs: list[Record] = field(default_factory=list)
    copies: list[Record] = field(default_factory=list)
    requesters: list[Record] = field(default_factory=list)
    leaks: list[LeakFigures] = field(default_factory=list)
    one_task: list[OneTask] = field(default_factory=list)
    every_task: list[EveryTask] = field(default_factory=list)

    @property
    def curves(self) -> list[BlocCurve]:
        """The blocs, each kind at every share."""
        sorted_: dict[tuple[World, str, str], list[Record]] = {}
        for record in self.blocs:
            kind, regime = record.match.tags
            sorted_.setdefault((record.match.world, kind, regime), []).append(record)
        return [BlocCurve(*key, tuple(records)) for key, records in sorted_.items()]

    def behind(self, record: Record) -> Mean:
        """How far a strategy's pay is behind that of 0.8 in the same world with the same gold."""
        return behind(record, bench_of(self.strategies, record))

    def to_json(self, cost: float) -> dict[str, Any]:
        """Everything; amounts in prices or stakes, as their names say. `cost` is of labour."""

        told: dict[str, Any] = {"rounds": self.rounds, "seed": self.seed, "cost_of_labour": cost}
        for name in ("strategies", "honest", "small", "copies", "requesters"):
            told[name] = [record.to_json(cost) for record in getattr(self, name)]
        for record, fields in zip(self.strategies, told["strategies"], strict=True):
            fields["behind"] = self.behind(record).to_json()
        for record, fields in zip(self.requesters, told["requesters"], strict=True):
            fields["spent"] = as_json(spent(record))
        told["blocs"] = [
            {
                "crowd": curve.crowd.name,
                "kind": curve.kind,
                "regime": curve.regime,
                "gains": as_json(curve.gains(self.seed)),
                "beats": as_json(curve.beats(self.seed)),
                "shares": list(curve.shares),
                "records": [record.to_json(cost) for record in curve.records],
            }
            for curve in self.curves
        ]
        return told | {x: as_json(getattr(self, x)) for x in ("leaks", "one_task", "every_task")}


def bench_of(records: list[Record], record: Record) -> Record:
    """The honest labeler of 0.8 in the same world, with the same gold."""
    where = (BENCH, record.match.world, record.match.gold)
    return next(
        other
        for other in records
        if (other.match.name, other.match.world, other.match.gold) == where
    )


def predicted(world: World) -> float | None:
    """((2p - 1) - tau) / 2p: where a bloc that contradicts a crowd of accuracy p outvotes it.

    None where the crowd has no one accuracy.
    """
    low, high = world.crowd
    if low != high or world.difficulty:
        return None
    return ((2 * low - 1) - world.terms().tau_bps / BPS) / (2 * low)


def spent(record: Record) -> Series:
    """What a requester is poorer by, with its own seats, in prices a round."""
    own = [party.net * party.seats for party in record.parties if party.name == OWN]
    cost: Series = -record.requester - sum(own)
    return cost


# ------------------------------------------------------------- what is played


@dataclass(frozen=True, slots=True)
class Item:
    """One match of a section: how many rounds of it, how it is run, and where figures go."""

    section: str
    place: str
    match: Match
    rounds: int
    run: Callable[[Match, int, int], Any]


def simulate(
    rounds: int, seed: int, progress: Progress, sections: tuple[str, ...] = SECTIONS
) -> LeagueFigures:
    """Play sections. `rounds` is of each match of the strategies; others have more or fewer."""
    todo = [item for item in items(rounds) if item.section in sections]
    figures, done = LeagueFigures(rounds, seed), 0
    total = sum(item.rounds for item in todo)
    for item in todo:
        progress(item.section, done, total)
        getattr(figures, item.place).append(item.run(item.match, item.rounds, seed))
        done += item.rounds
    progress("done", total, total)
    return figures


def sample(
    rounds: int, seed: int, number: int, sections: tuple[str, ...] = SECTIONS
) -> list[tuple[Match, int]]:
    """So many of the rounds that `simulate` plays, from its sections in turn: match and number."""
    dice = np.random.default_rng([seed, 1])
    shuffled: dict[str, list[Item]] = {}
    for section in SECTIONS:
        own = [item for item in items(rounds) if item.section == section]
        shuffled[section] = [own[place] for place in dice.permutation(len(own))]
    queues = [shuffled[section] for section in sections]
    chosen: list[tuple[Match, int]] = []
    while len(chosen) < number:
        for queue in queues:
            item = queue[len(chosen) // len(queues) % len(queue)]
            chosen.append((item.match, int(dice.integers(item.rounds))))
    return chosen[:number]


def items(rounds: int) -> Iterator[Item]:
    """Everything, in order."""
    few = max(2, rounds // 4)
    one_task = (attacks.one_task_match(EVEN, takers) for takers in _ONE_TASK_TAKERS)
    every_task = (
        attacks.every_task_match(EVEN, takers, gold)
        for gold, takers in product(GOLD_WORDS, _EVERY_TASK_TAKERS)
    )
    for place, matches, number, play in (
        ("strategies", _strategies(), rounds, run),
        ("honest", _honest(), rounds * 5, run),
        ("small", _small(), rounds * 2, run),
        ("blocs", _blocs(), few, run),
        ("copies", _copies(), rounds, run),
        ("requesters", requester_matches(), rounds, run),
        ("leaks", attacks.leak_matches(BINARY), rounds, attacks.run_leak),
        ("one_task", one_task, rounds, attacks.run_one_task),
        ("every_task", every_task, rounds, attacks.run_every_task),
    ):
        section = place if place in SECTIONS else "bribes"
        yield from (Item(section, place, match, number, play) for match in matches)


def _strategies() -> Iterator[Match]:
    for world, gold, (name, strategy) in product(WORLDS, GOLD_WORDS, STRATEGIES.items()):
        if gold.exist or not strategy.needs_gold:
            yield Match(name, world, (Party(name, strategy, 1),), gold)


def _honest() -> Iterator[Match]:
    parties = tuple(Party(f"{accuracy}", honest(accuracy), 1) for accuracy in ACCURACIES)
    for world, gold in product((BINARY, EVEN), GOLD_WORDS):
        yield Match("honest labelers", world, parties, gold)


def _small() -> Iterator[Match]:
    for world in (*SMALL, *SMALL_EVEN):
        yield Match("small", world, (Party("0.7", honest(0.7), 1),))


def _blocs() -> Iterator[Match]:
    for crowd, kind, regime, seats in product(CROWDS, KINDS, REGIMES, _BLOC_SEATS):
        party = Party(BLOC, bloc_strategy(kind, regime, round(sum(crowd.crowd) / 2, 6)), seats)
        gold = GoldUse.NONE if regime == "no gold" else GoldUse.HONEST
        name = f"{kind}, {regime}, {seats} of {crowd.seats} seats"
        yield Match(name, crowd, (party,), gold, tags=(kind, regime))


def bloc_strategy(kind: str, regime: str, accuracy: float) -> Strategy:
    """What a bloc hands in. Those who work are as good as the crowd."""
    strategy: Strategy = {
        "random sheet": play_as.one_sheet(play_as.guesser()),
        "inverted sheet": play_as.one_sheet(play_as.inverted(accuracy)),
        "targeted lies": play_as.targeted_lies(accuracy, 0.2),
    }[kind]
    return play_as.knows_gold(strategy) if regime == "leaked gold" else strategy


def _copies() -> Iterator[Match]:
    for seats in (1, 2, 4, 6, 8):
        party = Party(MODEL, play_as.one_sheet(honest(0.8)), seats)
        yield Match(f"one honest sheet, {seats} of 20 seats", BINARY, (party,))
    for accuracy, seats in product((0.8, 0.65), (5, 10, 20)):
        party = Party(MODEL, play_as.same_model(accuracy), seats)
        yield Match(f"one model of {accuracy}, {seats} of 20 seats", BINARY, (party,))


def requester_matches() -> Iterator[Match]:
    """Gold tasks and seats of the requester's own."""
    most, few = BINARY.seats // 2 + 1, BINARY.seats * 2 // 5
    option, sheet = play_as.LAST_OPTION, play_as.DECOY
    says, shares = f"{most} own seats say one option", "own seats share a random sheet"
    starved = "one own silent seat, r_min = seats"
    for name, gold, strategy, seats in (
        ("fair, no gold", GoldUse.NONE, None, 0),
        ("fair, gold", GoldUse.HONEST, None, 0),
        ("golds withheld", GoldUse.WITHHELD, None, 0),
        ("golds wrong", GoldUse.WRONG, None, 0),
        ("a quarter of the golds wrong", GoldUse.FEW_WRONG, None, 0),
        ("golds on all but 11 tasks", GoldUse.NEARLY_ALL, None, 0),
        (starved, GoldUse.NONE, play_as.silent(0.8), 1),
        (f"{says}, no gold", GoldUse.NONE, option, most),
        (f"{says}, true golds", GoldUse.HONEST, option, most),
        (f"{says}, true golds of it only", GoldUse.ONE_SIDED, option, most),
        (f"{few} {shares}, no gold", GoldUse.NONE, sheet, few),
        (f"{most} {shares}, no gold", GoldUse.NONE, sheet, most),
        (f"{most} {shares}, true golds", GoldUse.HONEST, sheet, most),
        (f"{most} {shares}, golds from it", GoldUse.PLANTED, sheet, most),
    ):
        parties = (Party(OWN, strategy, seats),) if strategy else ()
        r_min = BINARY.seats if name == starved else None
        yield Match(name, BINARY, parties, gold, r_min=r_min)
