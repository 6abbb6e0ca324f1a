"""Rounds of twenty seats on usual terms, played to the end: who gained what, with prices as unit.

Whether a move pays is a question of averages: `play` takes the mean of rounds with different dice.
All is settled by the contract; docs/incentives.md measures more of it, and without a chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any, Final

from plumbline.chain.events import RoundClosed
from plumbline.settlement import Band
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import (
    MAX_SEATS,
    Kind,
    ScoringTerms,
    usual_gold_count,
    usual_terms,
)
from tests.world.jobs import Job, Row
from tests.world.people import Person, person
from tests.world.world import World, of_kind

PRICE: Final = 10**15  # wei
STAKE: Final = 2 * PRICE
SEATS: Final = 20
TASKS: Final = 96

GoldAnswers = Mapping[int, int]


def batch(
    kind: Kind, options: int, width: int = 1, has_gold: bool = True, tasks: int = TASKS
) -> ScoringTerms:
    """The usual terms of a round of twenty seats."""
    gold_count = usual_gold_count(options, tasks) if has_gold else 0
    return usual_terms(kind, options, width, tasks, PRICE, STAKE, SEATS, gold_count)


BINARY: Final = batch(Kind.NOMINAL, options=2)
FOUR: Final = batch(Kind.NOMINAL, options=4)
SCALE: Final = batch(Kind.ORDINAL, options=5, width=2)


def without_gold(terms: ScoringTerms) -> ScoringTerms:
    """The usual terms of the same batch without gold."""
    return batch(terms.kind, terms.options, terms.width, has_gold=False, tasks=terms.tasks)


@dataclass(frozen=True)
class Batch:
    """What there is to be found, and the dice of this round.

    truth   of each task; its first option has a share of `common`, the others share the rest
    gold    answers, as many as the terms promise, evenly of all options that there are
    """

    terms: ScoringTerms
    truth: Sequence[int]
    gold: GoldAnswers
    dice: Random

    @classmethod
    def of(cls, terms: ScoringTerms, seed: int, common: float | None = None) -> "Batch":
        dice = Random(seed)
        options = range(terms.options)
        rest = (1 - (common or 0)) / (terms.options - 1)
        weights = None if common is None else [common, *[rest] * (terms.options - 1)]
        truth = dice.choices(options, weights, k=terms.tasks)
        tasks = {x: [task for task, true in enumerate(truth) if true == x] for x in options}
        gold: dict[int, int] = {}
        while len(gold) < terms.gold_count:
            for x in options:
                if tasks[x] and len(gold) < terms.gold_count:
                    gold[tasks[x].pop(dice.randrange(len(tasks[x])))] = x
        return cls(terms, truth, gold, dice)

    def honest(self, accuracy: float = 0.8) -> Row:
        """A labeler who works: who errs says any other option, or a neighbour on a scale."""
        return [
            true if self.dice.random() < accuracy else self._beside(true) for true in self.truth
        ]

    def crowd(self, count: int, accuracy: float = 0.8) -> list[Row]:
        return [self.honest(accuracy) for _ in range(count)]

    def random(self, weights: Sequence[float] | None = None) -> Row:
        """Without a look at the tasks."""
        return self.dice.choices(range(self.terms.options), weights, k=self.terms.tasks)

    def constant(self, option: int) -> Row:
        return [option] * self.terms.tasks

    def informed(self, row: Row) -> Row:
        """The same by somebody who knows the gold answers."""
        return [self.gold.get(task, answer) for task, answer in enumerate(row)]

    def _beside(self, true: int) -> int:
        options = range(self.terms.options)
        if self.terms.kind is Kind.ORDINAL:
            return self.dice.choice([x for x in (true - 1, true + 1) if x in options])
        return self.dice.choice([x for x in options if x != true])


@dataclass(frozen=True)
class Ending:
    """A round that is closed.

    gains  of each seat, in its order: pay less slash, in prices
    cost   what the requester is out of, in prices a sheet
    """

    job: Job
    closed: RoundClosed
    gains: Sequence[float]
    cost: float

    def mean(self, first: int = 0, last: int = MAX_SEATS) -> float:
        """What seats from the first to before the last gained on average."""
        return average(self.gains[first:last])


def average(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def people(count: int) -> list[Person]:
    return [person(f"of twenty {number}") for number in range(count)]


def play(
    world: World,
    round_: Batch,
    rows: Sequence[Row],
    gold: GoldAnswers | None = None,
    withheld: bool = False,
    **changes: Any,
) -> Ending:
    """Plays it with a seat for each of these rows, and undoes it.

    `gold` is what was committed to, if not that of the batch; `changes` are to the terms.
    """
    with world.undone():
        requester, crowd = person("requester"), people(len(rows))
        world.fund([requester, *crowd])
        terms = replace(round_.terms, **changes)
        known = round_.gold if gold is None else gold
        sheet = gold_of(terms, known) if terms.gold_count else None
        before = {owner: world.total(owner) for owner in (requester, *crowd)}
        own = dict(zip(crowd, rows, strict=True))
        job = world.open(requester, own, sheet, **_fields(terms))
        (closed,) = of_kind(world.play(job, withheld), RoundClosed)
        world.check_books()
        change = {owner: world.total(owner) - was for owner, was in before.items()}
        return Ending(
            job,
            closed,
            [change[owner] / terms.price for owner in crowd],
            -change[requester] / terms.price / len(rows),
        )


def gold_of(terms: ScoringTerms, gold: GoldAnswers) -> Sheet:
    return pack([gold.get(task) for task in range(terms.tasks)], terms.options)


def _fields(terms: ScoringTerms) -> dict[str, Any]:
    return {field.name: getattr(terms, field.name) for field in fields(terms)}


def rounds(
    terms: ScoringTerms, count: int = 5, common: float | None = None, first: int = 0
) -> list[Batch]:
    """So many batches, each with dice of its own."""
    return [Batch.of(terms, seed, common) for seed in range(first, first + count)]


def gain(endings: Sequence[Ending], first: int = 0, last: int = MAX_SEATS) -> float:
    """What seats from the first to before the last gained on average, in prices."""
    return average([ending.mean(first, last) for ending in endings])


def cost(endings: Sequence[Ending]) -> float:
    """What a sheet cost the requester on average, in prices."""
    return average([ending.cost for ending in endings])


def bands(ending: Ending, first: int = 0, last: int = MAX_SEATS) -> set[Band]:
    """All bands among seats from the first to before the last."""
    return {each.band for each in ending.closed.outcomes[first:last]}
