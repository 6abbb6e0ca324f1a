"""What is played: the matches of every section, and how many rounds of each.

strategies   one seat of each strategy among honest others, in four worlds, with gold or not
honest       eight honest labelers of known accuracy among others: who is slashed unjustly
small        the same for one of 0.7 in small and one-sided rounds
blocs        three kinds of blocs at every share, without gold, with secret and with leaked gold
copies       one honest sheet from many seats; one model for many
requesters   what a requester gains by golds and seats of its own
leaks        who gains from answers that get out
bribes       one task, and P + epsilon on all of them
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from plumbline.lab.league import bribes, leaks
from plumbline.lab.league.blocs import Decoy, LastOption, OneSheet, SameModel, TargetedLies
from plumbline.lab.league.bribes import EveryTask, OneTask
from plumbline.lab.league.leaks import LeakLine
from plumbline.lab.league.play import Match, Party
from plumbline.lab.league.requesters import Golds
from plumbline.lab.league.strategies import (
    CommitmentCopier,
    Constant,
    Guesser,
    HalfLazy,
    Honest,
    Inverted,
    KnowsGold,
    PriorGuesser,
    Silent,
    StaleSheet,
    Strategy,
)
from plumbline.lab.league.tournament import Record, run
from plumbline.lab.league.world import World
from plumbline.progress import Progress

BENCH: Final = "honest 0.8"  # what others are measured against
BLOC: Final = "bloc"
OWN: Final = "the requester's own"
MODEL: Final = "copies"
SECTIONS: Final = (
    "strategies",
    "honest",
    "small",
    "blocs",
    "copies",
    "requesters",
    "leaks",
    "bribes",
)

BINARY: Final = World("binary", (0.6, 0.4), difficulty=1.0)
EVEN: Final = World("binary, tasks equally hard", (0.6, 0.4))
FOUR: Final = World("four options", (0.4, 0.3, 0.2, 0.1), difficulty=1.0)
SCALE: Final = World("scale of five", (2.0, 3.0, 4.0, 3.0, 2.0), width=3, difficulty=1.0)
WORLDS: Final = (BINARY, EVEN, FOUR, SCALE)
GOLDS: Final = (Golds.NONE, Golds.HONEST)

STRATEGIES: Final[Mapping[str, Strategy]] = {
    "honest 0.9": Honest(0.9),
    BENCH: Honest(0.8),
    "honest 0.7": Honest(0.7),
    "honest 0.6": Honest(0.6),
    "half-lazy, guesses the rest": HalfLazy(0.8),
    "half-lazy, skips the rest": HalfLazy(0.8, skips=True),
    "knows the golds, guesses the rest": KnowsGold(Guesser()),
    "random": Guesser(),
    "prior-guessing": PriorGuesser(),
    "constant": Constant(),
    "inverted": Inverted(0.8),
    "copying a sheet of another batch": StaleSheet(),
    "copying a commitment": CommitmentCopier(),
    "silent": Silent(0.8),
}

ACCURACIES: Final = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
_SHORT: Final = tuple(replace(BINARY, name=f"{tasks} tasks", tasks=tasks) for tasks in (24, 48, 96))
_THIN: Final = tuple(replace(BINARY, name=f"{seats} seats", seats=seats) for seats in (5, 7, 10))
_ONE_SIDED: Final = tuple(
    replace(BINARY, name=f"{rare:.0%} in the minority", prior=(1 - rare, rare))
    for rare in (0.03, 0.05, 0.07, 0.1)
)
_BOTH: Final = replace(BINARY, name="24 tasks, 5 seats", tasks=24, seats=5)
SMALL: Final = (*_SHORT, *_THIN, _BOTH, *_ONE_SIDED)
SMALL_EVEN: Final = tuple(replace(world, difficulty=0.0) for world in SMALL)

CROWDS: Final = (
    World("p = 0.7", (0.6, 0.4), seats=40, crowd=(0.7, 0.7)),
    World("p = 0.8", (0.6, 0.4), seats=40, crowd=(0.8, 0.8)),
    World("p = 0.6 to 0.9, tasks unequal", (0.6, 0.4), seats=40, difficulty=1.0),
)
REGIMES: Final = ("no gold", "secret gold", "leaked gold")
KINDS: Final = ("random sheet", "inverted sheet", "targeted lies")
LIES: Final = 0.2  # of the tasks
_BLOC_SEATS: Final = (2, *range(4, 17), 18, 20, 24, 32)  # of 40

ONE_TASK_TAKERS: Final = (1, 2, 4, 6, 8, 10, 12)
EVERY_TASK_TAKERS: Final = (1, 2, 4, 6, 7, 8, 10, 12, 16, 19)


@dataclass(frozen=True, slots=True)
class BlocCurve:
    """A kind of bloc at every share of the seats; `records` of the same rounds."""

    crowd: World
    kind: str
    regime: str
    shares: tuple[float, ...]
    records: tuple[Record, ...]


@dataclass(slots=True)
class Results:
    """All that was played; what was left out is empty."""

    rounds: int
    seed: int
    strategies: list[Record] = field(default_factory=list)
    honest: list[Record] = field(default_factory=list)
    small: list[Record] = field(default_factory=list)
    blocs: list[BlocCurve] = field(default_factory=list)
    copies: list[Record] = field(default_factory=list)
    requesters: list[Record] = field(default_factory=list)
    leaks: list[LeakLine] = field(default_factory=list)
    one_task: list[OneTask] = field(default_factory=list)
    every_task: list[EveryTask] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Item:
    """One match of a section: how many rounds of it, and what becomes of them."""

    section: str
    match: Match
    rounds: int
    play: Callable[[Results, int], None]


def simulate(
    rounds: int, seed: int, progress: Progress, sections: tuple[str, ...] = SECTIONS
) -> Results:
    """Play sections. `rounds` is of each match of the strategies; others have more or fewer."""
    todo = [item for item in items(rounds) if item.section in sections]
    results, done = Results(rounds, seed), 0
    total = sum(item.rounds for item in todo)
    for item in todo:
        progress(item.section, done, total)
        item.play(results, seed)
        done += item.rounds
    progress("done", total, total)
    return results


def sample(
    rounds: int, seed: int, number: int, sections: tuple[str, ...] = SECTIONS
) -> list[tuple[Match, int]]:
    """So many of the rounds that `simulate` plays, from its sections in turn: match and number."""
    dice = np.random.default_rng([seed, 1])
    by_section: dict[str, list[Item]] = {section: [] for section in SECTIONS}
    for item in items(rounds):
        by_section[item.section].append(item)
    shuffled = {
        section: [found[place] for place in dice.permutation(len(found))]
        for section, found in by_section.items()
    }
    queues = [shuffled[section] for section in sections]
    chosen: list[tuple[Match, int]] = []
    while len(chosen) < number:
        for queue in queues:
            item = queue[len(chosen) // len(queues) % len(queue)]
            chosen.append((item.match, int(dice.integers(item.rounds))))
    return chosen[:number]


def items(rounds: int) -> Iterator[Item]:
    """Everything, in order."""
    yield from _recorded("strategies", strategy_matches(), rounds)
    yield from _recorded("honest", honest_matches(), rounds * 5)
    yield from _recorded("small", small_matches(), rounds * 2)
    yield from _blocs(max(2, rounds // 4))
    yield from _recorded("copies", copy_matches(), rounds)
    yield from _recorded("requesters", requester_matches(), rounds)
    for story in leaks.stories(BINARY):
        yield _leak(story, rounds)
    for takers in ONE_TASK_TAKERS:
        yield _one_task(bribes.one_task_match(EVEN, takers), rounds)
    for golds in GOLDS:
        for takers in EVERY_TASK_TAKERS:
            yield _every_task(bribes.every_task_match(EVEN, takers, golds), rounds)


def strategy_matches() -> Iterator[Match]:
    """One seat of each strategy among honest others."""
    for world in WORLDS:
        for golds in GOLDS:
            for name, strategy in STRATEGIES.items():
                if isinstance(strategy, KnowsGold) and golds is Golds.NONE:
                    continue  # there is nothing to know
                yield Match(name, world, (Party(name, strategy, 1),), golds)


def honest_matches() -> Iterator[Match]:
    """Eight of known accuracy, one seat each, among others."""
    parties = tuple(Party(f"{accuracy}", Honest(accuracy), 1) for accuracy in ACCURACIES)
    for world in (BINARY, EVEN):
        for golds in GOLDS:
            yield Match("honest labelers", world, parties, golds)


def small_matches() -> Iterator[Match]:
    """One of 0.7, in rounds that are short, thin or one-sided; no gold."""
    for world in (*SMALL, *SMALL_EVEN):
        yield Match("small", world, (Party("0.7", Honest(0.7), 1),))


def bloc_strategy(kind: str, regime: str, accuracy: float) -> Strategy:
    """What a bloc hands in. Those who work are as good as the crowd."""
    made: Strategy
    if kind == "random sheet":
        made = OneSheet(Guesser())
    elif kind == "inverted sheet":
        made = OneSheet(Inverted(accuracy))
    else:
        made = TargetedLies(accuracy, LIES)
    return KnowsGold(made) if regime == "leaked gold" else made


def copy_matches() -> Iterator[Match]:
    """One honest sheet from many seats, and one model for many."""
    for seats in (1, 2, 4, 6, 8):
        party = Party(MODEL, OneSheet(Honest(0.8)), seats)
        yield Match(f"one honest sheet, {seats} of 20 seats", BINARY, (party,))
    for accuracy in (0.8, 0.65):
        for seats in (5, 10, 20):
            party = Party(MODEL, SameModel(accuracy), seats)
            yield Match(f"one model of {accuracy}, {seats} of 20 seats", BINARY, (party,))


def requester_matches() -> Iterator[Match]:
    """Golds and seats of the requester's own."""
    most, few = BINARY.seats // 2 + 1, BINARY.seats * 2 // 5

    def own(name: str, strategy: Strategy, seats: int, golds: Golds) -> Match:
        return Match(name, BINARY, (Party(OWN, strategy, seats),), golds)

    yield Match("fair, no gold", BINARY)
    yield Match("fair, gold", BINARY, golds=Golds.HONEST)
    yield Match("golds withheld", BINARY, golds=Golds.WITHHELD)
    yield Match("golds wrong", BINARY, golds=Golds.WRONG)
    yield Match("a quarter of the golds wrong", BINARY, golds=Golds.FEW_WRONG)
    yield Match("golds on all but 11 tasks", BINARY, golds=Golds.NEARLY_ALL)
    starved = own("one own silent seat, r_min = seats", Silent(0.8), 1, Golds.NONE)
    yield replace(starved, r_min=BINARY.seats)
    constant, decoy = LastOption(), Decoy()
    yield own(f"{most} own seats say one option, no gold", constant, most, Golds.NONE)
    yield own(f"{most} own seats say one option, true golds", constant, most, Golds.HONEST)
    yield own(
        f"{most} own seats say one option, true golds of it only", constant, most, Golds.ONE_SIDED
    )
    yield own(f"{few} own seats share a random sheet, no gold", decoy, few, Golds.NONE)
    yield own(f"{most} own seats share a random sheet, no gold", decoy, most, Golds.NONE)
    yield own(f"{most} own seats share a random sheet, true golds", decoy, most, Golds.HONEST)
    yield own(f"{most} own seats share a random sheet, golds from it", decoy, most, Golds.PLANTED)


def _recorded(section: str, matches: Iterator[Match], rounds: int) -> Iterator[Item]:
    for match in matches:
        yield _record(section, match, rounds)


def _record(section: str, match: Match, rounds: int) -> Item:
    def played(results: Results, seed: int) -> None:
        kept: list[Record] = {
            "strategies": results.strategies,
            "honest": results.honest,
            "small": results.small,
            "copies": results.copies,
            "requesters": results.requesters,
        }[section]
        kept.append(run(match, rounds, seed))

    return Item(section, match, rounds, played)


def _blocs(rounds: int) -> Iterator[Item]:
    for crowd in CROWDS:
        accuracy = round(sum(crowd.crowd) / 2, 6)
        for kind in KINDS:
            for regime in REGIMES:
                strategy = bloc_strategy(kind, regime, accuracy)
                golds = Golds.NONE if regime == "no gold" else Golds.HONEST
                for seats in _BLOC_SEATS:
                    name = f"{kind}, {regime}, {seats} of {crowd.seats} seats"
                    match = Match(name, crowd, (Party(BLOC, strategy, seats),), golds)
                    yield _bloc(match, kind, regime, rounds)


def _bloc(match: Match, kind: str, regime: str, rounds: int) -> Item:
    def played(results: Results, seed: int) -> None:
        record = run(match, rounds, seed)
        share = match.parties[0].seats / match.world.seats
        last = results.blocs[-1] if results.blocs else None
        if last is None or (last.crowd, last.kind, last.regime) != (match.world, kind, regime):
            results.blocs.append(BlocCurve(match.world, kind, regime, (share,), (record,)))
            return
        results.blocs[-1] = replace(
            last, shares=(*last.shares, share), records=(*last.records, record)
        )

    return Item("blocs", match, rounds, played)


def _leak(story: leaks.Story, rounds: int) -> Item:
    def played(results: Results, seed: int) -> None:
        results.leaks.append(leaks.run(story, rounds, seed))

    return Item("leaks", story.match, rounds, played)


def _one_task(match: Match, rounds: int) -> Item:
    def played(results: Results, seed: int) -> None:
        results.one_task.append(bribes.one_task(match, rounds, seed))

    return Item("bribes", match, rounds, played)


def _every_task(match: Match, rounds: int) -> Item:
    def played(results: Results, seed: int) -> None:
        results.every_task.append(bribes.every_task(match, rounds, seed))

    return Item("bribes", match, rounds, played)
