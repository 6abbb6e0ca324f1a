"""What to expect of a round: honest crowds answer rounds of many sizes, settled in Python.

Everybody answers alone. As in the league, a few tasks are left out, accuracies are drawn evenly
around a mean, and tasks are unequally hard, so that honest people err together on some of them.
Rounds of one shape and size have the same tasks and people whatever their seats and gold tasks:
more seats add people, so that the cells of the table can be compared.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from typing import Final

import numpy as np

from plumbline.planning.intervals import Mean
from plumbline.planning.table import (
    LABELER_PPM,
    SEATS,
    Cell,
    Setting,
)
from plumbline.planning.worlds import World, deal, dice_of
from plumbline.progress import Progress, track
from plumbline.settlement import Mode, Settlement
from plumbline.settlement.terms import PPM
from plumbline.settlement.vectorised import settle_table

_DIFFICULTY: Final = 1.0  # of the tasks, as in the league
_SPREAD: Final = 0.15  # accuracies lie so far from their mean, as in the league,
_LEAST, _MOST = 0.5, 0.99  # but on either side no farther than these allow


@dataclass(slots=True)
class _Tally:
    """The rounds of one setting; what ends in `ppm` is added up."""

    setting: Setting
    void: int = 0
    slashed: int = 0
    underpaid: int = 0
    labeler_pay_ppm: int = 0
    pay_ppm: int = 0
    spent_ppm: int = 0
    contested_ppm: int = 0
    right: list[float] = field(default_factory=list)  # share of the labels, round by round

    def add(self, truth: Sequence[int], crowd: Settlement, joined: Settlement) -> None:
        """A round of the crowd alone, and the same with the labeler in one of its seats."""
        price, labeler = self.setting.terms.price, joined.labelers[0]
        escrow = price * self.setting.seats
        self.void += crowd.mode is Mode.VOID
        self.slashed += labeler.slash > 0
        self.underpaid += 2 * labeler.pay < price
        self.labeler_pay_ppm += labeler.pay * PPM // price
        self.pay_ppm += crowd.paid * PPM // escrow
        self.spent_ppm += (escrow - crowd.refund) * PPM // escrow
        asked = set(range(self.setting.tasks)).difference(crowd.usable_gold)
        self.contested_ppm += len(asked.intersection(crowd.contested)) * PPM // len(asked)
        self.right.append(sum(crowd.consensus[task] == truth[task] for task in asked) / len(asked))

    def cell(self) -> Cell:
        """What it comes to."""
        rounds, accuracy = len(self.right), Mean.of(np.array(self.right))
        return Cell(
            rounds=rounds,
            void=self.void,
            slashed=self.slashed,
            underpaid=self.underpaid,
            labeler_pay_ppm=self.labeler_pay_ppm // rounds,
            pay_ppm=self.pay_ppm // rounds,
            spent_ppm=self.spent_ppm // rounds,
            accuracy_ppm=round(accuracy.value * PPM),
            accuracy_half_ppm=round(accuracy.half * PPM),
            contested_ppm=self.contested_ppm // rounds,
        )


def world_of(setting: Setting) -> World:
    """Tasks and crowd of a setting, whatever its seats and gold tasks."""
    mean = setting.crowd_ppm / PPM
    spread = min(_SPREAD, mean - _LEAST, _MOST - mean)
    return World(
        name=f"{setting.kind.label} {setting.options}, {setting.truth.value}",
        prior=setting.truth.shares(setting.options),
        width=setting.width,
        tasks=setting.tasks,
        difficulty=_DIFFICULTY,
        crowd=(mean - spread, mean + spread),
    )


def measure(settings: Sequence[Setting], rounds: int, seed: int) -> dict[Setting, Cell]:
    """Play rounds, two or more, of settings that differ in seats and gold tasks only."""
    world, terms = world_of(settings[0]), [setting.terms for setting in settings]
    tallies = [_Tally(setting) for setting in settings]
    for number in range(rounds):
        dealt = deal(world, dice_of(seed, f"expected tasks, {world.name}", number))
        dice = dice_of(seed, f"expected crowd, {world.name}", number)
        accuracies = [LABELER_PPM / PPM, *dice.uniform(*world.crowd, max(SEATS))]
        answers, truth = dealt.work(dice, np.array(accuracies)), dealt.truth.tolist()
        for tally, rule in zip(tallies, terms, strict=True):
            gold, seats = dealt.gold if rule.has_gold else {}, rule.seats
            crowd = settle_table(rule, answers[1 : seats + 1], gold)
            tally.add(truth, crowd, settle_table(rule, answers[:seats], gold))
    return {tally.setting: tally.cell() for tally in tallies}


def _together(setting: Setting) -> Setting:
    """What settings that are measured together have in common."""
    return replace(setting, gold_count=0, seats=0)


def simulate(
    settings: Sequence[Setting], rounds: int, seed: int, processes: int, progress: Progress
) -> dict[Setting, Cell]:
    """Play `rounds` of each setting, two or more, in so many processes; cells in that order."""
    groups: dict[Setting, list[Setting]] = {}
    for setting in settings:
        groups.setdefault(_together(setting), []).append(setting)
    cells: dict[Setting, Cell] = {}
    work = partial(measure, rounds=rounds, seed=seed)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        done = pool.map(work, groups.values())
        for _ in track(groups, "simulating rounds", progress):
            cells |= next(done)
    return {setting: cells[setting] for setting in settings}
