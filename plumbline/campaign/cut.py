"""Cutting a job into rounds: which items go together, in which order, and which are gold tasks.

    as few rounds as will do, all about equally large
    an item is never divided, nor a group that has no more than half of a round's tasks
    tasks with known answers are dealt out so that each round has as many of each option as can be
    of these, as many gold tasks in each round, evenly over the options; the rest is ordinary
    everything stands in an order that is drawn

Each item is in one round only, so no gold task is ever seen twice, by whomever, nor used once it
is public. Where several groups of people answer, each item is in one round of each group, in an
order of its own, and no task is gold in two of them.

The cut follows from the items and their known answers alone: the same file is always cut in the
same way, on any machine, and who does not know all the answers cannot repeat it.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.formats.campaign_file import MIN_BATCH
from plumbline.formats.gold_choice import evenly
from plumbline.formats.task_pool import PoolItem, TaskPool
from plumbline.protocol.manifest import canonical
from plumbline.questions.lots import Lots
from plumbline.settlement.terms import (
    MAX_TASKS,
    TASKS_PER_GOLD,
    fewest_gold_tasks,
    usual_gold_count,
)

_USUAL_BATCHES: Final = (96, 192, MAX_TASKS)
"""Tasks of a round: the first for which gold suffices. Small rounds are soon full, and cost more
gas a label (docs/gas.md)."""


_Known = tuple[int, tuple[str, int], int]
"""A task whose answer is known: its number in the round, its item with its number there, and the
answer."""


class CutError(PlumblineError):
    """A job that cannot be cut into rounds."""


@dataclass(frozen=True, slots=True)
class CutRound:
    """The items of one round in their order, and its gold: task (its number) -> option."""

    items: tuple[PoolItem, ...]
    gold: Mapping[int, int]

    @property
    def tasks(self) -> tuple[object, ...]:
        """As published."""
        return tuple(task for item in self.items for task in item.tasks)


@dataclass(slots=True)
class _Together:
    """Items that stay together."""

    items: list[PoolItem]
    tasks: int
    known: Counter[int]


@dataclass(slots=True)
class _Pile:
    """What has been dealt to a round so far."""

    units: list[_Together] = field(default_factory=list)
    tasks: int = 0
    known: Counter[int] = field(default_factory=Counter)

    def take(self, unit: _Together) -> None:
        self.units.append(unit)
        self.tasks += unit.tasks
        self.known.update(unit.known)


def cut(
    pool: TaskPool, batch: int | None, gold_count: int | None, groups: int = 1
) -> tuple[CutRound, ...]:
    """The rounds of a job.

    batch        tasks of a round at most; None for the usual
    gold_count   gold tasks of each round; None for as many as are usual and known, 0 for none
    groups       of people, each of whom is asked everything: the rounds of the same items follow
                 one another, in the order of the groups

    Raises CutError, with numbers, if there are too few tasks or known answers.
    """
    tasks = len(pool.tasks)
    if tasks < MIN_BATCH:
        raise CutError(
            f"{tasks} tasks are one small round, not a campaign, which has {MIN_BATCH} or more: "
            "`plumbline requester open` takes 12 to 256 tasks"
        )
    lots = Lots(seed_of(pool))
    options = len(pool.question.options)
    wanted = _wanted(gold_count, options)
    best: list[_Pile] = []
    for most in _USUAL_BATCHES if batch is None else (batch,):
        best = _piles(pool.items, most, lots)
        if not wanted or min(pile.known.total() // groups for pile in best) >= min(
            wanted, min(pile.tasks for pile in best) // TASKS_PER_GOLD
        ):
            break
    count = _gold_in_each(best, options, gold_count, groups)
    return tuple(each for pile in best for each in _rounds(pile, count, lots, groups))


def _wanted(gold_count: int | None, options: int) -> int:
    return usual_gold_count(options, MAX_TASKS) if gold_count is None else gold_count


def seed_of(pool: TaskPool) -> bytes:
    """From all that is in the file of tasks and of answers to them."""
    digest = hashlib.sha256(b"plumbline cut 1")
    for item in pool.items:
        digest.update(canonical([list(item.tasks), list(item.known), item.group]) + b"\n")
    return digest.digest()


# ---------------------------------------------------------------- who goes where


def _piles(items: Sequence[PoolItem], most: int, lots: Lots) -> list[_Pile]:
    """Rounds of at most so many tasks, as few as will do."""
    units = _units(items, most, lots)
    tasks = sum(unit.tasks for unit in units)
    for rounds in range(-(-tasks // most), tasks // MIN_BATCH + 1):
        piles = _dealt(units, rounds, most)
        if piles is not None and min(pile.tasks for pile in piles) >= MIN_BATCH:
            return piles
    raise CutError(
        f"{tasks} tasks cannot be cut into rounds of {MIN_BATCH} to {most}, as items and groups "
        "stay together: set batch to another number"
    )


def _units(items: Sequence[PoolItem], most: int, lots: Lots) -> list[_Together]:
    """Groups that are small enough, and single items, in a drawn order."""
    groups: dict[str, list[PoolItem]] = {}
    for place, item in enumerate(items):
        key = f"item {place}" if item.group is None else f"group {item.group}"
        groups.setdefault(key, []).append(item)
    units = []
    for together in groups.values():
        is_small = sum(len(item.tasks) for item in together) <= most // 2
        for part in [together] if is_small else [[item] for item in together]:
            units.append(_unit(part))
    order = lots.order(len(units), "order of units")
    return [units[place] for place in order]


def _unit(items: list[PoolItem]) -> _Together:
    known = Counter(answer for item in items for answer in item.known if answer is not None)
    return _Together(items, sum(len(item.tasks) for item in items), known)


def _dealt(units: Sequence[_Together], rounds: int, most: int) -> list[_Pile] | None:
    """All units in so many rounds; None if one finds no room. Large ones are dealt first."""
    piles = [_Pile() for _ in range(rounds)]
    telling = sorted((unit for unit in units if unit.known), key=lambda unit: -unit.tasks)
    for unit in telling:
        room = [pile for pile in piles if pile.tasks + unit.tasks <= most]
        if not room:
            return None
        # Where its options are rarest; among these, where most room is.
        min(room, key=lambda pile: (_overlap(pile, unit), pile.known.total(), pile.tasks)).take(
            unit
        )
    heap = [(pile.tasks, place) for place, pile in enumerate(piles)]
    heapq.heapify(heap)
    for unit in sorted((unit for unit in units if not unit.known), key=lambda unit: -unit.tasks):
        tasks, place = heap[0]
        if tasks + unit.tasks > most:
            return None
        piles[place].take(unit)
        heapq.heapreplace(heap, (piles[place].tasks, place))
    return piles


def _overlap(pile: _Pile, unit: _Together) -> int:
    return sum(pile.known[option] * count for option, count in unit.known.items())


# ---------------------------------------------------------------- gold


def _gold_in_each(piles: Sequence[_Pile], options: int, given: int | None, groups: int) -> int:
    """How many gold tasks each round has. Raises CutError if the known answers are too few."""
    if given == 0:
        return 0
    known = [pile.known.total() for pile in piles]
    fewest = min(known) // groups
    smallest = min(pile.tasks for pile in piles)
    count = given or min(usual_gold_count(options, smallest), fewest)
    # Whether so many are allowed in a round of this size is for its terms to say.
    needed = given or fewest_gold_tasks(options)
    if min(count, fewest) < needed:
        rounds = len(piles) * groups
        raise CutError(
            f"gold has {sum(known)} known answers, and {rounds} rounds with {needed} gold "
            f"tasks each take {needed * rounds}, since a gold task is used once: "
            f"{_remedy(piles, needed * groups, groups)}"
        )
    return count


def _remedy(piles: Sequence[_Pile], needed: int, groups: int) -> str:
    """`needed` is how many the rounds of the same items take together."""
    tasks, known = sum(pile.tasks for pile in piles), sum(pile.known.total() for pile in piles)
    fewest = -(-tasks // MAX_TASKS)
    if fewest * needed <= known and fewest < len(piles):
        return f"set batch to {MAX_TASKS}, which makes {fewest * groups} rounds"
    most = known // needed * MAX_TASKS
    fewer = f", ask about {most} tasks at a time" if most >= MIN_BATCH else ""
    return f"find out more answers{fewer}, or say no_gold"


def _rounds(pile: _Pile, gold_count: int, lots: Lots, groups: int) -> list[CutRound]:
    """The rounds of the same items, each in a drawn order, with gold tasks drawn from its known
    answers.
    """
    items = [item for unit in pile.units for item in unit.items]
    name = items[0].called
    orders = [_order(items, lots, group) for group in range(groups)]
    drawn = lots.order(len(_known(orders[0])), f"gold of the round of {name}") if gold_count else []
    gold = _gold(_known(orders[0]), drawn, gold_count, groups)
    return [
        CutRound(
            tuple(order), {task: answer for task, place, answer in _known(order) if place in own}
        )
        for order, own in zip(orders, gold, strict=True)
    ]


def _order(items: Sequence[PoolItem], lots: Lots, group: int) -> list[PoolItem]:
    name = f"order of the round of {items[0].called}"
    order = lots.order(len(items), f"{name} for group {group + 1}" if group else name)
    return [items[place] for place in order]


def _gold(
    known: Sequence[_Known], drawn: Iterable[int], count: int, groups: int
) -> list[frozenset[tuple[str, int]]]:
    """For each group so many gold tasks, as many of each option as can be, none in two groups."""
    answers = [answer for _, _, answer in known]
    chosen = evenly(answers, drawn)[: count * groups]
    dealt = sorted(chosen, key=lambda number: answers[number])
    return [
        frozenset(known[number][1] for number in dealt[group::groups]) for group in range(groups)
    ]


def _known(items: Iterable[PoolItem]) -> list[_Known]:
    """The tasks whose answers are known, in their order."""
    places = [(item.called, nth, answer) for item in items for nth, answer in enumerate(item.known)]
    return [
        (task, (called, nth), answer)
        for task, (called, nth, answer) in enumerate(places)
        if answer is not None
    ]
