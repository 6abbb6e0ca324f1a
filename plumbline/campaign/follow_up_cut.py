"""Cutting follow-up rounds: which items are asked again together, and with which gold tasks.

    as few rounds as will do, all about equally large; the tasks of an item stay together
    each has gold tasks of its own, evenly over the options, of answers that nobody has seen yet
    every task with a known answer is a gold task, so the items of a round say which these are
    those that were asked together are asked again together: whoever answered an item in an earlier
    round is kept out of this one, and so fewer are
    a round too small for its gold tasks is filled with the items that are the next least sure
    everything stands in an order that is drawn

What was answered is public, so who copies it must not get far: gold tasks are those on which the
answers so far say least, as on the items that are asked again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from plumbline.campaign.cut import CutError, CutRound
from plumbline.formats.task_pool import PoolItem
from plumbline.questions.lots import Lots
from plumbline.settlement.terms import MIN_TASKS, TASKS_PER_GOLD, fewest_gold_tasks


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """What can be asked again, in each the least sure first.

    below    items that are to be
    others   those that may fill a round
    known    items whose answers are known, and were never opened
    """

    below: Sequence[PoolItem]
    others: Sequence[PoolItem]
    known: Sequence[PoolItem]

    def first(self, items: int) -> "AskedAgain":
        """The same with so many of `below`; the others may fill."""
        return AskedAgain(self.below[:items], (*self.below[items:], *self.others), self.known)


@dataclass(frozen=True, slots=True)
class FollowUpShape:
    """How follow-up rounds are.

    options      of the question
    most         tasks of a round at most
    gold_count   gold tasks of a round, fewer where it is small or few are left; 0 for none
    """

    options: int
    most: int
    gold_count: int

    @property
    def fewest_gold(self) -> int:
        """Gold tasks without which a round would be settled as one without gold."""
        return fewest_gold_tasks(self.options) if self.gold_count else 0

    @property
    def fewest_asked(self) -> int:
        """Tasks that are no gold tasks, in the smallest round."""
        return max(MIN_TASKS, (TASKS_PER_GOLD - 1) * self.fewest_gold)


@dataclass(frozen=True, slots=True)
class FollowUpCut:
    """`left` are items for whose rounds there are no gold tasks left."""

    rounds: tuple[CutRound, ...]
    left: tuple[PoolItem, ...]


def cut_again(
    again: AskedAgain,
    shape: FollowUpShape,
    lots: Lots,
    asked_in: Mapping[str, frozenset[int]] | None = None,
) -> FollowUpCut:
    """The follow-up rounds for the items in `below`, one or more.

    asked_in   the earlier rounds in which each item was asked, by name; None if it does not matter

    Raises CutError, with numbers, if there are too few known answers or too few tasks.
    """
    gold_tasks = _tasks(again.known) if shape.gold_count else 0
    most_rounds = gold_tasks // shape.fewest_gold if shape.gold_count else len(again.below)
    if not most_rounds:
        raise CutError(
            f"{gold_tasks} known answers were no gold tasks yet, and a follow-up round takes "
            f"{shape.fewest_gold}, since a gold task is used once: --no-gold opens follow-up "
            "rounds without"
        )
    room = shape.most - shape.fewest_gold
    below = _that_fit(again.below, most_rounds * room)
    rounds = max(1, -(-_tasks(below) // room))
    while (piles := _piles(below, rounds, room, asked_in or {})) is None:
        if rounds < most_rounds:
            rounds += 1
        else:
            below.pop()
    _fill(piles, list(again.others), shape.fewest_asked, room)
    gold_items = _exchanged(_gold(piles, again.known, shape), piles, asked_in or {})
    if min(map(_tasks, gold_items)) < shape.fewest_gold:
        raise CutError(
            f"the known answers that are left make no {shape.fewest_gold} gold tasks for each of "
            f"{len(piles)} follow-up rounds: --no-gold opens them without"
        )
    drawn = []
    for number, (pile, gold) in enumerate(zip(piles, gold_items, strict=True)):
        items = [*pile, *gold]
        order = lots.order(len(items), f"order of follow-up round {number}")
        drawn.append(follow_up([items[place] for place in order]))
    return FollowUpCut(tuple(drawn), tuple(again.below[len(below) :]))


def follow_up(items: Sequence[PoolItem]) -> CutRound:
    """A follow-up round of these items in this order: all that is known in it is gold."""
    answers = [answer for item in items for answer in item.known]
    return CutRound(
        tuple(items), {task: answer for task, answer in enumerate(answers) if answer is not None}
    )


def asked_in_any(
    items: Iterable[PoolItem], asked_in: Mapping[str, frozenset[int]]
) -> frozenset[int]:
    """The earlier rounds in which any of these items was asked."""
    return frozenset().union(*(asked_in.get(item.name, frozenset()) for item in items))


def _tasks(items: Sequence[PoolItem]) -> int:
    return sum(len(item.tasks) for item in items)


def _that_fit(items: Sequence[PoolItem], most: int) -> list[PoolItem]:
    """The first of them, with so many tasks at most."""
    sizes = accumulate(len(item.tasks) for item in items)
    return [item for item, size in zip(items, sizes, strict=True) if size <= most]


def _piles(
    items: Sequence[PoolItem], rounds: int, room: int, asked_in: Mapping[str, frozenset[int]]
) -> list[list[PoolItem]] | None:
    """All items in so many rounds; None if one finds no room."""
    together = _together(items, rounds, asked_in)
    if max(map(_tasks, together)) <= room:
        return together
    return _balanced(items, rounds, room)


def _together(
    items: Sequence[PoolItem], rounds: int, asked_in: Mapping[str, frozenset[int]]
) -> list[list[PoolItem]]:
    """Runs of about as many tasks, of items in the order of where they were asked before."""
    piles: list[list[PoolItem]] = [[] for _ in range(rounds)]
    total, before = _tasks(items), 0
    for item in sorted(items, key=lambda item: sorted(asked_in.get(item.name, ()))):
        size = len(item.tasks)
        piles[(2 * before + size) * rounds // (2 * total)].append(item)
        before += size
    return piles


def _balanced(items: Sequence[PoolItem], rounds: int, room: int) -> list[list[PoolItem]] | None:
    """Large items first, each where there are fewest tasks; None if one finds no room."""
    piles: list[list[PoolItem]] = [[] for _ in range(rounds)]
    sizes = [0] * rounds
    for item in sorted(items, key=lambda item: -len(item.tasks)):
        place = sizes.index(min(sizes))
        if sizes[place] + len(item.tasks) > room:
            return None
        piles[place].append(item)
        sizes[place] += len(item.tasks)
    return piles


def _fill(piles: list[list[PoolItem]], others: list[PoolItem], least: int, room: int) -> None:
    """Add the least sure of the others until each round is large enough."""
    for pile in piles:
        while _tasks(pile) < least:
            fits = [item for item in others if _tasks(pile) + len(item.tasks) <= room]
            if not fits:
                raise CutError(
                    f"a follow-up round takes {least} tasks without its gold tasks, and there are "
                    f"{_tasks(pile)} that can be asked again"
                )
            pile.append(fits[0])
            others.remove(fits[0])


def _gold(
    piles: Sequence[Sequence[PoolItem]], known: Sequence[PoolItem], shape: FollowUpShape
) -> list[list[PoolItem]]:
    """Gold tasks for each round, in turn: of the option that it has fewest of, the least sure."""
    gold_items: list[list[PoolItem]] = [[] for _ in piles]
    if not shape.gold_count:
        return gold_items
    had: list[Counter[int]] = [Counter() for _ in piles]
    left = list(known)
    # As many are left for as many rounds later, where there are enough for both.
    most, later = _tasks(known) // len(piles), _tasks(known) // len(piles) - shape.fewest_gold
    each = min(shape.gold_count, most, max(shape.fewest_gold, later))
    wanted = [min(each, _tasks(pile) // (TASKS_PER_GOLD - 1)) for pile in piles]
    wanted = [max(shape.fewest_gold, number) for number in wanted]
    for _ in range(max(wanted)):
        for place, pile in enumerate(piles):
            room = (
                min(shape.most - _tasks(pile), _tasks(pile) // (TASKS_PER_GOLD - 1))
                - had[place].total()
            )
            if had[place].total() >= wanted[place]:
                continue
            fits = [item for item in left if len(item.tasks) <= room]
            if not fits:
                continue
            chosen = min(fits, key=lambda item: _commonness(item, had[place]))
            left.remove(chosen)
            gold_items[place].append(chosen)
            had[place].update(answer for answer in chosen.known if answer is not None)
    return gold_items


def _exchanged(
    gold_items: Sequence[Sequence[PoolItem]],
    piles: Sequence[Sequence[PoolItem]],
    asked_in: Mapping[str, frozenset[int]],
) -> list[list[PoolItem]]:
    """The same gold tasks, each round with as many of each answer as before, and where there is a
    choice with those that were asked where its other items were.
    """
    alike: dict[tuple[int | None, ...], dict[frozenset[int], list[PoolItem]]] = {}
    for item in chain.from_iterable(gold_items):
        where = asked_in.get(item.name, frozenset())
        alike.setdefault(item.known, {}).setdefault(where, []).append(item)
    dealt: list[list[PoolItem]] = []
    for pile, gold in zip(piles, gold_items, strict=True):
        had, mine = set(asked_in_any(pile, asked_in)), []
        for answers in [item.known for item in gold]:
            left = alike[answers]
            where = min(left, key=lambda rounds: len(rounds - had))
            mine.append(left[where].pop(0))
            had |= where
            if not left[where]:
                del left[where]
        dealt.append(mine)
    return dealt


def _commonness(item: PoolItem, had: Counter[int]) -> float:
    """How many gold tasks with the answers of an item a round has, on the mean of its tasks."""
    return sum(had[answer] for answer in item.known if answer is not None) / len(item.tasks)
